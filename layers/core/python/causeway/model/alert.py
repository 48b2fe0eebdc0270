"""Something that a user should know."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from causeway.errors import CausewayError, Denied, TooMany, Unavailable

_SYMBOLS_SHOWN = 20
Severity = Literal["info", "warning", "critical"]
_HOUR_S = 3600.0
_SHOWN = 10
_FEWEST_QUARANTINED = 10


@dataclass(frozen=True, slots=True)
class Alert:
    """``kind`` and ``subject`` say what it is about: the same is not raised again for ``quiet_s`` seconds."""

    kind: str
    subject: str
    severity: Severity
    text: str
    quiet_s: float = 900.0


@dataclass(frozen=True, slots=True)
class Resolved:
    """What the alerts of this kind and subject told of is over by itself."""

    kind: str
    subject: str


def feed_lost(feed: str, since: datetime, reason: str) -> Alert:
    """The connection to a provider has been down for a while."""
    why = f": {reason}" if reason else ""
    return Alert("feed_outage", feed, "critical", f"{feed} has been disconnected since {since:%H:%M:%S} UTC{why}")


def data_stale(feed: str, silent_s: float) -> Alert:
    """The connection is up, yet nothing comes."""
    return Alert("stale_data", feed, "warning", f"{feed} is connected, but sent nothing for {silent_s:.0f} seconds")


def flagged_burst(feed: str, flagged: int, total: int, codes: str) -> Alert:
    """An unusual share of the last minute was kept out."""
    text = f"{feed}: {flagged} of {total} ticks of the last minute were kept out ({codes})"
    return Alert("quarantine_burst", feed, "warning", text)


def trades_missed(feed: str, symbols: Sequence[str], start: datetime, end: datetime, *, fetched: bool) -> Alert:
    """Trades that nobody can give any more. ``fetched``: the minutes of that time are being fetched from history;
    otherwise they are wrong until somebody does."""
    span = f"between {start:%Y-%m-%d %H:%M:%S} and {end:%Y-%m-%d %H:%M:%S} UTC"
    what = f"{feed}: trades of {_listed(symbols)} {span} were missed"
    subject = f"{feed} {start:%Y-%m-%dT%H:%M}"
    if fetched:
        text = f"{what}; their minutes are being fetched from history, and this is over once they are stored"
        return Alert("trades_missed", subject, "warning", text)
    text = f"{what}; bars of that time may be wrong until they are fetched again: causeway fetch --bars 1m --again"
    return Alert("trades_missed", subject, "critical", text)


def symbols_refused(feed: str, symbols: Sequence[str], reason: str) -> Alert:
    """A live provider does not stream these symbols. Nothing is lost, as nothing is there."""
    text = (
        f"{feed} gives no live prices of {_listed(symbols)}: {reason}. The others go on. Correct "
        "CAUSEWAY_LIVE_SYMBOLS, or take another provider"
    )
    return Alert("symbols_refused", f"{feed} {_named(symbols)}", "warning", text, quiet_s=24 * _HOUR_S)


def spool_full(refused: int) -> Alert:
    """The database was away for longer than the disk allows."""
    return Alert("spool_full", "", "critical", f"the spool on disk is full: {refused} bars could not be kept")


def provider_degraded(provider: str, reason: str) -> Alert:
    """A provider of history did not answer; where there is another, it was asked instead."""
    text = f"{provider} could not answer, and the next provider was asked where there is one: {reason}"
    return Alert("provider_degraded", provider, "warning", text, quiet_s=_HOUR_S)


def budget_exhausted(provider: str, reason: str, wait_s: float) -> Alert:
    """A plan's requests are used up for long."""
    text = f"the requests of {provider} are used up for {wait_s / _HOUR_S:.1f} hours: {reason}"
    return Alert("budget_exhausted", provider, "warning", text, quiet_s=min(wait_s, 24 * _HOUR_S))


def provider_failed(provider: str, error: CausewayError) -> Alert | None:
    """What is worth telling of a provider's error; None for one about the question, such as a symbol unknown to it."""
    if isinstance(error, TooMany) and error.retry_after_s >= _HOUR_S:
        return budget_exhausted(provider, error.message, error.retry_after_s)
    if isinstance(error, TooMany | Unavailable | Denied) and not error.details.get("premium"):
        return provider_degraded(provider, error.message)
    return None


