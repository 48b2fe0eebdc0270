"""Two venues of one currency pair agree minute by minute once their clocks are read right.

FXCM's stamps are fixed at UTC-05:00 all year, OANDA's are UTC (LEAN's market hours say so for each).
"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from causeway.market_data.quote_checks import crossed_rows
from causeway.market_data.source_profiles import normalise, profile_named
from causeway.model.bar import BarColumns
from causeway.model.time import BarSize
from tests.answers.market_data.recorded import records

PIP = 1e-4


def read(path: Path, venue: str) -> tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.float64]]:
    """Local times as written, bids and asks (n_bars, 4)."""
    mine = [row for row in records(path) if row["venue"] == venue]
    wall = [datetime.fromisoformat(row["ts_bar_start"]).replace(tzinfo=None) for row in mine]
    sides = (
        np.array([[float(row[f"{side}_{name}"]) for name in ("open", "high", "low", "close")] for row in mine])
        for side in ("bid", "ask")
    )
    return np.array(wall, dtype="datetime64[us]").astype(np.int64), *sides  # type: ignore[return-value]


def mids(path: Path, venue: str, shift_us: int = 0) -> dict[int, float]:
    wall, bid, ask = read(path, venue)
    middle = BarColumns.of(wall, (bid + ask) / 2, np.zeros(len(wall)))
    bars, kept = normalise(middle, BarSize.MINUTE_1, profile_named(f"lean-{venue}"))
    assert kept.all()
    return dict(zip((bars.time_us + shift_us).tolist(), bars.close.tolist(), strict=True))


@pytest.fixture
def path(test_data: Path) -> Path:
    return test_data / "intraday/lean_fx_minute_quote_EURUSD_fxcm_oanda.csv.gz"


def median_difference(one: dict[int, float], other: dict[int, float]) -> tuple[int, float]:
    common = sorted(one.keys() & other.keys())
    return len(common), float(np.median([abs(one[at] - other[at]) for at in common])) / PIP


def test_the_minutes_of_both_venues(path: Path) -> None:
    oanda = mids(path, "oanda")
    common, pips = median_difference(mids(path, "fxcm"), oanda)
    assert common == 17528
    assert pips == pytest.approx(0.1, abs=0.05)
    # Read as New York time with its clock changes, stamps would lie an hour early in summer.
    _, shifted = median_difference(mids(path, "fxcm", -3_600_000_000), oanda)
    assert shifted == pytest.approx(3.2, abs=0.05)


def test_crossed_quotes(path: Path) -> None:
    for venue, crossed in (("fxcm", 436), ("oanda", 0)):
        _, bid, ask = read(path, venue)
        assert len(crossed_rows(bid[:, -1], ask[:, -1])) == crossed  # at the close
