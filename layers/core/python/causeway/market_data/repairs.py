"""What a flawed bar would be if its flaw were undone: proposals with a reason, never applied here.

Only flaws that say what the value should be have one: another unit, a split left out or applied twice, and a bar that
two other sources contradict. A proposal that is no possible bar is not made.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from causeway.market_data.corporate_actions import Adjustment, adjust
from causeway.market_data.dividend_checks import dividend_moves
from causeway.market_data.findings import Findings
from causeway.market_data.level_shifts import (
    LONGEST_STRETCH,
    Stretch,
    near_a_split,
    split_code,
    split_stretches,
    times_unit,
    unit_stretches,
    whole_levels,
)
from causeway.market_data.second_source import Outlier, compare
from causeway.market_data.single_prices import SinglePrice, single_prices
from causeway.market_data.validator import check_bars
from causeway.model.bar import Bar, BarColumns
from causeway.model.corporate_action import CorporateAction
from causeway.model.time import micros, moment

_DIGITS = 12  # what a product in double precision keeps
PRICES = ("open", "high", "low", "close")


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


def unit_repairs(bars: BarColumns, actions: Sequence[CorporateAction] = (), *, zone: str = "UTC") -> list[Proposal]:
    """Prices in another unit, divided by it: closed stretches, the shorter side of a shift, single prices of a bar.

    A shift near a recorded split is none of units.
    """
    found: list[Proposal] = []
    every = unit_stretches(whole_levels(bars))
    for unit, one in every:
        if one.closed:
            times = times_unit(unit, above=one.factor > 1)
            rows = range(one.first, one.last + 1)
            found.extend(
                _scaled(bars, rows, one.factor, 1.0, "unit_error", f"prices are {times} those before and after")
            )
    shifts = [(unit, one) for unit, one in every if not one.closed]
    if len(shifts) == 1 and not near_a_split(bars, shifts[0][1].last + 1, actions, zone=zone):
        taken = {one.time for one in found}
        found.extend(one for one in _shorter_side(bars, *shifts[0]) if one.time not in taken)
    stretched = {row for _, one in every if one.closed for row in range(one.first, one.last + 1)}
    found.extend(_single_prices(bars, stretched))
    return possible(found)


def _shorter_side(bars: BarColumns, unit: float, one: Stretch) -> Iterable[Proposal]:
    """Both sides of a shift are of one unit each, and nothing says which is right."""
    border = one.last + 1
    before, after = border, len(bars) - border
    shorter = min(before, after)
    if before == after or shorter > LONGEST_STRETCH:
        return
    later = after < before
    factor = 1 / one.factor if later else one.factor
    rows = range(border, len(bars)) if later else range(border)
    times = times_unit(unit, above=factor > 1)
    which = f"the {'last' if later else 'first'} {shorter} bar{'s' if shorter > 1 else ''}"
    reason = (
        f"{which} {'are' if shorter > 1 else 'is'} {times} the {max(before, after)} "
        f"{'before' if later else 'after'}; or the unit did change for good there: reject this then"
    )
    yield from _scaled(bars, rows, factor, 1.0, "unit_shift", reason)


def _single_prices(bars: BarColumns, stretched: Collection[int]) -> Iterable[Proposal]:
    """A high or low that was the wrong open or close is made anew of the prices that come back.

    Any other must be a possible one when its unit is undone: else it is a misprint, which says not what was meant.
    """
    by_row: dict[int, list[SinglePrice]] = {}
    for one in single_prices(bars):
        if one.row not in stretched:
            by_row.setdefault(one.row, []).append(one)
    for row, mine in by_row.items():
        bar = bar_at(bars, row)
        right = {one.name: _short(getattr(bar, one.name) / one.factor) for one in mine}
        wrong = {getattr(bar, name) for name in ("open", "close") if name in right}
        every = [right.get(name, getattr(bar, name)) for name in PRICES]
        for name, extreme in (("high", max(every)), ("low", min(every))):
            if name in right and getattr(bar, name) in wrong:
                right[name] = extreme
        kinds = {times_unit(one.unit, above=one.above): "" for one in mine}
        for one in mine:
            times = times_unit(one.unit, above=one.above)
            kinds[times] = f"{kinds[times]} and {one.name}" if kinds[times] else one.name
        which = ", ".join(f"{names} {'are' if ' and ' in names else 'is'} {times}" for times, names in kinds.items())
        yield Proposal("unit_error", f"{which} the prices around", bar, replaced(bar, right))


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
        values = {name: _short(getattr(bar, name) / price) for name in PRICES}
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
    found = unit_repairs(bars, actions, zone=zone) + split_repairs(bars, actions, zone=zone)
    if len(others) > 1:
        (first, second), (third, fourth) = list(others.items())[:2]
        found += second_source_repairs(bars, second, fourth, names=(first, third))
    return list({one.time: one for one in reversed(found)}.values())[::-1]


def as_accepted(bars: BarColumns, proposals: Iterable[Proposal]) -> BarColumns:
    """``bars`` as they would be with the proposals for them accepted; what is proposed of other bars counts nothing."""
    row = {int(time_us): at for at, time_us in enumerate(bars.time_us)}
    prices, volume = bars.prices().copy(), bars.volume.copy()
    for one in proposals:
        at = row.get(micros(one.proposed.time))
        if at is not None:
            prices[at] = [getattr(one.proposed, name) for name in PRICES]
            volume[at] = one.proposed.volume
    return BarColumns.of(bars.time_us, prices, volume)
