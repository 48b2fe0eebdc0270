"""What only Alpha Vantage has: a key that it repeats, a plan that counts requests, months, recorded answers."""

from __future__ import annotations

import json
import logging
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from causeway.adapters.feeds.alpha_vantage import AlphaVantage
from causeway.adapters.feeds.process_budget import ProcessBudget
from causeway.adapters.feeds.retrying import Retries
from causeway.errors import CausewayError, Denied, NotFound, TooMany, Unavailable
from causeway.model.time import BarSize
from causeway.ports.feed import BarPage, BarsRequest, FetchControl
from causeway.simulators.alpha_vantage import AlphaVantageSimulator, open_simulator
from causeway.simulators.faults import Fault, Faults
from causeway.simulators.market import SimulatedMarket

KEY = "S3CRET-OF-THE-TEST"
ONCE = Retries(budget_s=0.0, attempts=1)
WEEK = BarsRequest("MSFT", BarSize.DAY_1, datetime(2024, 3, 4, tzinfo=UTC), datetime(2024, 3, 9, tzinfo=UTC))


def client(simulator: AlphaVantageSimulator, **options: Any) -> AlphaVantage:
    return AlphaVantage(KEY, url=simulator.settings["CAUSEWAY_ALPHAVANTAGE_URL"], **{"retries": ONCE, **options})


def fetch(feed: AlphaVantage, request: BarsRequest = WEEK) -> list[BarPage]:
    with closing(feed):
        return list(feed.bars(request, FetchControl()))


@pytest.mark.parametrize("fault", [Fault.THROTTLE, Fault.SERVER_ERROR, Fault.REFUSE, Fault.UNAUTHORISED, None])
def test_the_key_is_in_no_message_and_no_log(
    simulated_market: SimulatedMarket, caplog: pytest.LogCaptureFixture, fault: Fault | None
) -> None:
    """The throttle's own text repeats the key; httpx logs every address at INFO."""
    caplog.set_level(logging.DEBUG)
    faults = Faults()
    if fault:
        faults.add(fault)
    said = []
    with open_simulator(simulated_market, faults) as simulator:
        try:
            fetch(client(simulator))
        except CausewayError as error:
            said = [error.message, str(error.details), repr(error.__cause__)]
        assert simulator.requests == 1
    assert bool(said) == (fault is not None)
    assert KEY not in " ".join(said)
    assert any(record.name == "httpx" for record in caplog.records) or fault is Fault.REFUSE
    assert KEY not in caplog.text


def test_without_a_key_nothing_is_asked(simulated_market: SimulatedMarket) -> None:
    with open_simulator(simulated_market, Faults()) as simulator:
        feed = AlphaVantage("", url=simulator.settings["CAUSEWAY_ALPHAVANTAGE_URL"])
        with pytest.raises(Denied, match="CAUSEWAY_ALPHAVANTAGE_KEY"):
            fetch(feed)
        assert simulator.requests == 0


def test_a_plan_that_is_used_up_is_not_asked_again(simulated_market: SimulatedMarket) -> None:
    budget = ProcessBudget()
    with open_simulator(simulated_market, Faults()) as simulator:
        for _ in range(2):
            fetch(client(simulator, per_minute=5, per_day=2, budget=budget))
        with pytest.raises(TooMany, match="2 calls a day") as caught:
            fetch(client(simulator, per_minute=5, per_day=2, budget=budget))
        assert simulator.requests == 2
    assert caught.value.retry_after_s == pytest.approx(86_400, abs=60)


def test_the_plans_next_minute_is_waited_for_and_the_wait_is_told(simulated_market: SimulatedMarket) -> None:
    """Two calls a minute; the third waits, on a clock that only sleeping moves."""
    now = [0.0]

    def sleep(seconds: float) -> None:
        now[0] += seconds

    retries = Retries(budget_s=120.0, sleep=sleep, clock=lambda: now[0])
    budget = ProcessBudget(clock=lambda: now[0])
    waits: list[tuple[float, str]] = []
    control = FetchControl(waits=lambda seconds, why: waits.append((round(seconds), why)))
    with open_simulator(simulated_market, Faults()) as simulator:
        feed = client(simulator, per_minute=2, per_day=100, budget=budget, retries=retries)
        with closing(feed):
            for _ in range(3):
                assert sum(len(page.bars) for page in feed.bars(WEEK, control)) == 5
    assert waits == [(60, "Alpha Vantage allows 2 calls a minute"), (0, "")]
    assert now[0] == pytest.approx(60.0, abs=0.2)


def test_premium_is_named_as_such(simulated_market: SimulatedMarket) -> None:
    faults = Faults()
    faults.add(Fault.PREMIUM)
    with open_simulator(simulated_market, faults) as simulator, pytest.raises(Denied, match="premium"):
        fetch(client(simulator))


