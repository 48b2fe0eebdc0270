"""Times: what is read, what is refused, and how wide a bar is."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from causeway.errors import InvalidInput
from causeway.market_data.written_times import NO_TIME, read_time
from causeway.model.time import BarSize
from tests.unit.market_data.rows import check, codes

PRICES = ["10", "12", "9", "11", "100"]


def stored(times: list[str], **options: object) -> list[datetime]:
    checked = check([["X", text, *PRICES] for text in times], **options)  # type: ignore[arg-type]  # test shorthand
    return [datetime.fromtimestamp(at / 1e6, UTC) for at in checked.time_us]


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("2013-10-07", 1381104000),
        ("20131007", 1381104000),
        ("2013-10-07 13:30:00", 1381152600),
        ("1381152600", 1381152600),
        ("1381152600000", 1381152600),
        ("1381152600000000", 1381152600),
        ("1381152600000000000", 1381152600),
    ],
)
def test_forms_of_time(text: str, seconds: int) -> None:
    assert read_time(text)[0] == seconds * 1_000_000


@pytest.mark.parametrize("text", ["", "10/07/2013", "7 Oct 2013", "2013-13-01", "12345678901", "20131007133",
                                  "9999-12-31T23:59:59-05:00", "0001-01-01T00:00:00+05:00", "9999-12-31"])  # fmt: skip
def test_other_forms_are_not_guessed(text: str) -> None:
    assert read_time(text)[0] == NO_TIME


def test_a_daily_bar_is_stored_as_midnight_utc_of_the_date_as_written() -> None:
    midnight = datetime(2022, 1, 3, tzinfo=UTC)
    for text in ("2022-01-03", "2022-01-03 00:00:00", "2022-01-03 00:00:00-05:00", "2022-01-03T16:00:00-05:00"):
        assert stored([text], bar_size=BarSize.DAY_1) == [midnight]


def test_intraday_offsets_are_converted_to_utc() -> None:
    assert stored(["2013-10-07T09:30:00-04:00", "2013-10-07T09:31:00-04:00"]) == [
        datetime(2013, 10, 7, 13, 30, tzinfo=UTC),
        datetime(2013, 10, 7, 13, 31, tzinfo=UTC),
    ]


def test_intraday_times_without_a_zone_are_refused() -> None:
    with pytest.raises(InvalidInput, match=r"no time zone.*2013-10-07 09:30:00.*time_zone="):
        check([["X", "2013-10-07 09:30:00", *PRICES], ["X", "2013-10-07 09:31:00", *PRICES]])


def test_intraday_times_without_a_zone_use_the_given_one_and_its_clock_changes() -> None:
    # New York: UTC-4 on Friday 2013-11-01, UTC-5 on Monday 2013-11-04.
    assert stored(
        ["2013-11-01 09:30", "2013-11-04 09:30"], bar_size=BarSize.MINUTE_1, time_zone="America/New_York"
    ) == [
        datetime(2013, 11, 1, 13, 30, tzinfo=UTC),
        datetime(2013, 11, 4, 14, 30, tzinfo=UTC),
    ]


@pytest.mark.parametrize("text", ["2013-11-03 01:30", "2013-03-10 02:30"])  # repeated, skipped
def test_a_local_time_that_a_clock_change_repeats_or_skips_is_an_error(text: str) -> None:
    rows = [["X", text, *PRICES], ["X", "2013-11-04 09:30", *PRICES]]
    checked = check(rows, bar_size=BarSize.MINUTE_1, time_zone="America/New_York")
    assert codes(checked)[2] == ["ambiguous_time"]
    assert checked.accepted.tolist() == [1]


def test_a_row_without_a_zone_among_rows_with_one_is_an_error() -> None:
    rows = [["X", "2013-10-07T13:30:00Z", *PRICES], ["X", "2013-10-07 13:31:00", *PRICES]]
    assert codes(check(rows, bar_size=BarSize.MINUTE_1)) == {3: ["no_time_zone"]}


def test_an_unknown_zone_is_refused() -> None:
    with pytest.raises(InvalidInput, match="Mars/Olympus"):
        check([["X", "2013-10-07 09:30", *PRICES]], bar_size=BarSize.MINUTE_1, time_zone="Mars/Olympus")


@pytest.mark.parametrize(
    ("times", "expected"),
    [
        (["2024-01-02", "2024-01-03", "2024-01-04", "2024-01-08"], BarSize.DAY_1),
        (["2024-01-02"], BarSize.DAY_1),
        (["2024-01-02T14:30:00Z", "2024-01-02T14:31:00Z", "2024-01-02T14:35:00Z", "2024-01-02T14:36:00Z"],
         BarSize.MINUTE_1),
        (["2024-01-02T14:30:00Z", "2024-01-02T14:35:00Z"], BarSize.MINUTE_5),
        (["2024-01-02T14:00:00Z", "2024-01-02T15:00:00Z"], BarSize.HOUR_1),
        (["2024-01-02T14:30:00Z", "2024-01-02T14:30:05Z"], BarSize.SECOND_5),
    ],
)  # fmt: skip
def test_the_bar_size_is_the_usual_distance(times: list[str], expected: BarSize) -> None:
    assert check([["X", text, *PRICES] for text in times]).bar_size is expected


@pytest.mark.parametrize("times", [["2024-01-02", "2024-01-09", "2024-01-16", "2024-01-23"], ["2024-01-02T14:30:00Z"]])
def test_an_unclear_bar_size_must_be_named(times: list[str]) -> None:
    with pytest.raises(InvalidInput, match="bar_size"):
        check([["X", text, *PRICES] for text in times])


def test_dates_are_not_taken_for_minutes() -> None:
    with pytest.raises(InvalidInput, match="date without a clock time"):
        check([["X", day, *PRICES] for day in ("2024-01-02", "2024-01-03")], bar_size=BarSize.MINUTE_1)


def test_a_file_in_which_no_time_can_be_read_is_refused_whole() -> None:
    with pytest.raises(InvalidInput, match="none of the 2 rows has a readable time: time is '01/02/2024'"):
        check([["X", text, *PRICES] for text in ("01/02/2024", "01/03/2024")])
    with pytest.raises(InvalidInput, match="none of the 1 rows has a readable time: time is empty"):
        check([["X", "", *PRICES]])


def test_a_file_without_rows_is_refused() -> None:
    with pytest.raises(InvalidInput, match="no rows"):
        check([])


def test_symbols_are_trimmed_and_upper_case() -> None:
    assert check([[" brk.b ", "2024-01-02", *PRICES]]).parsed.symbols == ("BRK.B",)
