"""Flaws of a vendor's daily series: the same at every request, as data that a vendor holds wrongly.

Finer bars are right, so that a repair can look there.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

from causeway.model.bar import BarColumns
from causeway.model.corporate_action import CorporateAction
from causeway.simulators.faults import Flaw

_DAY_US = 86_400_000_000
_UNIT, _UNIT_DAYS = 100.0, (date(2000, 3, 8), date(2000, 3, 21))  # both days included; the year does not matter
_MISSING_DAYS = (date(2000, 5, 15), date(2000, 5, 17))
_BEFORE_SPLIT = timedelta(days=30)


def with_flaws(bars: BarColumns, splits: Sequence[CorporateAction], flaws: Collection[Flaw]) -> BarColumns:
    """Split-adjusted daily bars as a vendor with these flaws serves them; a missing close is NaN."""
    prices, volume = bars.prices(), bars.volume.copy()
    if Flaw.UNIT in flaws:
        prices[_in_every_year(bars, _UNIT_DAYS)] *= _UNIT
    if Flaw.SPLIT in flaws:
        for one in splits:
            before = _between(bars, one.ex_date - _BEFORE_SPLIT, one.ex_date)
            prices[before] *= float(one.value)
            volume[before] /= float(one.value)
    if Flaw.MISSING in flaws:
        prices[_in_every_year(bars, _MISSING_DAYS), 3] = np.nan
    return BarColumns.of(bars.time_us, prices, volume)


def _between(bars: BarColumns, first: date, before: date) -> NDArray[np.bool_]:
    days = bars.time_us // _DAY_US + date(1970, 1, 1).toordinal()
    return (days >= first.toordinal()) & (days < before.toordinal())


def _in_every_year(bars: BarColumns, days: tuple[date, date]) -> NDArray[np.bool_]:
    found = np.zeros(len(bars), dtype=np.bool_)
    for year in range(1990, 2051):
        first, last = (one.replace(year=year) for one in days)
        found |= _between(bars, first, last + timedelta(days=1))
    return found
