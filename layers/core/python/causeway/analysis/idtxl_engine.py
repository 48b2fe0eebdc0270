"""The engine that analysis workers call: network inference by IDTxl's algorithm (Wollstadt et al. 2019).

Our own implementation, or, where the question asks for engine "idtxl", the installed IDTxl package itself (GPL-3, an
optional extra) with our estimators plugged in.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import ArrayLike

from causeway.analysis.information.inference.checkpoints import Checkpoint
from causeway.analysis.information.inference.drivers import with_made_drivers
from causeway.analysis.information.inference.network import (
    InferenceCancelled,
    Progress,
    ShouldStop,
    assemble_network,
    infer_target,
)
from causeway.analysis.information.inference.observations import Observations, observe
from causeway.analysis.information.inference.panel import Panel, make_panel
from causeway.analysis.information.inference.results import NetworkResult, TargetResult
from causeway.analysis.information.robustness.describe import describe_target, stability_runs
from causeway.analysis.information.robustness.details import TargetDetail
from causeway.analysis.information.robustness.rolling import (
    Window,
    WindowTarget,
    assemble_windows,
    infer_windows,
    windows,
)
from causeway.analysis.information.settings import NetworkSettings
from causeway.analysis.information.version import ENGINE_VERSION
from causeway.errors import InvalidInput
from causeway.model.inference import Engine
from causeway.model.job import AnalysisSpec

__all__ = ["ENGINE_VERSION", "IdtxlEngine"]


class IdtxlEngine:
    """One shard per target; shards are independent and may run anywhere, in any order."""

    name = "idtxl"
    version = ENGINE_VERSION

    def __init__(self, device: str = "cpu") -> None:
        """``device`` is where targets are inferred unless a call names another."""
        self._device = device
        self._latest: tuple[object, Panel, Observations] | None = None

    def check(self, spec: AnalysisSpec) -> None:
        """Whether this installation can answer ``spec``: the extra idtxl for its engine, and Java for its estimators.

        Raises:
            InvalidInput: it cannot; the message says what to install.
        """
        if not spec.inference.engine.is_idtxl:
            return
        from causeway.analysis.idtxl.installation import require_idtxl, require_java

        require = require_java if spec.inference.engine is Engine.IDTXL_JIDT else require_idtxl
        require()

    def run_target(
        self,
        values: ArrayLike,
        names: Sequence[str],
        target: str,
        spec: AnalysisSpec,
        progress: Progress | None = None,
        should_stop: ShouldStop | None = None,
        *,
        device: str | None = None,
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
        panel, settings, seen = self._observed(values, names, spec)
        if target not in panel.names:
            raise InvalidInput(f"Target {target} is not among the series: {', '.join(panel.names)}.")
        index = panel.names.index(target)
        if spec.inference.engine.is_idtxl:
            self.check(spec)
            jidt = spec.inference.engine is Engine.IDTXL_JIDT
            return _by_idtxl(panel, index, settings, spec.seed, progress, should_stop, jidt=jidt)
        return infer_target(
            panel,
            index,
            settings,
            spec.seed,
            progress,
            should_stop,
            checkpoint=checkpoint,
            device=device or self._device,
            observations=seen,
        )

    def describe_target(
        self,
        values: ArrayLike,
        names: Sequence[str],
        target: str,
        spec: AnalysisSpec,
        result: TargetResult,
        progress: Progress | None = None,
        should_stop: ShouldStop | None = None,
        *,
        checkpoint: Checkpoint | None = None,
    ) -> TargetDetail:
        """What is known about ``result`` beyond p and q: lags, nulls, stability, power, local values.

        ``checkpoint`` keeps what is done of it, as in ``run_target``.

        Raises:
            InvalidInput: ``result`` is about another target.
            InferenceCancelled: ``should_stop`` returned true.
        """
        if result.target != target:
            raise InvalidInput(f"Expected the result of {target}; found that of {result.target}.")
        panel, settings, seen = self._observed(values, names, spec)
        if spec.inference.engine.is_idtxl:
            settings = replace(settings, compat="idtxl")  # resamples and power by the rules that found the links
        runs = stability_runs(spec.inference.stability_runs, settings, panel.n_series)
        return describe_target(panel, settings, spec.seed, result, runs, progress, should_stop, seen, checkpoint)

    def run_windows(
        self,
        values: ArrayLike,
        names: Sequence[str],
        target: str,
        spec: AnalysisSpec,
        progress: Progress | None = None,
        should_stop: ShouldStop | None = None,
        *,
        checkpoint: Checkpoint | None = None,
    ) -> list[WindowTarget]:
        """What drives ``target`` in each window of ``spec.inference.window_bars``; empty where none were asked for.

        ``checkpoint`` keeps what is done of it, as in ``run_target``.

        Raises:
            InvalidInput: windows that do not fit the data.
            InferenceCancelled: ``should_stop`` returned true.
        """
        asked = spec.inference
        if asked.window_bars is None:
            return []
        panel, settings, _ = self._observed(values, names, spec)
        spans = windows(panel.n_samples, asked.window_bars, asked.step_bars, settings.max_lag)
        index = panel.names.index(target)
        return infer_windows(panel, index, settings, spec.seed, spans, progress, should_stop, checkpoint)

    def assemble_windows(
        self, per_target: Sequence[Sequence[WindowTarget]], names: Sequence[str], spec: AnalysisSpec
    ) -> list[Window]:
        """The network of each window; ``per_target`` in the order of ``names``, empty for what is no target."""
        return assemble_windows(per_target, names, NetworkSettings.from_spec(spec))

    def assemble(self, results: Sequence[TargetResult], names: Sequence[str], spec: AnalysisSpec) -> NetworkResult:
        """The network of all shards, q corrected over every candidate link among ``names``, or as IDTxl does it."""
        settings = NetworkSettings.from_spec(spec)
        if spec.inference.engine.is_idtxl:
            settings = replace(settings, compat="idtxl")
        return assemble_network(results, names, settings)

    def _observed(
        self, values: ArrayLike, names: Sequence[str], spec: AnalysisSpec
    ) -> tuple[Panel, NetworkSettings, Observations]:
        """Panel, settings and what the estimator sees; kept for the next shard of the same question."""
        settings = NetworkSettings.from_spec(spec)
        matrix = np.ascontiguousarray(values, dtype=np.float64)
        key = (hashlib.sha256(matrix.tobytes()).hexdigest(), tuple(names), settings)
        latest = self._latest  # other threads may replace it at any time
        if latest is None or latest[0] != key:
            seen, labels = with_made_drivers(matrix, names, settings.condition_on)
            panel = make_panel(seen, labels, settings.max_lag, settings.missing)
            self._latest = latest = (key, panel, observe(panel, settings))
        return latest[1], settings, latest[2]


def _by_idtxl(
    panel: Panel,
    index: int,
    settings: NetworkSettings,
    seed: int,
    progress: Progress | None,
    should_stop: ShouldStop | None,
    *,
    jidt: bool,
) -> TargetResult:
    from causeway.analysis.idtxl.runner import infer_target as infer_by_idtxl  # only where the extra is wanted

    def pulse() -> None:
        if should_stop is not None and should_stop():
            raise InferenceCancelled

    tell = progress or (lambda _: None)
    return infer_by_idtxl(panel, index, settings, seed, tell, pulse, "jidt" if jidt else "causeway")
