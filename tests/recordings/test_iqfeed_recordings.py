"""Recorded IQFeed answers, served by the simulated IQConnect and read by the client over a socket.

Source: mathpaquette/IQFeed.CSharpApiClient (MIT), data and tests.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from causeway.adapters.feeds.iqfeed.level1_messages import Level1Reader
from causeway.adapters.feeds.iqfeed_client import IqfeedHistory
from causeway.model.tick import QuoteTick, TradeTick
from causeway.model.time import BarSize
from causeway.ports.feed import BarsRequest, FetchControl, Unreadable
from causeway.simulators.faults import Fault, Faults
from causeway.simulators.iqfeed import IqfeedSimulator
from causeway.simulators.market import SimulatedMarket
from tests.contract.feed.providers.iqfeed import settings_of

SYMBOL = "XYZ"
FIRST, LAST = datetime(2021, 3, 1, 5, tzinfo=UTC), datetime(2021, 3, 3, 5, tzinfo=UTC)
DEFAULT_FIELDS = (
    *(
        "Symbol",
        "Most Recent Trade",
        "Most Recent Trade Size",
        "Most Recent Trade Time",
        "Most Recent Trade Market Center",
    ),
    *("Total Volume", "Bid", "Bid Size", "Ask", "Ask Size", "Open", "High", "Low", "Close", "Message Contents"),
    "Most Recent Trade Conditions",
)


@pytest.fixture
def faults() -> Faults:
    return Faults()


@pytest.fixture
def recorded(test_data: Path, faults: Faults) -> Iterator[IqfeedHistory]:
    """The client, in front of the recordings, as on the day after them."""
    wire = test_data / "wire" / "iqfeed"
    with IqfeedSimulator(SimulatedMarket(symbols=(SYMBOL,)), faults) as simulator:
        for command, name in (("HIT", "HIT_5s_oldest_20210301-02_p61"), ("HTT", "HTT_ticks_oldest_20210301-02_p61")):
            lines = gzip.decompress((wire / f"{name}.csv.gz").read_bytes()).decode().splitlines()
            simulator.lookup.serve_recorded(command, SYMBOL, lines)
        days = (wire / "HDX_dailies_oldest_p61.csv").read_text().splitlines()
        simulator.lookup.serve_recorded("HDT", SYMBOL, days)
        yield IqfeedHistory(settings_of(simulator), clock=lambda: datetime(2021, 3, 27, 5, tzinfo=UTC))


def test_every_5_second_bar_stamped_with_its_start(recorded: IqfeedHistory) -> None:
    request = BarsRequest(SYMBOL, BarSize.SECOND_5, FIRST, LAST, extended_hours=True)
    pages = list(recorded.bars(request, FetchControl()))
    assert sum(len(page.bars) for page in pages) == 3814
    first = pages[0].bars
    assert first.time_us[1] == round(datetime(2021, 3, 1, 9, 0, 10, tzinfo=UTC).timestamp() * 1e6)
    assert (first.open[0], first.volume[0]) == (1.52, 1000.0)


def test_every_tick(recorded: IqfeedHistory) -> None:
    pages = list(recorded.trades(SYMBOL, FIRST, LAST, FetchControl()))
    assert sum(len(page) for page in pages) == 22652
    assert pages[0].trade_id[:3].tolist() == [1, 2, 3]
    assert pages[0].eligible[:3].tolist() == [True, False, True]


def test_a_recording_in_small_pieces_is_the_same(recorded: IqfeedHistory, faults: Faults) -> None:
    start, end = datetime(2021, 3, 1, 9, tzinfo=UTC), datetime(2021, 3, 1, 11, tzinfo=UTC)
    (whole,) = recorded.trades(SYMBOL, start, end, FetchControl())
    faults.add(Fault.SPLIT)
    (pieces,) = recorded.trades(SYMBOL, start, end, FetchControl())
    for name in ("time_us", "price", "size", "eligible", "trade_id"):
        np.testing.assert_array_equal(getattr(pieces, name), getattr(whole, name))


def test_days(recorded: IqfeedHistory) -> None:
    request = BarsRequest(SYMBOL, BarSize.DAY_1, datetime(2021, 2, 22, tzinfo=UTC), datetime(2021, 3, 27, tzinfo=UTC))
    (page,) = recorded.bars(request, FetchControl())
    bars = page.bars
    assert len(bars) == 25
    assert (bars.open[1], bars.high[1], bars.low[1], bars.close[1]) == (1.65, 1.7, 1.3808, 1.68)


def test_level_1_messages_of_another_clients_tests(test_data: Path) -> None:
    """Each Q and P line whose fields are the default ones is a quote, each with C, E or O and a date a trade."""
    lines = [
        json.loads(line) for line in (test_data / "wire/iqfeed/messages_from_tests.jsonl").read_text().splitlines()
    ]
    texts = [one["text"].rstrip("\r\n") for one in lines if "/Level1/" in one["file"]]
    reader, now = Level1Reader((*DEFAULT_FIELDS, "Most Recent Trade Date", "TickID", "Bid Time", "Ask Time")), LAST
    updates = [text for text in texts if text[:2] in ("Q,", "P,") and text.count(",") >= 17]
    assert len(updates) >= 4
    for text in updates:
        line = ",".join((*text.rstrip(",").split(",")[:17], "04/01/2021", "7", "", ""))
        events = reader.read(line, now)
        assert events
        assert not any(isinstance(event, Unreadable) for event in events)
        assert all(isinstance(event, TradeTick | QuoteTick) for event in events)
    others = [text for text in texts if text[:2] not in ("Q,", "P,", "S,", "2,", "Z,") and text[:1] in "TNRFn"]
    assert others
    assert not any(isinstance(event, Unreadable) for text in others for event in reader.read(text, now))
