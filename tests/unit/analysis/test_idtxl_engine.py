"""The engine port: shards of one question share what they see, and the question chooses who answers."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from importlib.util import find_spec

import numpy as np
import pytest

from causeway.analysis.idtxl_engine import IdtxlEngine
from causeway.analysis.information.inference.network import InferenceCancelled
from causeway.analysis.information.settings import NetworkSettings
from causeway.errors import InvalidInput
from causeway.model.inference import Engine, Estimator, InferenceOptions, Missing, SurrogateScheme
from causeway.model.job import AnalysisSpec, Measure
from causeway.model.time import BarSize

SPEC = AnalysisSpec(
    symbols=("X", "Y", "Z"),
    measure=Measure.RETURNS,
    estimator=Estimator.GAUSSIAN,
    bar_size=BarSize.DAY_1,
    start=datetime(2020, 1, 1, tzinfo=UTC),
    train_end=datetime(2023, 1, 1, tzinfo=UTC),
    end=datetime(2024, 1, 1, tzinfo=UTC),
    max_lag=2,
    inference=InferenceOptions(stability_runs=5),
)
WITH_IDTXL = replace(SPEC, inference=InferenceOptions(engine=Engine.IDTXL))


def coupled(n: int = 600) -> np.ndarray:
    """x drives y at lag 1."""
    rng = np.random.default_rng(4)
    x, y, z = rng.standard_normal((3, n))
    y[1:] += 0.6 * x[:-1]
    return np.column_stack([x, y, z])


def test_a_shard_and_its_description_agree() -> None:
    engine = IdtxlEngine()
    result = engine.run_target(coupled(), SPEC.symbols, "Y", SPEC)
    detail = engine.describe_target(coupled(), SPEC.symbols, "Y", SPEC, result)
    assert [source.source for source in result.sources] == ["X"]
    assert [link.source for link in detail.links] == ["X"]
    assert detail.stability_runs == 5


def test_what_was_seen_for_one_question_is_not_used_for_another() -> None:
    engine = IdtxlEngine()
    engine.run_target(coupled(), SPEC.symbols, "Y", SPEC)
    other = coupled()
    other[:, 0] = np.random.default_rng(9).standard_normal(600)
    assert engine.run_target(other, SPEC.symbols, "Y", SPEC) == IdtxlEngine().run_target(other, SPEC.symbols, "Y", SPEC)
    ranked = replace(SPEC, estimator=Estimator.COPULA)
    asked = engine.run_target(other, SPEC.symbols, "Y", ranked)
    assert asked == IdtxlEngine().run_target(other, SPEC.symbols, "Y", ranked)


def test_a_description_of_another_target_is_refused() -> None:
    engine = IdtxlEngine()
    result = engine.run_target(coupled(), SPEC.symbols, "Y", SPEC)
    with pytest.raises(InvalidInput, match="Expected the result of Z; found that of Y"):
        engine.describe_target(coupled(), SPEC.symbols, "Z", SPEC, result)


def test_holes_are_masked_where_the_question_says_so_and_refused_otherwise() -> None:
    holed = coupled()
    holed[100:110, 2] = np.nan
    with pytest.raises(InvalidInput, match="finite"):
        IdtxlEngine().run_target(holed, SPEC.symbols, "Y", SPEC)
    masked = replace(SPEC, inference=InferenceOptions(missing=Missing.MASK))
    assert IdtxlEngine().run_target(holed, SPEC.symbols, "Y", masked).n_rows == 600 - 2 - 10 - 1


@pytest.mark.parametrize(
    ("measure", "options", "scheme"),
    [
        (Measure.RETURNS, InferenceOptions(), SurrogateScheme.VOLATILITY),
        (Measure.LOG_VOLATILITY, InferenceOptions(), SurrogateScheme.BLOCK),
        (Measure.RETURNS, InferenceOptions(compat="idtxl"), SurrogateScheme.BLOCK),
        (Measure.RETURNS, InferenceOptions(surrogates=SurrogateScheme.LOCAL), SurrogateScheme.LOCAL),
    ],
)
def test_surrogates_follow_the_measure_unless_named(
    measure: Measure, options: InferenceOptions, scheme: SurrogateScheme
) -> None:
    assert NetworkSettings.from_spec(replace(SPEC, measure=measure, inference=options)).surrogates is scheme


def test_the_library_does_not_guess_the_measure() -> None:
    with pytest.raises(InvalidInput, match="name a scheme"):
        NetworkSettings(surrogates=SurrogateScheme.AUTO)


def test_windows_only_where_asked() -> None:
    engine = IdtxlEngine()
    assert engine.run_windows(coupled(), SPEC.symbols, "Y", SPEC) == []
    rolling = replace(SPEC, inference=InferenceOptions(window_bars=300, step_bars=300))
    shards = [engine.run_windows(coupled(), SPEC.symbols, name, rolling) for name in SPEC.symbols]
    assert [(w.start, w.end) for w in engine.assemble_windows(shards, SPEC.symbols, rolling)] == [(0, 300), (300, 600)]


@pytest.mark.skipif(find_spec("idtxl") is None, reason="the optional extra idtxl is not installed")
def test_the_question_can_ask_for_idtxl_itself() -> None:
    result = IdtxlEngine().run_target(coupled(), SPEC.symbols, "Y", WITH_IDTXL)
    assert [source.source for source in result.sources] == ["X"]


@pytest.mark.skipif(find_spec("idtxl") is None, reason="the optional extra idtxl is not installed")
def test_idtxl_can_be_stopped() -> None:
    with pytest.raises(InferenceCancelled):
        IdtxlEngine().run_target(coupled(), SPEC.symbols, "Y", WITH_IDTXL, should_stop=lambda: True)


@pytest.mark.skipif(find_spec("idtxl") is not None, reason="the optional extra idtxl is installed")
def test_without_the_extra_the_message_says_what_to_install() -> None:
    with pytest.raises(InvalidInput, match="idtxl"):
        IdtxlEngine().run_target(coupled(), SPEC.symbols, "Y", WITH_IDTXL)
