"""What every provider of history must do, numbered as in docs/contracts/feed.md."""

from __future__ import annotations

import threading
import time
from datetime import UTC, date, datetime, timedelta

import numpy as np
import pytest

from causeway.errors import Denied, InvalidInput, NotFound, TooMany, Unavailable
from causeway.market_data.corporate_actions import Adjustment, adjust
from causeway.market_data.exchanges import sessions_of
from causeway.model.bar import BarColumns
from causeway.model.corporate_action import ActionKind
from causeway.model.time import BarSize
from causeway.ports.feed import BarPage, BarsRequest, FetchCancelled, FetchControl, PriceBasis
from causeway.simulators.faults import Fault
from tests.contract.feed.providers.bench import Bench

DAY, FOREVER = BarSize.DAY_1, 10_000


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


WEEK = BarsRequest("MSFT", DAY, at("2024-03-04"), at("2024-03-09"))


def fetch(bench: Bench, request: BarsRequest = WEEK, control: FetchControl | None = None) -> list[BarPage]:
    return list(bench.feed.bars(request, control or FetchControl()))


def joined(pages: list[BarPage]) -> BarColumns:
    names = ("time_us", "open", "high", "low", "close", "volume")
    return BarColumns(*(np.concatenate([getattr(page.bars, name) for page in pages]) for name in names))


def as_served(bench: Bench, request: BarsRequest) -> BarColumns:
    return bench.market.bars(request.symbol, request.bar_size, request.start, request.end)


def assert_equal(found: BarColumns, served: BarColumns) -> None:
    np.testing.assert_array_equal(found.time_us, served.time_us)
    for name in ("open", "high", "low", "close"):
        np.testing.assert_allclose(getattr(found, name), getattr(served, name), rtol=1e-6, err_msg=name)
    np.testing.assert_array_equal(found.volume, served.volume)


def needs(bench: Bench, fault: Fault) -> None:
    if fault not in bench.breaks:
        pytest.skip(f"{bench.feed.name} cannot have the fault {fault}")


def test_f01_bars_are_those_of_the_vendor_stamped_with_their_start(bench: Bench) -> None:
    pages = fetch(bench)
    assert len(joined(pages)) == 5
    assert_equal(joined(pages), as_served(bench, WEEK))


def test_f01_intraday(bench: Bench) -> None:
    if bench.intraday is None:
        pytest.skip(f"{bench.feed.name} has no bars below a day")
    request = BarsRequest("MSFT", bench.intraday, at("2024-03-05T14:30"), at("2024-03-05T17:00"))
    found = joined(fetch(bench, request))
    assert len(found) > 0
    assert_equal(found, as_served(bench, request))


def test_f02_a_weekend_has_no_bars(bench: Bench) -> None:
    pages = fetch(bench, BarsRequest("MSFT", DAY, at("2024-03-09"), at("2024-03-11")))
    assert sum(len(page.bars) for page in pages) == 0


def test_f03_an_unknown_symbol_is_not_found(bench: Bench) -> None:
    with pytest.raises(NotFound, match="NOPE"):
        fetch(bench, BarsRequest("NOPE", DAY, WEEK.start, WEEK.end))


def test_f04_a_bar_size_that_is_not_offered_is_named(bench: Bench) -> None:
    missing = [size for size in BarSize if size not in bench.feed.offer.bar_sizes]
    if not missing:
        pytest.skip(f"{bench.feed.name} offers every bar size")
    with pytest.raises(InvalidInput, match="1d"):
        fetch(bench, BarsRequest("MSFT", missing[0], WEEK.start, WEEK.end))


def test_f05_pages_do_not_overlap_and_a_fetch_goes_on_from_resume(bench: Bench) -> None:
    long = BarsRequest("MSFT", DAY, at("2021-01-01"), at("2024-01-01"))
    pages = fetch(bench, long)
    assert_equal(joined(pages), as_served(bench, long))
    first = pages[0]
    assert int((first.resume - datetime(1970, 1, 1, tzinfo=UTC)).total_seconds() * 1e6) > first.bars.time_us[-1]
    rest = fetch(bench, BarsRequest("MSFT", DAY, first.resume, long.end)) if first.resume < long.end else []
    assert_equal(joined([first, *rest]), as_served(bench, long))


