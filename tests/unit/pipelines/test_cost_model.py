"""The cost model on coefficients that can be checked by hand, and the ones that came with this version."""

from __future__ import annotations

import json
import math
from dataclasses import asdict, replace
from typing import Any

import pytest

from causeway.analysis.information.robustness import describe
from causeway.model.inference import Engine, Estimator, InferenceOptions
from causeway.model.job import AnalysisSpec
from causeway.pipelines import cost_model
from causeway.pipelines.cost_model import (
    Coefficients,
    Machine,
    Work,
    coefficients,
    n_windows,
    predict,
    stability_runs,
    target_cpu_s,
)
from tests.unit.pipelines.questions import coupled_market, question

SECOND = (0.0, 0.0, 0.0, 0.0)  # exp(0): one second, whatever the size
PARTS = {
    "infer": SECOND,
    "describe": SECOND,
    "prepare": SECOND,
    "resample": (math.log(0.1), 0.0, 0.0, 0.0),
    "window": SECOND,
}
KNOWN = Coefficients("a processor", "2026-11-22", 1000.0, 2.0, 3.0, 1.5, {"gaussian": PARTS, "ksg": PARTS})
SPEC = question(coupled_market())
WORK = Work(n_samples=494, n_series=4, n_targets=4)
ELSEWHERE = Machine(workers=2, is_here=False, usd_per_vcpu_hour=0.04)


def with_options(**options: Any) -> AnalysisSpec:
    return replace(SPEC, inference=replace(InferenceOptions(), **options))


def test_a_target_is_inferred_described_and_resampled() -> None:
    assert target_cpu_s(SPEC, WORK, KNOWN) == pytest.approx(1 + 1 + 1 + 50 * 0.1)


def test_every_window_is_searched_again() -> None:
    rolling = with_options(stability_runs=0, window_bars=100)
    assert target_cpu_s(rolling, WORK, KNOWN) == pytest.approx(1 + 1 + 8)


def test_seconds_grow_with_samples_candidates_and_permutations() -> None:
    steep = replace(KNOWN, parts={"ksg": {"infer": (math.log(1e-6), 1.5, 1.0, 0.5)}})
    # 1e-6 * 100^1.5 * 20 * 400^0.5 = 1e-6 * 1000 * 20 * 20
    assert steep.seconds("ksg", "infer", 100, 20, 400) == pytest.approx(0.4)


def test_two_workers_share_the_targets_and_each_starts_once() -> None:
    cost = predict(SPEC, WORK, ELSEWHERE, KNOWN)
    assert cost is not None
    assert cost.cpu_s == pytest.approx(4 * 8 + 2 * 2)
    assert cost.wall_s == pytest.approx(3 + 2 + 2 * 8)
    assert cost.aws_usd == pytest.approx(4 * (8 + 2 + 40) * 4 / 3600 * 0.04)
    odd = predict(SPEC, replace(WORK, n_targets=3), ELSEWHERE, KNOWN)
    assert odd is not None
    assert odd.wall_s == pytest.approx(cost.wall_s)  # three targets take two rounds as well


def test_a_machine_half_as_fast_takes_twice_as_long(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cost_model, "probe_rate", lambda: 500.0)
    slow, there = predict(SPEC, WORK, Machine(workers=2), KNOWN), predict(SPEC, WORK, ELSEWHERE, KNOWN)
    assert slow is not None
    assert there is not None
    assert slow.wall_s == pytest.approx(2 * there.wall_s)


@pytest.mark.parametrize(
    ("window", "step", "expected"),
    [(None, None, 0), (100, None, 8), (100, 100, 4), (494, 1, 1), (500, 1, 0)],  # 494 samples
)
def test_windows_are_counted_as_the_engine_counts_them(window: int | None, step: int | None, expected: int) -> None:
    assert n_windows(with_options(window_bars=window, step_bars=step), 494) == expected


def test_resamples_are_counted_as_the_engine_draws_them() -> None:
    assert (cost_model.AUTOMATIC_RUNS, cost_model.AUTOMATIC_SERIES) == (
        describe.AUTOMATIC_RUNS, describe.AUTOMATIC_SERIES,
    )  # fmt: skip
    assert stability_runs(SPEC, 4) == 50
    assert stability_runs(SPEC, cost_model.AUTOMATIC_SERIES + 1) == 0
    assert stability_runs(replace(SPEC, estimator=Estimator.KSG), 4) == 0
    assert stability_runs(with_options(stability_runs=7), 4) == 7


@pytest.mark.parametrize("options", [{"engine": Engine.IDTXL}, {"compat": "idtxl"}])
def test_what_nobody_measured_is_not_predicted(options: dict[str, Any]) -> None:
    assert predict(with_options(**options), WORK, ELSEWHERE, KNOWN) is None


def test_coefficients_survive_their_file() -> None:
    assert Coefficients.from_json(json.loads(json.dumps(asdict(KNOWN)))) == KNOWN


@pytest.mark.parametrize("estimator", list(Estimator))
def test_every_estimator_has_coefficients_and_more_samples_never_cost_less(estimator: Estimator) -> None:
    spec = replace(SPEC, estimator=estimator)
    few, many = (target_cpu_s(spec, replace(WORK, n_samples=n), coefficients()) for n in (300, 3000))
    assert 0 < few <= many
