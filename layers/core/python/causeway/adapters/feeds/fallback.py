"""Several providers as one: the first that can answers, and every page says which one it was."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any, TypeVar

from causeway.errors import CausewayError, Denied, InvalidInput, NotFound, TooMany, Unavailable
from causeway.model.corporate_action import CorporateAction
from causeway.model.time import BarSize
from causeway.ports.feed import (
    BarPage,
    BarsRequest,
    FeedOffer,
    FetchControl,
    HistoricalFeed,
    OfferedRepairs,
    RepairingFeed,
)

FeedT = TypeVar("FeedT", HistoricalFeed, RepairingFeed)
_NEXT = (Unavailable, TooMany, Denied, NotFound, InvalidInput)  # after these the next provider is asked
_REST_S = 60.0
_LONGEST_REST_S = 900.0  # a server that is down and names a day may be back sooner
_LONG_S = 3600.0  # a throttle of so long is no reason to hold up a symbol that others do not know


@dataclass(frozen=True, slots=True)
class _Rest:
    """A provider is not asked before ``until``, by the clock, because of ``error``."""

    until: float
    error: TooMany | Unavailable

    def left(self, now: float) -> CausewayError:
        """The error as if it had come now."""
        return type(self.error)(self.error.message, retry_after_s=max(0.0, self.until - now))


class FallbackFeed:
    """``feeds`` in the order in which they are asked; at least one.

    A provider that failed in the middle is followed by the next from where it stopped. One that throttles or is down
    rests for a minute, or longer where it said so, so that not every symbol waits for it again; if all rest, all are
    asked. Where the others could not answer, one that rests counts as if it had been asked and had said the same.
    """

    def __init__(self, feeds: Sequence[HistoricalFeed], *, clock: Callable[[], float] = time.monotonic) -> None:
        if not feeds:
            raise InvalidInput("no provider is named. Set CAUSEWAY_FEEDS, such as CAUSEWAY_FEEDS=yahoo,alphavantage")
        self._feeds = tuple(feeds)
        self._clock = clock
        self._rests: dict[str, _Rest] = {}
        self.name = ",".join(feed.name for feed in feeds)
        self.offer = FeedOffer(
            bar_sizes=frozenset().union(*(feed.offer.bar_sizes for feed in feeds)),
            corporate_actions=any(feed.offer.corporate_actions for feed in feeds),
            live=any(feed.offer.live for feed in feeds),
            needs_key=all(feed.offer.needs_key for feed in feeds),
            repairs=any(feed.offer.repairs for feed in feeds),
            reach=_reach(feeds),
        )

    def bars(self, request: BarsRequest, control: FetchControl) -> Iterator[BarPage]:
        """See ``HistoricalFeed.bars``; the error lists each provider's reason.

        Raises:
            NotFound: also where a provider knows no such symbol and another one allows no request for an hour or more;
                ``details["not_asked"]`` says then, by provider, in how many seconds it could be asked.
        """
        failures: dict[str, CausewayError] = {}
        rests = self._resting()
        for feed in _ready(self._feeds, rests):
            try:
                for page in feed.bars(request, control):
                    yield replace(page, source=page.source or feed.name)
                    request = replace(request, start=page.resume)
            except _NEXT as error:
                self._note(feed, error, failures, control)
            else:
                return
        raise self._worst(f"bars of {request.symbol}", failures, rests)

    def actions(self, symbol: str, first: date, last: date, control: FetchControl) -> Sequence[CorporateAction]:
        """See ``HistoricalFeed.actions``; the error lists each provider's reason."""
        failures: dict[str, CausewayError] = {}
        rests = self._resting()
        for feed in _ready(self._feeds, rests):
            try:
                found = feed.actions(symbol, first, last, control)
                return [replace(one, source=one.source or feed.name) for one in found]
            except _NEXT as error:
                self._note(feed, error, failures, control)
        raise self._worst(f"corporate actions of {symbol}", failures, rests)

    def repairs(self, request: BarsRequest, control: FetchControl) -> OfferedRepairs:
        """See ``RepairingFeed.repairs``; of those that offer any, one that rests is asked too if it is the only one."""
        failures: dict[str, CausewayError] = {}
        able: list[RepairingFeed] = [
            feed for feed in self._feeds if feed.offer.repairs and isinstance(feed, RepairingFeed)
        ]
        rests = self._resting()
        for feed in _ready(able, rests):
            try:
                found = feed.repairs(request, control)
                return replace(found, source=found.source or feed.name)
            except _NEXT as error:
                self._note(feed, error, failures, control)
        if not able:
            raise InvalidInput(f"none of {self.name} has repairs of its own to offer; yahoo has.")
        raise self._worst(f"repairs of {request.symbol}", failures, rests)

    def close(self) -> None:
        """Close the connections of every provider that has any."""
        for feed in self._feeds:
            closing: Any = getattr(feed, "close", None)
            if closing is not None:
                closing()

    def _resting(self) -> dict[str, _Rest]:
        now = self._clock()
        return {name: rest for name, rest in list(self._rests.items()) if rest.until > now}

    def _note(
        self,
        feed: HistoricalFeed | RepairingFeed,
        error: CausewayError,
        failures: dict[str, CausewayError],
        control: FetchControl,
    ) -> None:
        failures[feed.name] = error
        if isinstance(error, TooMany | Unavailable):
            longest_s = _LONGEST_REST_S if isinstance(error, Unavailable) else error.retry_after_s
            self._rests[feed.name] = _Rest(self._clock() + max(_REST_S, min(error.retry_after_s, longest_s)), error)
        control.say(f"{feed.name}: {error.message}")
        control.failed(feed.name, error)

    def _worst(self, what: str, failures: Mapping[str, CausewayError], rests: Mapping[str, _Rest]) -> CausewayError:
        """One error for all that were asked, and for those that rested when the first was, though they do no more."""
        now = self._clock()
        every = {name: rest.left(now) for name, rest in rests.items()} | dict(failures)
        ordered = {feed.name: every[feed.name] for feed in self._feeds if feed.name in every}
        unknown = {
            feed.name
            for feed in self._feeds
            if isinstance(failures.get(feed.name), NotFound) and not feed.offer.some_symbols
        }
        spent = {
            name: error.retry_after_s
            for name, error in ordered.items()
            if isinstance(error, TooMany) and error.retry_after_s >= _LONG_S
        }
        return _one_error(what, ordered, spent if unknown else {})


