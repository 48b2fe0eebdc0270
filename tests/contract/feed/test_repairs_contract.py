"""What every provider that offers repairs must do, numbered as in docs/contracts/feed.md."""

from __future__ import annotations

import threading
import time
from datetime import UTC, date, datetime, timedelta

import numpy as np
import pytest

from causeway.errors import InvalidInput, NotFound
from causeway.market_data.undo_splits import as_traded
from causeway.model.bar import BarColumns
from causeway.model.time import BarSize, moment, now_utc
from causeway.ports.feed import BarsRequest, FetchCancelled, FetchControl, OfferedRepairs, RepairingFeed
from causeway.simulators.faults import Fault, Flaw
from tests.contract.feed.providers.bench import Bench

HALF_YEAR = BarsRequest("MSFT", BarSize.DAY_1, datetime(2024, 1, 2, tzinfo=UTC), datetime(2024, 6, 29, tzinfo=UTC))
FORTNIGHT = (date(2024, 3, 8), date(2024, 3, 21))


@pytest.fixture(autouse=True)
def _offers(bench: Bench) -> None:
    if not bench.feed.offer.repairs:
        pytest.skip(f"{bench.feed.name} offers no repairs")


def repairs(bench: Bench, request: BarsRequest = HALF_YEAR, control: FetchControl | None = None) -> OfferedRepairs:
    assert isinstance(bench.feed, RepairingFeed)
    return bench.feed.repairs(request, control or FetchControl())


def days(bars: BarColumns) -> list[date]:
    return [moment(at).date() for at in bars.time_us.tolist()]


def raw(offered: OfferedRepairs, bars: BarColumns) -> BarColumns:
    return as_traded(bars, offered.basis, offered.splits, BarSize.DAY_1, "XNYS")


def of_the_market(bench: Bench, bars: BarColumns) -> BarColumns:
    true = bench.market.bars("MSFT", BarSize.DAY_1, HALF_YEAR.start, HALF_YEAR.end)
    return true.rows(np.isin(true.time_us, bars.time_us))


def test_f22_a_sound_series_gets_none(bench: Bench) -> None:
    offered = repairs(bench)
    assert (len(offered.served), offered.flaws, offered.codes, offered.actions) == (0, (), (), ())
    assert offered.by


def test_f23_flawed_bars_come_as_they_are_handed_over_beside_what_they_should_be(bench: Bench) -> None:
    bench.faults.flaws = frozenset({Flaw.UNIT})
    offered = repairs(bench)
    handed_over = BarColumns.together([page.bars for page in bench.feed.bars(HALF_YEAR, FetchControl())])
    held = handed_over.rows(np.isin(handed_over.time_us, offered.served.time_us))
    assert days(offered.served)[0] == FORTNIGHT[0]
    assert len(offered.served) == len(offered.flaws) == len(offered.codes) == 10
    np.testing.assert_array_equal(offered.served.prices(), held.prices())
    np.testing.assert_array_equal(offered.served.volume, held.volume)
    true = of_the_market(bench, offered.proposed)
    np.testing.assert_allclose(raw(offered, offered.proposed).prices(), true.prices(), rtol=1e-9)
    np.testing.assert_allclose(held.close, true.close * 100, rtol=1e-6)
    assert set(offered.codes) == {"unit_error"}


def test_f24_a_bar_without_a_value_is_offered_whole(bench: Bench) -> None:
    """Vendors make it of finer bars, which reach back to two years before the present day."""
    if bench.at is None:
        pytest.skip(f"{bench.feed.name} has no clock")
    feed, year = bench.at(now_utc()), now_utc().year - (now_utc().month < 7)
    bench.faults.flaws = frozenset({Flaw.MISSING})
    start = datetime(year, 4, 1, tzinfo=UTC)
    assert isinstance(feed, RepairingFeed)
    offered = feed.repairs(BarsRequest("MSFT", BarSize.DAY_1, start, start + timedelta(days=80)), FetchControl())
    assert len(offered.served) >= 1
    assert np.isnan(offered.served.close).all()
    true = bench.market.bars("MSFT", BarSize.DAY_1, start, start + timedelta(days=80))
    true = true.rows(np.isin(true.time_us, offered.proposed.time_us))
    np.testing.assert_allclose(raw(offered, offered.proposed).prices(), true.prices(), rtol=1e-6)


def test_f25_what_cannot_be_asked_for_is_refused_as_bars_are(bench: Bench) -> None:
    with pytest.raises(NotFound, match="NOPE"):
        repairs(bench, BarsRequest("NOPE", BarSize.DAY_1, HALF_YEAR.start, HALF_YEAR.end))
    missing = next(size for size in BarSize if size not in bench.feed.offer.bar_sizes)
    with pytest.raises(InvalidInput):
        repairs(bench, BarsRequest("MSFT", missing, HALF_YEAR.start, HALF_YEAR.end))


def test_f26_only_bars_that_start_in_the_range(bench: Bench) -> None:
    bench.faults.flaws = frozenset({Flaw.UNIT})
    end = datetime(2024, 3, 13, tzinfo=UTC)
    offered = repairs(bench, BarsRequest("MSFT", BarSize.DAY_1, HALF_YEAR.start, end))
    assert all(HALF_YEAR.start <= moment(at) < end for at in offered.served.time_us.tolist())


def test_f27_a_cancel_is_heard_within_a_second(bench: Bench) -> None:
    if Fault.SILENCE not in bench.breaks:
        pytest.skip(f"{bench.feed.name} cannot have the fault {Fault.SILENCE}")
    repairs(bench)  # libraries are loaded, a connection is open
    bench.faults.add(Fault.SILENCE, 100)
    stop = threading.Event()
    threading.Timer(0.2, stop.set).start()
    began = time.monotonic()
    with pytest.raises(FetchCancelled):
        repairs(bench, control=FetchControl(should_stop=stop.is_set))
    assert time.monotonic() - began < 1.0
