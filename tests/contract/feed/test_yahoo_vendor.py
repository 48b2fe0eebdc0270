"""What only Yahoo has: cookie and crumb, caches of yfinance, units, repair, recorded charts."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from causeway.adapters.feeds.retrying import Retries
from causeway.adapters.feeds.yahoo_client import YahooClient
from causeway.errors import CausewayError, InvalidInput, NotFound, TooMany
from causeway.model.corporate_action import ActionKind
from causeway.model.instrument import AssetClass
from causeway.model.time import BarSize
from causeway.ports.feed import BarPage, BarsRequest, FetchControl, OfferedRepairs
from causeway.simulators.faults import Faults
from causeway.simulators.market import SimulatedMarket
from causeway.simulators.yahoo import YahooSimulator, open_simulator

ONCE = Retries(budget_s=0.0, attempts=1)


def client(simulator: YahooSimulator) -> YahooClient:
    return YahooClient(url=simulator.settings["CAUSEWAY_YAHOO_URL"], requests_per_s=10_000, retries=ONCE)


def request_of(symbol: str, start: str, end: str, size: BarSize = BarSize.DAY_1) -> BarsRequest:
    first, last = (datetime.fromisoformat(day).replace(tzinfo=UTC) for day in (start, end))
    return BarsRequest(symbol, size, first, last)


def fetch(simulator: YahooSimulator, request: BarsRequest, control: FetchControl | None = None) -> list[BarPage]:
    with closing(client(simulator)) as feed:
        return list(feed.bars(request, control or FetchControl()))


def test_every_request_goes_to_the_server_of_the_setting(simulated_market: SimulatedMarket) -> None:
    """Cookie (fc.yahoo.com, the root) and crumb (query1) too; two questions for the chart: events and bars."""
    with open_simulator(simulated_market, Faults()) as simulator:
        fetch(simulator, request_of("MSFT", "2024-03-04", "2024-03-09"))
        assert set(simulator.paths) == {"/", "/v1/test/getcrumb", "/v8/finance/chart/MSFT"}
        assert simulator.requests == 2


def test_yfinance_keeps_nothing_in_the_users_home(simulated_market: SimulatedMarket) -> None:
    from yfinance import cache

    with open_simulator(simulated_market, Faults()) as simulator:
        fetch(simulator, request_of("MSFT", "2024-03-04", "2024-03-09"))
    for manager in (cache._TzDBManager, cache._CookieDBManager, cache._ISINDBManager):
        assert Path(manager._cache_dir).parent == Path(tempfile.gettempdir())


def test_a_share_class_is_asked_in_yahoos_spelling(simulated_market: SimulatedMarket) -> None:
    with open_simulator(simulated_market, Faults()) as simulator:
        request = request_of("BRK.B", "2024-03-04", "2024-03-09")
        [page] = fetch(simulator, request)
        assert simulator.paths[-1] == "/v8/finance/chart/BRK-B"
    assert len(page.bars) == 5


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [("^GSPC", "^GSPC"), ("EURUSD", "EURUSD=X"), ("EUR/USD", "EURUSD=X"), ("M&M.NS", "M&M.NS"), ("A?B#C", "A?B#C")],
)
def test_signs_of_a_symbol_reach_yahoo_as_they_are(ours: str, theirs: str) -> None:
    """Indices, pairs and a share of Mumbai as finance.yahoo.com spells them; a sign of URLs does not cut the symbol."""
    with open_simulator(SimulatedMarket(symbols=(theirs,)), Faults()) as simulator:
        [page] = fetch(simulator, request_of(ours, "2024-03-04", "2024-03-09"))
        assert set(simulator.paths) - {"/", "/v1/test/getcrumb"} == {f"/v8/finance/chart/{theirs}"}
    assert len(page.bars) == 5


@pytest.mark.parametrize(
    ("symbol", "kind"),
    [
        ("MSFT", AssetClass.EQUITY),
        ("EURUSD=X", AssetClass.FX),
        ("BTC-USD", AssetClass.CRYPTO),
        ("^GSPC", AssetClass.INDEX),
    ],
)
def test_what_yahoo_says_that_a_symbol_is_comes_with_its_bars(symbol: str, kind: AssetClass) -> None:
    """``instrumentType`` of the chart, as in recorded ones."""
    with open_simulator(SimulatedMarket(symbols=(symbol,)), Faults()) as simulator:
        [page] = fetch(simulator, request_of(symbol, "2024-03-04", "2024-03-09"))
    assert page.asset_class is kind


def test_two_clients_do_not_share_a_server(simulated_market: SimulatedMarket) -> None:
    """yfinance's own session is one per process."""
    week = request_of("MSFT", "2024-03-04", "2024-03-09")
    with open_simulator(simulated_market, Faults()) as one, open_simulator(simulated_market, Faults()) as other:
        first, second = client(one), client(other)
        for feed in (first, second, first):
            list(feed.bars(week, FetchControl()))
        first.close()
        second.close()
        assert (one.requests, other.requests) == (4, 2)


