"""What an analysis will cost before it runs: from counts alone, with nothing but the standard library.

Seconds per target are exp(b0 + b1 ln n + b2 ln P + b3 ln B), with n samples, P candidate variables (series times lags)
and B permutations, fitted on measured runs for each estimator and each part of the work. The coefficients lie beside
this file; ``python -m bench.cost`` writes them, ``python -m bench te-cost`` checks them against actual runs.
"""

from __future__ import annotations

import json
import math
import time
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from causeway.model.inference import Estimator
from causeway.model.job import AnalysisSpec

EXACT = (Estimator.GAUSSIAN, Estimator.COPULA)
AUTOMATIC_RUNS = 50  # resamples that the engine draws unasked, where nulls are exact
AUTOMATIC_SERIES = 150  # up to so many series
PROBE_S = 0.05
CONTAINER_START_S = 40.0  # of a Batch job, paid for: image, interpreter, compiled kernels
CONTAINER_VCPUS = 4

Component = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class Machine:
    """What runs the shards. ``is_here`` says that this process runs on it, so that its speed can be probed."""

    workers: int = 2
    is_here: bool = True
    usd_per_vcpu_hour: float = 0.04048


@dataclass(frozen=True, slots=True)
class Work:
    """A question in counts: samples, series, targets among them."""

    n_samples: int
    n_series: int
    n_targets: int


@dataclass(frozen=True, slots=True)
class Cost:
    """Seconds and money. ``spread`` is the factor within which two thirds of the measured runs lay."""

    cpu_s: float
    wall_s: float
    aws_usd: float
    spread: float


@dataclass(frozen=True, slots=True)
class Coefficients:
    """Fitted on one machine of speed ``probe_rate``; ``parts`` maps estimator and part of the work to a Component."""

    processor: str
    date: str
    probe_rate: float
    startup_cpu_s: float
    stages_wall_s: float
    spread: float
    parts: Mapping[str, Mapping[str, Component]]

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Coefficients:
        """The inverse of ``dataclasses.asdict``."""
        parts = {name: {part: tuple(b) for part, b in of.items()} for name, of in stored["parts"].items()}
        return cls(**{**stored, "parts": parts})

    def seconds(self, estimator: str, part: str, n: int, candidates: int, permutations: int) -> float:
        """CPU seconds of one part for one target."""
        b0, b1, b2, b3 = self.parts[estimator][part]
        return math.exp(b0 + b1 * math.log(n) + b2 * math.log(candidates) + b3 * math.log(permutations))


@cache
def coefficients() -> Coefficients:
    """The coefficients that came with this version."""
    text = files(__package__).joinpath("cost_coefficients.json").read_text(encoding="utf-8")
    return Coefficients.from_json(json.loads(text))


def stability_runs(spec: AnalysisSpec, n_series: int) -> int:
    """Resamples per target, of time and as many of the asset set; as the engine decides where the question does not."""
    asked = spec.inference.stability_runs
    if asked is not None:
        return asked
    return AUTOMATIC_RUNS if spec.estimator in EXACT and n_series <= AUTOMATIC_SERIES else 0


def n_windows(spec: AnalysisSpec, n_samples: int) -> int:
    """Rolling windows of a question."""
    asked = spec.inference
    if asked.window_bars is None or asked.window_bars > n_samples:
        return 0
    return (n_samples - asked.window_bars) // (asked.step_bars or max(1, asked.window_bars // 2)) + 1


def target_cpu_s(spec: AnalysisSpec, work: Work, known: Coefficients) -> float:
    """CPU seconds of one target on the machine where ``known`` was measured."""
    estimator, candidates = spec.estimator.value, work.n_series * spec.max_lag

    def part(name: str, n: int) -> float:
        return known.seconds(estimator, name, n, candidates, spec.n_permutations)

    runs = stability_runs(spec, work.n_series)
    windows = n_windows(spec, work.n_samples)
    rolling = windows * part("window", spec.inference.window_bars or 1) if windows else 0.0
    whole = part("infer", work.n_samples) + part("describe", work.n_samples)
    again = part("prepare", work.n_samples) + runs * part("resample", work.n_samples) if runs else 0.0
    return whole + again + rolling


def predict(spec: AnalysisSpec, work: Work, machine: Machine, known: Coefficients | None = None) -> Cost | None:
    """What the analysis will cost; None for the installed IDTxl, whose time nobody has measured here.

    ``wall_s`` is on ``machine`` if nothing else runs there. ``aws_usd`` is one Batch job per target, all vCPUs paid.
    """
    if spec.inference.engine.is_idtxl or spec.inference.compat:
        return None
    known = known or coefficients()
    scale = known.probe_rate / probe_rate() if machine.is_here else 1.0
    target_s, startup_s = scale * target_cpu_s(spec, work, known), scale * known.startup_cpu_s
    workers = min(machine.workers, work.n_targets)
    rounds = math.ceil(work.n_targets / workers)
    paid_s = work.n_targets * (target_s + startup_s + CONTAINER_START_S) * CONTAINER_VCPUS
    return Cost(
        cpu_s=work.n_targets * target_s + workers * startup_s,
        wall_s=scale * known.stages_wall_s + startup_s + rounds * target_s,
        aws_usd=paid_s / 3600 * machine.usd_per_vcpu_hour,
        spread=known.spread,
    )


@cache
def probe_rate() -> float:
    """Speed of this machine, measured once per process."""
    return measure_rate()


def measure_rate() -> float:
    """Loops of plain Python per CPU second, in 50 ms: a machine that does other things as well is a slower one."""
    start, loops = time.process_time(), 0
    while time.process_time() - start < PROBE_S:
        sum(i * i for i in range(2000))
        loops += 1
    return loops / (time.process_time() - start)
