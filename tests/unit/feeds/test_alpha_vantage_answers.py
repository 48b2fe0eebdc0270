"""What Alpha Vantage's answers mean. The sentences are those that users quote in public issues."""

from __future__ import annotations

import json
import math

import pytest

from causeway.adapters.feeds.alpha_vantage_answers import read_object, read_series
from causeway.errors import CausewayError, Denied, InvalidInput, NotFound, TooMany, Unavailable

OLD_MINUTE = (
    "Thank you for using Alpha Vantage! Our standard API call frequency is 5 calls per minute and 500 calls per day."
)
DAY = "our standard API rate limit is 25 requests per day."
BURST = "Please consider spreading out your free API requests more sparingly (1 request per second)."
PREMIUM = "Thank you for using Alpha Vantage! This is a premium endpoint."
BAD_KEY = "the parameter apikey is invalid or missing."
BAD_CALL = "Invalid API call. Please retry or visit the documentation for TIME_SERIES_DAILY."


@pytest.mark.parametrize("kind", ["json", "csv"])
@pytest.mark.parametrize(
    ("name", "said", "expected"),
    [
        ("Note", OLD_MINUTE, TooMany),
        ("Information", DAY, TooMany),
        ("Information", BURST, TooMany),
        ("Information", PREMIUM, Denied),
        ("Error Message", BAD_KEY, Denied),
        ("Error Message", BAD_CALL, NotFound),
        ("Error Message", "the parameter interval is wrong", InvalidInput),
    ],
)
def test_refusals_are_json_also_where_csv_was_asked_for(
    name: str, said: str, expected: type[CausewayError], kind: str
) -> None:
    text = json.dumps({name: said})
    with pytest.raises(expected) as caught:
        read_series(text, 60.0) if kind == "csv" else read_object(text, 60.0)
    assert said in caught.value.message


def test_a_day_that_is_used_up_is_waited_for_longer_than_a_minute() -> None:
    with pytest.raises(TooMany) as minute:
        read_object(json.dumps({"Note": OLD_MINUTE}), 60.0)
    with pytest.raises(TooMany) as day:
        read_object(json.dumps({"Information": DAY}), 60.0)
    assert minute.value.retry_after_s == 60.0
    assert day.value.retry_after_s == 86_400.0


def test_premium_is_named_as_such() -> None:
    with pytest.raises(Denied, match="premium plans"):
        read_object(json.dumps({"Information": PREMIUM}), 60.0)


def test_json_and_csv_give_the_same_rows_oldest_first() -> None:
    rows = [("2024-03-05", [1.0, 2.0, 0.5, 1.5, 10.0]), ("2024-03-06", [1.5, 2.5, 1.0, 2.0, 20.0])]
    names = ("open", "high", "low", "close", "volume")
    series = {
        stamp: {f"{at}. {name}": str(value) for at, (name, value) in enumerate(zip(names, values, strict=True), 1)}
        for stamp, values in reversed(rows)
    }
    lines = [f"{stamp},{','.join(map(str, values))}" for stamp, values in reversed(rows)]
    assert read_series(json.dumps({"Meta Data": {}, "Time Series (Daily)": series}), 60.0) == rows
    assert read_series("\r\n".join(["timestamp,open,high,low,close,volume", *lines, ""]), 60.0) == rows


def test_an_empty_cell_is_no_number() -> None:
    [(_, values)] = read_series("timestamp,open,high,low,close,volume\n2024-03-05,1,2,1,,10\n", 60.0)
    assert math.isnan(values[3])


@pytest.mark.parametrize(
    "text",
    [
        "<html>",
        "timestamp,open\n1,2\n",
        "timestamp,open,high,low,close,volume\n2024-03-05,1,2\n",
        '{"Meta Data": {}}',
        "{",
    ],
)
def test_anything_else_is_unreadable(text: str) -> None:
    with pytest.raises(Unavailable):
        read_series(text, 60.0)


def test_an_empty_object_is_an_unknown_symbol() -> None:
    with pytest.raises(NotFound):
        read_series("{}", 60.0)


def test_a_csv_that_repeats_a_row_has_it_once_and_two_that_differ_are_no_answer() -> None:
    text = "timestamp,open,high,low,close,volume\n2024-03-04,1,2,1,2,10\n2024-03-01,1,2,1,2,9\n2024-03-04,1,2,1,2,"
    rows = read_series(f"{text}10\n", 1.0)
    assert [stamp for stamp, _ in rows] == ["2024-03-01", "2024-03-04"]
    with pytest.raises(Unavailable, match="2024-03-04"):
        read_series(f"{text}11\n", 1.0)