def test_a_close_that_is_100_times_too_large_is_offered_repaired_and_not_changed(
    simulated_market: SimulatedMarket, tmp_path: Path
) -> None:
    with open_simulator(simulated_market, Faults()) as simulator:
        body = json.loads(simulator.chart("MSFT", "2024-01-02", "2024-05-01"))
    true, offered, page = _with_a_close_times_100(simulated_market, tmp_path, body)
    [served], [proposed] = offered.served.close.tolist(), offered.proposed.close.tolist()
    assert served == pytest.approx(true * 100)
    assert proposed == pytest.approx(true, rel=0.02)
    assert (offered.flaws, offered.codes) == (("unit",), ("unit_error",))
    assert page.bars.close[40] == pytest.approx(true * 100)


def test_repairs_of_a_share_in_pence_are_in_pounds_as_its_bars_are(
    simulated_market: SimulatedMarket, tmp_path: Path
) -> None:
    with open_simulator(simulated_market, Faults()) as simulator:
        body = json.loads(simulator.chart("MSFT", "2024-01-02", "2024-05-01"))
    body["chart"]["result"][0]["meta"]["currency"] = "GBp"
    true, offered, page = _with_a_close_times_100(simulated_market, tmp_path, body)
    assert (offered.currency, page.currency) == ("GBP", "GBP")
    assert offered.served.close.tolist() == [page.bars.close[40]]
    assert offered.proposed.close[0] == pytest.approx(true / 100, rel=0.02)


def test_a_dividend_that_would_be_repaired_is_named_as_paid(simulated_market: SimulatedMarket, tmp_path: Path) -> None:
    """25 dollars on a price near 90 that does not fall by them: 0.25 was meant."""
    with open_simulator(simulated_market, Faults()) as simulator:
        body = json.loads(simulator.chart("MSFT", "2023-01-03", "2024-05-01"))
    result = body["chart"]["result"][0]
    at = result["timestamp"][200]
    result["events"] = {"dividends": {str(at): {"amount": 25.0, "date": at}}}
    adjusted = result["indicators"]["adjclose"][0]["adjclose"]
    for row in range(200):
        adjusted[row] *= 1 - 25.0 / result["indicators"]["quote"][0]["close"][199]
    with recorded(simulated_market, tmp_path, body) as simulator, closing(client(simulator)) as feed:
        offered = feed.repairs(request_of("MSFT", "2023-01-03", "2024-05-01"), FetchControl())
    [action] = offered.actions
    assert (action.kind, action.served, action.flaw) == (ActionKind.DIVIDEND, Decimal(25), "dividend")
    assert action.proposed == Decimal("0.25")
    assert len(offered.served) == 0


def _with_a_close_times_100(
    market: SimulatedMarket, folder: Path, body: dict[str, Any]
) -> tuple[float, OfferedRepairs, BarPage]:
    """What the 41st close of a chart was, and what is offered and handed over of it once it is 100 times that."""
    closes = body["chart"]["result"][0]["indicators"]["quote"][0]["close"]
    true = float(closes[40])
    closes[40] = true * 100
    request = request_of("MSFT", "2024-01-02", "2024-05-01")
    with recorded(market, folder, body) as simulator:
        with closing(client(simulator)) as feed:
            offered = feed.repairs(request, FetchControl())
        [page] = fetch(simulator, request)
    return true, offered, page


@contextmanager
def recorded(market: SimulatedMarket, folder: Path, body: object) -> Iterator[YahooSimulator]:
    """Daily charts of MSFT are answered with ``body``."""
    line = {"url": "https://x/v8/finance/chart/MSFT?interval=1d", "body": body}
    (folder / "index.jsonl").write_text(json.dumps(line))
    with open_simulator(market, Faults(), recordings=folder) as simulator:
        yield simulator


@pytest.mark.parametrize(
    ("symbol", "start", "end", "close", "currency"),
    [
        ("AAPL", "2020-01-01", "2020-01-03", 75.0875, "USD"),
        ("OCDO.L", "2020-01-01", "2020-01-03", 12.595, "GBP"),
        ("ORSTED.CO", "2020-01-01", "2020-01-03", 681.0, "DKK"),
        ("BTC-USD", "2020-01-01", "2020-01-03", 7200.17, "USD"),
        ("EURUSD", "2020-01-01", "2020-01-03", 1.122083, "USD"),
    ],
)
def test_recorded_charts(
    test_data: Path,
    simulated_market: SimulatedMarket,
    symbol: str,
    start: str,
    end: str,
    close: float,
    currency: str,
) -> None:
    """First close of each recording, read off its body; Ocado's 1259.5 pence are 12.595 pounds."""
    with open_simulator(simulated_market, Faults(), recordings=test_data / "wire/yahoo") as simulator:
        [page] = fetch(simulator, request_of(symbol, start, end))
    assert page.currency == currency
    assert page.bars.close[0] == pytest.approx(close, rel=1e-6)
    assert len(page.bars) >= 1


