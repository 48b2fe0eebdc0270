"""How far back Yahoo's bars go is said before anything is asked. Source: Yahoo's own refusals (HTTP 422)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from causeway.adapters.feeds.yahoo_client import YahooClient
from causeway.errors import InvalidInput
from causeway.model.time import BarSize
from causeway.ports.feed import BarsRequest, FetchControl

NOW = datetime(2024, 12, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("size", "days"),
    [(BarSize.MINUTE_1, 30), (BarSize.MINUTE_5, 60), (BarSize.MINUTE_15, 60), (BarSize.HOUR_1, 730)],
)
def test_further_back_is_refused_with_the_reach(size: BarSize, days: int) -> None:
    client = YahooClient(now=lambda: NOW)
    request = BarsRequest("AAPL", size, NOW - timedelta(days=days, seconds=1), NOW)
    with pytest.raises(InvalidInput, match=f"for {days} days"):
        list(client.bars(request, FetchControl()))
    assert dict(client.offer.reach)[size] == timedelta(days=days)


def test_days_go_back_for_ever() -> None:
    assert BarSize.DAY_1 not in dict(YahooClient.offer.reach)
