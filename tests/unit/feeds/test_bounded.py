"""At most so many requests to one provider at once; a place is free while a page is being stored."""

from __future__ import annotations

import threading
from datetime import UTC, datetime

import pytest

from causeway.adapters.feeds.bounded import BoundedFeed
from causeway.errors import InvalidInput
from causeway.model.time import BarSize
from causeway.ports.feed import BarsRequest, FetchCancelled, FetchControl
from tests.integration.ingest.fetching import MARKET, ScriptedFeed

REQUEST = BarsRequest("AAPL", BarSize.DAY_1, datetime(2024, 1, 1, tzinfo=UTC), datetime(2024, 4, 1, tzinfo=UTC))


def test_pages_come_as_they_are() -> None:
    pages = list(BoundedFeed(ScriptedFeed(page=25), 1).bars(REQUEST, FetchControl()))
    wanted = MARKET.bars("AAPL", BarSize.DAY_1, REQUEST.start, REQUEST.end)
    assert [len(page.bars) for page in pages] == [25, 25, len(wanted) - 50]
    assert [close for page in pages for close in page.bars.close] == wanted.close.tolist()


def test_two_fetches_share_one_place_page_by_page() -> None:
    feed = BoundedFeed(ScriptedFeed(page=25), 1)
    one, other = feed.bars(REQUEST, FetchControl()), feed.bars(REQUEST, FetchControl())
    assert next(one).bars.time_us[0] == next(other).bars.time_us[0]  # nobody waits while the first page is looked at


def test_whoever_waits_for_a_place_can_be_cancelled() -> None:
    gate, stop = threading.Event(), threading.Event()
    slow = ScriptedFeed(hold=gate)
    feed = BoundedFeed(slow, 1)
    holder = threading.Thread(target=lambda: next(feed.bars(REQUEST, FetchControl())))
    holder.start()
    while not slow.asked:
        holder.join(0.005)
    stop.set()
    with pytest.raises(FetchCancelled):
        next(feed.bars(REQUEST, FetchControl(should_stop=stop.is_set)))
    assert len(slow.asked) == 1
    gate.set()
    holder.join(timeout=10)


def test_a_provider_without_repairs_has_none_when_it_is_bounded() -> None:
    feed = BoundedFeed(ScriptedFeed(), 1)
    assert not feed.offer.repairs
    with pytest.raises(InvalidInput, match="scripted has no repairs"):
        feed.repairs(REQUEST, FetchControl())
