"""Fits the cost model of ``pipelines.cost_model`` on runs of this machine: ``python -m bench.cost [ESTIMATOR ...]``.

Writes the coefficients beside the model. Takes some minutes; nothing else should run. Where something does, every
measured size is scaled by the speed of the machine at its time.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from importlib.resources import files
from pathlib import Path
from statistics import fmean, median
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bench.fresh import ONE_THREAD
from bench.machine import machine
from bench.systems import sparse_linear
from causeway.analysis.idtxl_engine import IdtxlEngine
from causeway.model.inference import Estimator, InferenceOptions
from causeway.model.job import AnalysisSpec, Measure
from causeway.model.time import BarSize
from causeway.pipelines.cost_model import EXACT, Coefficients, Component, coefficients, measure_rate

TARGETS = 2  # per system
RUNS = {True: (4, 20), False: (1, 4)}  # resamples, few and many, where nulls are exact and where not
PARTS = ("infer", "describe", "prepare", "resample", "window")
_SOME_DAY = datetime(2020, 1, 6, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Point:
    """One measured size of a question."""

    estimator: Estimator
    n_samples: int
    n_series: int
    max_lag: int
    permutations: int = 200

    @property
    def window_bars(self) -> int:
        """Windows of half the samples: three of them."""
        return self.n_samples // 2

    def spec(self, **changes: Any) -> AnalysisSpec:
        """The question; ``changes`` are inference options."""
        symbols = tuple(f"S{i:03d}" for i in range(self.n_series))
        asked = AnalysisSpec(
            symbols, Measure.RETURNS, self.estimator, BarSize.DAY_1, _SOME_DAY, _SOME_DAY, _SOME_DAY,
            max_lag=self.max_lag, n_permutations=self.permutations,
        )  # fmt: skip
        return replace(asked, inference=replace(InferenceOptions(), **changes))


EXACT_POINTS = ((500, 5, 3), (500, 20, 5), (1500, 8, 5), (1500, 30, 5), (3000, 12, 3), (3000, 48, 5))
SAMPLED_POINTS = (
    (250, 4, 2, 100), (300, 8, 3, 100), (300, 4, 2, 300), (600, 4, 3, 200), (900, 6, 2, 100), (900, 3, 5, 200),
    (400, 20, 5, 100), (400, 48, 5, 200), (1500, 10, 5, 200),
)  # fmt: skip


def driven(n: int, n_series: int) -> NDArray[np.float64]:
    """Every series is 0.3 of its own last value and 0.5 of its neighbour's, plus noise: each target has a driver."""
    rng = np.random.default_rng(7)
    values = rng.standard_normal((n + 100, n_series))
    for t in range(1, n + 100):
        values[t] += 0.3 * values[t - 1] + 0.5 * np.roll(values[t - 1], 1)
    return np.ascontiguousarray(values[100:])


def points() -> Iterator[Point]:
    """What is measured for the fit."""
    for estimator in (Estimator.GAUSSIAN, Estimator.COPULA):
        for exact in EXACT_POINTS:
            yield Point(estimator, *exact)
    for estimator in (Estimator.KSG, Estimator.DISCRETE, Estimator.ORDINAL):
        for sampled in SAMPLED_POINTS:
            yield Point(estimator, *sampled)


def measure(point: Point, targets: int = TARGETS) -> dict[str, float]:
    """Mean CPU seconds per target of each part, over a system whose links are found and one where some are not.

    One target runs before, so that kernels are compiled and loaded.
    """
    systems = (driven(point.n_samples, point.n_series), sparse_linear(point.n_samples, point.n_series, seed=7))
    engine = IdtxlEngine()
    _parts(point, engine, systems[0], point.spec().symbols[-1])
    taken = [_parts(point, engine, values, target) for values in systems for target in point.spec().symbols[:targets]]
    return {part: max(1e-4, fmean(one[part] for one in taken)) for part in PARTS}


def _parts(point: Point, engine: IdtxlEngine, values: NDArray[np.float64], target: str) -> dict[str, float]:
    few, many = RUNS[point.estimator in EXACT]
    plain = point.spec(stability_runs=0)
    rolling, names = point.spec(window_bars=point.window_bars), plain.symbols
    clock = [time.process_time()]
    result = engine.run_target(values, names, target, plain)
    clock.append(time.process_time())
    for runs in (0, few, many):
        engine.describe_target(values, names, target, point.spec(stability_runs=runs), result)
        clock.append(time.process_time())
    windows = engine.run_windows(values, names, target, rolling)
    clock.append(time.process_time())
    infer, describe, again, often, roll = np.diff(clock).tolist()
    resample = max(0.0, often - again) / (many - few)
    prepare = max(0.0, again - describe - few * resample)
    return {
        "infer": infer, "describe": describe, "prepare": prepare, "resample": resample, "window": roll / len(windows),
    }  # fmt: skip


