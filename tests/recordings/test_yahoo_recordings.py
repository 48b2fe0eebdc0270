"""Every recorded chart of Yahoo, served by the simulated Yahoo and read by the client over a socket.

Source: gadicc/node-yahoo-finance2 (MIT), tests/fixtures. What each must give is read off its body by itself.
"""

from __future__ import annotations

import json
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlparse
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from causeway.adapters.feeds.retrying import Retries
from causeway.adapters.feeds.yahoo_client import YahooClient
from causeway.errors import Unavailable
from causeway.model.time import BarSize
from causeway.ports.feed import BarPage, BarsRequest, FetchControl
from causeway.simulators.faults import Faults
from causeway.simulators.market import SimulatedMarket
from causeway.simulators.yahoo import open_simulator

SIZES = {"1d": BarSize.DAY_1, "1m": BarSize.MINUTE_1}
MINOR_UNITS = {"GBp": ("GBP", 100.0)}
NAMES = ("open", "high", "low", "close", "volume")


def charts(test_data: Path) -> list[dict[str, Any]]:
    lines = map(json.loads, (test_data / "wire/yahoo/index.jsonl").read_text().splitlines())
    return [one for one in lines if "/v8/finance/chart/" in one["url"]]


def replayed(chart: dict[str, Any], body: dict[str, Any], directory: Path) -> tuple[BarPage, BarsRequest]:
    """The only page of a fetch of the range that was recorded, on the day after it."""
    url = urlparse(chart["url"])
    query = {name: values[0] for name, values in parse_qs(url.query).items()}
    symbol, size = url.path.rsplit("/", 1)[1], SIZES[query["interval"]]
    last = int(query.get("period2", int(query["period1"]) + 86_400))
    start = datetime.fromtimestamp(int(query["period1"]), UTC).replace(hour=0, minute=0, second=0)
    # A bar of a day is stamped midnight of the exchange's date, so a range that ends within a day holds it.
    end = datetime.fromtimestamp(last, UTC) + timedelta(days=1)
    line = {"url": f"https://x/v8/finance/chart/{symbol}?interval={query['interval']}", "body": body}
    (directory / "index.jsonl").write_text(json.dumps(line))
    request = BarsRequest(symbol, size, start, end)
    with (
        open_simulator(SimulatedMarket(), Faults(), recordings=directory) as simulator,
        closing(
            YahooClient(
                url=simulator.settings["CAUSEWAY_YAHOO_URL"],
                requests_per_s=10_000,
                retries=Retries(budget_s=0.0, attempts=1),
                now=lambda: end + timedelta(days=2),
            )
        ) as feed,
    ):
        [page] = feed.bars(request, FetchControl())
    return page, request


def rows_of(body: dict[str, Any]) -> tuple[list[int], np.ndarray[Any, np.dtype[np.float64]], str]:
    """Dates as microseconds of 00:00 UTC, open to volume, and the currency in its major unit."""
    [result] = body["chart"]["result"]
    zone = ZoneInfo(result["meta"]["exchangeTimezoneName"])
    days = [datetime.fromtimestamp(at, zone).date() for at in result.get("timestamp", [])]
    quote = result["indicators"]["quote"][0]
    values = np.array([quote.get(name, []) for name in NAMES], dtype=float)
    currency, divisor = MINOR_UNITS.get(result["meta"]["currency"], (result["meta"]["currency"], 1.0))
    values[:4] /= divisor
    return (
        [int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp()) * 1_000_000 for day in days],
        values,
        currency,
    )


def test_every_recorded_chart_gives_the_rows_that_its_body_has(test_data: Path, tmp_path: Path) -> None:
    read = 0
    for chart in charts(test_data):
        body = json.loads((test_data / "wire/yahoo" / chart["file"]).read_text())
        if ".fake." in chart["file"]:
            continue
        page, request = replayed(chart, body, tmp_path)
        days, values, currency = rows_of(body)
        assert page.currency == currency, chart["file"]
        assert page.holes == ()
        assert (page.bars.time_us.tolist() == days) or request.bar_size is BarSize.MINUTE_1, chart["file"]
        found = np.array([getattr(page.bars, name) for name in NAMES])
        np.testing.assert_allclose(found, values, rtol=6e-8, err_msg=chart["file"])  # single precision
        read += 1
    assert read == 16


def test_a_chart_without_its_times_is_an_outage(test_data: Path, tmp_path: Path) -> None:
    """Edited by its source: a quote of one row and no timestamp."""
    [chart] = [one for one in charts(test_data) if "notimestamp" in one["file"]]
    body = json.loads((test_data / "wire/yahoo" / chart["file"]).read_text())
    with pytest.raises(Unavailable, match="cannot be read"):
        replayed(chart, body, tmp_path)
