"""The journal of trades: what a process that goes on for another knows, and what it must not believe."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from causeway.adapters.messaging.spool import Spool
from causeway.model.tick import TradeTick
from causeway.streaming.live_market import LiveTrade
from containers.stream.live_writer import TRADES
from containers.stream.trade_journal import TradeJournal

NOON = datetime(2026, 3, 2, 17, 0, tzinfo=UTC)


def _at(second: float) -> datetime:
    return NOON + timedelta(seconds=second)


def _trade(second: float) -> LiveTrade:
    return LiveTrade(7, TradeTick("AAA", _at(second), Decimal(10), Decimal(1), _at(second), "test"))


@pytest.fixture
def spool(tmp_path: Path) -> Iterator[Spool]:
    with closing(Spool(tmp_path, [TRADES], droppable=[TRADES], max_bytes=1 << 20)) as opened:
        yield opened


@pytest.fixture
def journal(spool: Spool) -> TradeJournal:
    return TradeJournal(spool, spool.append)


def test_a_process_that_goes_on_knows_the_trades_and_up_to_when_there_were_no_others(journal: TradeJournal) -> None:
    journal.keep([_trade(1)], _at(1), _at(1))
    journal.keep([_trade(2)], _at(2), _at(2))
    journal.keep([], _at(9), _at(9))
    found = journal.load(_at(60))
    assert found is not None
    assert (found.trades, found.since, found.until) == ([_trade(1).tick, _trade(2).tick], _at(1), _at(9))


def test_a_step_without_trades_is_kept_once_a_second(journal: TradeJournal, spool: Spool) -> None:
    for step in range(250):
        journal.keep([], _at(step / 50), _at(step / 50))
    assert len(spool.read(TRADES)) == 5


def test_while_trades_are_missing_the_time_up_to_which_all_is_told_stands_still(journal: TradeJournal) -> None:
    journal.keep([_trade(1)], _at(1), _at(1))
    for second in range(2, 200):
        journal.keep([], _at(1), _at(second))
        journal.trim(_at(1))
    found = journal.load(_at(201))
    assert found is not None
    assert (found.trades, found.until) == ([_trade(1).tick], _at(1))


def test_three_minutes_are_kept(journal: TradeJournal) -> None:
    for second in (0, 60, 120, 240):
        journal.keep([_trade(second)], _at(second), _at(second))
    journal.trim(_at(241))
    found = journal.load(_at(242))
    assert found is not None
    assert [trade.time for trade in found.trades] == [_at(120), _at(240)]


def test_after_a_quarter_of_an_hour_nothing_goes_on(journal: TradeJournal) -> None:
    journal.keep([_trade(1)], _at(1), _at(1))
    assert journal.load(_at(1) + timedelta(minutes=15, seconds=1)) is None
    assert journal.load(_at(2)) is None


def test_no_bar_goes_on_from_before_a_gap_that_bars_fill(journal: TradeJournal) -> None:
    """The trades of the gap are nobody's; a bar of before it or in it would be made of a part of its trades."""
    journal.keep([_trade(1)], _at(1), _at(1))
    journal.begin_at(_at(20))
    journal.keep([_trade(15)], _at(15), _at(15))
    journal.keep([_trade(25)], _at(25), _at(25))
    found = journal.load(_at(30))
    assert found is not None
    assert ([trade.time for trade in found.trades], found.since) == ([_at(25)], _at(25))


def test_before_the_first_connection_nothing_is_known(journal: TradeJournal) -> None:
    journal.wait()
    journal.keep([], _at(1), _at(1))
    assert journal.load(_at(2)) is None
    journal.begin_at(_at(5))
    journal.keep([], _at(6), _at(6))
    assert journal.load(_at(7)) is not None
