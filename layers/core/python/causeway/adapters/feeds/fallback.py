"""Several providers as one: the first that can answers, and every page says which one it was."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from causeway.errors import CausewayError, Denied, InvalidInput, NotFound, TooMany, Unavailable
from causeway.model.corporate_action import CorporateAction
from causeway.model.time import BarSize
from causeway.ports.feed import BarPage, BarsRequest, FeedOffer, FetchControl, HistoricalFeed

_NEXT = (Unavailable, TooMany, Denied, NotFound, InvalidInput)  # after these the next provider is asked
_REST_S = 60.0
_LONGEST_REST_S = 900.0  # a server that is down and names a day may be back sooner


class FallbackFeed:
    """``feeds`` in the order in which they are asked; at least one.

    A provider that failed in the middle is followed by the next from where it stopped. One that throttles or is down
    rests for a minute, or longer where it said so, so that not every symbol waits for it again; if all rest, all are
    asked.
    """

    def __init__(self, feeds: Sequence[HistoricalFeed], *, clock: Callable[[], float] = time.monotonic) -> None:
        if not feeds:
            raise InvalidInput("no provider is named. Set CAUSEWAY_FEEDS, such as CAUSEWAY_FEEDS=yahoo,alphavantage")
        self._feeds = tuple(feeds)
        self._clock = clock
        self._rests_until: dict[str, float] = {}
        self.name = ",".join(feed.name for feed in feeds)
        self.offer = FeedOffer(
            bar_sizes=frozenset().union(*(feed.offer.bar_sizes for feed in feeds)),
            corporate_actions=any(feed.offer.corporate_actions for feed in feeds),
            live=any(feed.offer.live for feed in feeds),
            needs_key=all(feed.offer.needs_key for feed in feeds),
            reach=_reach(feeds),
        )

    def bars(self, request: BarsRequest, control: FetchControl) -> Iterator[BarPage]:
        """See ``HistoricalFeed.bars``; the error lists each provider's reason."""
        failures: dict[str, CausewayError] = {}
        for feed in self._ready():
            try:
                for page in feed.bars(request, control):
                    yield replace(page, source=page.source or feed.name)
                    request = replace(request, start=page.resume)
            except _NEXT as error:
                self._note(feed, error, failures, control)
            else:
                return
        raise _worst(f"bars of {request.symbol}", failures)

    def actions(self, symbol: str, first: date, last: date, control: FetchControl) -> Sequence[CorporateAction]:
        """See ``HistoricalFeed.actions``; the error lists each provider's reason."""
        failures: dict[str, CausewayError] = {}
        for feed in self._ready():
            try:
                found = feed.actions(symbol, first, last, control)
                return [replace(one, source=one.source or feed.name) for one in found]
            except _NEXT as error:
                self._note(feed, error, failures, control)
        raise _worst(f"corporate actions of {symbol}", failures)

    def close(self) -> None:
        """Close the connections of every provider that has any."""
        for feed in self._feeds:
            closing: Any = getattr(feed, "close", None)
            if closing is not None:
                closing()

    def _ready(self) -> list[HistoricalFeed]:
        now = self._clock()
        awake = [feed for feed in self._feeds if self._rests_until.get(feed.name, now) <= now]
        return awake or list(self._feeds)

    def _note(
        self, feed: HistoricalFeed, error: CausewayError, failures: dict[str, CausewayError], control: FetchControl
    ) -> None:
        failures[feed.name] = error
        if isinstance(error, TooMany | Unavailable):
            longest_s = _LONGEST_REST_S if isinstance(error, Unavailable) else error.retry_after_s
            self._rests_until[feed.name] = self._clock() + max(_REST_S, min(error.retry_after_s, longest_s))
        control.say(f"{feed.name}: {error.message}")
        control.failed(feed.name, error)


def _reach(feeds: Sequence[HistoricalFeed]) -> tuple[tuple[BarSize, timedelta], ...]:
    """How far back the one goes that goes back furthest; a bar size that somebody has for ever is left out."""
    furthest: dict[BarSize, timedelta] = {}
    for size in frozenset[BarSize]().union(*(feed.offer.bar_sizes for feed in feeds)):
        reaches = [dict(feed.offer.reach).get(size) for feed in feeds if size in feed.offer.bar_sizes]
        known = [one for one in reaches if one is not None]
        if len(known) == len(reaches):
            furthest[size] = max(known)
    return tuple(sorted(furthest.items()))


def _worst(what: str, failures: dict[str, CausewayError]) -> CausewayError:
    """One error for all: a throttle, which ends by itself; else an outage; a refusal; or that nobody knows it."""
    reasons = "; ".join(f"{name}: {error.message}" for name, error in failures.items())
    nobody_knows = all(isinstance(error, NotFound) for error in failures.values())
    message = f"no provider {'has' if nobody_knows else 'could answer for'} {what}. {reasons}"
    details = {"providers": {name: error.code for name, error in failures.items()}}
    kinds = {type(error) for error in failures.values()}
    for kind in (TooMany, Unavailable):
        if waits := [error.retry_after_s for error in failures.values() if isinstance(error, kind)]:
            return kind(message, retry_after_s=min(waits), details=details)
    for refusal in (Denied, NotFound, InvalidInput):
        if refusal in kinds:
            return refusal(message, details=details)
    raise AssertionError(f"unexpected kinds of failure: {kinds}")
