"""What a flawed bar would be if its flaw were undone: proposals with a reason, never applied here.

Only flaws that say what the value should be have one: another unit, a split left out or applied twice, and a bar that
two other sources contradict. A proposal that is no possible bar is not made.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from causeway.market_data.corporate_actions import Adjustment, adjust
from causeway.market_data.dividend_checks import dividend_moves
from causeway.market_data.findings import Findings
from causeway.market_data.level_shifts import levels, split_code, split_stretches, times_unit, unit_stretches
from causeway.market_data.second_source import Outlier, compare
from causeway.market_data.validator import check_bars
from causeway.model.bar import Bar, BarColumns
from causeway.model.corporate_action import CorporateAction
from causeway.model.time import moment

_DIGITS = 12  # what a product in double precision keeps


@dataclass(frozen=True, slots=True)
class Proposal:
    """``proposed`` in the place of ``found``, because of ``code``; ``reason`` is for people.

    ``found`` None: nothing is stored at that time.
    ``quarantine_id``: ``found`` is that row in quarantine, and nothing is stored in its place.
    """

    code: str
    reason: str
    found: Bar | None
    proposed: Bar
    quarantine_id: int | None = None

    @property
    def time(self) -> datetime:
        """The start of the bar."""
        return self.proposed.time

    def of_row(self, quarantine_id: int | None) -> Proposal:
        """The same repair, of a row in quarantine."""
        return replace(self, quarantine_id=quarantine_id)


def unit_repairs(bars: BarColumns) -> list[Proposal]:
    """Stretches, closed on both sides, that lie in another unit: their prices divided by that."""
    found: list[Proposal] = []
    for unit, one in unit_stretches(levels(bars)):
        if one.closed:
            times = times_unit(unit, above=one.factor > 1)
            rows = range(one.first, one.last + 1)
            found.extend(
                _scaled(bars, rows, one.factor, 1.0, "unit_error", f"prices are {times} those before and after")
            )
    return possible(found)


def split_repairs(bars: BarColumns, actions: Sequence[CorporateAction], *, zone: str = "UTC") -> list[Proposal]:
    """Raw bars that are not on the raw basis near a recorded split: price and volume put on it."""
    adjusted = adjust(bars, actions, Adjustment.SPLIT, ex_closes={}, zone=zone)
    found: list[Proposal] = []
    for action, one in split_stretches(
        adjusted, actions, dividend_moves=dividend_moves(bars, actions, zone=zone, as_traded=True), zone=zone
    ):
        shares = float(action.value)
        reason = (
            f"prices are {one.factor:.4g} times what the split of {shares:.6g} for 1 on {action.ex_date} makes them"
        )
        rows = range(one.first, one.last + 1)
        found.extend(_scaled(bars, rows, one.factor, one.factor, split_code(one, shares), reason))
    return possible(found)


def second_source_repairs(
    first: BarColumns, second: BarColumns, third: BarColumns, *, names: tuple[str, str] = ("the second", "a third")
) -> list[Proposal]:
    """Bars of ``first`` that both others contradict: the prices in question as the second source has them."""
    found: list[Proposal] = []
    for one in compare(first, second, third):
        if one.outlier is Outlier.FIRST:
            bar = bar_at(first, one.row)
            values = dict(zip(one.fields, one.second, strict=True))
            reason = (
                f"{names[0]} has {', '.join(f'{name} {value:.10g}' for name, value in values.items())}, as {names[1]}"
            )
            found.append(Proposal("contradicted", reason, bar, replaced(bar, values)))
    return possible(found)


def bar_at(bars: BarColumns, row: int) -> Bar:
    """One row as a bar."""
    values = (float(one[row]) for one in (bars.open, bars.high, bars.low, bars.close, bars.volume))
    return Bar(moment(int(bars.time_us[row])), *values)


def _scaled(
    bars: BarColumns, rows: Iterable[int], price: float, volume: float, code: str, reason: str
) -> Iterable[Proposal]:
    for row in rows:
        bar = bar_at(bars, row)
        values = {name: _short(getattr(bar, name) / price) for name in ("open", "high", "low", "close")}
        yield Proposal(code, reason, bar, replaced(bar, {**values, "volume": _short(bar.volume * volume)}))


def replaced(bar: Bar, values: Mapping[str, float]) -> Bar:
    """The bar with these values."""
    held = {name: getattr(bar, name) for name in ("open", "high", "low", "close", "volume")}
    return Bar(bar.time, **{**held, **values})


def _short(value: float) -> float:
    return float(f"{value:.{_DIGITS}g}")


def possible(proposals: Sequence[Proposal]) -> list[Proposal]:
    """Those that propose a bar which the checks of single bars let through."""
    if not proposals:
        return []
    findings = Findings()
    check_bars(_values([one.proposed for one in proposals]), findings)
    return [one for row, one in enumerate(proposals) if row not in findings.by_row]


def _values(bars: Sequence[Bar]) -> NDArray[np.float64]:
    return np.array([[one.open, one.high, one.low, one.close, one.volume] for one in bars])


def every_repair(
    bars: BarColumns,
    actions: Sequence[CorporateAction],
    others: Mapping[str, BarColumns],
    *,
    zone: str = "UTC",
) -> list[Proposal]:
    """What the flaws of a raw series say, one proposal for a bar; ``others`` are bars of two other sources, by name."""
    found = unit_repairs(bars) + split_repairs(bars, actions, zone=zone)
    if len(others) > 1:
        (first, second), (third, fourth) = list(others.items())[:2]
        found += second_source_repairs(bars, second, fourth, names=(first, third))
    return list({one.time: one for one in reversed(found)}.values())[::-1]
