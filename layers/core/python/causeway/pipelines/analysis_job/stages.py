"""The numeric stages, as functions over a spec, blobs, a loader of bars and an engine."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import numpy as np

from causeway.analysis.evaluation.portfolio import drawdowns
from causeway.analysis.evaluation.report import Evaluated, Trial, evaluate
from causeway.errors import NotFound
from causeway.model.job import AnalysisSpec, result_id
from causeway.model.signal import Link
from causeway.model.time import isoformat_z
from causeway.pipelines.analysis_job.artifacts import Artifacts
from causeway.pipelines.analysis_job.described import link_json, windows_json
from causeway.pipelines.analysis_job.engine import Engine
from causeway.pipelines.analysis_job.shards import part_names, read_results, read_windows, run_shard, shard_targets
from causeway.pipelines.data_pipeline import AlignedPanel, BarLoader, build_panel
from causeway.pipelines.feature_pipeline import future_mean
from causeway.pipelines.measures import moment_of
from causeway.pipelines.signal_pipeline import SignalTable, build_signal
from causeway.pipelines.validation import embargo_bars
from causeway.ports.blobs import BlobStore

PIPELINE_VERSION = "p2"  # raise it whenever panel, signal or evaluation can change: stored answers are keyed by it
MAX_EQUITY_POINTS = 2500

__all__ = [
    "Engine",
    "aggregate",
    "evaluation",
    "full_engine_version",
    "prepare",
    "read_links",
    "run_shard",
    "signals",
    "summary",
    "targets",
]


def full_engine_version(engine: Engine) -> str:
    """Engine and pipeline: everything in the code that an answer depends on."""
    return f"{engine.version}+{PIPELINE_VERSION}"


def prepare(spec: AnalysisSpec, blobs: BlobStore, load: BarLoader, engine: Engine) -> str:
    """Load and align the data, store the panel, and return the id of the answer.

    Raises:
        InvalidInput: the stored data cannot answer the question (see ``build_panel``), or this installation cannot.
    """
    engine.check(spec)
    panel = build_panel(spec, load(spec))
    found = result_id(spec, panel.data_hash(), full_engine_version(engine))
    Artifacts(blobs, found).put_panel(panel)
    return found


def targets(spec: AnalysisSpec, blobs: BlobStore, found: str) -> tuple[str, ...]:
    """The targets of an answer: shard i is about the i-th."""
    return shard_targets(spec, Artifacts(blobs, found).get_panel())


def aggregate(spec: AnalysisSpec, blobs: BlobStore, found: str, engine: Engine) -> None:
    """Correct every candidate link of the network together, and every link of every window.

    Raises:
        NotFound: shards are missing; the message names their targets.
    """
    artifacts = Artifacts(blobs, found)
    panel = artifacts.get_panel()
    names = shard_targets(spec, panel)
    missing = [name for i, name in enumerate(names) if not all(map(artifacts.has, part_names(spec, i)))]
    if missing:
        raise NotFound(
            f"the analysis of {', '.join(missing)} did not finish; retry the job to run only what is missing",
            details={"targets": missing},
        )
    shards = read_results(artifacts, len(names))
    network = engine.assemble(shards, panel.symbols, spec)
    own_lags = {shard.target: list(shard.own_lags) for shard in shards}
    links = [link_json(link) for link in network.kept_links]
    artifacts.put_json("network.json", {"links": links, "own_lags": own_lags, "samples": shards[0].n_rows})
    if spec.inference.window_bars is not None:
        windows = engine.assemble_windows(read_windows(spec, artifacts, panel), panel.symbols, spec)
        artifacts.put_json("windows.json", windows_json(windows, panel, spec))


def read_links(artifacts: Artifacts) -> list[Link]:
    """Every link that the inference kept."""
    return [Link(**{**fields, "lags": tuple(fields["lags"])}) for fields in artifacts.get_json("network.json")["links"]]


def signals(spec: AnalysisSpec, blobs: BlobStore, found: str) -> None:
    """Fit forecasts on training bars and store the weights over the evaluation range."""
    artifacts = Artifacts(blobs, found)
    own_lags = artifacts.get_json("network.json")["own_lags"]
    artifacts.put_signal(build_signal(spec, artifacts.get_panel(), read_links(artifacts), own_lags))


def evaluation(spec: AnalysisSpec, blobs: BlobStore, found: str) -> None:
    """Evaluate the signal out of sample, after costs."""
    artifacts = Artifacts(blobs, found)
    panel, signal = artifacts.get_panel(), artifacts.get_signal()
    artifacts.put_json("evaluation.json", _report(spec, panel, signal))


def _report(spec: AnalysisSpec, panel: AlignedPanel, signal: SignalTable) -> dict[str, Any]:
    first = panel.evaluation_start
    trial = Trial(
        weights=signal.weights[:-1],  # the last wish has no bar left to earn
        returns=panel.returns[first + 1 :],
        has_links=signal.has_links,
        cost_bps=spec.cost_bps,
        periods_per_year=panel.periods_per_year,
        forecasts={name: _forecast(spec, panel, signal, name) for name in signal.training_means},
    )
    evaluated = evaluate(trial)
    ends = [isoformat_z(moment_of(int(stamp)) + spec.bar_size.width) for stamp in panel.time_us[first:]]
    return {
        **evaluated.as_json(),
        "start": ends[0],
        "end": ends[-1],
        "embargo_bars": embargo_bars(spec),
        "equity": _curve(evaluated, ends),
    }


def _forecast(spec: AnalysisSpec, panel: AlignedPanel, signal: SignalTable, name: str) -> tuple[Any, Any, float]:
    column = panel.symbols.index(name)
    actual = future_mean(panel.values, column, spec.horizon)[panel.evaluation_start :]
    made = signal.forecasts[:, column]
    known = np.isfinite(actual)
    return actual[known], made[known], signal.training_means[name]


def _curve(evaluated: Evaluated, ends: Sequence[str]) -> list[dict[str, Any]]:
    """Points of the equity curve, thinned evenly past 2,500, the last one always kept."""
    down = drawdowns(evaluated.strategy)
    step = -(-len(ends) // MAX_EQUITY_POINTS)
    chosen = sorted({*range(0, len(ends), step), len(ends) - 1})
    return [
        {
            "time": ends[i],
            "strategy": float(evaluated.strategy[i]),
            "benchmark": float(evaluated.benchmark[i]),
            "drawdown": float(down[i]),
        }
        for i in chosen
    ]


def summary(spec: AnalysisSpec, blobs: BlobStore, found: str) -> dict[str, Any]:
    """What is stored beside links and evaluation: symbols, exclusions, warnings, and the signal's last weights."""
    artifacts = Artifacts(blobs, found)
    panel, signal = artifacts.get_panel(), artifacts.get_signal()
    last = signal.rows(spec.bar_size, only_last=True)
    return {
        "symbols": list(panel.symbols),
        "excluded": [asdict(gone) for gone in panel.excluded],
        "samples": artifacts.get_json("network.json")["samples"],
        "targets_tested": len(shard_targets(spec, panel)),
        "warnings": list(panel.warnings),
        "signal": [{**asdict(weight), "time": isoformat_z(weight.time)} for weight in last],
    }