def test_f06_a_throttle_is_waited_for(bench: Bench) -> None:
    needs(bench, Fault.THROTTLE)
    told: list[tuple[float, str]] = []
    control = FetchControl(waits=lambda seconds, why: told.append((seconds, why)))
    bench.faults.add(Fault.THROTTLE)
    assert_equal(joined(fetch(bench, control=control)), as_served(bench, WEEK))
    assert any(seconds > 0 and why for seconds, why in told)


def test_f07_a_long_throttle_is_too_many(bench: Bench) -> None:
    needs(bench, Fault.THROTTLE)
    bench.faults.add(Fault.THROTTLE, FOREVER)
    with pytest.raises(TooMany) as caught:
        fetch(bench)
    assert caught.value.retry_after_s > 0


@pytest.mark.parametrize("fault", [Fault.SERVER_ERROR, Fault.REFUSE])
def test_f08_an_outage_is_unavailable(bench: Bench, fault: Fault) -> None:
    needs(bench, fault)
    bench.faults.add(fault, FOREVER)
    with pytest.raises(Unavailable):
        fetch(bench)


@pytest.mark.parametrize("fault", [Fault.SERVER_ERROR, Fault.REFUSE, Fault.CUT])
def test_f09_a_failure_is_tried_again_and_half_an_answer_is_none(bench: Bench, fault: Fault) -> None:
    needs(bench, fault)
    bench.faults.add(fault)
    assert_equal(joined(fetch(bench)), as_served(bench, WEEK))


def test_f10_bytes_that_are_no_answer_are_unavailable(bench: Bench) -> None:
    needs(bench, Fault.GARBAGE)
    bench.faults.add(Fault.GARBAGE, FOREVER)
    with pytest.raises(Unavailable):
        fetch(bench)


def test_f11_missing_values_are_holes(bench: Bench) -> None:
    needs(bench, Fault.NULLS)
    bench.faults.add(Fault.NULLS)
    pages = fetch(bench)
    served = as_served(bench, WEEK)
    holes = [hole for page in pages for hole in page.holes]
    assert holes
    assert len(joined(pages)) + len(holes) == len(served)
    assert np.isfinite(joined(pages).close).all()


def test_f12_a_cancel_is_heard_while_waiting(bench: Bench) -> None:
    fault = Fault.THROTTLE if Fault.THROTTLE in bench.breaks else Fault.SERVER_ERROR
    needs(bench, fault)
    bench.faults.add(fault, FOREVER)
    stop = threading.Event()
    control = FetchControl(should_stop=stop.is_set, waits=lambda _seconds, _why: stop.set())
    began = time.monotonic()
    with pytest.raises(FetchCancelled):
        fetch(bench, control=control)
    assert time.monotonic() - began < 5.0  # a second, and what a busy machine adds


def test_f12_a_cancel_is_heard_while_the_vendor_says_nothing(bench: Bench) -> None:
    needs(bench, Fault.SILENCE)
    list(bench.feed.bars(WEEK, FetchControl()))  # libraries are loaded, a connection is open
    bench.faults.add(Fault.SILENCE, FOREVER)
    stop = threading.Event()
    threading.Timer(0.2, stop.set).start()
    began = time.monotonic()
    with pytest.raises(FetchCancelled):
        fetch(bench, control=FetchControl(should_stop=stop.is_set))
    assert time.monotonic() - began < 1.0


def test_f13_silence_is_unavailable(bench: Bench) -> None:
    needs(bench, Fault.SILENCE)
    bench.faults.add(Fault.SILENCE, FOREVER)
    with pytest.raises(Unavailable):
        fetch(bench)


@pytest.mark.parametrize("fault", [Fault.UNAUTHORISED, Fault.PREMIUM])
def test_f14_what_the_key_does_not_cover_is_denied(bench: Bench, fault: Fault) -> None:
    needs(bench, fault)
    bench.faults.add(fault, FOREVER)
    with pytest.raises(Denied):
        fetch(bench)


def test_f15_prices_are_raw_or_say_so(bench: Bench) -> None:
    """AAPL splits 4 for 1 on 2024-06-10."""
    request = BarsRequest("AAPL", DAY, at("2024-06-03"), at("2024-06-15"))
    pages = fetch(bench, request)
    served = as_served(bench, request)
    if all(page.basis is PriceBasis.RAW for page in pages):
        assert_equal(joined(pages), served)
        return
    splits = [split for split in pages[0].splits if split.kind is ActionKind.SPLIT]
    assert [split.ex_date for split in splits] == [date(2024, 6, 10)]
    adjusted = adjust(served, splits, Adjustment.SPLIT, ex_closes={})
    np.testing.assert_allclose(joined(pages).close, adjusted.close, rtol=1e-6)


