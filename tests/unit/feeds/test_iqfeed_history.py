"""Requests and answers of IQFeed's lookup, administration and derivative ports.

Lines marked * are those of IQFeed.CSharpApiClient's tests (MIT); the rest follow IQFeed's documented formats.
"""

from __future__ import annotations

from datetime import UTC, date, datetime

import numpy as np
import pytest

from causeway.adapters.feeds.iqfeed import history, requests
from causeway.adapters.feeds.iqfeed.admin import parse_stats
from causeway.adapters.feeds.iqfeed.derivative_bars import parse_bar
from causeway.adapters.feeds.iqfeed.new_york import near, utc_micros
from causeway.errors import Denied, InvalidInput, NotFound, TooMany, Unavailable
from causeway.model.time import BarSize
from causeway.ports.feed import FetchControl

START, END = datetime(2021, 3, 1, 14, 30, tzinfo=UTC), datetime(2021, 3, 1, 21, 0, 0, 1, tzinfo=UTC)


def micros(*moments: datetime) -> list[int]:
    return [round(moment.timestamp()) * 1_000_000 + moment.microsecond for moment in moments]


def rows(*lines: str) -> list[list[str]]:
    return [line.split(",") for line in lines]


def test_requests_have_their_fields_in_place_and_wall_times_of_new_york() -> None:
    assert (
        requests.interval_bars("AAPL", 5, START, END, "T", ("093000", "160000"))
        == "HIT,AAPL,5,20210301 093000,20210301 160001,,093000,160000,1,T,,s,1"
    )
    assert requests.latest_interval_bars("AAPL", 60, 10, "T") == "HIX,AAPL,60,10,1,T,,s,1"
    assert requests.daily_bars("AAPL", date(2000, 1, 1), date(2010, 1, 1), "T") == "HDT,AAPL,20000101,20100101,,1,T,,0"
    assert requests.latest_daily_bars("AAPL", 180, "T") == "HDX,AAPL,180,1,T,,0"
    assert requests.ticks("AAPL", START, START, "T") == "HTT,AAPL,20210301 093000,20210301 093000,,,,1,T,"
    assert requests.latest_ticks("AAPL", 500, "T") == "HTX,AAPL,500,1,T,"


@pytest.mark.parametrize(
    ("ours", "recorded"),
    [
        (requests.latest_ticks("A", 1, "T"), "HTX,APPL,500,1,TEST,500"),  # *
        (
            requests.ticks("A", START, END, "T"),
            "HTT,AAPL,20000101 093000,20010101 160000,100000,093000,160000,1,TEST,500",  # *
        ),
        (requests.latest_interval_bars("A", 5, 1, "T"), "HIX,AAPL,5,10000,0,TEST,25000,v,0"),  # *
        (
            requests.interval_bars("A", 5, START, END, "T"),
            "HIT,APPL,5,20000101 093000,20010101 160000,25000,093000,160000,1,TEST,15000,s,0",  # *
        ),
    ],
)
def test_requests_have_as_many_fields_as_those_of_another_client(ours: str, recorded: str) -> None:
    assert ours.count(",") == recorded.count(",")


@pytest.mark.parametrize("symbol", ["", "MSFT\r\nwAAPL", "MS,FT", " MSFT", "MÜ"])
def test_what_is_no_symbol_is_not_sent(symbol: str) -> None:
    with pytest.raises(InvalidInput, match="symbol"):
        requests.latest_ticks(symbol, 1, "T")


def test_bars_come_as_high_low_open_close() -> None:
    bars = history.interval_columns(rows("2021-03-01 04:12:35,1.6400,1.6300,1.6310,1.6390,3646,1846,0,"))
    assert bars.time_us.tolist() == micros(datetime(2021, 3, 1, 9, 12, 35, tzinfo=UTC))
    assert (bars.open[0], bars.high[0], bars.low[0], bars.close[0], bars.volume[0]) == (
        1.631,
        1.64,
        1.63,
        1.639,
        1846.0,
    )


def test_days_are_stamped_with_their_date() -> None:
    bars = history.daily_columns(rows("2018-04-27,164.3300,160.6300,164.0000,162.3200,35655839,0,"))  # *
    assert bars.time_us.tolist() == micros(datetime(2018, 4, 27, tzinfo=UTC))
    assert (bars.open[0], bars.high[0], bars.low[0], bars.close[0]) == (164.0, 164.33, 160.63, 162.32)
    assert bars.volume[0] == 35_655_839


