"""Something that a user should know."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

Severity = Literal["info", "warning", "critical"]


@dataclass(frozen=True, slots=True)
class Alert:
    """``kind`` and ``subject`` say what it is about: the same is not raised again for ``quiet_s`` seconds."""

    kind: str
    subject: str
    severity: Severity
    text: str
    quiet_s: float = 900.0


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


def trades_missed(feed: str, symbols: int, start: datetime, end: datetime) -> Alert:
    """Trades that nobody can give any more: bars of that time are wrong until they are fetched from history."""
    text = (
        f"{feed}: trades of {symbols} symbols between {start:%Y-%m-%d %H:%M:%S} and {end:%H:%M:%S} UTC were missed; "
        "bars of that time may be wrong until they are fetched again"
    )
    return Alert("trades_missed", f"{feed} {start:%Y-%m-%dT%H:%M}", "critical", text)


def spool_full(refused: int) -> Alert:
    """The database was away for longer than the disk allows."""
    return Alert("spool_full", "", "critical", f"the spool on disk is full: {refused} bars could not be kept")
