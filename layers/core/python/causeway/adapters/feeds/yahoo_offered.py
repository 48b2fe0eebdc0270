"""yfinance's repair of a series in our units and times: bars side by side, splits and dividends."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import numpy as np

from causeway.adapters.feeds.yahoo_chart import ChartFacts, bars_of, finished_within, shortest, undivided
from causeway.adapters.feeds.yahoo_repair import PRICES, SPLIT, UNIT, Repaired
from causeway.model.bar import BarColumns
from causeway.model.corporate_action import ActionKind
from causeway.ports.feed import ActionRepair, BarsRequest, OfferedRepairs, PriceBasis

_ACTIONS = (("Dividends", ActionKind.DIVIDEND), ("Stock Splits", ActionKind.SPLIT))
_CODES = {UNIT: "unit_error", SPLIT: "split_not_applied"}
_DIGITS = 12  # what a product in double precision keeps
_SAME = Decimal("0.000001")  # relative; Yahoo rounds dividends to six places


def meant(frame: Any) -> Any:
    """A frame with the prices that Yahoo meant, where it wrote single precision as double."""
    frame = frame.copy()
    for name in PRICES:
        frame[name] = shortest(frame[name].to_numpy(dtype=float))
    return frame


def as_offered(made: Repaired, facts: ChartFacts, request: BarsRequest, now: datetime, by: str) -> OfferedRepairs:
    """What of a repair lies within ``request``: bars that are over and whole once they are repaired, and actions."""
    served = bars_of(made.served, facts, request.bar_size)
    repaired = _rounded(bars_of(made.repaired, facts, request.bar_size))
    rows = made.of_bars() & finished_within(served, facts, request.bar_size, request.start, request.end, now)
    rows &= np.isfinite(repaired.prices()).all(axis=1) & np.isfinite(repaired.volume)
    splits = tuple(one for one in facts.actions if one.kind is ActionKind.SPLIT)
    flaws = tuple(made.why_of_bar(at) for at in made.served.index[rows])
    return OfferedRepairs(
        by=by,
        served=served.rows(rows),
        proposed=repaired.rows(rows),
        flaws=flaws,
        codes=tuple(_CODES.get(one, "") for one in flaws),
        basis=PriceBasis.SPLIT,
        currency=facts.currency,
        splits=tuple(one for one in splits if one.ex_date >= request.start.date()),
        actions=tuple(_actions(made, facts)),
    )


def _rounded(bars: BarColumns) -> BarColumns:
    values = np.array([[_short(value) for value in row] for row in np.c_[bars.prices(), bars.volume].tolist()])
    values = values.reshape(-1, 5)
    return BarColumns.of(bars.time_us, values[:, :4], values[:, 4])


def _short(value: float) -> float:
    return float(f"{value:.{_DIGITS}g}")


def _actions(made: Repaired, facts: ChartFacts) -> Iterator[ActionRepair]:
    """Those whose value as handed over would be another one; a change of Yahoo's unit alone is none."""
    held = {(one.kind, one.ex_date): one.value for one in facts.actions}
    for name, kind in _ACTIONS:
        if name not in made.served:
            continue
        for row in np.flatnonzero(made.changed([name])).tolist():
            at = made.served.index[row]
            proposed = Decimal(str(_short(float(made.repaired[name].iloc[row]))))
            if kind is ActionKind.DIVIDEND:
                proposed = _as_paid(proposed, at.date(), facts)
            served = held.get((kind, at.date()), Decimal(0))
            if abs(proposed - served) > _SAME * max(served, proposed):
                yield ActionRepair(kind, at.date(), served, proposed, made.why(at, [name]))


def _as_paid(served: Decimal, ex_date: date, facts: ChartFacts) -> Decimal:
    factor = Decimal(1)
    for one in facts.actions:
        if one.kind is ActionKind.SPLIT and one.ex_date > ex_date:
            factor *= one.value
    return undivided(served / facts.divisor, factor)
