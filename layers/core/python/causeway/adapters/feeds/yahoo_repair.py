"""What yfinance's price repair would change, as proposals; nothing is changed by them.

yfinance 1.7 repairs in stages. They run here one by one, in its order, so that each difference is named by the stage
that made it. The stages are yfinance's private functions: its version is pinned, and the known answers of
``tests/answers`` hold it to what it gave.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np

_FIELDS = {
    "Open": "open",
    "High": "high",
    "Low": "low",
    "Close": "close",
    "Adj Close": "adjusted_close",
    "Volume": "volume",
    "Dividends": "dividend",
    "Stock Splits": "split",
    "Capital Gains": "capital_gain",
}
_PRICES = ("Open", "High", "Low", "Close", "Adj Close")
_MINOR_PER_MAJOR = {"GBp": 100, "ZAc": 100, "ILA": 100}
_SAME = 1e-9  # relative; a scale that is undone leaves less

REASONS = ("dividend", "unit", "split", "missing values", "capital gain counted twice")

Stage = Callable[[Any], Any]


@dataclass(frozen=True, slots=True)
class RepairProposal:
    """One value: what Yahoo served, NaN for none, and what yfinance would put there. In Yahoo's unit, such as pence.

    ``time`` is the start of the bar in the exchange's zone; ``reason`` names the flaw, several with `` and ``.
    """

    time: datetime
    field: str
    served: float
    proposed: float
    reason: str


def propose_repairs(
    history: Any,
    frame: Any,
    interval: str,
    *,
    extended_hours: bool = False,
    only: Collection[str] = REASONS,
) -> list[RepairProposal]:
    """Every value of ``frame`` that yfinance's repair would change, by time and field.

    ``frame`` is a frame of yfinance without adjustment and repair, ``history`` the ``PriceHistory`` that fetched it:
    some stages ask it for finer bars. ``only`` names the stages to run.
    """
    served = frame.sort_index()
    served["Volume"] = served["Volume"].fillna(0)
    metadata = history._history_metadata
    currency = str(metadata.get("currency") or "")
    zone = str(metadata["exchangeTimezoneName"])
    work, working_currency, scaled = history._standardise_currency(served.copy(), currency)
    reasons: dict[str, Any] = {}
    for reason, stage in _stages(history, interval, zone, working_currency, extended_hours):
        if reason in only:
            before, work = work, stage(work).sort_index()
            _note_changes(reason, before, work, reasons)
    if scaled:
        for name in (*_PRICES, "Dividends"):
            work[name] *= _MINOR_PER_MAJOR[currency]
        metadata["currency"] = currency
    return list(_proposals(served, work, reasons))


def _stages(history: Any, interval: str, zone: str, currency: str, extended_hours: bool) -> Iterator[tuple[str, Stage]]:
    yield "dividend", lambda df: history._fix_bad_div_adjust(df, interval, extended_hours, currency)
    if "=" not in history.ticker:  # currency pairs have no volume, by which these two judge
        yield "unit", lambda df: history._fix_unit_mixups(df, interval, zone, extended_hours)
        yield "split", lambda df: history._fix_bad_stock_splits(df, interval, zone)
    yield "missing values", lambda df: history._fix_zeroes(df, interval, zone, extended_hours)
    yield "capital gain counted twice", history._repair_capital_gains


def _note_changes(reason: str, before: Any, after: Any, reasons: dict[str, Any]) -> None:
    """Add ``reason`` at each value that the stage changed."""
    before = before.reindex(after.index)
    for name in _FIELDS:
        if name in before and name in after:
            for at in after.index[_differ(before[name], after[name])]:
                reasons.setdefault(name, {}).setdefault(at, []).append(reason)


def _proposals(served: Any, repaired: Any, reasons: dict[str, Any]) -> Iterator[RepairProposal]:
    repaired = repaired.reindex(served.index)
    found = []
    for name, field in _FIELDS.items():
        if name in served and name in repaired:
            changed = np.flatnonzero(_differ(served[name], repaired[name]))
            for row in changed:
                at = served.index[row]
                why = " and ".join(reasons.get(name, {}).get(at, ["unit"]))
                values = float(served[name].iloc[row]), float(repaired[name].iloc[row])
                found.append(RepairProposal(at.to_pydatetime(), field, *values, why))
    order = list(_FIELDS.values())
    yield from sorted(found, key=lambda one: (one.time, order.index(one.field)))


def _differ(one: Any, other: Any) -> Any:
    left, right = one.to_numpy(dtype=float), other.to_numpy(dtype=float)
    return ~np.isclose(left, right, rtol=_SAME, atol=0.0, equal_nan=True)
