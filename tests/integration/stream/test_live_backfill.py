"""What a backfill of the live feed leaves in the database: flawed bars, and spans for which minutes stand in."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import psycopg
import pytest

from causeway.adapters.storage.live_store import LiveStore, StandIn
from causeway.market_data.trade_stream import TradeBar
from causeway.model.bar import BarColumns
from causeway.model.corporate_action import CorporateAction
from causeway.model.time import BarSize, micros
from causeway.ports.feed import BarPage, BarsRequest, FeedOffer, FetchControl
from causeway.settings import LiveSettings
from causeway.streaming.live_market import LiveBar
from containers.stream.bar_backfill import BarBackfill
from tests.fixtures.databases import Databases

pytestmark = pytest.mark.postgres


def _rows(databases: Databases, query: str) -> list[tuple[Any, ...]]:
    with psycopg.connect(databases.owner_url) as connection:
        return connection.execute(query.encode()).fetchall()


class _History:
    """Minutes and seconds, the first of each ten with a high below its low."""

    name = "scripted"
    offer = FeedOffer(frozenset({BarSize.MINUTE_1, BarSize.SECOND_1}))

    def bars(self, request: BarsRequest, control: FetchControl) -> Iterator[BarPage]:
        control.check()
        step_us = request.bar_size.width // timedelta(microseconds=1)
        time_us = np.arange(micros(request.start), micros(request.end), step_us, dtype=np.int64)
        prices = np.tile([10.0, 11.0, 9.0, 10.0], (len(time_us), 1))
        prices[::10, 1] = 5.0
        yield BarPage(BarColumns.of(time_us, prices, np.ones(len(time_us))), request.end)

    def actions(self, symbol: str, first: date, last: date, control: FetchControl) -> list[CorporateAction]:
        raise NotImplementedError


def test_flawed_bars_of_minutes_and_seconds_go_to_the_first_admins_quarantine(
    databases: Databases, small_market: dict[str, int], user_factory: Any, tmp_path: Path
) -> None:
    assert small_market
    kept: list[tuple[BarSize, int]] = []
    backfill = BarBackfill(
        _History(), LiveStore(databases.service), lambda _symbol, size, bars, _source: kept.append((size, len(bars))),
        LiveSettings(spool_dir=tmp_path),
    )  # fmt: skip
    end = datetime.now(UTC).replace(second=0, microsecond=0) - timedelta(minutes=1)
    backfill.ask("AAA", end - timedelta(minutes=20), end)
    while backfill.step():
        pass
    assert kept == [(BarSize.MINUTE_1, 18), (BarSize.SECOND_1, 1080)]
    assert _rows(databases, "SELECT count(*) FROM quarantine") == [(0,)]  # nobody is there to look after it

    user_factory("trader")
    admin = user_factory("admin")
    for _ in range(2):  # what is kept is not kept twice
        backfill.ask("AAA", end - timedelta(minutes=20), end)
        while backfill.step():
            pass
    flawed = "SELECT user_id, bar_size, symbol, reasons -> 0 ->> 'code', count(*) FROM quarantine GROUP BY 1, 2, 3, 4"
    assert sorted(_rows(databases, flawed), key=lambda row: str(row[1])) == [
        (admin, "1m", "AAA", "high_below_low", 2), (admin, "1s", "AAA", "high_below_low", 120),
    ]  # fmt: skip
    ingestions = "SELECT source, filename, rows_quarantined, symbols_count FROM ingestions ORDER BY rows_quarantined"
    assert _rows(databases, ingestions) == [("scripted", "live backfill", n, 1) for n in (2, 120)]


def test_minutes_stand_in_for_seconds_until_some_are_stored(databases: Databases, small_market: dict[str, int]) -> None:
    store, at = LiveStore(databases.service), datetime(2026, 3, 2, 15, 0, tzinfo=UTC)
    span = (at, at + timedelta(minutes=20))
    for _ in range(2):
        store.note_stand_in("AAA", BarSize.SECOND_1, span, BarSize.MINUTE_1, "no seconds")
    assert LiveStore(databases.app).stand_ins("aaa", BarSize.SECOND_1) == [StandIn(*span, "1m", "no seconds")]
    assert store.stand_ins("AAA", BarSize.MINUTE_1) == store.stand_ins("BBB", BarSize.SECOND_1) == []
    bar = TradeBar(micros(at) + 5_000_000, 10.0, 10.0, 10.0, 10.0, 1.0, 1)
    store.write([], [LiveBar("AAA", small_market["AAA"], BarSize.SECOND_1, bar, "test")])
    assert store.stand_ins("AAA", BarSize.SECOND_1) == []


@pytest.mark.parametrize("wrong", [float("nan"), float("inf"), -1.0, 0.0, 1e300])
def test_a_price_that_is_none_goes_to_quarantine_and_the_others_are_kept(
    databases: Databases, small_market: dict[str, int], user_factory: Any, tmp_path: Path, wrong: float
) -> None:
    class Wrong(_History):
        def bars(self, request: BarsRequest, control: FetchControl) -> Iterator[BarPage]:
            for page in super().bars(request, control):
                page.bars.close[::10] = wrong
                yield page

    assert small_market
    user_factory("admin")
    kept: list[int] = []
    backfill = BarBackfill(
        Wrong(), LiveStore(databases.service), lambda _symbol, _size, bars, _source: kept.append(len(bars)),
        LiveSettings(spool_dir=tmp_path, live_backfill_seconds_hours=0),
    )  # fmt: skip
    end = datetime.now(UTC).replace(second=0, microsecond=0) - timedelta(minutes=1)
    backfill.ask("AAA", end - timedelta(minutes=20), end)
    while backfill.step():
        pass
    assert (kept, backfill.counts["flawed"], backfill.counts["given_up"]) == ([18], 2, 0)
    assert _rows(databases, "SELECT count(*) FROM quarantine") == [(2,)]
