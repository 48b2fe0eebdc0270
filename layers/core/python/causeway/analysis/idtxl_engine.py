"""The engine that analysis workers call: multivariate transfer entropy, in IDTxl's algorithm.

Our own implementation of the algorithm of Wollstadt et al. 2019. Handing a job to the installed IDTxl package
(GPL-3, an optional extra) is not yet built.
"""

from __future__ import annotations

from collections.abc import Sequence

from numpy.typing import ArrayLike

from causeway.analysis.information.inference.checkpoints import Checkpoint
from causeway.analysis.information.inference.network import Progress, ShouldStop, assemble_network, infer_target
from causeway.analysis.information.inference.panel import make_panel
from causeway.analysis.information.inference.results import NetworkResult, TargetResult
from causeway.analysis.information.settings import NetworkSettings
from causeway.analysis.information.version import ENGINE_VERSION
from causeway.errors import InvalidInput
from causeway.model.job import AnalysisSpec

__all__ = ["ENGINE_VERSION", "IdtxlEngine"]


class IdtxlEngine:
    """One shard per target; shards are independent and may run anywhere, in any order."""

    name = "idtxl"
    version = ENGINE_VERSION

    def run_target(
        self,
        values: ArrayLike,
        names: Sequence[str],
        target: str,
        spec: AnalysisSpec,
        progress: Progress | None = None,
        should_stop: ShouldStop | None = None,
        *,
        device: str = "cpu",
        checkpoint: Checkpoint | None = None,
    ) -> TargetResult:
        """What drives ``target``. ``values`` (n_samples, n_series) holds rows up to ``train_end`` only.

        NaN marks a missing sample where the spec masks, and is refused otherwise. ``device`` and ``checkpoint`` as in
        ``infer_target``.

        Raises:
            InvalidInput: values that cannot be analysed (see ``make_panel``), or no such target.
            Unavailable: ``device`` is not there.
            InferenceCancelled: ``should_stop`` returned true.
        """
        settings = NetworkSettings.from_spec(spec)
        panel = make_panel(values, names, settings.max_lag, settings.missing)
        if target not in panel.names:
            raise InvalidInput(f"Target {target} is not among the series: {', '.join(panel.names)}.")
        index = panel.names.index(target)
        return infer_target(
            panel, index, settings, spec.seed, progress, should_stop, checkpoint=checkpoint, device=device
        )

    def assemble(self, results: Sequence[TargetResult], names: Sequence[str], spec: AnalysisSpec) -> NetworkResult:
        """The network of all shards, q corrected over every candidate link among ``names``."""
        return assemble_network(results, names, NetworkSettings.from_spec(spec))
