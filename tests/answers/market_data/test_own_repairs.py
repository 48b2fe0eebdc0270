"""What the platform's own checks propose for yfinance's repair pairs, held against the twins that yfinance mends.

Source: ranaroussi/yfinance, tests/data at 93eb4c2 (Apache-2.0); the tolerance is that of its own tests, 5e-5.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from causeway.market_data.action_repairs import ActionProposal, action_repairs
from causeway.market_data.corporate_actions import midnight_us
from causeway.market_data.dividend_checks import dividend_moves
from causeway.market_data.repairs import as_accepted, every_repair, unit_repairs
from causeway.model.bar import BarColumns
from causeway.model.corporate_action import ActionKind, CorporateAction
from tests.answers.market_data.pairs import as_stored, served
from tests.answers.market_data.test_repair_pairs import FLAW, SOUND

YFINANCE = 5e-5
# The twin changes the column Dividends: how many get another amount, and how many go.
DIVIDENDS = {
    "4063-T-1d-bad-div": (1, 0),
    "ABDP-L-1d-bad-div": (5, 0),
    "ELCO-L-1d-bad-div": (5, 0),
    "KEN-TA-1d-bad-div": (0, 1),
    "KME-MI-1d-bad-div": (1, 0),
    "REL-L-1d-bad-div": (6, 0),
    "SAND-1d-bad-div": (0, 1),
    "TEM-L-1d-bad-div": (0, 1),
}
_ADJUSTED = "only the provider's adjusted close is wrong, and that is not stored: dividends are applied on reading"
NO_PROPOSAL = {
    "1398-HK-1d-bad-div": _ADJUSTED,
    "3988-HK-1d-bad-div": _ADJUSTED,
    "8TRA-DE-1d-missing-div-adjust": _ADJUSTED,
    "ADIG-L-1d-bad-div": _ADJUSTED,
    "JENYX-1d-cg-double-count": _ADJUSTED + "; the dividend holds the capital gain once",
    "RGL-L-1d-bad-div": _ADJUSTED,
    "SERE-L-1d-bad-div": _ADJUSTED,
    "VWILX-1d-cg-double-count": _ADJUSTED + "; the dividend holds the capital gain once",
}
AVIVA = "AV-L-1wk-bad-stock-split"
BARS = {
    "4063-T-1d-bad-stock-split",
    "ALPHA-PA-1d-bad-stock-split",
    "ASAI-L-1h-bad-unit",
    "CLC-L-1d-bad-div",
    "CNE-L-1d-bad-stock-split",
    "LA-V-1d-bad-stock-split",
    "SPM-MI-1d-bad-stock-split",
    "SSW-JO-1d-100x-error",
}


def stored(test_data: Path, name: str) -> tuple[BarColumns, list[CorporateAction]]:
    bars, _, actions = served(test_data / f"repair/{name}.csv.gz")
    return as_stored(bars, actions)


def proposed(test_data: Path, name: str) -> list[ActionProposal]:
    return action_repairs(*stored(test_data, name))


def dividends(actions: list[CorporateAction]) -> dict[date, Decimal]:
    return {one.ex_date: one.value for one in actions if one.kind is ActionKind.DIVIDEND}


def changes(test_data: Path, name: str) -> dict[date, Decimal | None]:
    """Dividends that the twin has otherwise, None where it has none."""
    flawed, right = (dividends(stored(test_data, one)[1]) for one in (name, f"{name}-fixed"))
    assert set(right) <= set(flawed)
    same = {day for day, value in right.items() if float(flawed[day]) == pytest.approx(float(value), rel=YFINANCE)}
    return {day: right.get(day) for day in flawed if day not in same}


def mended(bars: BarColumns, actions: list[CorporateAction]) -> NDArray[np.float64]:
    """Prices (n_bars, 4) with every proposal accepted."""
    return as_accepted(bars, every_repair(bars, actions, {})).prices()


@pytest.mark.parametrize("name", sorted(set(FLAW) - {AVIVA}))
def test_proposals_for_dividends_lead_to_the_twin(test_data: Path, name: str) -> None:
    expected = changes(test_data, name)
    found = {one.found.ex_date: one.value for one in proposed(test_data, name)}
    kept = sum(value is not None for value in expected.values())
    assert (kept, len(expected) - kept) == DIVIDENDS.get(name, (0, 0))
    assert set(found) == set(expected)
    for day, value in expected.items():
        assert (found[day] is None) == (value is None)
        assert value is None or float(found[day] or 0) == pytest.approx(float(value), rel=YFINANCE)


@pytest.mark.parametrize("name", [f"{name}-no-bad-divs" for name in SOUND] + [f"{name}-fixed" for name in DIVIDENDS])
def test_what_is_sound_gets_no_proposal(test_data: Path, name: str) -> None:
    bars, actions = stored(test_data, name)
    assert every_repair(bars, actions, {}) == []
    assert "15m" in name or action_repairs(bars, actions) == []


def test_every_pair_has_a_proposal_or_a_reason_why_not(test_data: Path) -> None:
    with_bars = {name for name in FLAW if every_repair(*stored(test_data, name), {})}
    assert with_bars == BARS
    with_actions = {name for name in FLAW if "-1h-" not in name and proposed(test_data, name)}
    assert with_actions == {*DIVIDENDS, AVIVA}
    assert set(FLAW) - with_bars - with_actions == set(NO_PROPOSAL)


def test_codes_and_reasons_of_dividends(test_data: Path) -> None:
    [split] = proposed(test_data, "4063-T-1d-bad-div")
    assert split.code == "dividend_not_split"
    assert split.reason.startswith("the split of 5 for 1 is of the same day: 275 would take the price down by 6.5%")
    [twice] = proposed(test_data, "SAND-1d-bad-div")
    assert twice.code == "duplicate_dividend"
    assert twice.reason.startswith("0.015 stands on 2024-01-16 too; the price rose by 3.2% here and fell by 2.4% there")
    [pence] = proposed(test_data, "TEM-L-1d-bad-div")
    assert pence.code == "dividend_unit"
    assert pence.reason.endswith("a hundredth of it is recorded on 2022-06-30, so it stands twice")


def test_single_prices_of_an_hour_lead_to_the_twin(test_data: Path) -> None:
    """Low and close of one hour are 0.6 among 58 to 61: the low then is the open's 58.5, as yfinance has it."""
    bars, actions = stored(test_data, "ASAI-L-1h-bad-unit")
    right, _ = stored(test_data, "ASAI-L-1h-bad-unit-fixed")
    np.testing.assert_allclose(mended(bars, actions), right.prices(), rtol=YFINANCE)
    [one] = unit_repairs(bars)
    assert one.reason == "low and close are 1/100 of the prices around"