def test_intraday_bars_come_month_by_month(simulated_market: SimulatedMarket) -> None:
    request = BarsRequest("MSFT", BarSize.HOUR_1, datetime(2024, 1, 30, tzinfo=UTC), datetime(2024, 3, 2, tzinfo=UTC))
    with open_simulator(simulated_market, Faults()) as simulator:
        pages = fetch(client(simulator), request)
        assert simulator.requests == 3
    assert [len(page.bars) > 0 for page in pages] == [True, True, True]
    served = simulated_market.bars("MSFT", BarSize.HOUR_1, request.start, request.end)
    assert sum(len(page.bars) for page in pages) == len(served)


def recorded(tmp_path: Path, query: str, body: object, status: int = 200) -> Path:
    (tmp_path / "index.jsonl").write_text(
        json.dumps({"url": f"https://x/query?{query}", "body": body, "status": status})
    )
    return tmp_path


def test_quoted_answers_are_read_as_what_they_are(
    test_data: Path, simulated_market: SimulatedMarket, tmp_path: Path
) -> None:
    """Answers that users quoted in public, replayed over the wire; what each means is in its text."""
    expected = [TooMany, TooMany, TooMany, TooMany, Denied, Denied, NotFound, Denied, Unavailable, NotFound]
    lines = (test_data / "wire/alpha_vantage/errors_quoted.jsonl").read_text().splitlines()
    assert len(lines) == len(expected)
    for line, error in zip(map(json.loads, lines), expected, strict=True):
        query = "function=TIME_SERIES_DAILY&symbol=MSFT"
        directory = recorded(tmp_path, query, line["body"], line["http_status"])
        with open_simulator(simulated_market, Faults(), recordings=directory) as simulator, pytest.raises(error):
            fetch(client(simulator))


def test_recorded_series_are_read(test_data: Path, simulated_market: SimulatedMarket, tmp_path: Path) -> None:
    """IBM on 2020-05-08 as recorded: 122.67, 122.80, 121.06, 121.79, 2538547."""
    body = json.loads((test_data / "wire/alpha_vantage/java_timeseries_daily.json").read_text())
    directory = recorded(tmp_path, "function=TIME_SERIES_DAILY&symbol=IBM", body)
    request = BarsRequest("IBM", BarSize.DAY_1, datetime(2020, 5, 8, tzinfo=UTC), datetime(2020, 5, 9, tzinfo=UTC))
    with open_simulator(simulated_market, Faults(), recordings=directory) as simulator:
        [page] = fetch(client(simulator, datatype="json"), request)
    bars = page.bars
    row = [bars.open[0], bars.high[0], bars.low[0], bars.close[0], bars.volume[0]]
    assert row == [122.67, 122.80, 121.06, 121.79, 2538547]


def test_a_recorded_file_answers_by_its_name(test_data: Path, simulated_market: SimulatedMarket) -> None:
    """TIME_SERIES_INTRADAY_1min_MSFT.json: 100 minutes up to 2017-12-18 14:56 in New York, 19:56 UTC."""
    request = BarsRequest(
        "MSFT", BarSize.MINUTE_1, datetime(2017, 12, 18, tzinfo=UTC), datetime(2017, 12, 19, tzinfo=UTC)
    )
    with open_simulator(simulated_market, Faults(), recordings=test_data / "wire/alpha_vantage") as simulator:
        [page] = fetch(client(simulator, datatype="json"), request)
    assert len(page.bars) == 100
    assert page.bars.time_us[-1] == int(datetime(2017, 12, 18, 19, 56, tzinfo=UTC).timestamp() * 1e6)
    assert page.bars.close[-1] == 86.5


@pytest.mark.parametrize(
    ("bar_size", "now", "resume"),
    [
        (BarSize.DAY_1, "2024-03-06T15:00", "2024-03-06"),  # ten in the morning: the day is still forming
        (BarSize.DAY_1, "2024-03-06T21:15", "2024-03-07"),  # 16:15 in New York
        (BarSize.MINUTE_5, "2024-03-06T15:02", "2024-03-06T14:57:00.000001"),
    ],
)
def test_a_fetch_goes_on_with_the_bar_that_was_still_forming(
    simulated_market: SimulatedMarket, bar_size: BarSize, now: str, resume: str
) -> None:
    at = datetime.fromisoformat(now).replace(tzinfo=UTC)
    request = BarsRequest("MSFT", bar_size, WEEK.start, WEEK.end)
    with open_simulator(simulated_market, Faults()) as simulator:
        *_, last = fetch(client(simulator, now=lambda: at), request)
    assert last.resume == datetime.fromisoformat(resume).replace(tzinfo=UTC)
