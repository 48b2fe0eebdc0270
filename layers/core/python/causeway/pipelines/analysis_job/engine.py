"""What the stages need of an inference engine."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Protocol

from causeway.analysis.information.inference.checkpoints import Checkpoint
from causeway.analysis.information.inference.results import NetworkResult, TargetResult
from causeway.analysis.information.robustness.details import TargetDetail
from causeway.analysis.information.robustness.rolling import Window, WindowTarget
from causeway.model.job import AnalysisSpec

Progress = Callable[[float], None]
ShouldStop = Callable[[], bool]


class Engine(Protocol):
    """See ``causeway.analysis.idtxl_engine.IdtxlEngine``.

    ``values`` (n_samples, n_series) are the training bars, oldest first, ``names`` their series. ``assemble_windows``
    gets one list per name, empty for a series that is no target.
    """

    version: str

    def check(self, spec: AnalysisSpec) -> None: ...

    def run_target(
        self,
        values: Any,
        names: Sequence[str],
        target: str,
        spec: AnalysisSpec,
        progress: Progress | None = None,
        should_stop: ShouldStop | None = None,
        *,
        checkpoint: Checkpoint | None = None,
    ) -> TargetResult: ...

    def describe_target(
        self,
        values: Any,
        names: Sequence[str],
        target: str,
        spec: AnalysisSpec,
        result: TargetResult,
        progress: Progress | None = None,
        should_stop: ShouldStop | None = None,
        *,
        checkpoint: Checkpoint | None = None,
    ) -> TargetDetail: ...

    def run_windows(
        self,
        values: Any,
        names: Sequence[str],
        target: str,
        spec: AnalysisSpec,
        progress: Progress | None = None,
        should_stop: ShouldStop | None = None,
        *,
        checkpoint: Checkpoint | None = None,
    ) -> Sequence[WindowTarget]: ...

    def assemble(self, results: Sequence[TargetResult], names: Sequence[str], spec: AnalysisSpec) -> NetworkResult: ...

    def assemble_windows(
        self, per_target: Sequence[Sequence[WindowTarget]], names: Sequence[str], spec: AnalysisSpec
    ) -> Sequence[Window]: ...
