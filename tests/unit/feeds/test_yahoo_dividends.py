"""Dividends as they were paid, from what Yahoo serves: divided by later splits, rounded, or in single precision."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import numpy as np
import pytest

from causeway.adapters.feeds.yahoo_chart import read_facts, undivided
from causeway.model.corporate_action import ActionKind


def seconds(day: str) -> int:
    return int(datetime.fromisoformat(f"{day}T14:30").replace(tzinfo=UTC).timestamp())


def dividends(amounts: dict[str, Any], splits: dict[str, int], currency: str = "USD") -> dict[date, Decimal]:
    chart = {
        "meta": {"currency": currency, "exchangeTimezoneName": "America/New_York"},
        "events": {
            "dividends": {day: {"amount": amount, "date": seconds(day)} for day, amount in amounts.items()},
            "splits": {day: {"numerator": new, "denominator": 1, "date": seconds(day)} for day, new in splits.items()},
        },
    }
    found = read_facts("X", chart).actions
    return {one.ex_date: one.value for one in found if one.kind is ActionKind.DIVIDEND}


def test_apples_dividends_before_two_splits_are_those_that_it_declared() -> None:
    """Declared: 2.65 (ex 2012-08-09), 3.05 (2013-05-09), 3.29 (2014-05-08), 0.47 (2014-08-07), 0.73 (2018-05-11).

    Splits: 7 for 1 on 2014-06-09, 4 for 1 on 2020-08-31. Source: Apple investor relations, dividend history. Yahoo
    serves each divided by 28 or 4, to six places.
    """
    declared = {
        "2012-08-09": "2.65",
        "2013-05-09": "3.05",
        "2014-05-08": "3.29",
        "2014-08-07": "0.47",
        "2018-05-11": "0.73",
    }
    served = {
        "2012-08-09": 0.094643,
        "2013-05-09": 0.108929,
        "2014-05-08": 0.1175,
        "2014-08-07": 0.1175,
        "2018-05-11": 0.1825,
    }
    found = dividends(served, {"2014-06-09": 7, "2020-08-31": 4})
    assert found == {date.fromisoformat(day): Decimal(amount) for day, amount in declared.items()}


def test_single_precision_written_as_double_is_the_shortest_number() -> None:
    assert dividends({"2021-05-19": float(np.float32(0.56))}, {}) == {date(2021, 5, 19): Decimal("0.56")}
    assert dividends({"2012-08-09": float(np.float32(0.094643))}, {"2014-06-09": 28})[date(2012, 8, 9)] == Decimal(
        "2.65"
    )


def test_pence_are_pounds() -> None:
    assert dividends({"2021-05-19": 4.5}, {}, currency="GBp") == {date(2021, 5, 19): Decimal("0.045")}


@pytest.mark.parametrize("paid", ["0.0001", "0.123456", "2.650004", "17.333"])
def test_what_was_not_divided_is_left_as_it_is(paid: str) -> None:
    assert undivided(Decimal(paid), Decimal(1)) == Decimal(paid)


@pytest.mark.parametrize("factor", ["2", "3", "4", "7", "28", "56", "1.5", "0.05"])
@pytest.mark.parametrize("paid", ["0.01", "0.015", "0.0625", "0.385", "1.4325", "12.5"])
def test_any_declared_amount_comes_back(paid: str, factor: str) -> None:
    """Divided and rounded to six places as Yahoo does it."""
    served = (Decimal(paid) / Decimal(factor)).quantize(Decimal("0.000001"))
    assert undivided(served, Decimal(factor)) == Decimal(paid)
