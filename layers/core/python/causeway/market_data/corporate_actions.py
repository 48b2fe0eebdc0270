"""Splits and dividends to adjustment factors. Raw prices stay as they are stored; adjusting happens on read.

A bar's price factor is the product of the steps of every later ex-date:

* a split of n new shares per old share steps by 1/n (volume by n);
* a dividend D steps by P/(P+D), where P is the raw close of the ex-date (or of the first bar after it). Simple
  returns of the adjusted series are then the total returns (P_t + D_t)/P_(t-1) - 1.

Source: CRSP's definition of total return; Quandl WIKI published its adjusted prices by this rule, which
``tests/answers`` repeats. (Yahoo steps by 1 - D/P_(t-1) instead; the two differ in the second order.)
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time
from enum import StrEnum
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from causeway.model.bar import BarColumns
from causeway.model.corporate_action import ActionKind, CorporateAction


class Adjustment(StrEnum):
    RAW = "raw"
    SPLIT = "split"
    TOTAL = "total"


class Anchor(StrEnum):
    """Which bar keeps its raw price. FIRST lets no earlier value depend on a later fact, not even in rounding."""

    LAST = "last"
    FIRST = "first"


def adjust(
    bars: BarColumns,
    actions: Sequence[CorporateAction],
    adjustment: Adjustment,
    *,
    ex_closes: Mapping[date, float],
    zone: str = "UTC",
    anchor: Anchor = Anchor.LAST,
) -> BarColumns:
    """The same bars with adjusted prices and volume.

    ``ex_closes`` maps the ex-date of a dividend to its raw close; a dividend without one lies after the last bar
    and changes nothing. ``zone`` is where ex-dates begin at midnight: UTC for daily bars, the exchange's for others.
    """
    if adjustment is Adjustment.RAW or len(bars) == 0:
        return bars
    steps = _steps(actions, adjustment, ex_closes, zone)
    if not steps:
        return bars
    price = _factors(bars.time_us, [(at, step) for at, step, _ in steps], anchor)
    volume = _factors(bars.time_us, [(at, step) for at, _, step in steps], anchor)
    return BarColumns(
        bars.time_us,
        bars.open * price,
        bars.high * price,
        bars.low * price,
        bars.close * price,
        bars.volume * volume,
    )


def _steps(
    actions: Sequence[CorporateAction], adjustment: Adjustment, ex_closes: Mapping[date, float], zone: str
) -> list[tuple[int, float, float]]:
    """(start of the ex-date in microseconds, price step, volume step), ascending."""
    steps = []
    for action in sorted(actions, key=lambda one: (one.ex_date, one.kind)):
        at = _midnight_us(action.ex_date, zone)
        if action.kind is ActionKind.SPLIT:
            steps.append((at, 1.0 / float(action.value), float(action.value)))
        elif adjustment is Adjustment.TOTAL and action.ex_date in ex_closes:
            close = ex_closes[action.ex_date]
            steps.append((at, close / (close + float(action.value)), 1.0))
    return steps


def _factors(time_us: NDArray[np.int64], steps: Sequence[tuple[int, float]], anchor: Anchor) -> NDArray[np.float64]:
    """A step at time t multiplies every bar before t; with anchor FIRST it divides every bar from t on."""
    factor = np.ones(len(time_us))
    for at, step in steps if anchor is Anchor.FIRST else reversed(steps):
        border = int(np.searchsorted(time_us, at))
        if anchor is Anchor.LAST:
            factor[:border] *= step
        elif border > 0:
            factor[border:] /= step
    return factor


def _midnight_us(day: date, zone: str) -> int:
    midnight = datetime.combine(day, time(), tzinfo=UTC if zone == "UTC" else ZoneInfo(zone))
    return int(midnight.timestamp()) * 1_000_000
