"""Splits and dividends to adjusted prices. Raw prices stay as they are stored; adjusting happens on read.

A split of n new shares per old share turns an earlier price p into p/n (and a volume v into n v). A dividend D turns
it, by a named convention, into

* ``CRSP``: p P/(P+D), where P is the raw close of the ex-date (or of the first bar after it). Simple returns of the
  adjusted series are then the total returns (P_t + D_t)/P_(t-1) - 1. Quandl WIKI published its prices by this rule.
* ``YAHOO``: p (1 - D/P_prev), where P_prev is the raw close before the ex-date. The two differ in the second order.
* ``SUBTRACTIVE``: p - D, so that differences in price are kept and not returns, as futures are rolled; prices long ago
  may turn negative.

Source: CRSP's definition of total return; WIKI's and Yahoo's own adjusted prices, which ``tests/answers`` repeats.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from enum import StrEnum
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from causeway.errors import InvalidInput
from causeway.model.bar import BarColumns
from causeway.model.corporate_action import ActionKind, CorporateAction, one_a_day
from causeway.model.time import micros


class Adjustment(StrEnum):
    RAW = "raw"
    SPLIT = "split"
    TOTAL = "total"


class Anchor(StrEnum):
    """Which bar keeps its raw price. FIRST lets no earlier value depend on a later fact, not even in rounding."""

    LAST = "last"
    FIRST = "first"


class Convention(StrEnum):
    """What a dividend does to earlier prices."""

    CRSP = "crsp"
    YAHOO = "yahoo"
    SUBTRACTIVE = "subtractive"


@dataclass(frozen=True, slots=True)
class _Step:
    """What an action makes of the price and volume of every earlier bar: ``ratio * price - cash``."""

    at_us: int
    ratio: float
    cash: float = 0.0
    volume: float = 1.0


@dataclass(frozen=True, slots=True)
class _Line:
    """``slope`` and ``offset`` of the adjusted price as a function of the raw one, per bar."""

    slope: NDArray[np.float64]
    offset: NDArray[np.float64]
    volume: NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class RawCloses:
    """Raw closes by ex-date of a dividend: of the ex-date (or the first bar after it), and of the bar before it."""

    ex: Mapping[date, float] = field(default_factory=dict)
    previous: Mapping[date, float] = field(default_factory=dict)


def adjust(
    bars: BarColumns,
    actions: Sequence[CorporateAction],
    adjustment: Adjustment,
    *,
    ex_closes: Mapping[date, float],
    previous_closes: Mapping[date, float] | None = None,
    zone: str = "UTC",
    anchor: Anchor = Anchor.LAST,
    convention: Convention = Convention.CRSP,
) -> BarColumns:
    """The same bars with adjusted prices and volume.

    ``ex_closes`` maps the ex-date of a dividend to its raw close, ``previous_closes`` (for ``YAHOO``) to the close
    before it; a dividend without one lies beyond the bars and changes nothing. ``zone`` is where ex-dates begin at
    midnight: UTC for daily bars, the exchange's for others. Several dividends of one ex-date are one of their sum.

    Raises:
        InvalidInput: by ``YAHOO``, a dividend is not below the close before it: no factor keeps earlier prices above 0.
    """
    if adjustment is Adjustment.RAW or len(bars) == 0:
        return bars
    closes = RawCloses(ex_closes, previous_closes or {})
    steps = _steps(one_a_day(actions), adjustment, closes, convention, zone)
    if not steps:
        return bars
    line = _backwards(bars.time_us, steps) if anchor is Anchor.LAST else _forwards(bars.time_us, steps)
    prices = bars.prices() * line.slope[:, None] + line.offset[:, None]
    return BarColumns.of(bars.time_us, prices, bars.volume * line.volume)


def _steps(
    actions: Sequence[CorporateAction],
    adjustment: Adjustment,
    closes: RawCloses,
    convention: Convention,
    zone: str,
) -> list[_Step]:
    """Ascending; on one day the split comes first, since a dividend is paid on the shares after it."""
    splits = {action.ex_date: float(action.value) for action in actions if action.kind is ActionKind.SPLIT}
    steps = []
    for action in sorted(actions, key=lambda one: (one.ex_date, one.kind is not ActionKind.SPLIT)):
        at = midnight_us(action.ex_date, zone)
        if action.kind is ActionKind.SPLIT:
            steps.append(_Step(at, 1.0 / float(action.value), volume=float(action.value)))
        elif adjustment is Adjustment.TOTAL:
            step = _dividend(action, closes, convention, splits.get(action.ex_date, 1.0), at)
            steps.extend([] if step is None else [step])
    return steps


def _dividend(
    action: CorporateAction, closes: RawCloses, convention: Convention, split: float, at: int
) -> _Step | None:
    cash = float(action.value)
    if convention is Convention.SUBTRACTIVE:
        return _Step(at, 1.0, cash)
    if convention is Convention.YAHOO:
        before = closes.previous.get(action.ex_date)
        if before is not None and cash * split >= before:
            raise InvalidInput(
                f"the dividend of {action.value.normalize():f} on {action.ex_date} is not below the close before it, "
                f"{before:g}: the convention {convention.value} has no factor for it. Ask for {Convention.CRSP.value} "
                f"or {Convention.SUBTRACTIVE.value}.",
                details={"field": "convention"},
            )
        return None if before is None else _Step(at, 1.0 - cash * split / before)
    close = closes.ex.get(action.ex_date)
    return None if close is None else _Step(at, close / (close + cash))


def _ones(n_bars: int) -> _Line:
    return _Line(np.ones(n_bars), np.zeros(n_bars), np.ones(n_bars))


def _backwards(time_us: NDArray[np.int64], steps: Sequence[_Step]) -> _Line:
    """The last bar keeps its price: each step, the latest first, changes every bar before it."""
    line = _ones(len(time_us))
    for step in reversed(steps):
        border = int(np.searchsorted(time_us, step.at_us))
        line.offset[:border] -= line.slope[:border] * step.cash
        line.slope[:border] *= step.ratio
        line.volume[:border] *= step.volume
    return line


def _forwards(time_us: NDArray[np.int64], steps: Sequence[_Step]) -> _Line:
    """The first bar keeps its price: each step, the earliest first, is undone in every bar from it on."""
    line = _ones(len(time_us))
    for step in steps:
        border = int(np.searchsorted(time_us, step.at_us))
        if border > 0:
            line.slope[border:] /= step.ratio
            line.offset[border:] += line.slope[border:] * step.cash
            line.volume[border:] /= step.volume
    return line


def midnight_us(day: date, zone: str) -> int:
    """When an ex-date begins in ``zone``, in UTC microseconds."""
    midnight = datetime.combine(day, time(), tzinfo=UTC if zone == "UTC" else ZoneInfo(zone))
    return micros(midnight)
