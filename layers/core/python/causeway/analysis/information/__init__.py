"""Information dynamics: estimators of (conditional) mutual information and transfer entropy, and network inference."""

from causeway.analysis.information.inference.checkpoints import Checkpoint, FileCheckpoint, MemoryCheckpoint
from causeway.analysis.information.inference.frames import infer_network
from causeway.analysis.information.inference.multiple_testing import benjamini_hochberg, benjamini_yekutieli
from causeway.analysis.information.inference.network import (
    InferenceCancelled,
    assemble_network,
    infer_target,
)
from causeway.analysis.information.inference.panel import Panel, make_panel
from causeway.analysis.information.inference.parallel import infer_panel
from causeway.analysis.information.inference.results import NetworkResult, SourceEstimate, TargetResult
from causeway.analysis.information.inference.storage import active_information
from causeway.analysis.information.mutual_information import (
    conditional_mutual_information,
    local_conditional_mutual_information,
    local_mutual_information,
    mutual_information,
)
from causeway.analysis.information.settings import (
    CopulaSettings,
    DiscreteSettings,
    EstimatorSettings,
    GaussianSettings,
    KsgSettings,
    NetworkSettings,
    OrdinalSettings,
)
from causeway.analysis.information.storage import active_information_storage, local_active_information_storage
from causeway.analysis.information.transfer_entropy import local_transfer_entropy, transfer_entropy
from causeway.model.inference import SurrogateScheme

__all__ = [
    "Checkpoint",
    "CopulaSettings",
    "DiscreteSettings",
    "EstimatorSettings",
    "FileCheckpoint",
    "GaussianSettings",
    "InferenceCancelled",
    "KsgSettings",
    "MemoryCheckpoint",
    "NetworkResult",
    "NetworkSettings",
    "OrdinalSettings",
    "Panel",
    "SourceEstimate",
    "SurrogateScheme",
    "TargetResult",
    "active_information",
    "active_information_storage",
    "assemble_network",
    "benjamini_hochberg",
    "benjamini_yekutieli",
    "conditional_mutual_information",
    "infer_network",
    "infer_panel",
    "infer_target",
    "local_active_information_storage",
    "local_conditional_mutual_information",
    "local_mutual_information",
    "local_transfer_entropy",
    "make_panel",
    "mutual_information",
    "transfer_entropy",
]