def test_the_shorter_side_of_a_shift_is_proposed(test_data: Path) -> None:
    """22 bars in cents, then 7 in rand. The twin has all in rand; proposed are the 7 in cents, or to leave it."""
    name = "SSW-JO-1d-100x-error"
    bars, actions = stored(test_data, name)
    right, _ = stored(test_data, f"{name}-fixed")
    np.testing.assert_allclose(mended(bars, actions), right.prices() * 100, rtol=YFINANCE)
    found = unit_repairs(bars)
    assert {one.code for one in found} == {"unit_shift"}
    assert found[0].reason == (
        "the last 7 bars are 1/100 of the 22 before; or the unit did change for good there: reject this then"
    )


def test_six_bars_that_the_twin_leaves_as_served(test_data: Path) -> None:
    """City of London Investment stood at 0.60 pounds for weeks; 29 July to 5 August 2024 are 0.006."""
    bars, actions = stored(test_data, "CLC-L-1d-bad-div")
    rows = np.flatnonzero(bars.close < 0.01)
    assert rows.tolist() == list(range(646, 652))
    np.testing.assert_allclose(mended(bars, actions)[rows], 0.6, rtol=YFINANCE)


def test_aviva_had_no_bad_week_but_a_dividend_on_the_shares_before_the_split(test_data: Path) -> None:
    """On 16 May 2022 Aviva paid 101.69 pence for each old share and made 76 shares of 100.

    Yahoo has the dividend undivided. The twin leaves it and raises that week's bar, so that the close moves by over a
    fifth in this week and in the next, which nothing explains. With 101.69/0.76 per new share both weeks are ordinary.
    """
    bars, actions = stored(test_data, AVIVA)
    assert every_repair(bars, actions, {}) == []
    [one] = action_repairs(bars, actions)
    assert (one.found.ex_date, one.code) == (date(2022, 5, 16), "dividend_not_split")
    assert one.value is not None
    assert float(one.value) == pytest.approx(101.69 / 0.76, rel=1e-9)
    ours, _, _ = served(test_data / f"repair/{AVIVA}.csv.gz")
    twin, _, _ = served(test_data / f"repair/{AVIVA}-fixed.csv.gz")
    week = int(np.searchsorted(ours.time_us, midnight_us(one.found.ex_date, "UTC")))
    assert np.abs(unexplained(twin, week, 101.69)).min() > 0.2
    assert np.abs(unexplained(ours, week, float(one.value))).max() < 0.07
    assert dividend_moves(ours, actions)[one.found.ex_date] == pytest.approx(
        np.log1p(-float(one.value) / ours.close[week - 1])
    )


def unexplained(bars: BarColumns, week: int, dividend: float) -> NDArray[np.float64]:
    """Log moves of the close in a week and the next, without what its dividend makes."""
    paid = np.array([np.log1p(-dividend / bars.close[week - 1]), 0.0])
    return np.asarray(np.diff(np.log(bars.close))[[week - 1, week]] - paid)