def _ready(feeds: Sequence[FeedT], rests: Mapping[str, _Rest]) -> Sequence[FeedT]:
    return [feed for feed in feeds if feed.name not in rests] or feeds


def _reach(feeds: Sequence[HistoricalFeed]) -> tuple[tuple[BarSize, timedelta], ...]:
    """How far back the one goes that goes back furthest; a bar size that somebody has for ever is left out."""
    furthest: dict[BarSize, timedelta] = {}
    for size in frozenset[BarSize]().union(*(feed.offer.bar_sizes for feed in feeds)):
        reaches = [feed.offer.reach_of(size) for feed in feeds if size in feed.offer.bar_sizes]
        known = [one for one in reaches if one is not None]
        if len(known) == len(reaches):
            furthest[size] = max(known)
    return tuple(sorted(furthest.items()))


def _one_error(what: str, failures: Mapping[str, CausewayError], not_asked: Mapping[str, float]) -> CausewayError:
    """A throttle, which ends by itself; else an outage; a refusal; or that nobody knows it.

    Providers that are ``not_asked``, with the seconds until they can be, do not count among them.
    """
    answered = {name: error for name, error in failures.items() if name not in not_asked}
    reasons = "; ".join(f"{name}: {error.message}" for name, error in answered.items())
    nobody_knows = all(isinstance(error, NotFound) for error in answered.values())
    message = f"no provider {'has' if nobody_knows else 'could answer for'} {what}. {reasons}"
    details: dict[str, Any] = {"providers": {name: error.code for name, error in failures.items()}}
    if not_asked:
        message += "; not asked: " + "; ".join(f"{name}, as {failures[name].message}" for name in not_asked)
        details["not_asked"] = dict(not_asked)
    kinds = {type(error) for error in answered.values()}
    for kind in (TooMany, Unavailable):
        if waits := [error.retry_after_s for error in answered.values() if isinstance(error, kind)]:
            return kind(message, retry_after_s=min(waits), details=details)
    for refusal in (Denied, NotFound, InvalidInput):
        if refusal in kinds:
            return refusal(message, details=details)
    raise AssertionError(f"unexpected kinds of failure: {kinds}")
