"""How sources write their bars, made ours."""

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np
import pytest

from causeway.errors import InvalidInput
from causeway.market_data.eligibility import FALLBACK, PRICED, RANGED, UNPRICED, Eligibility, iqfeed, lean, us_tape
from causeway.market_data.source_profiles import SourceProfile, major_currency, normalise, profile_named
from causeway.market_data.written_times import Stamp
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
    ],
)
def test_what_a_trade_counts_for(found: Eligibility, tier: int, volume: bool) -> None:
    assert (found.tier, found.volume) == (tier, volume)


# Alpaca, Market Data FAQ, "How are bars aggregated?": rows of the table that hold for minute bars, as
# condition, tapes, whether open and close, high and low, volume are updated. It follows the CTS, UTP and TDDS
# specifications.
MINUTE_BARS = """
@ CO yyy|A C yyy|B AB nny|B C yyy|C ABCO nny|D C yyy|E AB yyy|F ABC yyy|G C nny|H ABC nny|I ABCO nny|K ABC yyy
L ABC yyy|M ABC nnn|N ABCO nny|O ABC yyy|P ABCO nny|Q ABC nnn|R ABCO nny|T ABCO yyy|U ABCO nny|V ABC nny|W CO nny
X ABC yyy|Y C yyy|Z ABC nny|4 ABC nny|5 ABC yyy|6 ABC yyy|7 ABC nny|9 ABC nnn
"""


@pytest.mark.parametrize("row", MINUTE_BARS.replace("\n", "|").strip("|").split("|"))
def test_sale_conditions_of_the_us_tapes(row: str) -> None:
    code, tapes, updates = row.split()
    assert updates[0] == updates[1]
    for tape in tapes:
        found = us_tape((" " if tape in "AB" else "@", code), tape)
        assert (found.tier == PRICED, found.volume) == (updates[1] == "y", updates[2] == "y"), tape


# The rows of the same table that hold for bars of a day; f: open and close only if the trade is the first of the bar.
DAY_BARS = """
@ CO yyy|A C yyy|B AB nny|B C yyy|C ABCO nny|D C yyy|E AB yyy|F ABC yyy|G C fyy|H ABC nny|I ABCO nny|K ABC yyy
L ABC yyy|M ABC nnn|N ABCO nny|O ABC yyy|P ABCO fyy|Q ABC nnn|R ABCO nny|T ABCO nny|U ABCO nny|V ABC nny|W CO nny
X ABC yyy|Y C yyy|Z ABC fyy|4 ABC fyy|5 ABC yyy|6 ABC yyy|7 ABC nny|9 ABC yyn
"""
TIERS = {"yy": PRICED, "fy": RANGED, "nn": UNPRICED}


@pytest.mark.parametrize("row", DAY_BARS.replace("\n", "|").strip("|").split("|"))
def test_sale_conditions_of_the_us_tapes_in_bars_of_a_day(row: str) -> None:
    code, tapes, updates = row.split()
    for tape in tapes:
        found = us_tape((" " if tape in "AB" else "@", code), tape, daily=True)
        assert (found.tier, found.volume) == (TIERS[updates[:2]], updates[2] == "y"), tape


def test_the_strictest_of_several_sale_conditions_decides_in_a_day() -> None:
    """The table's own example: with an odd lot (I) only the volume; without it high, low, and the first open, too."""
    assert us_tape(("@", "4", "I"), "C", daily=True) == Eligibility(UNPRICED, True)
    assert us_tape(("@", "4"), "C", daily=True) == Eligibility(RANGED, True)
    assert us_tape(("@",), "C", daily=True) == Eligibility(PRICED, True)
    assert us_tape(("@", "9", "I"), "C", daily=True) == Eligibility(UNPRICED, False)
    assert us_tape(("@", "9", "M"), "C", daily=True) == Eligibility(UNPRICED, False)


def test_the_strictest_of_several_sale_conditions_decides() -> None:
    """The table's own example: a derivatively priced odd lot of Nasdaq updates the volume only."""
    assert us_tape(("@", "4", "I"), "C") == Eligibility(UNPRICED, True)
    assert us_tape(("@", "T", "I"), "C") == Eligibility(UNPRICED, True)
    assert us_tape((" ", "6", "M"), "A") == Eligibility(UNPRICED, False)
    assert us_tape((), "C") == us_tape((" ",), "A") == Eligibility(PRICED, True)
    assert us_tape(("B",)).tier == UNPRICED  # the tape is not known
