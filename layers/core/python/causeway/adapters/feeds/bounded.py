"""A provider that is asked only so many things at once, however many symbols are fetched."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from threading import BoundedSemaphore
from typing import Any

from causeway.errors import InvalidInput
from causeway.model.corporate_action import CorporateAction
from causeway.ports.feed import BarPage, BarsRequest, FetchControl, HistoricalFeed, OfferedRepairs, RepairingFeed

_LOOK_S = 0.2


class BoundedFeed:
    """``feed`` with at most ``most`` requests at once; a place is given back while a page is stored."""

    def __init__(self, feed: HistoricalFeed, most: int) -> None:
        self._feed = feed
        self._places = BoundedSemaphore(most)
        self.name = feed.name
        self.offer = feed.offer

    def bars(self, request: BarsRequest, control: FetchControl) -> Iterator[BarPage]:
        """See ``HistoricalFeed.bars``."""
        pages = iter(self._feed.bars(request, control))
        while True:
            with self._place(control):
                page = next(pages, None)
            if page is None:
                return
            yield page

    def actions(self, symbol: str, first: date, last: date, control: FetchControl) -> Sequence[CorporateAction]:
        """See ``HistoricalFeed.actions``."""
        with self._place(control):
            return self._feed.actions(symbol, first, last, control)

    def repairs(self, request: BarsRequest, control: FetchControl) -> OfferedRepairs:
        """See ``RepairingFeed.repairs``."""
        if not isinstance(self._feed, RepairingFeed):
            raise InvalidInput(f"{self.name} has no repairs of its own to offer.")
        with self._place(control):
            return self._feed.repairs(request, control)

    def close(self) -> None:
        """Close the provider's connections, where it has any."""
        closing: Any = getattr(self._feed, "close", None)
        if closing is not None:
            closing()

    @contextmanager
    def _place(self, control: FetchControl) -> Iterator[None]:
        while not self._places.acquire(timeout=_LOOK_S):
            control.check()
        try:
            yield
        finally:
            self._places.release()
