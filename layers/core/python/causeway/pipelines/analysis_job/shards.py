"""One shard of an analysis: what drives one target, what is known about it, and how that was over time."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from causeway.analysis.information.inference.results import TargetResult
from causeway.analysis.information.robustness.rolling import WindowTarget
from causeway.model.job import AnalysisSpec
from causeway.pipelines.analysis_job.artifacts import Artifacts, detail_name, shard_name, windows_name
from causeway.pipelines.analysis_job.engine import Engine
from causeway.pipelines.data_pipeline import AlignedPanel
from causeway.ports.blobs import BlobStore

Progress = Callable[[float], None]
ShouldStop = Callable[[], bool]


def shard_targets(spec: AnalysisSpec, panel: AlignedPanel) -> tuple[str, ...]:
    """The targets of an answer: shard i is about the i-th. What everything is conditioned on is no target."""
    return tuple(symbol for symbol in panel.symbols if symbol not in spec.inference.condition_on)


def part_names(spec: AnalysisSpec, index: int) -> tuple[str, ...]:
    """The blobs that shard number ``index`` leaves."""
    rolling = (windows_name(index),) if spec.inference.window_bars is not None else ()
    return (shard_name(index), detail_name(index), *rolling)


def run_shard(
    spec: AnalysisSpec,
    blobs: BlobStore,
    found: str,
    index: int,
    engine: Engine,
    *,
    progress: Progress | None = None,
    should_stop: ShouldStop | None = None,
) -> None:
    """Infer what drives target number ``index`` from training bars alone, then describe it; parts that lie there stay.

    ``progress`` hears fractions from 0 to 1, ascending; the parts count equally.
    """
    artifacts = Artifacts(blobs, found)
    names = part_names(spec, index)
    if all(artifacts.has(name) for name in names):
        return
    shard = _Shard(spec, artifacts, index, engine, should_stop, artifacts.get_panel())
    for done, (name, part) in enumerate(zip(names, (shard.infer, shard.describe, shard.roll), strict=False)):
        if not artifacts.has(name):
            part(_share(progress, done, len(names)))


def read_results(artifacts: Artifacts, count: int) -> list[TargetResult]:
    """What every shard found."""
    return [TargetResult.from_json(artifacts.get_json(shard_name(i))) for i in range(count)]


def read_windows(spec: AnalysisSpec, artifacts: Artifacts, panel: AlignedPanel) -> list[list[WindowTarget]]:
    """What was found in every window, for each series of the panel; nothing for a series that is no target."""
    shard = {target: i for i, target in enumerate(shard_targets(spec, panel))}
    stored = [artifacts.get_json(windows_name(shard[name])) if name in shard else [] for name in panel.symbols]
    return [[WindowTarget.from_json(one) for one in windows] for windows in stored]


@dataclass(frozen=True, slots=True)
class _Shard:
    spec: AnalysisSpec
    artifacts: Artifacts
    index: int
    engine: Engine
    should_stop: ShouldStop | None
    panel: AlignedPanel

    @property
    def target(self) -> str:
        return shard_targets(self.spec, self.panel)[self.index]

    @property
    def data(self) -> tuple[Any, Sequence[str]]:
        """The first arguments of every call to the engine: training bars and the names of their series."""
        return np.ascontiguousarray(self.panel.inference_values), self.panel.symbols

    def infer(self, progress: Progress | None) -> None:
        checkpoint = self.artifacts.checkpoint(self.index)
        result = self.engine.run_target(
            *self.data, self.target, self.spec, progress, self.should_stop, checkpoint=checkpoint
        )
        self.artifacts.put_json(shard_name(self.index), result.as_json())
        checkpoint.forget()

    def describe(self, progress: Progress | None) -> None:
        result = TargetResult.from_json(self.artifacts.get_json(shard_name(self.index)))
        checkpoint = self.artifacts.checkpoint(self.index)
        detail = self.engine.describe_target(
            *self.data, self.target, self.spec, result, progress, self.should_stop, checkpoint=checkpoint
        )
        self.artifacts.put_json(detail_name(self.index), detail.as_json())
        checkpoint.forget()

    def roll(self, progress: Progress | None) -> None:
        checkpoint = self.artifacts.checkpoint(self.index)
        windows = self.engine.run_windows(
            *self.data, self.target, self.spec, progress, self.should_stop, checkpoint=checkpoint
        )
        self.artifacts.put_json(windows_name(self.index), [window.as_json() for window in windows])
        checkpoint.forget()


def _share(progress: Progress | None, done: int, parts: int) -> Progress | None:
    return None if progress is None else lambda fraction: progress((done + fraction) / parts)
