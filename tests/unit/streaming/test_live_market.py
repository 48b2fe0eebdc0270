"""What a live market shows, keeps out, and makes bars of; times and prices are given."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from causeway.model.tick import Quote, QuoteTick, TradeCorrection, TradeTick
from causeway.model.time import BarSize, micros
from causeway.streaming.live_market import InstrumentSpan, LiveMarket
from causeway.streaming.live_records import (
    pack_bars,
    pack_quotes,
    pack_trades,
    packed_us,
    unpack_bars,
    unpack_quotes,
    unpack_trades,
)

OPEN = datetime(2026, 3, 2, 14, 30, tzinfo=UTC)
ALWAYS = InstrumentSpan(7, -(2**63), 2**63 - 1)


def _market(**spans: list[InstrumentSpan]) -> LiveMarket:
    return LiveMarket(Decimal("0.2"), spans=spans or {"AAA": [ALWAYS]})


def _quote(bid: str | None, ask: str | None, second: float = 0.0) -> QuoteTick:
    at = OPEN + timedelta(seconds=second)
    sides = [None if side is None else Decimal(side) for side in (bid, ask)]
    return QuoteTick("AAA", at, sides[0], sides[1], Decimal(1), Decimal(2), at, "test")


def _trade(price: str, size: str = "10", second: float = 0.0, *, number: str = "", eligible: bool = True) -> TradeTick:
    at = OPEN + timedelta(seconds=second)
    return TradeTick("AAA", at, Decimal(price), Decimal(size), at, "test", number, eligible=eligible)


def _shown(market: LiveMarket, second: float = 1.0) -> list[Quote]:
    return list(market.drain(OPEN + timedelta(seconds=second)).quotes)


def test_quotes_of_one_step_are_conflated_and_carry_last_trade_and_volume() -> None:
    market = _market()
    for event in (
        _trade("10.01", "30"),
        _quote("10.00", "10.02"),
        _quote("10.01", "10.03", 0.1),
        _trade("10.02", "20"),
    ):
        market.take(event)
    (quote,) = _shown(market)
    assert (quote.bid, quote.ask, quote.last, quote.volume) == tuple(map(Decimal, ("10.01", "10.03", "10.02", "50")))
    assert _shown(market) == []


def test_until_a_trade_the_last_price_is_the_middle() -> None:
    market = _market()
    market.take(_quote("10.00", "10.02"))
    assert _shown(market)[0].last == Decimal("10.01")


def test_a_trade_that_makes_no_price_counts_for_volume_only() -> None:
    market = _market()
    for event in (_trade("10"), _quote("9.99", "10.01"), _trade("10.5", "1", eligible=False)):
        market.take(event)
    (quote,) = _shown(market)
    assert (quote.last, quote.volume) == (Decimal(10), Decimal(11))


@pytest.mark.parametrize(("source", "volume"), [("alpaca", 40), ("iqfeed", 10), ("iqfeed history", 10)])
def test_what_makes_no_price_makes_no_volume_in_bars_of_iqfeed(source: str, volume: float) -> None:
    """IQFeed's own interval records leave such trades out; the US tapes count an odd lot's volume."""
    market = _market()
    for number, (size, eligible) in enumerate([("10", True), ("30", False)]):
        market.take(replace(_trade("10", size, 0.1, number=str(number), eligible=eligible), source=source))
    bars = market.drain(OPEN + timedelta(seconds=2)).bars
    assert [bar.bar.volume for bar in bars if bar.bar_size is BarSize.SECOND_1] == [volume]


@pytest.mark.parametrize(
    ("bid", "ask", "code"),
    [
        ("10.02", "10.00", "crossed_quote"),
        ("0", "10", "non_positive"),
        ("-1", "10", "non_positive"),
        ("10", None, "one_sided"),
        (None, "10", "one_sided"),
    ],
)
def test_a_flagged_quote_is_counted_and_not_shown(bid: str | None, ask: str | None, code: str) -> None:
    market = _market()
    market.take(_quote(bid, ask))
    assert (_shown(market), market.counts[code]) == ([], 1)


def test_a_wide_quote_is_counted_and_shown() -> None:
    market = _market()
    for bid, ask in (("10", "12.01"), ("10", "12")):
        market.take(_quote(bid, ask))
    assert (len(_shown(market)), market.counts["wide_quote"]) == (1, 1)


def test_a_locked_quote_is_shown() -> None:
    market = _market()
    market.take(_quote("10", "10"))
    assert len(_shown(market)) == 1


def test_a_jump_is_held_and_a_new_level_is_taken_after_three_in_a_row() -> None:
    market = _market()
    market.take(_trade("10", second=0))
    market.take(_trade("100", second=1))  # a misprint
    market.take(_trade("10.1", second=2))
    assert [one.tick.price for one in market.drain(OPEN).trades] == [Decimal(10), Decimal("10.1")]
    for second, price in enumerate(("14", "14.1", "14.2"), 3):  # reopened after a halt
        market.take(_trade(price, second=second))
    assert [str(one.tick.price) for one in market.drain(OPEN).trades] == ["14", "14.1", "14.2"]
    assert market.counts["jump"] == 3


def test_an_older_quote_does_not_replace_a_newer_one() -> None:
    market = _market()
    market.take(_quote("10", "10.1", 1.0))
    market.take(_quote("9", "9.1", 0.5))
    assert (_shown(market)[0].bid, market.counts["late_quotes"]) == (Decimal(10), 1)


def test_a_symbol_means_what_it_meant_at_the_time_of_the_trade() -> None:
    renamed = micros(OPEN + timedelta(seconds=10))
    market = _market(AAA=[InstrumentSpan(1, -(2**63), renamed), InstrumentSpan(2, renamed, 2**63 - 1)])
    market.take(_trade("10", second=9))
    market.take(_trade("10", second=11))
    assert [one.instrument_id for one in market.drain(OPEN).trades] == [1, 2]


def test_a_symbol_without_an_instrument_is_counted_and_shown_to_nobody() -> None:
    market = _market(BBB=[ALWAYS])
    market.take(_quote("10", "10.1"))
    assert (_shown(market), market.counts["unknown_symbol"]) == ([], 1)


def test_seconds_and_minutes_are_complete_half_a_second_after_their_end() -> None:
    market = _market()
    for price, second in (("10", 0.1), ("12", 0.2), ("11", 0.9), ("13", 30.0)):
        market.take(_trade(price, second=second))
    assert [bar.bar_size for bar in market.drain(OPEN + timedelta(seconds=59)).bars] == [BarSize.SECOND_1] * 2
    (minute,) = market.drain(OPEN + timedelta(seconds=60.5)).bars
    assert (minute.bar_size, minute.instrument_id) == (BarSize.MINUTE_1, 7)
    assert minute.bar[:7] == (micros(OPEN), 10.0, 13.0, 10.0, 13.0, 40.0, 4)


def test_a_bar_that_began_before_the_feed_did_is_not_stored() -> None:
    market = _market()
    market.complete_from_us = micros(OPEN) + 1
    market.take(_trade("10", second=1))
    bars = market.drain(OPEN + timedelta(minutes=2)).bars
    assert ([bar.bar_size for bar in bars], market.counts["partial_bars"]) == ([BarSize.SECOND_1], 1)


def test_a_late_trade_is_not_the_last_one() -> None:
    market = _market()
    market.take(_quote("10", "12"))
    for price, second in (("10", 1.0), ("11", 3.0), ("10.5", 2.0)):
        market.take(_trade(price, second=second))
    assert _shown(market)[0].last == Decimal(11)


def test_a_correction_and_a_bust_amend_a_bar_that_was_handed_out() -> None:
    market = _market()
    for price, second, number in (("10", 0.0, "a"), ("12", 0.5, "b"), ("10", 2.0, "c")):
        market.take(_trade(price, second=second, number=number))
    market.drain(OPEN + timedelta(seconds=2))
    market.take(TradeCorrection("AAA", "b", _trade("11", second=0.5, number="b"), OPEN, "test"))
    (amended,) = market.drain(OPEN + timedelta(seconds=2)).bars
    assert (amended.bar.high, amended.bar.version) == (11.0, 2)
    for number in ("a", "b"):
        market.take(TradeCorrection("AAA", number, None, OPEN, "test"))
    assert market.drain(OPEN + timedelta(seconds=2)).bars[-1].bar.withdrawn


def test_a_bust_takes_its_size_from_the_volume_shown_once() -> None:
    market = _market()
    for event in (
        _trade("10", "30", number="a"),
        _trade("10", "20", number="b"),
        _trade("10", "5.5", number="c"),
        _quote("10", "10.02"),
    ):
        market.take(event)
    for _ in range(2):
        market.take(TradeCorrection("AAA", "b", None, OPEN, "test"))
    assert _shown(market)[0].volume == Decimal("35.5")
    market.take(TradeCorrection("AAA", "c", _trade("10", "7", number="d"), OPEN, "test"))
    assert _shown(market)[0].volume == Decimal(37)
    market.take(TradeCorrection("AAA", "d", None, OPEN, "test"))
    assert _shown(market)[0].volume == Decimal(30)


def test_a_bust_of_a_trade_that_is_no_longer_held_goes_by_what_the_source_repeats_of_it() -> None:
    market = _market()
    for event in (_trade("10", "30", number="a"), _trade("10", "20", 3600, number="b"), _quote("10", "10.02", 3600)):
        market.take(event)
    market.drain(OPEN + timedelta(hours=2))
    early, yesterday = _trade("10", "30", number="a"), replace(_trade("10", "8"), time=OPEN - timedelta(days=1))
    for _ in range(2):
        market.take(TradeCorrection("AAA", "a", None, OPEN, "test", earlier=early))
    market.take(TradeCorrection("AAA", "z", None, OPEN, "test", earlier=yesterday))
    assert _shown(market, 7200)[0].volume == Decimal(20)


def test_bars_go_on_from_restored_trades() -> None:
    before, after = _market(), _market()
    trades = [_trade("10", second=1), _trade("12", second=20)]
    after.restore(trades)
    for trade in trades:
        before.take(trade)
    last = _trade("11", second=40)
    for market in (before, after):
        market.take(last)
    later = OPEN + timedelta(minutes=2)
    assert list(after.drain(later).bars) == list(before.drain(later).bars)


def test_the_day_s_volume_goes_on_from_the_stored_quote_and_begins_anew_with_the_day() -> None:
    market = _market()
    one = Decimal(1)
    stored = Quote("AAA", 7, one * 9, one * 11, one * 10, one, one, one * 500, OPEN, OPEN, "test")
    market.seed([stored])
    market.take(_quote("9.9", "10.1", 1))
    market.take(_trade("10", "25", second=2))
    assert _shown(market)[0].volume == Decimal(525)
    market.take(_trade("10", "5", second=86_400))
    assert _shown(market)[0].volume == Decimal(5)


def test_what_is_packed_comes_back_as_it_was() -> None:
    market = _market()
    for event in (_trade("10.0100", "0.5", number="x"), _quote("10.0", "10.02"), _trade("0.1", second=3)):
        market.take(event)
    drained = market.drain(OPEN + timedelta(minutes=3))
    assert unpack_quotes(pack_quotes(drained.quotes)) == list(drained.quotes)
    assert unpack_bars(pack_bars(drained.bars)) == list(drained.bars)
    assert drained.bars
    for trades in (drained.trades, []):
        packed = pack_trades(trades, OPEN)
        assert (unpack_trades(packed), packed_us(packed)) == (list(trades), micros(OPEN))
