"""What the cost model says against what whole jobs take: whether an estimate before a run can be relied on."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from functools import partial
from typing import Any

from bench.fresh import ONE_THREAD, fresh
from bench.goals import at_least, at_most
from bench.line import Line
from bench.registry import Benchmark, Case, Run
from bench.timing import once

NAME = "te-cost"
_JOB = "bench.cases.te_cost:shards"


@dataclass(frozen=True, slots=True)
class Question:
    """A size that the model was not fitted on."""

    label: str
    estimator: str
    n: int
    series: int
    lag: int
    draws: int = 200
    runs: int = 0
    window: int | None = None


_QUESTIONS = (
    Question("Gaussian, 10 x 1400", "gaussian", 1400, 10, 5, runs=50),
    Question("Gaussian, 44 x 980", "gaussian", 980, 44, 5, runs=50),
    Question("Gaussian, 20 x 2000, no resamples, windows of 500", "gaussian", 2000, 20, 5, window=500),
    Question("copula, 20 x 1000", "copula", 1000, 20, 3, runs=20),
    Question("KSG, 5 x 500", "ksg", 500, 5, 3),
    Question("KSG, 4 x 800, 4 resamples", "ksg", 800, 4, 2, draws=100, runs=4),
    Question("KSG, 48 x 500", "ksg", 500, 48, 5),
    Question("discrete, 6 x 800", "discrete", 800, 6, 3),
)


def _cases() -> Iterator[Case]:
    for question in _QUESTIONS:
        yield Case(question.label, partial(_measure, question))


def _measure(asked: Question, run: Run) -> Line:
    timing = fresh(_JOB, asdict(asked), 2 if run.quick else 5, env=ONE_THREAD)
    found: dict[str, float] = timing.value
    ratio = found["cpu_s"] / found["predicted_cpu_s"]
    return Line(
        NAME,
        asked.label,
        replace(timing, wall_s=found["wall_s"], cpu_s=found["cpu_s"], value=None),
        goals=(at_least("actual_over_predicted", 1 / 3), at_most("actual_over_predicted", 3)),
        measured={"predicted_cpu_s": found["predicted_cpu_s"], "actual_over_predicted": ratio},
        note=f"{found['targets']:.0f} targets on one thread, without the start of a worker",
    )


def shards(question: dict[str, Any], n_targets: int) -> dict[str, float]:
    """What the model says for some targets of a question, and what they take, kernels loaded."""
    from bench.cost import Point
    from bench.systems import sparse_linear
    from causeway.analysis.idtxl_engine import IdtxlEngine
    from causeway.model.inference import Estimator
    from causeway.pipelines.cost_model import Machine, Work, coefficients, predict, probe_rate

    asked = Question(**question)
    values = sparse_linear(asked.n, asked.series, seed=23)
    point = Point(Estimator(asked.estimator), asked.n, asked.series, asked.lag, asked.draws)
    spec = point.spec(stability_runs=asked.runs, window_bars=asked.window)
    targets = spec.symbols[:n_targets]
    engine = IdtxlEngine()

    def run_targets(names: tuple[str, ...]) -> None:
        for target in names:
            result = engine.run_target(values, spec.symbols, target, spec)
            engine.describe_target(values, spec.symbols, target, spec, result)
            engine.run_windows(values, spec.symbols, target, spec)

    run_targets(spec.symbols[-1:])
    said = predict(spec, Work(asked.n, asked.series, len(targets)), Machine(workers=1))
    assert said is not None
    taken = once(lambda: run_targets(targets))
    return {
        "predicted_cpu_s": said.cpu_s - coefficients().startup_cpu_s * coefficients().probe_rate / probe_rate(),
        "cpu_s": taken.cpu_s,
        "wall_s": taken.wall_s,
        "targets": len(targets),
    }


BENCHMARK = Benchmark(NAME, "an estimate before a run: actual CPU seconds within a factor of 3 of the model", _cases)