def test_trades_count_where_their_basis_is_c_or_e() -> None:
    found = history.trade_columns(
        rows(
            "2018-04-17 17:51:22.123456,96.0700,1061909,0,0.0000,0.0000,4145784264,O,19,143A,2,17",  # *
            "2018-04-17 17:51:22.123457,96.0800,100,0,0.0000,0.0000,4145784265,C,19,01,0,17",
            "2018-04-17 17:51:22.123457,96.0900,100,0,0.0000,0.0000,4145784266,E,19,17,0,17",
        )
    )
    assert found.eligible.tolist() == [False, True, True]
    assert found.trade_id.tolist() == [4145784264, 4145784265, 4145784266]
    assert found.time_us[0] == micros(datetime(2018, 4, 17, 21, 51, 22, 123_456, tzinfo=UTC))[0]


@pytest.mark.parametrize(
    ("wall", "utc"),
    [
        ("2024-03-10 01:59:59", datetime(2024, 3, 10, 6, 59, 59, tzinfo=UTC)),
        ("2024-03-10 03:00:00", datetime(2024, 3, 10, 7, 0, tzinfo=UTC)),
        ("2024-11-03 00:59:59", datetime(2024, 11, 3, 4, 59, 59, tzinfo=UTC)),
        ("2024-11-03 01:30:00", datetime(2024, 11, 3, 5, 30, tzinfo=UTC)),  # the first of the two
        ("2024-11-03 02:00:00", datetime(2024, 11, 3, 7, 0, tzinfo=UTC)),
    ],
)
def test_clock_changes(wall: str, utc: datetime) -> None:
    assert utc_micros([wall]).tolist() == micros(utc)


def test_hours_of_a_market_that_never_closes_ascend_through_the_repeated_one() -> None:
    """On 2024-11-03 New York's clocks showed 01:00 to 02:00 at 05:00 and again at 06:00 UTC."""
    stamps = ["00:00", "01:00", "01:00", "02:00"]
    bars = history.interval_columns(rows(*(f"2024-11-03 {at}:00,2.0,1.0,1.5,1.6,9,3,0," for at in stamps)))
    assert bars.time_us.tolist() == [micros(datetime(2024, 11, 3, hour, tzinfo=UTC))[0] for hour in (4, 5, 6, 7)]


def test_trades_at_one_stamp_stay_in_the_first_hour_until_the_clock_goes_back() -> None:
    walls = ["01:10:00", "01:59:59", "01:59:59", "01:00:00", "01:10:00", "02:00:00"]
    expected = [
        datetime(2024, 11, 3, 5, 10, tzinfo=UTC),
        datetime(2024, 11, 3, 5, 59, 59, tzinfo=UTC),
        datetime(2024, 11, 3, 5, 59, 59, tzinfo=UTC),
        datetime(2024, 11, 3, 6, 0, tzinfo=UTC),
        datetime(2024, 11, 3, 6, 10, tzinfo=UTC),
        datetime(2024, 11, 3, 7, 0, tzinfo=UTC),
    ]
    assert utc_micros([f"2024-11-03 {wall}" for wall in walls]).tolist() == [micros(at)[0] for at in expected]


def test_bars_that_go_back_at_another_hour_are_no_answer() -> None:
    stamps = ["03:00", "02:00"]
    with pytest.raises(Unavailable, match="do not ascend"):
        history.interval_columns(rows(*(f"2024-11-03 {at}:00,2.0,1.0,1.5,1.6,9,3,0," for at in stamps)))


def test_a_clock_without_a_date_means_the_nearest_moment() -> None:
    now = datetime(2021, 3, 30, 3, 59, tzinfo=UTC)  # 23:59 in New York
    late, early = datetime(2021, 3, 30, 3, 58, tzinfo=UTC), datetime(2021, 3, 30, 4, 1, tzinfo=UTC)
    assert near(datetime(1, 1, 1, 23, 58).time(), now) == late  # noqa: DTZ001
    assert near(datetime(1, 1, 1, 0, 1).time(), now) == early  # noqa: DTZ001


@pytest.mark.parametrize(
    "line",
    [
        "2021-03-01 04:12:35,1.6400,1.6300",
        "2021-03-01 04:12:35,high,low,open,close,1,1,0,",
        "2021-03-01 04:12:35,nan,1.6300,1.6310,1.6390,3646,1846,0,",
        "2021-03-01 04:12:35,,1.6300,1.6310,1.6390,3646,1846,0,",
        "NaT,1.6400,1.6300,1.6310,1.6390,3646,1846,0,",
        "yesterday,1.6400,1.6300,1.6310,1.6390,3646,1846,0,",
    ],
)
def test_a_row_that_cannot_be_read_spoils_the_answer(line: str) -> None:
    with pytest.raises(Unavailable, match="cannot be read"):
        history.interval_columns(rows(line))


