"""Information dynamics: estimators of (conditional) mutual information and transfer entropy, and network inference."""

from causeway.analysis.information.inference.frames import infer_network
from causeway.analysis.information.inference.multiple_testing import benjamini_yekutieli
from causeway.analysis.information.inference.network import (
    InferenceCancelled,
    assemble_network,
    infer_panel,
    infer_target,
)
from causeway.analysis.information.inference.panel import Panel, make_panel
from causeway.analysis.information.inference.results import NetworkResult, SourceEstimate, TargetResult
from causeway.analysis.information.settings import (
    EstimatorSettings,
    GaussianSettings,
    KsgSettings,
    NetworkSettings,
)
from causeway.analysis.information.transfer_entropy import (
    conditional_mutual_information,
    mutual_information,
    transfer_entropy,
)
from causeway.model.inference import SurrogateScheme

__all__ = [
    "EstimatorSettings",
    "GaussianSettings",
    "InferenceCancelled",
    "KsgSettings",
    "NetworkResult",
    "NetworkSettings",
    "Panel",
    "SourceEstimate",
    "SurrogateScheme",
    "TargetResult",
    "assemble_network",
    "benjamini_yekutieli",
    "conditional_mutual_information",
    "infer_network",
    "infer_panel",
    "infer_target",
    "make_panel",
    "mutual_information",
    "transfer_entropy",
]
