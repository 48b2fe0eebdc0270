"""Several providers as one, in the user's order."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import numpy as np
import pytest

from causeway.adapters.feeds.fallback import FallbackFeed
from causeway.errors import CausewayError, Denied, InvalidInput, NotFound, TooMany, Unavailable
from causeway.model.bar import BarColumns
from causeway.model.corporate_action import ActionKind, CorporateAction
from causeway.model.time import BarSize
from causeway.ports.feed import BarPage, BarsRequest, FeedOffer, FetchCancelled, FetchControl, OfferedRepairs

DAYS = [datetime(2024, 3, day, tzinfo=UTC) for day in (4, 5, 6, 7)]
WEEK = BarsRequest("MSFT", BarSize.DAY_1, DAYS[0], DAYS[-1])
SPLIT = CorporateAction(ActionKind.SPLIT, date(2024, 3, 5), Decimal(2))


class Provider:
    """One bar a page, up to the day on which it fails."""

    offer = FeedOffer(bar_sizes=frozenset({BarSize.DAY_1}), corporate_actions=True)

    def __init__(self, name: str, error: Exception | None = None, *, fails_at: datetime = DAYS[0]) -> None:
        self.name = name
        self.error = error
        self.fails_at = fails_at
        self.asked: list[datetime] = []

    def bars(self, request: BarsRequest, control: FetchControl) -> Iterator[BarPage]:
        self.asked.append(request.start)
        for day in DAYS[:-1]:
            if self.error is not None and day >= self.fails_at:
                raise self.error
            if day >= request.start:
                stamp = np.array([int(day.timestamp() * 1e6)], dtype=np.int64)
                yield BarPage(BarColumns(stamp, *np.ones((5, 1))), day + timedelta(days=1))

    def actions(self, symbol: str, first: date, last: date, control: FetchControl) -> Sequence[CorporateAction]:
        if self.error is not None:
            raise self.error
        return [SPLIT]


def sources(feed: FallbackFeed, control: FetchControl | None = None) -> list[tuple[str, int]]:
    epoch = datetime(1970, 1, 1, tzinfo=UTC)
    pages = feed.bars(WEEK, control or FetchControl())
    return [(page.source, (epoch + timedelta(microseconds=int(page.bars.time_us[0]))).day) for page in pages]


def test_the_first_answers_where_it_can() -> None:
    second = Provider("second")
    assert sources(FallbackFeed([Provider("first"), second])) == [("first", 4), ("first", 5), ("first", 6)]
    assert second.asked == []


@pytest.mark.parametrize(
    "error",
    [Unavailable("down"), TooMany("throttled"), Denied("plan"), NotFound("unknown"), InvalidInput("no such bars")],
)
def test_the_next_is_asked_and_the_pages_say_so(error: CausewayError) -> None:
    said: list[str] = []
    feed = FallbackFeed([Provider("first", error), Provider("second")])
    assert sources(feed, FetchControl(say=said.append)) == [("second", 4), ("second", 5), ("second", 6)]
    assert said == [f"first: {error.message}"]


def test_the_next_goes_on_where_the_first_stopped() -> None:
    first = Provider("first", Unavailable("cut"), fails_at=DAYS[1])
    assert sources(FallbackFeed([first, Provider("second")])) == [("first", 4), ("second", 5), ("second", 6)]


def test_when_all_fail_every_reason_is_told() -> None:
    feed = FallbackFeed([Provider("first", NotFound("unknown here")), Provider("second", Unavailable("down there"))])
    said = "no provider could answer for bars of MSFT. first: unknown here; second: down there"
    with pytest.raises(Unavailable, match=re.escape(said)) as caught:
        sources(feed)
    assert caught.value.details["providers"] == {"first": "not_found", "second": "unavailable"}


def test_not_found_is_said_only_where_nobody_knows_it() -> None:
    with pytest.raises(NotFound, match="no provider has bars of MSFT"):
        sources(FallbackFeed([Provider("first", NotFound("a")), Provider("second", NotFound("b"))]))
    with pytest.raises(Denied):
        sources(FallbackFeed([Provider("first", NotFound("a")), Provider("second", Denied("b"))]))


def test_a_throttle_everywhere_says_when_the_first_is_back() -> None:
    throttled = [Provider("a", TooMany("x", retry_after_s=90)), Provider("b", TooMany("y", retry_after_s=30))]
    with pytest.raises(TooMany) as caught:
        sources(FallbackFeed(throttled))
    assert caught.value.retry_after_s == 30


def test_one_that_is_down_rests_and_is_asked_again_later() -> None:
    now = [0.0]
    first = Provider("first", TooMany("throttled", retry_after_s=300.0))
    feed = FallbackFeed([first, Provider("second")], clock=lambda: now[0])
    sources(feed)
    sources(feed)
    assert len(first.asked) == 1
    now[0] = 301.0
    first.error = None
    assert sources(feed)[0][0] == "first"


def test_an_unknown_symbol_makes_nobody_rest() -> None:
    first = Provider("first", NotFound("unknown"))
    feed = FallbackFeed([first, Provider("second")])
    sources(feed)
    sources(feed)
    assert len(first.asked) == 2


def test_a_cancel_asks_nobody_else() -> None:
    second = Provider("second")
    with pytest.raises(FetchCancelled):
        sources(FallbackFeed([Provider("first", FetchCancelled()), second]))
    assert second.asked == []


def test_corporate_actions_come_from_the_first_that_has_them() -> None:
    feed = FallbackFeed([Provider("files", InvalidInput("files have none")), Provider("second")])
    assert feed.actions("MSFT", date(2024, 1, 1), date(2024, 12, 31), FetchControl()) == [SPLIT]


def test_corporate_actions_say_who_answered() -> None:
    feed = FallbackFeed([Provider("one", Unavailable("down")), Provider("two")])
    [action] = feed.actions("MSFT", date(2024, 1, 1), date(2024, 12, 31), FetchControl())
    assert action.source == "two"


def test_no_provider_is_no_feed() -> None:
    with pytest.raises(InvalidInput, match="CAUSEWAY_FEEDS"):
        FallbackFeed([])


def test_the_reach_is_that_of_whoever_goes_back_furthest() -> None:
    minute, hour, day = BarSize.MINUTE_1, BarSize.HOUR_1, BarSize.DAY_1
    near, far = Provider("near"), Provider("far")
    month, year = timedelta(days=30), timedelta(days=365)
    near.offer = FeedOffer(frozenset({minute, hour, day}), reach=((minute, month), (hour, month)))
    far.offer = FeedOffer(frozenset({minute, day}), reach=((minute, year), (day, year)))
    # the near one has days for ever, and nobody but it has hours
    assert dict(FallbackFeed([near, far]).offer.reach) == {minute: year, hour: month}


SPENT = TooMany("25 calls a day, which are used up", retry_after_s=7 * 3600)


def test_an_unknown_symbol_does_not_wait_for_the_next_day_of_a_plan() -> None:
    """Whoever could be asked does not know it; who could not be asked, and for how long, is said."""
    for order in (
        [("spent", SPENT), ("asked", NotFound("no MSFT"))],
        [("asked", NotFound("no MSFT")), ("spent", SPENT)],
    ):
        with pytest.raises(NotFound) as caught:
            sources(FallbackFeed([Provider(name, error) for name, error in order]))
        said = "no provider has bars of MSFT. asked: no MSFT; not asked: spent, as 25 calls a day, which are used up"
        assert caught.value.message == said
        assert caught.value.details["not_asked"] == {"spent": 7 * 3600}


def test_a_provider_that_rests_counts_as_one_that_was_not_asked() -> None:
    now = [0.0]
    spent, second = Provider("spent", SPENT), Provider("second")
    feed = FallbackFeed([spent, second], clock=lambda: now[0])
    sources(feed)
    second.error, now[0] = NotFound("no MSFT"), 3600.0
    with pytest.raises(NotFound) as caught:
        sources(feed)
    assert len(spent.asked) == 1
    assert caught.value.details["not_asked"] == {"spent": 6 * 3600}


def test_a_throttle_of_a_minute_is_waited_for_also_by_an_unknown_symbol() -> None:
    now = [0.0]
    busy, second = Provider("busy", TooMany("5 a minute", retry_after_s=60)), Provider("second", NotFound("no MSFT"))
    feed = FallbackFeed([busy, second], clock=lambda: now[0])
    for moment, left_s in ((0.0, 60), (20.0, 40)):  # asked, then resting
        now[0] = moment
        with pytest.raises(TooMany) as caught:
            sources(feed)
        assert caught.value.retry_after_s == left_s


def test_a_directory_that_lacks_a_symbol_does_not_say_that_there_is_none() -> None:
    files = Provider("files", NotFound("no file of MSFT"))
    files.offer = FeedOffer(frozenset({BarSize.DAY_1}), some_symbols=True)
    feed = FallbackFeed([files, Provider("spent", SPENT)])
    for _ in range(2):  # asked, then resting
        with pytest.raises(TooMany):
            sources(feed)


def test_an_outage_beside_a_used_up_plan_is_an_outage_where_another_knows_no_such_symbol() -> None:
    down = Provider("down", Unavailable("no route"))
    with pytest.raises(Unavailable):
        sources(FallbackFeed([Provider("asked", NotFound("no MSFT")), down, Provider("spent", SPENT)]))


class Mender(Provider):
    """Repairs nothing, and says so."""

    offer = FeedOffer(bar_sizes=frozenset({BarSize.DAY_1}), repairs=True)

    def repairs(self, request: BarsRequest, control: FetchControl) -> OfferedRepairs:
        if self.error is not None:
            raise self.error
        return OfferedRepairs("mender", BarColumns.together([]), BarColumns.together([]), (), ())


def test_repairs_come_from_the_first_that_offers_any_and_can_answer() -> None:
    feed = FallbackFeed([Provider("plain"), Mender("down", Unavailable("down")), Mender("well")])
    assert feed.offer.repairs
    assert feed.repairs(WEEK, FetchControl()).source == "well"
    with pytest.raises(Unavailable, match=r"no provider could answer for repairs of MSFT\. down: down"):
        FallbackFeed([Mender("down", Unavailable("down"))]).repairs(WEEK, FetchControl())


def test_where_nobody_offers_repairs_it_is_said_who_does() -> None:
    feed = FallbackFeed([Provider("plain")])
    assert not feed.offer.repairs
    with pytest.raises(InvalidInput, match="none of plain has repairs of its own to offer; yahoo has"):
        feed.repairs(WEEK, FetchControl())


def test_a_provider_that_could_not_be_asked_counts_though_its_rest_ends_while_the_others_answer() -> None:
    """Otherwise an outage of one ends as "nobody knows the symbol" of the other."""
    now = [0.0]

    class Slow(Provider):
        def bars(self, request: BarsRequest, control: FetchControl) -> Iterator[BarPage]:
            now[0] += 50.0
            raise NotFound("no such symbol")
            yield

    feed = FallbackFeed([Provider("down", Unavailable("it is down")), Slow("slow")], clock=lambda: now[0])
    for _ in range(2):  # it rests from the first time to sixty seconds later, and the second answer comes at a hundred
        with pytest.raises(Unavailable, match="down: it is down; slow: no such symbol"):
            sources(feed)