def test_bars_that_do_not_ascend_spoil_the_answer() -> None:
    line = "2021-03-01 04:12:35,1.6400,1.6300,1.6310,1.6390,3646,1846,0,"
    with pytest.raises(Unavailable, match="ascend"):
        history.interval_columns(rows(line, line))


class Wire:
    """What a lookup socket would give, packet by packet."""

    def __init__(self, *packets: list[str]) -> None:
        self._packets = list(packets)
        self.sent: tuple[str, ...] = ()

    def send(self, *lines: str) -> None:
        self.sent = lines

    def read(self, timeout_s: float) -> list[str]:
        if not self._packets:
            raise Unavailable("closed")
        return self._packets.pop(0)

    def silent_s(self) -> float:
        return 0.0


def ask(*packets: list[str]) -> list[history.Row]:
    return history.ask(Wire(*packets), "HTX,MSFT,1", "C1", 1.0, FetchControl())  # type: ignore[arg-type]


def test_rows_are_those_with_the_requests_id_up_to_the_end() -> None:
    found = ask(["S,CURRENT PROTOCOL,6.2"], ["C1,LH,a,b", "C1,LH,c,d"], ["C1,!ENDMSG!,", "C1,LH,late,"])
    assert found == [["a", "b"], ["c", "d"]]


def test_no_data_is_no_row() -> None:
    assert ask(["C1,E,!NO_DATA!,,", "C1,!ENDMSG!,"]) == []


def test_an_answer_without_its_end_is_none() -> None:
    with pytest.raises(Unavailable, match="closed"):
        ask(["C1,LH,a,b"])


def test_another_requests_row_is_not_taken_for_ours() -> None:
    with pytest.raises(Unavailable, match="cannot be read"):
        ask(["C2,LH,a,b"])


@pytest.mark.parametrize(
    ("line", "error", "says"),
    [
        ("C1,E,Invalid symbol.,", NotFound, "MSFT"),
        ("C1,E,Unauthorized user ID.,", Denied, "IQConnect"),
        ("E,!SYNTAX_ERROR!,", InvalidInput, "HTX,MSFT,1"),
        ("C1,E,Invalid number of parameters.,", InvalidInput, "HTX,MSFT,1"),
        ("C1,E,Unknown Server Error code 0.,", Unavailable, "Unknown Server Error"),
        ("\x00\xff", Unavailable, "cannot be read"),
    ],
)
def test_errors_are_told_apart(line: str, error: type[Exception], says: str) -> None:
    with pytest.raises(error, match=says):
        ask([line])


def test_the_state_of_iqconnect() -> None:
    stats = parse_stats("S,STATS,,,0,0,1,0,0,0,,,Not Connected,6.0.0.4,474614,0,0,,0.02,0.02,,")  # *
    assert (stats.connected, stats.version, stats.login, stats.symbols) == (False, "6.0.0.4", "474614", 0)
    with pytest.raises(Unavailable, match="S,STATS"):
        parse_stats("S,STATS,1")


@pytest.mark.parametrize(("kind", "complete"), [("BH", True), ("BC", True), ("BU", False)])
@pytest.mark.parametrize("prefix", ["", "B1,"])
def test_live_bars_come_as_open_high_low_close_by_their_end(prefix: str, kind: str, complete: bool) -> None:
    found = parse_bar(f"{prefix}{kind},AAPL,2021-03-30 10:01:00,121.1,121.9,121.0,121.5,500,200,0,", BarSize.MINUTE_1)
    assert found is not None
    assert (found.symbol, found.complete) == ("AAPL", complete)
    bar = found.bar
    assert bar.time == datetime(2021, 3, 30, 14, 0, tzinfo=UTC)
    np.testing.assert_array_equal(
        (bar.open, bar.high, bar.low, bar.close, bar.volume), (121.1, 121.9, 121.0, 121.5, 200.0)
    )


def test_other_lines_of_the_derivative_port() -> None:
    assert parse_bar("S,KEY,0", BarSize.MINUTE_1) is None
    with pytest.raises(NotFound, match="NOPE"):
        parse_bar("B1,n,NOPE", BarSize.MINUTE_1)
    with pytest.raises(TooMany):
        parse_bar("S,SYMBOL LIMIT REACHED,AAPL", BarSize.MINUTE_1)
    with pytest.raises(Unavailable, match="cannot be read"):
        parse_bar("B1,BU,AAPL,never,1", BarSize.MINUTE_1)
