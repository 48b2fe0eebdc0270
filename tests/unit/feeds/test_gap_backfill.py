"""Gaps of a live feed filled from history, neither losing nor repeating a trade."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Collection, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import numpy as np

from causeway.adapters.feeds.gap_backfill import BackfilledFeed
from causeway.errors import Unavailable
from causeway.model.tick import TickColumns, TradeTick
from causeway.ports.feed import Connection, ConnectionChange, FeedEvent, FetchControl, Gap, GapFilled, MissedTrades

PATIENCE_S = 10.0
START = datetime(2024, 3, 4, 15, 0, tzinfo=UTC)


def at(second: float) -> datetime:
    return START + timedelta(seconds=second)


def trade(second: float, price: str, symbol: str = "MSFT", size: int = 100) -> TradeTick:
    return TradeTick(symbol, at(second), Decimal(price), Decimal(size), at(second), "live", trade_id="7")


def change(second: float, state: Connection) -> ConnectionChange:
    return ConnectionChange(state, at(second))


class ScriptedLive:
    """Tells its events, then is quiet until ``over``."""

    name = "live"
    tells_halts = False

    def __init__(self, *events: FeedEvent) -> None:
        self._events = events
        self.symbols: Collection[str] = ()

    def subscribe(self, symbols: Collection[str]) -> None:
        self.symbols = symbols

    def events(self, should_stop: Callable[[], bool], timeout_s: float) -> Iterator[FeedEvent | None]:
        yield from self._events
        while not should_stop():
            yield None


class Tape:
    """All trades that there were."""

    name = "tape"

    def __init__(self, *trades: TradeTick, fails: Exception | None = None) -> None:
        self._trades, self._fails = trades, fails
        self.asked: list[tuple[str, datetime, datetime]] = []

    def trades(self, symbol: str, start: datetime, end: datetime, control: FetchControl) -> Iterator[TickColumns]:
        self.asked.append((symbol, start, end))
        if self._fails:
            raise self._fails
        mine = [one for one in self._trades if one.symbol == symbol and start <= one.time < end]
        micros = [(one.time - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1) for one in mine]
        yield TickColumns(
            np.array(micros, dtype=np.int64),
            np.array([float(one.price) for one in mine]),
            np.array([float(one.size) for one in mine]),
            np.ones(len(mine), dtype=np.bool_),
            np.zeros(len(mine), dtype=np.int64),
        )


def run(
    live: ScriptedLive, tape: Tape, count: int, *symbols: str, gaps: list[FeedEvent] | None = None
) -> list[FeedEvent]:
    """The first ``count`` events but those of gaps, and any that come within a few turns after them."""
    feed = BackfilledFeed(live, tape)
    feed.subscribe(symbols or ("MSFT",))
    heard: list[FeedEvent] = []
    told = [] if gaps is None else gaps
    deadline, turns = time.monotonic() + PATIENCE_S, 20
    stop = threading.Event()
    for event in feed.events(stop.is_set, 0.01):
        if isinstance(event, Gap | GapFilled):
            told.append(event)
        elif event is not None:
            heard.append(event)
        turns -= len(heard) >= count
        if turns == 0 or time.monotonic() > deadline:
            stop.set()
    assert turns == 0, f"only {len(heard)} of {count} events: {heard}"
    return heard


def prices(events: list[FeedEvent]) -> list[str]:
    return [str(event.price) for event in events if isinstance(event, TradeTick)]


def test_missed_trades_come_before_newer_ones_marked_as_history() -> None:
    tape = Tape(trade(1, "10.5"), trade(5, "11.5"), trade(6, "12.5"), trade(9, "13.5"))
    live = ScriptedLive(
        change(0, Connection.UP),
        trade(1, "10.5"),
        change(3, Connection.LOST),
        change(8, Connection.UP),
        trade(9, "13.5"),
    )
    heard = run(live, tape, 7)
    assert prices(heard) == ["10.5", "11.5", "12.5", "13.5"]
    sources = [event.source for event in heard if isinstance(event, TradeTick)]
    assert sources == ["live", "tape history", "tape history", "tape history"]


def test_a_trade_that_both_tell_is_told_once_and_two_equal_trades_are_two() -> None:
    twice = trade(2, "10.5")
    tape = Tape(twice, twice, twice, trade(9, "11.5"))
    live = ScriptedLive(
        change(0, Connection.UP),
        twice,
        twice,
        change(3, Connection.LOST),
        change(8, Connection.UP),
        trade(9, "11.5"),
        trade(10, "12.5"),
    )
    assert prices(run(live, tape, 8)) == ["10.5", "10.5", "10.5", "11.5", "12.5"]


def test_history_is_asked_from_the_last_trade_of_each_symbol() -> None:
    tape = Tape(trade(5, "20.5", "IBM"), trade(5, "11.5"))
    live = ScriptedLive(
        change(0, Connection.UP), trade(2, "10.5"), change(3, Connection.LOST), change(8, Connection.UP)
    )
    run(live, tape, 6, "IBM", "MSFT")
    starts = {symbol: start for symbol, start, _ in tape.asked}
    assert starts["MSFT"] == at(2)
    assert starts["IBM"] < at(0)  # it never traded: from when the stream came up
    assert all(end > at(8) for _, _, end in tape.asked)


def test_the_first_connection_and_failed_tries_before_it_leave_no_gap() -> None:
    tape = Tape(trade(1, "10.5"))
    live = ScriptedLive(change(0, Connection.LOST), change(2, Connection.UP), trade(3, "11.5"))
    assert prices(run(live, tape, 3)) == ["11.5"]
    assert tape.asked == []


def test_what_history_cannot_give_is_told_and_the_stream_goes_on() -> None:
    tape = Tape(fails=Unavailable("history is down"))
    live = ScriptedLive(
        change(0, Connection.UP), change(3, Connection.LOST), change(8, Connection.UP), trade(9, "13.5")
    )
    heard = run(live, tape, 5)
    missed = [event for event in heard if isinstance(event, MissedTrades)]
    assert [(one.symbol, one.reason) for one in missed] == [("MSFT", "history is down")]
    assert prices(heard) == ["13.5"]


def test_a_fault_of_ours_does_not_hold_up_trades_for_ever() -> None:
    live = ScriptedLive(
        change(0, Connection.UP), change(3, Connection.LOST), change(8, Connection.UP), trade(9, "13.5")
    )
    heard = run(live, Tape(fails=ZeroDivisionError("bug")), 5)
    assert prices(heard) == ["13.5"]
    assert [event.reason for event in heard if isinstance(event, MissedTrades)] == ["bug"]


def test_a_trade_that_history_may_repeat_is_recognised_after_a_second_loss() -> None:
    tape = Tape(trade(5, "10.5"), trade(12, "11.5"))
    live = ScriptedLive(
        change(0, Connection.UP),
        change(3, Connection.LOST),
        change(8, Connection.UP),
        change(10, Connection.LOST),
        change(15, Connection.UP),
    )
    assert prices(run(live, tape, 7)) == ["10.5", "11.5"]


def test_symbols_without_a_gap_of_their_own_do_not_wait() -> None:
    """A trade of a symbol that was subscribed after the loss goes on at once."""
    tape = Tape(trade(5, "10.5"))
    other = replace(trade(9, "99.5"), symbol="IBM")
    live = ScriptedLive(change(0, Connection.UP), change(3, Connection.LOST), change(8, Connection.UP), other)
    heard = run(live, tape, 5)
    assert other in heard


def test_a_market_whose_clock_is_ahead_of_ours_has_its_gaps_filled() -> None:
    def fast(second: float, price: str) -> TradeTick:
        return replace(trade(second + 60, price), received_at=at(second))

    tape = Tape(fast(2, "10.5"), fast(5, "11.5"), fast(9, "12.5"))
    live = ScriptedLive(
        change(0, Connection.UP), fast(2, "10.5"), change(3, Connection.LOST), change(8, Connection.UP), fast(9, "12.5")
    )
    assert prices(run(live, tape, 6)) == ["10.5", "11.5", "12.5"]
