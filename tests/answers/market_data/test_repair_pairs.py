"""Prices as Yahoo served them with a known flaw, and the flaw named.

Data: yfinance's tests/data (ranaroussi/yfinance), where each file has a repaired twin; ``*-no-bad-divs`` are sound.
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from causeway.market_data.action_repairs import check_amounts
from causeway.market_data.dividend_checks import check_dividends, dividend_moves
from causeway.market_data.findings import CODES, Findings, Severity
from causeway.market_data.level_shifts import check_splits
from causeway.market_data.repairs import split_repairs
from causeway.market_data.unit_checks import check_units
from causeway.model.time import micros
from tests.answers.market_data.pairs import as_stored, served

FLAW = {
    "1398-HK-1d-bad-div": {"dividend_not_applied"},
    "3988-HK-1d-bad-div": {"dividend_not_applied"},
    "4063-T-1d-bad-div": {"dividend_misapplied"},  # not divided by the 5 for 1 split of that day
    "4063-T-1d-bad-stock-split": {"split_not_applied"},
    "8TRA-DE-1d-missing-div-adjust": {"dividend_not_applied"},
    "ABDP-L-1d-bad-div": {"dividend_unit"},
    "ADIG-L-1d-bad-div": {"dividend_unit"},
    "ALPHA-PA-1d-bad-stock-split": {"split_not_applied"},
    "ASAI-L-1h-bad-unit": {"unit_error"},
    "AV-L-1wk-bad-stock-split": {"dividend_not_split"},  # see test_own_repairs: no bar of it is wrong
    "CLC-L-1d-bad-div": {"dividend_unit"},
    "CNE-L-1d-bad-stock-split": {"split_not_applied"},
    "ELCO-L-1d-bad-div": {"dividend_unit"},
    "JENYX-1d-cg-double-count": {"dividend_applied_twice"},
    "KEN-TA-1d-bad-div": {"duplicate_dividend"},
    "KME-MI-1d-bad-div": {"dividend_not_in_price"},
    "LA-V-1d-bad-stock-split": {"split_not_applied"},
    "REL-L-1d-bad-div": {"dividend_unit", "dividend_not_applied"},
    "RGL-L-1d-bad-div": {"dividend_unit"},
    "SAND-1d-bad-div": {"duplicate_dividend"},
    "SERE-L-1d-bad-div": {"dividend_unit"},
    "SPM-MI-1d-bad-stock-split": {"split_applied_twice"},
    "SSW-JO-1d-100x-error": {"unit_shift"},
    "TEM-L-1d-bad-div": {"dividend_unit"},
    "VWILX-1d-cg-double-count": {"dividend_applied_twice"},
}
SOUND = ["CALM-1d", "EA-15m", "EWG-1d", "IBE-MC-1d", "KMR-L-1d", "TISG-MI-1d"]
# Flaws that are in the repaired files too: six bars of CLC.L in the wrong unit, one dividend of SAND that stands twice
# in the adjusted series, and the weekly series of AV.L, whose adjusted close is its close.
LEFT_BY_THE_REPAIR = {
    "CLC-L-1d-bad-div": {"unit_error"},
    "SAND-1d-bad-div": {"dividend_applied_twice"},
    "AV-L-1wk-bad-stock-split": {"dividend_not_applied"},
}


def found(path: Path) -> Counter[str]:
    """Codes, by the number of rows."""
    bars, adjusted_close, actions = served(path)
    findings = Findings()
    check_units(bars, findings)
    check_splits(bars, actions, findings, dividend_moves=dividend_moves(bars, actions))
    check_dividends(bars, adjusted_close, actions, findings)
    check_amounts(*as_stored(bars, actions), findings)
    return Counter(one.code for row in findings.by_row.values() for one in row)


@pytest.mark.parametrize("name", sorted(FLAW))
def test_the_flaw_is_named(test_data: Path, name: str) -> None:
    assert FLAW[name] <= found(test_data / f"repair/{name}.csv.gz").keys()


@pytest.mark.parametrize("name", SOUND)
def test_what_is_sound_passes(test_data: Path, name: str) -> None:
    assert found(test_data / f"repair/{name}-no-bad-divs.csv.gz") == {}


@pytest.mark.parametrize("name", sorted(FLAW))
def test_what_was_repaired_passes(test_data: Path, name: str) -> None:
    assert set(found(test_data / f"repair/{name}-fixed.csv.gz")) == LEFT_BY_THE_REPAIR.get(name, set())


def test_the_flaws_are_errors_but_for_those_that_need_a_judgement() -> None:
    warnings = {code for codes in FLAW.values() for code in codes if CODES[code][0] is Severity.WARNING}
    assert warnings == {"unit_shift", "dividend_not_in_price", "dividend_not_split"}


def test_rows_that_are_wrong(test_data: Path) -> None:
    """Nine bars before the split of Shin-Etsu were left out; five of Saipem's thirteen lie past its split's date."""
    assert found(test_data / "repair/4063-T-1d-bad-stock-split.csv.gz") == {"split_not_applied": 9}
    assert found(test_data / "repair/SPM-MI-1d-bad-stock-split.csv.gz") == {"split_applied_twice": 13}


@pytest.mark.parametrize(
    ("name", "rows"),
    [
        ("4063-T-1d-bad-stock-split", list(range(9))),
        ("ALPHA-PA-1d-bad-stock-split", [11]),
        ("CNE-L-1d-bad-stock-split", [2]),
        ("LA-V-1d-bad-stock-split", [16]),
        ("SPM-MI-1d-bad-stock-split", list(range(13))),
    ],
)
def test_a_split_that_was_left_out_or_applied_twice_is_proposed_as_it_was_repaired(
    test_data: Path, name: str, rows: list[int]
) -> None:
    """The rows that differ in the repaired twin, and no other, with its prices to its rounding. As stored: raw."""
    flawed, _, actions = served(test_data / f"repair/{name}.csv.gz")
    right, _, _ = served(test_data / f"repair/{name}-fixed.csv.gz")
    assert np.flatnonzero(~np.isclose(flawed.close, right.close, rtol=1e-3)).tolist() == rows
    raw, recorded = as_stored(flawed, actions)
    shares = raw.close / flawed.close
    proposals = {int(np.searchsorted(raw.time_us, micros(one.time))): one for one in split_repairs(raw, recorded)}
    assert sorted(proposals) == rows
    for row, proposal in proposals.items():
        assert proposal.proposed.close / shares[row] == pytest.approx(right.close[row], rel=1e-3)