def test_recorded_dividends_and_split(test_data: Path, simulated_market: SimulatedMarket) -> None:
    """MSFT's four dividends of 2021 were 0.56, 0.56, 0.56, 0.62; NVDA split 4 for 1 on 2021-07-20."""
    with (
        open_simulator(simulated_market, Faults(), recordings=test_data / "wire/yahoo") as simulator,
        closing(client(simulator)) as feed,
    ):
        dividends = feed.actions("MSFT", date(2021, 2, 1), date(2022, 1, 31), FetchControl())
        assert [(one.ex_date.isoformat(), one.value) for one in dividends] == [
            ("2021-02-17", Decimal("0.56")),
            ("2021-05-19", Decimal("0.56")),
            ("2021-08-18", Decimal("0.56")),
            ("2021-11-17", Decimal("0.62")),
        ]
        found = feed.actions("NVDA", date(2021, 2, 1), date(2022, 1, 31), FetchControl())
        [split] = [one for one in found if one.kind is ActionKind.SPLIT]
        assert (split.ex_date, split.value) == (date(2021, 7, 20), Decimal(4))


@pytest.mark.parametrize(
    ("status", "body", "error"),
    [
        (404, {"chart": {"result": None, "error": {"code": "Not Found", "description": "No data found"}}}, NotFound),
        (
            422,
            {"chart": {"result": None, "error": {"code": "Unprocessable Entity", "description": "Only 7 days worth"}}},
            InvalidInput,
        ),
        (429, "Edge: Too Many Requests", TooMany),
    ],
)
def test_refusals_as_users_quote_them(
    simulated_market: SimulatedMarket, tmp_path: Path, status: int, body: object, error: type[CausewayError]
) -> None:
    """Sources: yfinance issue 2902, yahoo-finance2 issue 982."""
    line = {"url": "https://x/v8/finance/chart/MSFT", "body": body, "status": status}
    (tmp_path / "index.jsonl").write_text(json.dumps(line))
    with open_simulator(simulated_market, Faults(), recordings=tmp_path) as simulator, pytest.raises(error):
        fetch(simulator, request_of("MSFT", "2024-03-04", "2024-03-09"))


def test_a_page_before_the_listing_is_empty(simulated_market: SimulatedMarket, tmp_path: Path) -> None:
    """Yahoo refuses such a range with 400 and this sentence."""
    said = {"code": "Bad Request", "description": "Data doesn't exist for startDate = 1, endDate = 2"}
    with open_simulator(simulated_market, Faults()) as simulator:
        whole = json.loads(simulator.chart("MSFT", "2024-03-04", "2024-03-09"))
    lines = [
        {"url": "https://x/v8/finance/chart/MSFT?events=div,splits", "body": whole},
        {
            "url": "https://x/v8/finance/chart/MSFT?events=div,splits,capitalGains",
            "body": {"chart": {"result": None, "error": said}},
            "status": 400,
        },
    ]
    (tmp_path / "index.jsonl").write_text("\n".join(map(json.dumps, lines)))
    with open_simulator(simulated_market, Faults(), recordings=tmp_path) as simulator:
        [page] = fetch(simulator, request_of("MSFT", "2000-01-03", "2000-01-08"))
    assert len(page.bars) == 0


@pytest.mark.parametrize(
    ("bar_size", "now", "resume"),
    [
        (BarSize.DAY_1, "2024-03-06T15:00", "2024-03-06"),  # ten in the morning: the day is still forming
        (BarSize.HOUR_1, "2024-03-06T15:10", "2024-03-06T14:10:00.000001"),  # the bar from 14:30 is
    ],
)
def test_a_fetch_goes_on_with_the_bar_that_was_still_forming(
    simulated_market: SimulatedMarket, bar_size: BarSize, now: str, resume: str
) -> None:
    at = datetime.fromisoformat(now).replace(tzinfo=UTC)
    with open_simulator(simulated_market, Faults()) as simulator:
        url = simulator.settings["CAUSEWAY_YAHOO_URL"]
        feed = YahooClient(url=url, requests_per_s=10_000, retries=ONCE, now=lambda: at)
        with closing(feed):
            *_, last = feed.bars(request_of("MSFT", "2024-03-04", "2024-03-09", bar_size), FetchControl())
    assert last.resume == datetime.fromisoformat(resume).replace(tzinfo=UTC)