def ingestion_failed(what: str, reason: str, *, critical: bool) -> Alert:
    """Bars that were asked for did not come. ``critical``: a schedule brings nothing any more."""
    severity: Severity = "critical" if critical else "warning"
    return Alert("ingestion_failed", what, severity, f"{what}: {reason}", quiet_s=6 * _HOUR_S)


def fetch_left_alone(what: str, minutes: int, *, busy: bool) -> Alert:
    """A scheduled fetch is due, and no runner took it up. ``busy``: one is at work, at another fetch."""
    if busy:
        text = f"{what}: its fetch has waited for {minutes} minutes behind another one; no runner is free"
        return Alert("no_runner", what, "warning", text, quiet_s=6 * _HOUR_S)
    text = (
        f"{what}: its fetch has waited for {minutes} minutes, and no runner took it up. Is the ingest process running "
        "(make status; on AWS the queue of fetches in Batch)?"
    )
    return Alert("no_runner", what, "critical", text, quiet_s=6 * _HOUR_S)


def fetch_not_queued(what: str) -> Alert:
    """A schedule is due, and its fetch was not even queued."""
    text = (
        f"{what}: the schedule is due, and nothing queued its fetch. Is the ingest process running (make status; "
        "on AWS the function ingest)?"
    )
    return Alert("no_runner", what, "critical", text, quiet_s=6 * _HOUR_S)


def series_behind(schedule: str, session: date, symbols: Sequence[str], total: int) -> Alert:
    """A schedule fetched, and yet symbols have no bar of the session that it was for. Critical where none has."""
    shown = ", ".join(symbols[:_SHOWN]) + (" and others" if len(symbols) > _SHOWN else "")
    text = f"{schedule}: {len(symbols)} of {total} symbols have no bar of {session} yet: {shown}"
    severity: Severity = "critical" if len(symbols) == total else "warning"
    return Alert("stale_data", f"{schedule} {session}", severity, text)


def quarantine_high(what: str, quarantined: int, read: int, share: float) -> Alert | None:
    """An unusual share of rows was kept out; None while it is no more than ``share`` or fewer than ten rows."""
    if quarantined < _FEWEST_QUARANTINED or quarantined <= share * read:
        return None
    text = f"{what}: {quarantined} of {read} rows ({quarantined / read:.1%}) went to quarantine; look at their reasons"
    return Alert("quarantine_high", what, "warning", text)


def order_overfilled(order_id: str, reason: str) -> Alert:
    """The broker executed more than was ordered; the account was halted."""
    return Alert("order_overfilled", order_id, "critical", f"{reason} The account is halted.", quiet_s=0.0)


def order_filled_late(order_id: str, name: str) -> Alert:
    """The broker executed an order after it had said that it ended. It was booked."""
    text = f"order {name} was filled after the broker had said that it ended. Compare with the broker."
    return Alert("order_filled_late", order_id, "critical", text, quiet_s=0.0)


def bars_missed(feed: str, symbol: str, end: datetime, reason: str) -> Alert:
    """Minutes that were to come from history did not; of several symbols the first is named."""
    text = (
        f"{feed}: history did not give minutes of {symbol} up to {end:%Y-%m-%d %H:%M} UTC; fetch them again: {reason}"
    )
    return Alert("bars_missed", feed, "warning", text[:2000])


def trading_halted(symbols: Sequence[str], reason: str) -> Alert:
    """Trading in these symbols was halted."""
    why = f": {reason}" if reason else ""
    return Alert("trading_halt", _named(symbols), "warning", f"Trading is halted in {_listed(symbols)}{why}", 60.0)


def trading_resumed(symbols: Sequence[str]) -> Alert:
    """Trading in these symbols goes on."""
    return Alert("trading_resumed", _named(symbols), "info", f"Trading goes on in {_listed(symbols)}", 60.0)


def _named(symbols: Sequence[str]) -> str:
    return symbols[0] if len(symbols) == 1 else f"{symbols[0]} and {len(symbols) - 1} more"


def _listed(symbols: Sequence[str]) -> str:
    shown = ", ".join(symbols[:_SYMBOLS_SHOWN])
    return shown if len(symbols) <= _SYMBOLS_SHOWN else f"{shown} and {len(symbols) - _SYMBOLS_SHOWN} more"
