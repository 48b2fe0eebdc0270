"""When trouble of a live feed is told."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

from causeway.model.alert import Alert, Resolved
from causeway.model.tick import TradeTick, TradingStatus
from causeway.ports.feed import Connection, ConnectionChange, MissedTrades, SymbolRefused
from causeway.streaming.live_watch import FeedWatch

AT = datetime(2026, 3, 2, 15, 0, tzinfo=UTC)


def _after(seconds: float) -> datetime:
    return AT + timedelta(seconds=seconds)


def _kinds(alerts: list[Alert]) -> list[str]:
    return [alert.kind for alert in alerts]


def _watch() -> FeedWatch:
    watch = FeedWatch("iqfeed", outage_s=30, stale_s=120)
    watch.note(ConnectionChange(Connection.UP, AT))
    return watch


def test_a_short_loss_is_nothing_and_a_long_one_an_outage_until_it_is_over() -> None:
    watch = _watch()
    watch.note(ConnectionChange(Connection.LOST, _after(1), "reset by peer"))
    assert watch.alerts(_after(30), {}, market_open=True) == []
    (alert,) = watch.alerts(_after(31), {}, market_open=True)
    assert (alert.kind, alert.severity) == ("feed_outage", "critical")
    assert "reset by peer" in alert.text
    watch.note(ConnectionChange(Connection.UP, _after(32)))
    assert watch.alerts(_after(33), {}, market_open=True) == []


def test_silence_is_stale_only_while_an_exchange_is_open() -> None:
    watch = _watch()
    trade = TradeTick("AAA", AT, Decimal(1), Decimal(1), _after(10), "iqfeed")
    watch.note(trade)
    assert watch.alerts(_after(200), {}, market_open=False) == []
    assert watch.alerts(_after(129), {}, market_open=True) == []
    assert _kinds(watch.alerts(_after(130), {}, market_open=True)) == ["stale_data"]


def test_a_burst_is_fifty_flags_and_a_twentieth_of_a_minute() -> None:
    watch = _watch()
    first = {"quotes": 1000, "crossed_quote": 49}
    assert watch.alerts(_after(0), first, market_open=False) == []
    second = {"quotes": 2000, "crossed_quote": 98}
    assert watch.alerts(_after(60), second, market_open=False) == []
    third = {"quotes": 3000, "crossed_quote": 148}
    assert _kinds(watch.alerts(_after(120), third, market_open=False)) == ["quarantine_burst"]
    assert watch.alerts(_after(121), {**third, "crossed_quote": 900}, market_open=False) == []  # looked at by minute


def test_trades_that_history_has_not_got_are_told_once_with_their_span() -> None:
    watch = _watch()
    for symbol, start in (("AAA", 5), ("BBB", 3)):
        watch.note(MissedTrades(symbol, _after(start), _after(20), "history did not answer"))
    (alert,) = watch.alerts(_after(30), {}, market_open=False)
    assert "trades of AAA, BBB between 2026-03-02 15:00:03 and 2026-03-02 15:00:20 UTC" in alert.text
    assert watch.alerts(_after(31), {}, market_open=False) == []


def _status(symbol: str, code: str, *, halted: bool | None, reason: str = "News pending") -> TradingStatus:
    return TradingStatus(symbol, AT, halted, code, reason, AT, "alpaca")


def test_a_halt_is_told_once_and_its_end_once() -> None:
    watch = _watch()
    watch.note(_status("AAA", "H", halted=True))
    (halt,) = watch.alerts(_after(1), {}, market_open=True)
    assert (halt.kind, halt.subject) == ("trading_halt", "AAA")
    assert "News pending" in halt.text
    watch.note(_status("AAA", "H", halted=True, reason="News disseminated"))
    watch.note(_status("AAA", "Q", halted=None))
    assert watch.alerts(_after(2), {}, market_open=True) == []
    watch.note(_status("AAA", "T", halted=False))
    assert _kinds(watch.alerts(_after(3), {}, market_open=True)) == ["trading_resumed"]
    watch.note(_status("AAA", "T", halted=False))
    assert watch.alerts(_after(4), {}, market_open=True) == []


def test_a_halt_of_the_whole_market_is_one_alert() -> None:
    watch = _watch()
    for number in range(500):
        watch.note(_status(f"S{number:03}", "H", halted=True, reason="Market Wide Circuit Breaker Halt - Level 1"))
    (halt,) = watch.alerts(_after(1), {}, market_open=True)
    assert "480 more" in halt.text


def test_the_end_of_a_halt_that_an_earlier_process_told_is_told() -> None:
    watch = _watch()
    watch.halted_before(["AAA"])
    watch.note(_status("AAA", "T", halted=False))
    assert _kinds(watch.alerts(_after(1), {}, market_open=True)) == ["trading_resumed"]


def _missed(symbol: str, start_s: float, end_s: float) -> MissedTrades:
    return MissedTrades(symbol, _after(start_s), _after(end_s), "history has no trades")


def _backfilling() -> FeedWatch:
    return FeedWatch("iqfeed", outage_s=30, stale_s=120, backfills=True)


def test_missed_trades_whose_minutes_come_from_history_are_a_warning_that_ends_once_they_came() -> None:
    watch = _backfilling()
    for symbol in ("AAA", "BBB"):
        watch.note(_missed(symbol, 5, 65))
    (alert,) = watch.alerts(_after(66), {}, market_open=True)
    assert (alert.kind, alert.severity) == ("trades_missed", "warning")
    assert "trades of AAA, BBB between 2026-03-02 15:00:05 and 2026-03-02 15:01:05 UTC were missed" in alert.text
    watch.missed.backfilled("AAA", _after(120), filled=True)
    assert watch.missed.resolved() == []
    watch.missed.backfilled("BBB", _after(30), filled=True)  # of another gap, before this one
    assert watch.missed.resolved() == []
    watch.missed.backfilled("BBB", _after(120), filled=True)
    assert watch.missed.resolved() == [Resolved(alert.kind, alert.subject)]
    assert watch.missed.resolved() == []


def test_history_that_was_quicker_than_the_alert_resolves_it_too() -> None:
    watch = _backfilling()
    watch.note(_missed("AAA", 5, 65))
    watch.missed.backfilled("AAA", _after(120), filled=True)
    assert watch.missed.resolved() == []
    (alert,) = watch.alerts(_after(66), {}, market_open=True)
    assert watch.missed.resolved() == [Resolved(alert.kind, alert.subject)]


def test_a_gap_of_which_minutes_never_come_stays_told() -> None:
    watch = _backfilling()
    for symbol in ("AAA", "BBB"):
        watch.note(_missed(symbol, 5, 65))
    assert len(watch.alerts(_after(66), {}, market_open=True)) == 1
    watch.missed.backfilled("AAA", _after(120), filled=False)
    watch.missed.backfilled("BBB", _after(120), filled=True)
    assert watch.missed.resolved() == []


def test_gaps_of_one_outage_that_are_told_one_after_the_other_are_over_together() -> None:
    """They have one subject, so a user sees one alert; history says of each symbol by itself that it has none."""
    watch = _backfilling()
    watch.note(_missed("AAA", 5, 65))
    (alert,) = watch.alerts(_after(66), {}, market_open=True)
    watch.note(_missed("BBB", 6, 66))
    (again,) = watch.alerts(_after(67), {}, market_open=True)
    assert again.subject == alert.subject
    watch.missed.backfilled("AAA", _after(120), filled=True)
    assert watch.missed.resolved() == []
    watch.missed.backfilled("BBB", _after(120), filled=True)
    assert watch.missed.resolved() == [Resolved(alert.kind, alert.subject)]


def test_a_gap_whose_minutes_never_come_keeps_later_ones_of_its_subject_told() -> None:
    watch = _backfilling()
    for symbol, filled in (("AAA", False), ("BBB", True)):
        watch.note(_missed(symbol, 5, 65))
        assert len(watch.alerts(_after(66), {}, market_open=True)) == 1
        watch.missed.backfilled(symbol, _after(120), filled=filled)
        assert watch.missed.resolved() == []


def test_symbols_that_a_provider_refuses_are_one_warning_for_each_reason_and_told_once() -> None:
    watch = _watch()
    for symbol, reason in (("ZZZZ", "no such symbol"), ("YYYY", "no such symbol"), ("AAA", "the plan has 30 symbols")):
        watch.note(SymbolRefused(symbol, reason))
    told = watch.alerts(_after(1), {}, market_open=True)
    assert [(one.kind, one.severity) for one in told] == [("symbols_refused", "warning")] * 2
    assert told[0].text.startswith("iqfeed gives no live prices of YYYY, ZZZZ: no such symbol.")
    watch.note(SymbolRefused("ZZZZ", "no such symbol"))
    assert watch.alerts(_after(2), {}, market_open=True) == []


def test_the_end_of_a_halt_that_was_missed_is_told_once_it_trades() -> None:
    watch = _watch()
    watch.note(_status("AAA", "H", halted=True))
    watch.trade_again(["AAA"])  # a state of before the halt
    assert _kinds(watch.alerts(_after(1), {}, market_open=True)) == ["trading_halt"]
    watch.trade_again(["AAA", "BBB"])
    (alert,) = watch.alerts(_after(2), {}, market_open=True)
    assert (alert.kind, alert.subject) == ("trading_resumed", "AAA")
    watch.trade_again(["AAA"])
    assert watch.alerts(_after(3), {}, market_open=True) == []
