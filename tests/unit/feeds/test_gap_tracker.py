"""Which gaps a live feed has, and what of them is fetched as trades."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

from causeway.adapters.feeds.gap_tracker import GapTracker
from causeway.model.tick import QuoteTick, TradeTick
from causeway.ports.feed import Connection, ConnectionChange, Gap

START = datetime(2024, 3, 4, 15, 0, tzinfo=UTC)
LONGEST = timedelta(minutes=15)
MSFT, BOTH = frozenset({"MSFT"}), frozenset({"IBM", "MSFT"})


def _at(second: float) -> datetime:
    return START + timedelta(seconds=second)


def _trade(second: float, price: str = "10", symbol: str = "MSFT") -> TradeTick:
    return TradeTick(symbol, _at(second), Decimal(price), Decimal(100), _at(second), "live")


def _quote(second: float) -> QuoteTick:
    one = Decimal(1)
    return QuoteTick("MSFT", _at(second), one, one, one, one, _at(second), "live")


def _up(tracker: GapTracker, second: float, symbols: frozenset[str] = MSFT) -> list[Gap]:
    return tracker.note(ConnectionChange(Connection.UP, _at(second)), symbols)


def _lost(tracker: GapTracker, second: float) -> None:
    assert tracker.note(ConnectionChange(Connection.LOST, _at(second)), MSFT) == []


def _streaming() -> GapTracker:
    tracker = GapTracker(LONGEST)
    _up(tracker, 0)
    return tracker


def test_before_the_first_connection_everything_is_missing_since_whatever_is_stored() -> None:
    tracker = GapTracker(LONGEST)
    _lost(tracker, -1)
    (gap,) = _up(tracker, 0)
    assert (gap.symbol, gap.start, gap.trades) == ("MSFT", None, False)
    assert gap.end >= _at(0)
    assert not tracker.waits("MSFT")


def test_a_short_gap_is_filled_with_trades_from_the_last_one_on() -> None:
    tracker = _streaming()
    tracker.is_new(_trade(2))
    _lost(tracker, 3)
    (gap,) = _up(tracker, 8)
    assert (gap.start, gap.trades) == (_at(2), True)
    assert tracker.waits("MSFT")


def test_a_gap_of_more_than_the_longest_is_left_to_bars() -> None:
    tracker = _streaming()
    tracker.is_new(_trade(2))
    _lost(tracker, 3)
    (gap,) = _up(tracker, 16 * 60)
    assert (gap.start, gap.trades) == (_at(2), False)


def test_a_symbol_that_trades_seldom_has_no_longer_gap_than_the_connection() -> None:
    """The last trade was an hour ago; the provider was heard a second before the loss."""
    tracker = _streaming()
    tracker.is_new(_trade(2))
    tracker.heard(_quote(3600))
    _lost(tracker, 3601)
    (gap,) = _up(tracker, 3610)
    assert gap.trades
    assert gap.start == gap.end - LONGEST


def test_a_machine_that_slept_finds_its_loss_late_and_the_gap_is_as_long_as_the_sleep() -> None:
    tracker = _streaming()
    tracker.is_new(_trade(2))
    _lost(tracker, 7200)
    (gap,) = _up(tracker, 7201)
    assert (gap.start, gap.trades) == (_at(2), False)


def test_a_gap_that_ends_while_an_earlier_one_is_open_covers_both() -> None:
    tracker = _streaming()
    tracker.is_new(_trade(2))
    _lost(tracker, 3)
    (first,) = _up(tracker, 8)
    _lost(tracker, 10)
    (second,) = _up(tracker, 15)
    assert second.start == first.start
    assert not tracker.close(first)
    waiting = [_trade(9, "12")]
    assert tracker.close(second)
    history = [_trade(2), _trade(5, "11"), _trade(9, "12"), _trade(12, "13")]
    new = tracker.missed(second, history, waiting)
    assert [str(trade.price) for trade in new] == ["11", "12", "13"]
    assert not tracker.is_new(waiting[0])


def test_a_symbol_that_is_watched_later_misses_what_came_before() -> None:
    tracker = _streaming()
    assert tracker.added(MSFT, lambda: _at(60)) == []
    (gap,) = tracker.added(BOTH, lambda: _at(60))
    assert (gap.symbol, gap.start, gap.trades) == ("IBM", None, False)
    assert tracker.added(BOTH, lambda: _at(61)) == []


def test_a_symbol_that_was_added_while_the_connection_was_down_was_never_streamed() -> None:
    tracker = _streaming()
    tracker.is_new(_trade(2))
    _lost(tracker, 3)
    assert tracker.added(BOTH, lambda: _at(4)) == []
    assert [(gap.symbol, gap.start, gap.trades) for gap in _up(tracker, 8, BOTH)] == [
        ("IBM", None, False), ("MSFT", _at(2), True),
    ]  # fmt: skip


def test_a_process_that_goes_on_for_another_fills_the_time_between_though_nothing_was_traded_before() -> None:
    tracker = GapTracker(LONGEST)
    tracker.resume([], _at(0), MSFT)
    (gap,) = _up(tracker, 30)
    assert gap.trades
    assert gap.start is not None
    assert gap.start <= _at(0)