MORNING = datetime(2024, 3, 6, 15, 7, 30, tzinfo=UTC)  # a Wednesday, 10:07:30 in New York, 37.5 minutes after the open
FRIDAY = datetime(2024, 3, 8, 6, 0, tzinfo=UTC)  # 01:00 in New York: Thursday is over, Friday has not begun


def in_the_morning(bench: Bench, size: BarSize) -> tuple[BarsRequest, list[BarPage]]:
    """A fetch of Monday to Friday, asked for in the middle of Wednesday's session of a vendor who serves all of it."""
    if bench.at is None:
        pytest.skip(f"{bench.feed.name} has no clock: what it holds is taken as whole")
    request = BarsRequest("MSFT", size, WEEK.start, WEEK.end)
    return request, list(bench.at(MORNING).bars(request, FetchControl()))


def sizes_of(bench: Bench) -> list[BarSize]:
    return [DAY, *([bench.intraday] if bench.intraday else [])]


def test_f16_a_forming_bar_is_not_handed_over(bench: Bench) -> None:
    for size in sizes_of(bench):
        request, pages = in_the_morning(bench, size)
        over = MORNING.replace(hour=0, minute=0, second=0) if size is DAY else MORNING - size.width
        assert_equal(joined(pages), bench.market.bars("MSFT", size, request.start, over))


@pytest.mark.parametrize("day", ["2024-03-08", "2024-03-11", "2024-11-01", "2024-11-04"])
def test_f17_clock_changes(bench: Bench, day: str) -> None:
    """The sessions before and after New York's clocks changed in 2024: 14:30 or 13:30 UTC."""
    if bench.intraday is None:
        pytest.skip(f"{bench.feed.name} has no bars below a day")
    request = BarsRequest("MSFT", bench.intraday, at(f"{day}T13:00"), at(f"{day}T16:00"))
    assert_equal(joined(fetch(bench, request)), as_served(bench, request))


def test_f18_an_answer_in_pieces_is_the_same_answer(bench: Bench) -> None:
    needs(bench, Fault.SPLIT)
    bench.faults.add(Fault.SPLIT)
    assert_equal(joined(fetch(bench)), as_served(bench, WEEK))


def test_f19_splits_and_dividends_by_ex_date(bench: Bench) -> None:
    if not bench.feed.offer.corporate_actions:
        with pytest.raises(InvalidInput):
            bench.feed.actions("AAPL", date(2024, 1, 1), date(2024, 12, 31), FetchControl())
        return
    found = bench.feed.actions("AAPL", date(2024, 1, 1), date(2024, 12, 31), FetchControl())
    served = bench.market.actions("AAPL")
    assert [(one.kind, one.ex_date) for one in found] == [(one.kind, one.ex_date) for one in served]
    assert [float(one.value) for one in found] == pytest.approx([float(one.value) for one in served], rel=1e-6)


def test_f20_a_fetch_that_goes_on_from_resume_misses_no_bar_to_come(bench: Bench) -> None:
    for size in sizes_of(bench):
        request, pages = in_the_morning(bench, size)
        assert bench.at is not None
        later = BarsRequest("MSFT", size, pages[-1].resume, request.end)
        rest = list(bench.at(FRIDAY).bars(later, FetchControl()))
        until = FRIDAY.replace(hour=0) if size is DAY else FRIDAY
        assert_equal(joined([*pages, *rest]), bench.market.bars("MSFT", size, request.start, until))


def test_f20_resume_of_a_range_to_come_is_not_ahead_of_the_clock(bench: Bench) -> None:
    now = datetime.now(UTC)
    for end in (now + timedelta(days=2), now + timedelta(days=90)):
        for size in {DAY, bench.intraday or DAY, BarSize.MINUTE_1} & bench.feed.offer.bar_sizes:
            pages = fetch(bench, BarsRequest("MSFT", size, now - timedelta(days=2), end))
            assert max(page.resume for page in pages) <= datetime.now(UTC)


def test_f21_a_page_names_the_sessions_of_the_exchange_or_nothing(bench: Bench) -> None:
    """Every simulated vendor sells American stocks."""
    for page in fetch(bench):
        assert page.calendar in ("", "XNYS")
        assert page.exchange == "" or sessions_of(page.exchange) == page.calendar
