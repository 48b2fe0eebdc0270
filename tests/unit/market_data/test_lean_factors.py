"""Factor rows to corporate actions, by hand."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import numpy as np
import pytest

from causeway.errors import InvalidInput
from causeway.market_data.lean_factors import actions_of, read_factor_row
from causeway.model.corporate_action import ActionKind, CorporateAction

SESSIONS = np.array([(date(2024, 1, day) - date(1970, 1, 1)).days for day in (2, 3, 4, 5, 8, 9, 10)])


def actions(*rows: str) -> list[CorporateAction]:
    return actions_of([read_factor_row(row.split(",")) for row in rows], SESSIONS)


def test_a_dividend_over_a_week_end() -> None:
    """(1 - 0.98/1) * 50 = 1, ex on the Monday after the Friday."""
    assert actions("20240105,0.98,1,50", "20501231,1,1,0") == [
        CorporateAction(ActionKind.DIVIDEND, date(2024, 1, 8), Decimal("1.000000"))
    ]


@pytest.mark.parametrize(
    ("factor", "shares"), [("0.1428571", "7"), ("0.6666667", "1.5"), ("10", "0.1"), ("0.997307", "1.002700271832")]
)
def test_splits(factor: str, shares: str) -> None:
    """7 for 1, 3 for 2, 1 for 10; a spin-off's odd ratio stays what it is."""
    found = actions(f"2024-01-04,1,{factor},50", "2050-12-31,1,1,0")
    assert found == [CorporateAction(ActionKind.SPLIT, date(2024, 1, 5), Decimal(shares))]


def test_rows_that_cannot_be_are_refused() -> None:
    with pytest.raises(InvalidInput, match="above 0"):
        read_factor_row(["20240105", "0", "1", "50"])
    with pytest.raises(InvalidInput, match="such as"):
        read_factor_row(["20240105", "1"])
    with pytest.raises(InvalidInput, match="ascend"):
        actions("20240108,0.98,1,50", "20240105,1,1,0")
