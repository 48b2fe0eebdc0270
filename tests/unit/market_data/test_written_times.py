"""Times in the forms that other programs write, and how a file says what they mean."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from causeway.errors import InvalidInput
from causeway.market_data.columns import map_columns
from causeway.market_data.ingestion import CheckOptions, IngestionRequest, check_rows
from causeway.market_data.quarantined import read_bar
from causeway.market_data.written_times import NO_TIME, Stamp, read_date_and_clock, read_time
from causeway.model.time import BarSize
from tests.unit.market_data.rows import NOW, every_weekday

PRICES = ["10", "12", "9", "11", "100"]
HEADER = ["time", "open", "high", "low", "close", "volume"]


def starts(times: list[list[str]], header: list[str], **options: object) -> list[str]:
    mapping = map_columns(header, symbol="X")
    rows = enumerate(([*one, *PRICES] for one in times), start=2)
    checked = check_rows(rows, mapping, CheckOptions(NOW, **options), every_weekday)  # type: ignore[arg-type]
    return [datetime.fromtimestamp(at / 1e6, UTC).isoformat() for at in checked.time_us.tolist()]


@pytest.mark.parametrize("text", ["\u00b2" * 10, "\u2460" * 13, "\u00b2\u00b2:00"])
def test_signs_that_are_digits_and_no_numbers_are_no_time(text: str) -> None:
    """Superscripts and numbers in circles: str.isdigit() says yes, and int() refuses them."""
    assert read_time(text)[0] == NO_TIME
    assert read_date_and_clock("2024-01-31", text)[0] == NO_TIME


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2024/01/31", "2024-01-31T00:00:00+00:00"),
        ("2024/1/31 09:30", "2024-01-31T09:30:00+00:00"),
        ("2024.01.31 14:30", "2024-01-31T14:30:00+00:00"),  # MetaTrader
        ("2024-01-31 14:30:00 UTC", "2024-01-31T14:30:00+00:00"),
        ("20240131 143000", "2024-01-31T14:30:00+00:00"),  # HistData
        ("1706711400.0", "2024-01-31T14:30:00+00:00"),  # pandas, where a column has a hole
        ("1706711400000.000", "2024-01-31T14:30:00+00:00"),
    ],
)
def test_one_moment_is_read(text: str, moment: str) -> None:
    assert read_time(text)[0] == round(datetime.fromisoformat(moment).timestamp() * 1e6)


@pytest.mark.parametrize(
    "text", ["01/31/2024", "31.01.2024", "2024/31/01", "2024.01/31", "2024/01/311", "31-Jan-2024", "1706711400.5"]
)
def test_what_could_mean_two_moments_or_none_is_not_read(text: str) -> None:
    assert read_time(text)[0] == NO_TIME


@pytest.mark.parametrize(
    ("day", "clock", "moment"),
    [
        ("2024-01-31", "14:30", "2024-01-31T14:30:00+00:00"),
        ("2024.01.31", "14:30:00", "2024-01-31T14:30:00+00:00"),
        ("20240131", "143000", "2024-01-31T14:30:00+00:00"),
        ("2024-01-31", "9:30", "2024-01-31T09:30:00+00:00"),
        ("2024-01-31 00:00:00", "09:30:00.250", "2024-01-31T09:30:00.250000+00:00"),
        ("2024-01-30", "2024-01-31T14:30:00Z", "2024-01-31T14:30:00+00:00"),  # a whole moment stands for itself
    ],
)
def test_a_date_and_a_clock_are_one_time(day: str, clock: str, moment: str) -> None:
    assert read_date_and_clock(day, clock)[0] == round(datetime.fromisoformat(moment).timestamp() * 1e6)


def test_a_clock_may_carry_the_offset() -> None:
    wall, offset = read_date_and_clock("2024-01-31", "09:30:00-05:00")
    assert (wall - offset) / 1e6 == datetime(2024, 1, 31, 14, 30, tzinfo=UTC).timestamp()


@pytest.mark.parametrize(("day", "clock"), [("2024-01-31", "25:00"), ("", "09:30"), ("2024-01-31", ""),
                                            ("2024-01-31 09:30", "09:30"), ("2024-01-31Z", "09:30")])  # fmt: skip
def test_halves_that_do_not_fit_are_no_time(day: str, clock: str) -> None:
    assert read_date_and_clock(day, clock)[0] == NO_TIME


def test_columns_date_and_time_are_two_halves_unless_the_mapping_says_otherwise() -> None:
    header = ["Date", "Time", *HEADER[1:]]
    assert {name: map_columns(header, symbol="X").shown()[name] for name in ("time", "clock")} == {
        "time": "Date",
        "clock": "Time",
    }
    assert "clock" not in map_columns(header, symbol="X", given={"time": "Date"}).shown()
    named = map_columns(["d", "t", *HEADER[1:]], symbol="X", given={"time": "d", "clock": "t"})
    assert (named.shown()["time"], named.shown()["clock"]) == ("d", "t")


def test_a_file_with_date_and_time() -> None:
    times = [["2024-01-31", "09:30"], ["2024-01-31", "09:31"]]
    found = starts(times, ["date", *HEADER], time_zone="America/New_York")
    assert found == ["2024-01-31T14:30:00+00:00", "2024-01-31T14:31:00+00:00"]


def test_days_whose_clock_is_midnight_are_days() -> None:
    assert starts([["20240130", "000000"], ["20240131", "000000"]], ["date", *HEADER]) == [
        "2024-01-30T00:00:00+00:00",
        "2024-01-31T00:00:00+00:00",
    ]


def test_a_half_that_cannot_be_read_is_a_bad_time_with_both_halves() -> None:
    mapping = map_columns(["date", *HEADER], symbol="X")
    rows = [(2, ["2024-01-31", "25:00", *PRICES]), (3, ["2024-01-31", "09:31", *PRICES])]
    checked = check_rows(rows, mapping, CheckOptions(NOW, BarSize.MINUTE_1, "UTC"), every_weekday)
    [finding] = checked.findings.by_row[0]
    assert finding.code == "bad_time"
    assert "2024-01-31 25:00" in finding.message


def test_end_stamps_become_starts() -> None:
    """IBM of 2020-11-23, whose first minute after 04:00 in New York Alpha Vantage labelled 04:01."""
    times = [["2020-11-23 04:01:00"], ["2020-11-23 04:02:00"]]
    found = starts(times, HEADER, time_zone="America/New_York", stamp=Stamp.END)
    assert found == ["2020-11-23T09:00:00+00:00", "2020-11-23T09:01:00+00:00"]


def test_days_keep_their_date_whatever_their_stamp() -> None:
    assert starts([["2024-01-30"], ["2024-01-31"]], HEADER, stamp=Stamp.END)[0] == "2024-01-30T00:00:00+00:00"


@pytest.mark.parametrize(
    ("text", "zone", "day"),
    [
        ("1706626800", "Asia/Tokyo", "2024-01-31"),  # 2024-01-30T15:00Z, midnight of the 31st in Tokyo
        ("2024-01-30T15:00:00Z", "Asia/Tokyo", "2024-01-31"),
        ("1706626800", None, "2024-01-30"),
        ("1706677200", "America/New_York", "2024-01-31"),  # 05:00Z, midnight in New York
        ("1706659200", "America/New_York", "2024-01-31"),  # midnight UTC is a date and no moment
        ("2024-01-31T00:00:00+09:00", "Europe/London", "2024-01-31"),  # a date as written
        ("1718060400", "Europe/London", "2024-06-11"),  # 2024-06-10T23:00Z, midnight of British summer
    ],
)
def test_a_day_written_as_a_moment_of_utc_is_that_of_the_files_zone(text: str, zone: str | None, day: str) -> None:
    options = {"bar_size": BarSize.DAY_1, "time_zone": zone}
    assert starts([[text]], HEADER, **options) == [f"{day}T00:00:00+00:00"]


def test_rows_in_quarantine_are_read_as_their_file_was() -> None:
    request = IngestionRequest("x.csv", time_zone="America/New_York", stamp=Stamp.END)
    columns = {"time": "d", "clock": "t", **request.reading()}
    raw = {"d": "2020-11-23", "t": "04:01", **dict(zip(HEADER[1:], PRICES, strict=True))}
    bar = read_bar(raw, columns, BarSize.MINUTE_1)
    assert bar is not None
    assert bar.time == datetime(2020, 11, 23, 9, 0, tzinfo=UTC)
    tokyo = IngestionRequest("x.csv", time_zone="Asia/Tokyo").reading()
    day = read_bar({**raw, "time": "1706626800"}, tokyo, BarSize.DAY_1)
    assert day is not None
    assert day.time == datetime(2024, 1, 31, tzinfo=UTC)


def test_a_file_without_a_header_is_called_that() -> None:
    with pytest.raises(InvalidInput, match=r"no header, and its columns are called #1, #2.*--map time=#1"):
        map_columns(["#1", "#2", "#3", "#4", "#5"], symbol="X")
