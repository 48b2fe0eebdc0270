"""What is wrong with a row, one flaw at a time. Rows 2 and 4 are whole; row 3 has the flaw."""

from __future__ import annotations

import numpy as np
import pytest

from causeway.errors import InvalidInput
from causeway.model.time import BarSize
from tests.unit.market_data.rows import check, codes, walk

BEFORE = ["AAPL", "2024-01-02", "10", "12", "9", "11", "100"]
AFTER = ["AAPL", "2024-01-04", "11", "13", "10", "12", "200"]


@pytest.mark.parametrize(
    ("flawed", "expected"),
    [
        (["AAPL", "2024-01-03", "", "12", "9", "11", "100"], ["missing_field"]),
        (["AAPL", "2024-01-03", "10", "NA", "9", "null", "100"], ["missing_field", "missing_field"]),
        (["AAPL", "", "10", "12", "9", "11", "100"], ["missing_field"]),
        (["", "2024-01-03", "10", "12", "9", "11", "100"], ["missing_field"]),
        (["AAPL", "2024-01-03", "ten", "12", "9", "11", "100"], ["not_a_number"]),
        (["AAPL", "2024-01-03", "10", "1_2", "9", "11", "100"], ["not_a_number"]),
        (["AAPL", "2024-01-03", "10", "12", "9", "1,1", "100"], ["not_a_number"]),
        (["AAPL", "2024-01-03", "10", "12", "9", "NaN", "100"], ["not_finite"]),
        (["AAPL", "2024-01-03", "10", "inf", "9", "11", "100"], ["not_finite"]),
        (["AAPL", "2024-01-03", "10", "12", "0", "11", "100"], ["non_positive_price"]),
        (["AAPL", "2024-01-03", "10", "9", "12", "11", "100"], ["high_below_low"]),
        (["AAPL", "2024-01-03", "13", "12", "9", "11", "100"], ["open_outside_range"]),
        (["AAPL", "2024-01-03", "10", "12", "9", "8", "100"], ["close_outside_range"]),
        (["AAPL", "2024-01-03", "10", "12", "9", "11", "-1"], ["negative_volume"]),
        (["AAPL", "2024-01-03", "1", "1e300", "1", "1", "100"], ["implausible_range"]),
        (["AAPL", "2024-01-03", "1", "1000001", "1", "1", "100"], ["implausible_range"]),
        (["AAPL", "2024-01-03", "10", "12", "9", "11", "1e300"], ["implausible_volume"]),
        (["AAPL", "03/01/2024", "10", "12", "9", "11", "100"], ["bad_time"]),
        (["A A", "2024-01-03", "10", "12", "9", "11", "100"], ["bad_symbol"]),
        (["AAPL", "2031-01-03", "10", "12", "9", "11", "100"], ["in_future"]),
        (["AAPL", "1815-06-18", "10", "12", "9", "11", "100"], ["too_old"]),
        (["AAPL", "2024-01-03", "13", "12", "9", "-8", "x"],
         ["not_a_number", "non_positive_price", "open_outside_range", "close_outside_range"]),
    ],
)  # fmt: skip
def test_a_flawed_row_goes_to_quarantine_with_every_reason(flawed: list[str], expected: list[str]) -> None:
    checked = check([BEFORE, flawed, AFTER], bar_size=BarSize.DAY_1)
    errors = [code for code in codes(checked)[3] if code not in {"out_of_order", "not_a_session"}]
    assert errors == expected
    assert list(checked.quarantined()) == [3]
    assert checked.accepted.tolist() == [0, 2]


def test_of_a_comma_it_is_said_why_it_is_not_read() -> None:
    checked = check([BEFORE, ["AAPL", "2024-01-03", "10,25", "12", "9", "ten", "100"], AFTER], bar_size=BarSize.DAY_1)
    assert [one.message for one in checked.quarantined()[3] if one.code == "not_a_number"] == [
        "open is '10,25'; expected a number such as 12.5. No comma is read, as it may part decimals or thousands",
        "close is 'ten'; expected a number such as 12.5",
    ]


def test_the_message_says_what_was_found_and_expected() -> None:
    checked = check([BEFORE, ["AAPL", "2024-01-03", "10", "12", "9", "8.5", "100"]], bar_size=BarSize.DAY_1)
    (finding,) = checked.quarantined()[3]
    assert finding.message == "close 8.5 is outside low 9 to high 12"


def test_a_bar_may_span_a_million_times_its_low_and_trade_much() -> None:
    assert codes(check([["AAPL", "2024-01-03", "1", "1e6", "1", "1", "1e15"]])) == {}


def test_a_daily_bar_on_a_saturday_is_told_and_stored() -> None:
    checked = check([BEFORE, ["AAPL", "2012-01-07", "20", "22", "19", "21", "500"]], bar_size=BarSize.DAY_1)
    assert "not_a_session" in codes(checked)[3]
    assert checked.accepted.tolist() == [0, 1]


def test_a_bar_may_touch_its_range() -> None:
    checked = check([["AAPL", "2024-01-03", "9", "12", "9", "12", "0"]])
    assert codes(checked) == {}


def test_equal_rows_for_one_bar_are_stored_once_with_a_warning() -> None:
    checked = check([BEFORE, BEFORE, AFTER])
    assert codes(checked) == {3: ["duplicate_row"]}
    assert checked.accepted.tolist() == [0, 2]
    assert checked.repeats.tolist() == [1]


def test_different_rows_for_one_bar_are_both_errors() -> None:
    other = [*BEFORE[:5], "11.5", "100"]
    checked = check([BEFORE, other, AFTER])
    assert codes(checked) == {2: ["conflicting_duplicate"], 3: ["conflicting_duplicate"]}
    assert checked.accepted.tolist() == [2]


def test_a_broken_row_does_not_spoil_a_whole_one_for_the_same_bar() -> None:
    broken = [*BEFORE[:5], "NaN", "100"]
    assert check([BEFORE, broken, AFTER]).accepted.tolist() == [0, 2]


def test_the_same_time_of_two_symbols_is_no_duplicate() -> None:
    assert codes(check([BEFORE, ["MSFT", *BEFORE[1:]]])) == {}


def test_rows_out_of_order_are_stored_with_a_warning() -> None:
    checked = check([AFTER, BEFORE])
    assert codes(checked) == {3: ["out_of_order"]}
    assert checked.accepted.tolist() == [0, 1]


def test_a_bar_on_a_saturday_is_stored_with_a_warning() -> None:
    checked = check([["AAPL", "2024-01-06", "10", "12", "9", "11", "100"]])
    assert codes(checked) == {2: ["not_a_session"]}
    assert checked.accepted.tolist() == [0]


def test_a_file_without_volume_says_so_and_stores_zero() -> None:
    rows = [row[:6] for row in walk("AAPL", "2024-01-02", 3)]
    checked = check(rows, header=["symbol", "date", "open", "high", "low", "close"])
    assert codes(checked) == {2: ["no_volume"], 3: ["no_volume"], 4: ["no_volume"]}
    assert np.array_equal(checked.parsed.values[:, 4], np.zeros(3))


def test_an_unknown_time_zone_is_refused_for_daily_bars_too() -> None:
    with pytest.raises(InvalidInput, match="Mars/X"):
        check([BEFORE, AFTER], bar_size=BarSize.DAY_1, time_zone="Mars/X")
    assert check([BEFORE, AFTER], bar_size=BarSize.DAY_1, time_zone="America/New_York").accepted.tolist() == [0, 1]
