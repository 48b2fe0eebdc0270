"""Halts, price bands and the feed behind the clock, over HTTP."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import psycopg
import pytest

from causeway.adapters.storage.live_store import LiveStore
from causeway.model.tick import TradingState
from causeway.streaming.feed_tally import FeedTally
from tests.fixtures.databases import Databases
from tests.functions.data.conftest import Client

pytestmark = pytest.mark.postgres


def test_halts_and_the_feed_behind_the_clock(analyst: Client, databases: Databases) -> None:
    assert analyst.get("feed").json == {
        "feed": "", "running": False, "updated_at": analyst.get("clock").json["updated_at"], "counts": {},
        "started_at": None, "totals": {}, "since": None,
    }  # fmt: skip
    assert analyst.get("trading-states", symbols="AAPL").json == []
    at, live = datetime(2026, 3, 2, 15, 0, tzinfo=UTC), LiveStore(databases.service)
    tally = FeedTally(at, at - timedelta(days=1), {"quotes": 30}).as_json({"quotes": 7})
    live.hold_clock("a process", at, name="alpaca", tally=tally)
    report = analyst.get("feed").json
    assert (report["feed"], report["running"], report["counts"]) == ("alpaca", True, {"quotes": 7})
    assert (report["started_at"], report["since"]) == ("2026-03-02T15:00:00Z", "2026-03-01T15:00:00Z")
    assert report["totals"] == {"quotes": 37}
    with psycopg.connect(databases.owner_url) as connection:
        row = connection.execute(
            "WITH i AS (INSERT INTO instruments (asset_class) VALUES ('equity') RETURNING id) "
            "INSERT INTO symbols (symbol, instrument_id) SELECT 'HALT', id FROM i RETURNING instrument_id"
        ).fetchone()
    assert row is not None
    bands = (Decimal("9.50"), Decimal("10.50"), at)
    live.write_states([TradingState("HALT", row[0], True, "H", "News pending", at, *bands, at, "alpaca")])
    (state,) = analyst.get("trading-states", symbols="HALT,AAPL").json
    assert (state["symbol"], state["halted"], state["reason"]) == ("HALT", True, "News pending")
    assert (state["lower"], state["upper"], state["bands_time"]) == ("9.5", "10.5", "2026-03-02T15:00:00Z")
    live.hold_clock("a process", at, name="iqfeed")
    assert analyst.get("trading-states", symbols="HALT").json == []  # what another provider said is of no use now
