"""How sources write their bars, made ours."""

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np
import pytest

from causeway.errors import InvalidInput
from causeway.market_data.eligibility import FALLBACK, PRICED, UNPRICED, Eligibility, iqfeed, lean, rule_of, us_tape
from causeway.market_data.source_profiles import SourceProfile, Stamp, major_currency, normalise, profile_named
from causeway.model.bar import BarColumns
from causeway.model.time import BarSize, micros


def us(text: str) -> int:
    return micros(datetime.fromisoformat(text).replace(tzinfo=UTC))


def bars(*walls: str, price: float = 10.0) -> BarColumns:
    prices = np.full(len(walls), price)
    return BarColumns(np.array([us(wall) for wall in walls]), prices, prices, prices, prices, np.full(len(walls), 5.0))


@pytest.mark.parametrize(
    ("profile", "wall", "utc"),
    [
        ("lean-equity", "2024-01-02T09:30", "2024-01-02T14:30"),
        ("lean-equity", "2024-07-02T09:30", "2024-07-02T13:30"),
        ("lean-fxcm", "2024-07-02T09:30", "2024-07-02T14:30"),
        ("lean-oanda", "2024-07-02T09:30", "2024-07-02T09:30"),
    ],
)
def test_clocks(profile: str, wall: str, utc: str) -> None:
    found, kept = normalise(bars(wall), BarSize.MINUTE_1, profile_named(profile))
    assert (found.time_us.tolist(), kept.tolist()) == ([us(utc)], [True])


def test_a_local_time_that_names_no_moment_is_left_out() -> None:
    """02:30 on 10 March 2024 never was in New York, 01:30 on 3 November was twice."""
    walls = ("2024-03-10T01:30", "2024-03-10T02:30", "2024-11-03T01:30", "2024-11-03T02:30")
    found, kept = normalise(bars(*walls), BarSize.MINUTE_1, profile_named("iqfeed"))
    assert found.time_us.tolist() == [us("2024-03-10T06:30"), us("2024-11-03T07:30")]
    assert kept.tolist() == [True, False, False, True]


def test_stamps_at_the_end_become_starts() -> None:
    ends = SourceProfile("America/New_York", Stamp.END)
    found, _ = normalise(bars("2024-01-02T09:35"), BarSize.MINUTE_5, ends)
    assert found.time_us.tolist() == [us("2024-01-02T14:30")]
    days, _ = normalise(bars("2024-01-02T16:00", "2024-01-04T00:00"), BarSize.DAY_1, ends)
    assert days.time_us.tolist() == [us("2024-01-02T00:00"), us("2024-01-03T00:00")]


def test_units() -> None:
    found, _ = normalise(bars("2024-01-02T09:30", price=1_234_500), BarSize.MINUTE_1, profile_named("lean-equity"))
    assert found.close.tolist() == [123.45]
    pence, _ = normalise(bars("2024-01-02", price=512.5), BarSize.DAY_1, SourceProfile("Europe/London"), unit="GBp")
    assert pence.close.tolist() == [5.125]
    hundreds = SourceProfile("UTC", volume_multiplier=100)
    assert normalise(bars("2024-01-02"), BarSize.DAY_1, hundreds)[0].volume.tolist() == [500]


def test_currencies() -> None:
    assert [major_currency(unit) for unit in ("GBp", "GBX", "GBP", "ZAc", "ILA", "USD")] == [
        ("GBP", 100), ("GBP", 100), ("GBP", 1), ("ZAR", 100), ("ILS", 100), ("USD", 1),
    ]  # fmt: skip
    with pytest.raises(InvalidInput, match="'pence' is not known"):
        major_currency("pence")
    with pytest.raises(InvalidInput, match="lean-fxcm"):
        profile_named("nobody")


@pytest.mark.parametrize(
    ("found", "tier", "volume"),
    [
        (iqfeed(("C",)), PRICED, True),
        (iqfeed(("E",)), PRICED, True),
        (iqfeed(("O",)), UNPRICED, False),
        (iqfeed(()), UNPRICED, False),
        (lean(("1",)), PRICED, True),
        (lean(("20002020",)), FALLBACK, True),
        (lean(("1000000",)), UNPRICED, False),
        (us_tape(("@",)), PRICED, True),
        (us_tape(("@", "F")), PRICED, True),
        (us_tape(("@", "I")), UNPRICED, True),
        (us_tape(("@", "T", "I")), UNPRICED, True),
        (us_tape(("@", "T")), FALLBACK, True),
        (us_tape(("@", "M")), UNPRICED, False),
        (rule_of("kraken")(("anything",)), PRICED, True),
    ],
)
def test_what_a_trade_counts_for(found: Eligibility, tier: int, volume: bool) -> None:
    assert (found.tier, found.volume) == (tier, volume)
