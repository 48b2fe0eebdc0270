"""Recorded Alpaca answers and messages, served by the simulated Alpaca and read by the client over a socket.

Source: alpacahq/alpaca-py (Apache-2.0), tests; docs.alpaca.markets.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from causeway.adapters.feeds.alpaca_data import AlpacaHistory, AlpacaLive
from causeway.model.corporate_action import ActionKind
from causeway.model.tick import QuoteTick, TradeCorrection, TradeTick, TradingStatus
from causeway.model.time import BarSize
from causeway.ports.feed import BarsRequest, ConnectionChange, FeedEvent, FetchControl, SymbolRefused
from causeway.simulators.alpaca import AlpacaSimulator
from causeway.simulators.faults import Faults
from causeway.simulators.market import SimulatedMarket
from tests.contract.feed.providers.alpaca import settings_of

SENT = frozenset("tqcs")


@pytest.fixture
def simulator() -> Iterator[AlpacaSimulator]:
    with AlpacaSimulator(SimulatedMarket(), Faults()) as opened:
        yield opened


def bodies(test_data: Path, test: str) -> list[dict[str, Any]]:
    lines = (test_data / "wire/alpaca/rest_market_data.jsonl").read_text().splitlines()
    return [one["body"] for one in map(json.loads, lines) if one["test"] == test]


def last_page(body: dict[str, Any]) -> dict[str, Any]:
    return {**body, "next_page_token": None}


def test_daily_bars_get_the_date_of_their_session(test_data: Path, simulator: AlpacaSimulator) -> None:
    simulator.rest.recorded["/v2/stocks/bars"] = last_page(bodies(test_data, "test_get_bars")[0])
    request = BarsRequest("AAPL", BarSize.DAY_1, datetime(2022, 2, 1, tzinfo=UTC), datetime(2022, 2, 3, tzinfo=UTC))
    (page,) = AlpacaHistory(settings_of(simulator)).bars(request, FetchControl())
    days = [datetime.fromtimestamp(at / 1e6, UTC).date() for at in page.bars.time_us.tolist()]
    assert days == [date(2022, 2, 1), date(2022, 2, 2)]
    assert page.bars.close.tolist() == [174.61, 175.84]
    assert page.bars.volume.tolist() == [85_998_033, 84_817_432]


def test_trades_of_odd_lots_do_not_count(test_data: Path, simulator: AlpacaSimulator) -> None:
    simulator.rest.recorded["/v2/stocks/trades"] = last_page(bodies(test_data, "test_get_trades")[0])
    start, end = datetime(2022, 3, 9, 5, tzinfo=UTC), datetime(2022, 3, 9, 6, tzinfo=UTC)
    (trades,) = AlpacaHistory(settings_of(simulator)).trades("AAPL", start, end, FetchControl())
    assert trades.trade_id.tolist() == [151, 168]
    assert trades.price.tolist() == [159.07, 159.07]
    assert trades.eligible.tolist() == [False, False]


def test_corporate_actions(test_data: Path, simulator: AlpacaSimulator) -> None:
    simulator.rest.recorded["/v1/corporate-actions"] = last_page(bodies(test_data, "test_get_corporate_actions")[0])
    history = AlpacaHistory(settings_of(simulator))
    found = history.actions("MNTS", date(2023, 1, 1), date(2023, 12, 31), FetchControl())
    splits = {one.ex_date: one.value for one in found if one.kind is ActionKind.SPLIT}
    assert splits[date(2023, 8, 24)] == Decimal("0.02")  # 1 new for 50 old
    assert splits[date(2023, 8, 22)] == 2


def test_every_recorded_answer_of_stock_bars_and_trades_can_be_read(
    test_data: Path, simulator: AlpacaSimulator
) -> None:
    history = AlpacaHistory(settings_of(simulator))
    for test in ("test_multisymbol_get_bars", "test_get_bars_multi_empty_response"):
        simulator.rest.recorded["/v2/stocks/bars"] = last_page(bodies(test_data, test)[0])
        request = BarsRequest(
            "AAPL", BarSize.DAY_1, datetime(2022, 3, 9, tzinfo=UTC), datetime(2022, 3, 10, tzinfo=UTC)
        )
        assert len(list(history.bars(request, FetchControl()))) == 1


def with_times(message: dict[str, Any]) -> dict[str, Any]:
    """The documentation shows JSON; on the wire ``t`` is a msgpack timestamp."""
    return {**message, "t": datetime.fromisoformat(message["t"])} if "t" in message else message


def test_every_recorded_stream_message_arrives_as_its_kind(test_data: Path, simulator: AlpacaSimulator) -> None:
    lines = map(json.loads, (test_data / "wire/alpaca/stream_messages.jsonl").read_text().splitlines())
    texts = [one["text"] for one in lines if one["stream"] == "market_data_v2" and one["direction"] == "<"]
    frames = [found if isinstance(found, list) else [found] for found in map(json.loads, texts)]
    messages = [with_times(message) for frame in frames for message in frame if message["T"] in SENT]
    symbols = {message["S"] for message in messages}
    settings = settings_of(simulator)
    live = AlpacaLive(settings, AlpacaHistory(settings))
    live.subscribe(symbols)
    heard, stop = [], threading.Event()
    for event in live.events(stop.is_set, 0.05):
        if isinstance(event, ConnectionChange):
            for message in messages:
                simulator.push_raw(message)
        elif event is not None and not isinstance(event, SymbolRefused):
            heard.append(event)
        if len(heard) == len(messages):
            stop.set()
    kinds: dict[str, type[FeedEvent]] = {"t": TradeTick, "q": QuoteTick, "c": TradeCorrection, "s": TradingStatus}
    assert [type(event) for event in heard] == [kinds[message["T"]] for message in messages]
    assert {kinds[message["T"]] for message in messages} == set(kinds.values())
