"""Gaps of a live feed whose trades nobody can give any more, until history has given their minutes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from causeway.model.alert import Alert, Resolved, trades_missed
from causeway.ports.feed import MissedTrades


@dataclass(slots=True)
class _Gap:
    """What the alerts of one subject tell of. ``waiting``: symbols whose minutes up to a moment are still to come."""

    subject: Resolved
    waiting: dict[str, datetime] = field(default_factory=dict)
    lost: bool = False

    def add(self, missed: Sequence[MissedTrades]) -> None:
        for one in missed:
            self.waiting[one.symbol] = max(one.end, self.waiting.get(one.symbol, one.end))


@dataclass(slots=True)
class MissedGaps:
    """``backfills``: whether minutes of missed trades are fetched from history."""

    feed: str
    backfills: bool
    _untold: list[MissedTrades] = field(default_factory=list)
    _early: list[tuple[str, datetime, bool]] = field(default_factory=list)  # history that came before it was told
    _open: dict[str, _Gap] = field(default_factory=dict)  # by the subject of the alert

    def note(self, missed: MissedTrades) -> None:
        """Trades of a symbol are missing for good."""
        self._untold.append(missed)

    def backfilled(self, symbol: str, end: datetime, *, filled: bool) -> None:
        """History gave the minutes of ``symbol`` up to ``end``, or never will."""
        self._early.append((symbol, end, filled))
        for gap in self._open.values():
            _settle(gap, symbol, end, filled=filled)

    def alerts(self) -> list[Alert]:
        """One for what was missed since the last call."""
        missed, self._untold = self._untold, []
        early, self._early = self._early, []
        if not missed:
            return []
        symbols = sorted({one.symbol for one in missed})
        start, end = min(one.start for one in missed), max(one.end for one in missed)
        alert = trades_missed(self.feed, symbols, start, end, fetched=self.backfills)
        if self.backfills:
            gap = self._open.setdefault(alert.subject, _Gap(Resolved(alert.kind, alert.subject)))
            gap.add(missed)
            for symbol, until, filled in early:
                _settle(gap, symbol, until, filled=filled)
        return [alert]

    def resolved(self) -> list[Resolved]:
        """Gaps that were told and are filled now. One of which minutes never come stays for the user to see."""
        done = [gap.subject for gap in self._open.values() if not gap.waiting and not gap.lost]
        for one in done:
            del self._open[one.subject]
        return done


def _settle(gap: _Gap, symbol: str, end: datetime, *, filled: bool) -> None:
    if symbol in gap.waiting and end >= gap.waiting[symbol]:
        del gap.waiting[symbol]
        gap.lost |= not filled
