"""Split-adjusted prices back to prices as traded."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import numpy as np

from causeway.market_data.schedule import DAY_US
from causeway.market_data.undo_splits import undo_splits
from causeway.model.bar import BarColumns
from causeway.model.corporate_action import ActionKind, CorporateAction

SEVEN = CorporateAction(ActionKind.SPLIT, date(2014, 6, 9), Decimal(7))
DAYS = np.array([(date(2014, 6, day) - date(1970, 1, 1)).days * DAY_US for day in (6, 9)])


def bars(*closes: float, volume: float = 700.0) -> BarColumns:
    prices = np.array(closes)
    return BarColumns(DAYS, prices, prices, prices, prices, np.full(2, volume))


def test_single_precision_is_enough_to_name_the_cent() -> None:
    """Apple closed at 645.57 on 2014-06-06, before 7 for 1."""
    undone = undo_splits(bars(float(np.float32(645.57 / 7)), 93.70), [SEVEN])
    assert undone.close.tolist() == [645.57, 93.70]
    assert undone.volume.tolist() == [100, 700]


def test_prices_that_were_rounded_to_cents_name_no_cent() -> None:
    """92.22 times 7 is 645.54: the true price lies within 3.5 cents of it, and that is all there is to know."""
    undone = undo_splits(bars(92.22, 93.70), [SEVEN])
    assert undone.close.tolist() == [92.22 * 7, 93.70]


def test_without_a_later_split_nothing_changes() -> None:
    before = CorporateAction(ActionKind.SPLIT, date(2014, 6, 6), Decimal(7))
    raw = bars(92.2243, 93.70)
    assert undo_splits(raw, [before]) is raw