def fit(measured: list[tuple[Point, dict[str, float]]], part: str) -> Component:
    """Least squares of the log of seconds; more work never costs less, and exact nulls know no permutations."""
    from scipy.optimize import lsq_linear

    design = np.array(
        [
            [
                1.0,
                np.log(p.window_bars if part == "window" else p.n_samples),
                np.log(p.n_series * p.max_lag),
                np.log(p.permutations),
            ]
            for p, _ in measured
        ]
    )
    if measured[0][0].estimator in EXACT:
        design[:, 3] = 0.0
    seconds = np.log([taken[part] for _, taken in measured])
    found = lsq_linear(design, seconds, bounds=([-np.inf, 0, 0, 0], [np.inf, 4, 4, 2])).x
    return (float(found[0]), float(found[1]), float(found[2]), float(found[3] * design[:, 3].any()))


def spread_of(known: Coefficients, measured: list[tuple[Point, dict[str, float]]]) -> float:
    """The factor within which two thirds of the measured targets lie around what the model says."""
    logs = []
    for point, seconds in measured:
        size = (point.n_samples, point.n_series * point.max_lag, point.permutations)
        said = sum(known.seconds(point.estimator.value, part, *size) for part in ("infer", "describe"))
        logs.append(abs(np.log((seconds["infer"] + seconds["describe"]) / said)))
    return float(np.exp(np.quantile(logs, 2 / 3)))


def startup_cpu_s() -> float:
    """CPU seconds until a worker has loaded what it needs."""
    code = "import causeway.analysis.idtxl_engine, causeway.analysis.information.robustness.describe, scipy.special"
    taken = []
    for _ in range(3):
        before = os.times()
        subprocess.run([sys.executable, "-c", code], check=True)
        after = os.times()
        taken.append(after.children_user + after.children_system - before.children_user - before.children_system)
    return median(taken)


def timed_points(estimators: Sequence[Estimator]) -> Iterator[tuple[Point, dict[str, float], float]]:
    """Each size of these estimators, its seconds, and the speed of the machine at that time."""
    for point in points():
        if point.estimator in estimators:
            before = measure_rate()
            taken = measure(point)
            rate = (before + measure_rate()) / 2
            print(point, {part: round(s, 4) for part, s in taken.items()}, round(rate), flush=True)
            yield point, taken, rate


def refitted(known: Coefficients, timed: list[tuple[Point, dict[str, float], float]]) -> Coefficients:
    """``known`` with new coefficients of the estimators that were timed, for a machine of its speed."""
    measured = [(p, {part: s * rate / known.probe_rate for part, s in taken.items()}) for p, taken, rate in timed]
    parts = {name: dict(of) for name, of in known.parts.items()}
    for estimator in {point.estimator: None for point, _ in measured}:
        own = [pair for pair in measured if pair[0].estimator is estimator]
        parts[estimator.value] = {part: fit(own, part) for part in PARTS}
    found = replace(known, parts=parts)
    left = set(parts) - {point.estimator.value for point, _ in measured}
    return replace(found, spread=max(spread_of(found, measured), known.spread if left else 1.0))


def main() -> int:
    """Measure, fit, write; 0. Names of estimators (all where none is named) say what is measured anew."""
    estimators = [Estimator(name) for name in sys.argv[1:]] or [*Estimator]
    timed = list(timed_points(estimators))
    where, known = machine(), coefficients()
    if len(estimators) == len(Estimator):
        usual = median(rate for _, _, rate in timed)
        known = replace(known, processor=str(where["processor"]), probe_rate=usual, startup_cpu_s=startup_cpu_s())
    known = replace(refitted(known, timed), date=str(where["at"])[:10])
    target = Path(str(files("causeway.pipelines").joinpath("cost_coefficients.json")))
    target.write_text(json.dumps(asdict(known), indent=1, sort_keys=True) + "\n", encoding="utf-8")
    print(f"written to {target.name}; two thirds of the runs lie within a factor of {known.spread:.2f}")
    return 0


if __name__ == "__main__":
    if not ONE_THREAD.items() <= os.environ.items():  # numpy reads it when it is loaded
        os.execve(sys.executable, [sys.executable, "-m", "bench.cost", *sys.argv[1:]], {**os.environ, **ONE_THREAD})
    raise SystemExit(main())
