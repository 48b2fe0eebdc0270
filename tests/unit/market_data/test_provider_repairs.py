"""A provider's own repairs as proposals for what is stored: raw, in the stored unit, and only where it is as served."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

import numpy as np
import pytest

from causeway.market_data.provider_repairs import HeldBars, action_proposals_of, findings_of, named, proposals_of
from causeway.model.bar import Bar, BarColumns
from causeway.model.corporate_action import ActionKind, CorporateAction
from causeway.model.time import BarSize, micros
from causeway.ports.feed import ActionRepair, OfferedRepairs, PriceBasis

DAY = datetime(2024, 3, 8, tzinfo=UTC)
SPLIT = CorporateAction(ActionKind.SPLIT, date(2024, 6, 10), Decimal(4))
TIME = np.array([micros(DAY)])


def bars(*values: float) -> BarColumns:
    """One bar: open, high, low, close, volume."""
    return BarColumns.of(TIME, np.array([values[:4]]), np.array([values[4]]))


SERVED, REPAIRED = bars(2500, 2600, 2400, 2550, 4000), bars(25, 26, 24, 25.5, 4000)
OFFERED = OfferedRepairs(
    "yfinance 1.7.0", SERVED, REPAIRED, ("unit",), ("unit_error",), PriceBasis.SPLIT, "USD", (SPLIT,), source="yahoo"
)
STORED = bars(10_000, 10_400, 9_600, 10_200, 1000)  # as traded: times 4, volume divided by 4
NOTHING = HeldBars(BarColumns.together([]), {})


def test_served_and_repaired_bars_become_raw_as_fetched_ones_do() -> None:
    [found] = proposals_of(OFFERED, HeldBars(STORED, {}), BarSize.DAY_1, "XNYS")
    assert found.found == Bar(DAY, 10_000, 10_400, 9_600, 10_200, 1000)
    assert found.proposed == Bar(DAY, 100, 104, 96, 102, 1000)
    assert (found.code, found.reason) == ("unit_error", "as repaired by yfinance 1.7.0, stage: unit")
    assert found.quarantine_id is None


def test_a_row_in_quarantine_is_repaired_as_such() -> None:
    [found] = proposals_of(OFFERED, HeldBars(STORED, {micros(DAY): 7}), BarSize.DAY_1, "XNYS")
    assert found.quarantine_id == 7


@pytest.mark.parametrize(
    "held",
    [bars(100, 104, 96, 102, 1000), bars(10_000, 10_400, 9_600, 10_200, 1001)],
    ids=["repaired since", "another volume"],
)
def test_a_bar_that_is_not_as_it_was_served_gets_no_proposal(held: BarColumns) -> None:
    assert proposals_of(OFFERED, HeldBars(held, {}), BarSize.DAY_1, "XNYS") == []
    assert named([], OFFERED) == (
        "yfinance 1.7.0 would repair 0 bars; 1 more not proposed: what is stored is not what yahoo serves"
    )


def test_a_bar_that_was_never_stored_gets_no_proposal() -> None:
    assert proposals_of(OFFERED, NOTHING, BarSize.DAY_1, "XNYS") == []


def test_a_value_that_is_not_repaired_keeps_its_stored_digits() -> None:
    """Single precision leaves the last digits open; what is stored stays where nothing is wrong."""
    one_wrong = replace(OFFERED, served=bars(25, 26, 24, 2550, 4000))
    held = bars(100.000004, 104, 96, 10_200, 1000)
    [found] = proposals_of(one_wrong, HeldBars(held, {}), BarSize.DAY_1, "XNYS")
    assert found.proposed == Bar(DAY, 100.000004, 104, 96, 102, 1000)


def test_a_missing_value_becomes_a_new_bar_where_nothing_is_held() -> None:
    missing = replace(OFFERED, served=bars(25, 26, 24, np.nan, 4000), codes=("",), flaws=("missing values",))
    [found] = proposals_of(missing, NOTHING, BarSize.DAY_1, "XNYS")
    assert (found.found, found.proposed) == (None, Bar(DAY, 100, 104, 96, 102, 1000))
    assert (found.code, found.time) == ("provider_repair", DAY)
    assert proposals_of(missing, HeldBars(STORED, {}), BarSize.DAY_1, "XNYS") == []  # another provider had it


def test_an_impossible_bar_is_not_proposed() -> None:
    upside_down = replace(OFFERED, proposed=bars(25, 23, 24, 25.5, 4000))
    assert proposals_of(upside_down, HeldBars(STORED, {}), BarSize.DAY_1, "XNYS") == []


def test_dividends_are_proposed_where_there_is_one_and_named_where_one_would_be_added() -> None:
    action = ActionRepair(ActionKind.DIVIDEND, date(2024, 2, 9), Decimal(25), Decimal("0.25"), "dividend")
    [proposed] = action_proposals_of(replace(OFFERED, actions=(action,)))
    assert (proposed.found.value, proposed.value) == (Decimal(25), Decimal("0.25"))
    assert findings_of(replace(OFFERED, actions=(action,))) == []
    added = replace(action, served=Decimal(0))
    assert action_proposals_of(replace(OFFERED, actions=(added,))) == []
    [found] = findings_of(replace(OFFERED, actions=(added,)))
    assert found.finding.message == (
        "yfinance 1.7.0 would add a dividend of 0.25 on 2024-02-09; it is not proposed, record it where it is right"
    )
    assert not found.refuses
