"""The same bars from other providers, to hold what was fetched against. That one of them fails, fails no fetch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

import numpy as np

from causeway.errors import CausewayError, NotFound
from causeway.market_data.undo_splits import as_traded
from causeway.model.bar import BarColumns
from causeway.model.fetch import FetchSpec
from causeway.model.time import moment
from causeway.ports.feed import BarPage, BarsRequest, FetchControl, HistoricalFeed

_MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class SecondOpinion:
    """``feeds`` by the name of the provider, in the order in which they are asked: the second one settles."""

    feeds: Mapping[str, HistoricalFeed]
    spec: FetchSpec
    control: FetchControl

    def ask(self, symbol: str, page: BarPage, calendar: str, notes: list[str]) -> dict[str, BarColumns]:
        """Bars as traded at the times of ``page``, by provider; a note of each, and why one cannot say.

        Raises:
            FetchCancelled: the caller wants no more.
        """
        found = {}
        for name, feed in self.feeds.items():
            if name == page.source:
                _note(notes, its_own(name))
                continue
            try:
                found[name] = self.bars(symbol, page, feed, calendar)
                _note(notes, f"bars of {page.source} checked against {name}")
            except CausewayError as error:
                _note(notes, f"not checked against {name}: {error.message}")
        return found

    def bars(self, symbol: str, page: BarPage, feed: HistoricalFeed, calendar: str) -> BarColumns:
        """Those of ``feed`` at the times of ``page``.

        Raises:
            CausewayError: as the feed; NotFound where it has none, or quotes another currency.
        """
        size = self.spec.bar_size
        first, last = moment(int(page.bars.time_us[0])), moment(int(page.bars.time_us[-1]))
        request = BarsRequest(symbol, size, first, last + max(size.width, _MINUTE), self.spec.extended_hours)
        pages = list(feed.bars(request, self.control))
        if others := {one.currency for one in pages} - {page.currency, ""}:
            raise NotFound(f"it quotes {', '.join(sorted(others))} and not {page.currency}")
        bars = _once([as_traded(one.bars, one.basis, one.splits, size, calendar) for one in pages])
        bars = bars.rows(np.isin(bars.time_us, page.bars.time_us))
        if not len(bars):
            raise NotFound("it has none of these bars")
        return bars


def its_own(name: str) -> str:
    """That a provider is not compared with itself."""
    return f"bars of {name} not checked against it: they are its own"


def _once(parts: Sequence[BarColumns]) -> BarColumns:
    """Ascending, each time once, without bars that lack a value."""
    bars = BarColumns.together(parts)
    _, rows = np.unique(bars.time_us, return_index=True)
    whole = np.isfinite(np.c_[bars.prices(), bars.volume]).all(axis=1)
    return bars.rows(rows[whole[rows]])


def _note(notes: list[str], text: str) -> None:
    if text not in notes:
        notes.append(text)
