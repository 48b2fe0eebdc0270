"""What Yahoo says about an instrument, where it cannot be read."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from causeway.adapters.feeds import yahoo_transport
from causeway.adapters.feeds.yahoo_client import YahooClient
from causeway.errors import Unavailable
from causeway.model.time import BarSize
from causeway.ports.feed import BarsRequest, FetchControl

META = {"currency": "USD", "exchangeTimezoneName": "America/New_York"}


@pytest.mark.parametrize(
    "chart",
    [
        {"meta": {"currency": "USD"}},
        {
            "meta": {**META, "exchangeTimezoneName": "Mars/Olympus"},
            "events": {"splits": {"1": {"date": 1_700_000_000, "numerator": 2, "denominator": 1}}},
        },
        {"meta": META, "events": {"splits": {"1": {"date": 1_700_000_000, "numerator": 2, "denominator": 0}}}},
        {"meta": META, "events": {"dividends": {"1": {"date": 1_700_000_000, "amount": None}}}},
        {"meta": META, "events": [1]},
    ],
)
def test_a_chart_that_cannot_be_read_leaves_the_next_provider_its_turn(
    monkeypatch: pytest.MonkeyPatch, chart: dict[str, Any]
) -> None:
    """Only this package's errors make the next provider be asked."""
    monkeypatch.setattr(yahoo_transport, "get_chart", lambda *_: chart)
    request = BarsRequest("MSFT", BarSize.DAY_1, datetime(2024, 3, 4, tzinfo=UTC), datetime(2024, 3, 9, tzinfo=UTC))
    with pytest.raises(Unavailable, match=r"MSFT cannot be read"):
        list(YahooClient().bars(request, FetchControl()))
