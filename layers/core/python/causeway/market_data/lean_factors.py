"""LEAN's factor files as a source of corporate actions.

A row (date, price factor, split factor, reference price) holds the factors up to and including that date and the raw
close on it; an event shows as a change from one row to the next. It is ex on the first session after the row's date.

Source: QuantConnect/Lean, Data/equity/usa/factor_files.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from causeway.errors import InvalidInput
from causeway.model.corporate_action import ActionKind, CorporateAction

_MOST_SHARES = 100  # of splits: 3 for 2, 21 for 20; whole ratios may be larger, such as 1 for 250
_FACTOR_NOISE = 1e-5  # factors are written with seven digits
_EPOCH_DAY = date(1970, 1, 1).toordinal()


@dataclass(frozen=True, slots=True)
class FactorRow:
    """Factors that apply up to and including ``last``; ``reference`` is the raw close on it."""

    last: date
    price: float
    split: float
    reference: float


def read_factor_row(cells: Sequence[str]) -> FactorRow:
    """Date (2012-02-07 or 20120207), price factor, split factor, reference price.

    Raises:
        InvalidInput: a cell cannot be read or a factor is not above 0.
    """
    try:
        row = FactorRow(date.fromisoformat(cells[0].strip()), *(float(cell) for cell in cells[1:4]))
    except (ValueError, TypeError, IndexError) as error:
        raise InvalidInput(
            f"a factor row is {','.join(cells)[:80]!r}; expected such as 20120207,0.88,1,193.3."
        ) from error
    if not (row.price > 0 and row.split > 0):
        raise InvalidInput(f"the factors of {row.last} are {row.price} and {row.split}; expected above 0.")
    return row


def actions_of(rows: Sequence[FactorRow], sessions: NDArray[np.int64], *, decimals: int = 6) -> list[CorporateAction]:
    """Dividends per share as paid, rounded to ``decimals``, and splits, ascending by ex-date.

    ``sessions``: days since 1970, ascending. A dividend is (1 - f/f_next) times the reference price, good to about
    1e-7 of that price. A split factor that is a ratio of small whole numbers becomes that ratio.

    Raises:
        InvalidInput: the rows do not ascend in time.
    """
    found = []
    for row, following in pairwise(rows):
        if following.last < row.last:
            raise InvalidInput(f"factor rows must ascend; {following.last} comes after {row.last}.")
        at = int(np.searchsorted(sessions, row.last.toordinal() - _EPOCH_DAY, side="right"))
        if at >= len(sessions):
            break
        ex_date = date.fromordinal(int(sessions[at]) + _EPOCH_DAY)
        cash = round((1 - row.price / following.price) * row.reference, decimals)
        if cash > 0:
            found.append(CorporateAction(ActionKind.DIVIDEND, ex_date, Decimal(f"{cash:.{decimals}f}")))
        if row.split != following.split:
            found.append(CorporateAction(ActionKind.SPLIT, ex_date, _shares(following.split / row.split)))
    return found


def _shares(ratio: float) -> Decimal:
    """New shares per old one."""
    simple = Fraction(ratio).limit_denominator(_MOST_SHARES)
    if ratio < 1:
        inverse = Fraction(1 / ratio).limit_denominator(_MOST_SHARES)
        simple = 1 / inverse
    few = 1 in simple.as_integer_ratio() or max(simple.as_integer_ratio()) <= _MOST_SHARES
    exact = simple if few and abs(float(simple) / ratio - 1) <= _FACTOR_NOISE else Fraction(ratio)
    return round(Decimal(exact.numerator) / Decimal(exact.denominator), 12).normalize()
