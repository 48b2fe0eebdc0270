"""Questions that cannot be answered are refused with what to do about it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from causeway.errors import InvalidInput
from causeway.model.inference import Estimator, InferenceOptions
from causeway.model.job import AnalysisSpec, Measure
from causeway.model.time import BarSize
from causeway.pipelines.validation import Coverage, canonical, check_answerable

START = datetime(2010, 1, 1, tzinfo=UTC)
SPEC = AnalysisSpec(
    symbols=("AAPL", "IBM", "MSFT"),
    measure=Measure.RETURNS,
    estimator=Estimator.GAUSSIAN,
    bar_size=BarSize.DAY_1,
    start=START,
    train_end=datetime(2012, 1, 1, tzinfo=UTC),
    end=datetime(2013, 1, 1, tzinfo=UTC),
)


def covered(symbol: str, training: int = 500, later: int = 250) -> Coverage:
    some = START if training + later else None
    return Coverage(symbol, training, later, some, some)


def test_one_question_has_one_spelling() -> None:
    spec = replace(SPEC, symbols=("msft", " AAPL", "ibm"))
    assert canonical(spec) == SPEC


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"symbols": ("AAPL", "aapl")}, "AAPL is repeated"),
        ({"symbols": ("AAPL",)}, "at least two symbols"),
        ({"end": START - timedelta(days=1)}, "end must be after start"),
        ({"end": START}, "end must be after start"),
        ({"train_end": START}, "train_end must lie between"),
        ({"train_end": SPEC.end}, "train_end must lie between"),
        ({"start": START.replace(tzinfo=None)}, "start must carry a time zone"),
    ],
)
def test_a_question_that_contradicts_itself_is_refused(change: dict[str, object], message: str) -> None:
    with pytest.raises(InvalidInput, match=message):
        canonical(replace(SPEC, **change))  # type: ignore[arg-type]  # the fields vary by case


def asking(**options: Any) -> AnalysisSpec:
    return replace(SPEC, inference=InferenceOptions(**options))


def test_what_is_conditioned_on_has_one_spelling() -> None:
    assert canonical(asking(condition_on=("@Mean",))).inference.condition_on == ("@mean",)
    assert canonical(asking(condition_on=(" msft",))).inference.condition_on == ("MSFT",)


@pytest.mark.parametrize(
    ("drivers", "message"),
    [
        (("SPY",), "found SPY"),
        (("@sector",), "@mean, @pc1; found @sector"),
        (("AAPL", "IBM"), "leaves 1 symbol"),
        (("AAPL", "@mean"), "at least 3"),
    ],
)
def test_drivers_must_be_there_and_leave_something(drivers: tuple[str, ...], message: str) -> None:
    with pytest.raises(InvalidInput, match=message):
        canonical(asking(condition_on=drivers))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"window_bars": 500}, "between .* and the 499 training bars; found 500"),
        ({"window_bars": 10}, "found 10"),
        ({"step_bars": 20}, "needs window_bars"),
    ],
)
def test_windows_must_fit(options: dict[str, int], message: str) -> None:
    with pytest.raises(InvalidInput, match=message):
        check_answerable(asking(**options), [covered("AAPL"), covered("IBM"), covered("MSFT")])


def test_enough_is_enough() -> None:
    assert check_answerable(SPEC, [covered("AAPL"), covered("IBM"), covered("MSFT")]) == ()


def test_a_short_history_is_announced_at_submit() -> None:
    found = check_answerable(SPEC, [covered("AAPL"), covered("IBM"), covered("MSFT", training=40)])
    assert [gone.symbol for gone in found] == ["MSFT"]


@pytest.mark.parametrize(
    ("coverage", "message"),
    [
        ([covered("AAPL"), covered("IBM")], "unknown symbol MSFT"),
        ([covered("AAPL", 0, 0), covered("IBM", 0, 0), covered("MSFT", 0, 0)], "no 1d bars of these symbols"),
        ([covered("AAPL", 90), covered("IBM", 90), covered("MSFT", 90)], "90 of AAPL .* 107 are needed"),
        ([covered("AAPL"), covered("IBM", 10), covered("MSFT", 10)], "too few bars to train on|at least two symbols"),
        ([covered("AAPL"), covered("IBM"), covered("MSFT", later=5)], "5 of MSFT .* 27 are needed"),
    ],
)
def test_a_question_without_data_is_refused(coverage: list[Coverage], message: str) -> None:
    with pytest.raises(InvalidInput, match=message):
        check_answerable(SPEC, coverage)
