"""The engine port: shards of one question share what they see, and the question chooses who answers."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from importlib.util import find_spec
from shutil import which
from typing import Any

import numpy as np
import pytest

from causeway.analysis.idtxl import installation
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


@pytest.mark.skipif(find_spec("idtxl") is None or which("java") is None, reason="IDTxl or Java is not installed")
def test_the_question_can_ask_for_the_estimators_of_idtxl(monkeypatch: pytest.MonkeyPatch) -> None:
    from causeway.analysis.idtxl import runner

    asked, analyse = [], runner.analyse_target

    def heard(values: Any, target: int, settings: Any, *others: Any, **named: Any) -> Any:
        asked.append(settings.cmi_estimator)
        return analyse(values, target, settings, *others, **named)

    monkeypatch.setattr(runner, "analyse_target", heard)
    spec = replace(SPEC, inference=InferenceOptions(engine=Engine.IDTXL_JIDT))
    result = IdtxlEngine().run_target(coupled(), SPEC.symbols, "Y", spec)
    assert [source.source for source in result.sources] == ["X"]
    assert asked == ["JidtGaussianCMI"]


@pytest.mark.parametrize("engine", [Engine.IDTXL, Engine.IDTXL_JIDT])
def test_a_job_is_refused_where_the_extra_is_missing(monkeypatch: pytest.MonkeyPatch, engine: Engine) -> None:
    monkeypatch.setattr(installation, "find_spec", lambda _: None)
    with pytest.raises(InvalidInput, match=r"pip install") as refused:
        IdtxlEngine().check(replace(SPEC, inference=InferenceOptions(engine=engine)))
    assert refused.value.details == {"missing": "idtxl"}
    IdtxlEngine().check(SPEC)


def test_without_java_only_the_estimators_of_idtxl_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    def no_java() -> None:
        raise InvalidInput("no Java")

    monkeypatch.setattr(installation, "require_idtxl", lambda: None)
    monkeypatch.setattr(installation, "require_java", no_java)
    IdtxlEngine().check(WITH_IDTXL)
    with pytest.raises(InvalidInput, match="no Java"):
        IdtxlEngine().check(replace(SPEC, inference=InferenceOptions(engine=Engine.IDTXL_JIDT)))


@pytest.mark.skipif(find_spec("idtxl") is None, reason="the optional extra idtxl is not installed")
def test_idtxl_can_be_stopped() -> None:
    with pytest.raises(InferenceCancelled):
        IdtxlEngine().run_target(coupled(), SPEC.symbols, "Y", WITH_IDTXL, should_stop=lambda: True)


@pytest.mark.skipif(find_spec("idtxl") is not None, reason="the optional extra idtxl is installed")
def test_without_the_extra_the_message_says_what_to_install() -> None:
    with pytest.raises(InvalidInput, match="idtxl"):
        IdtxlEngine().run_target(coupled(), SPEC.symbols, "Y", WITH_IDTXL)
