"""What yfinance's price repair would change of a frame; the frame stays as it is.

yfinance 1.7 repairs in stages. They run here one by one, in its order, so that each difference is named by the stage
that made it. The stages are yfinance's private functions: its version is pinned, and the known answers of
``tests/answers`` hold it to what it gave.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from causeway.market_data.source_profiles import MINOR_UNITS

PRICES = ("Open", "High", "Low", "Close", "Adj Close")
_COLUMNS = (*PRICES, "Volume", "Dividends", "Stock Splits", "Capital Gains")
_OF_BARS = ("Open", "High", "Low", "Close", "Volume")
_SAME = 1e-9  # relative; a scale that is undone leaves less

UNIT, SPLIT = "unit", "split"
REASONS = ("dividend", UNIT, SPLIT, "missing values", "capital gain counted twice")

Stage = Callable[[Any], Any]


@dataclass(frozen=True, slots=True)
class Repaired:
    """Two frames with the same rows, in Yahoo's unit, and the stages that changed a value, by column and row."""

    served: Any
    repaired: Any
    reasons: Mapping[str, Mapping[Any, Sequence[str]]]

    def changed(self, names: Sequence[str]) -> Any:
        """Whether a value of these columns differs, by row."""
        of = [_differ(self.served[name], self.repaired[name]) for name in names if name in self.served]
        return np.any(of, axis=0)

    def why(self, at: Any, names: Sequence[str]) -> str:
        """The stages that changed these columns of a row, in their order."""
        found = {one for name in names for one in self.reasons.get(name, {}).get(at, ())}
        return " and ".join(one for one in REASONS if one in found) or UNIT

    def of_bars(self) -> Any:
        """Rows whose bar differs."""
        return self.changed(_OF_BARS)

    def why_of_bar(self, at: Any) -> str:
        """The flaws of a row's bar."""
        return self.why(at, _OF_BARS)


def repair(
    history: Any,
    frame: Any,
    interval: str,
    *,
    extended_hours: bool = False,
    only: Collection[str] = REASONS,
) -> Repaired:
    """``frame`` beside what yfinance's repair makes of it.

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
        for name in (*PRICES, "Dividends"):
            work[name] *= MINOR_UNITS[currency][1]
    metadata["currency"] = currency
    return Repaired(served, work.reindex(served.index), reasons)


def _stages(history: Any, interval: str, zone: str, currency: str, extended_hours: bool) -> Iterator[tuple[str, Stage]]:
    def zeroes(df: Any) -> Any:
        return history._fix_zeroes(df, interval, zone, extended_hours)

    yield "dividend", lambda df: history._fix_bad_div_adjust(df, interval, extended_hours, currency)
    yield "missing values", lambda df: _with_last_row(df, zeroes)  # the next two judge by the last row
    if "=" not in history.ticker:  # currency pairs have no volume, by which these two judge
        yield UNIT, lambda df: history._fix_unit_mixups(df, interval, zone, extended_hours)
        yield SPLIT, lambda df: history._fix_bad_stock_splits(df, interval, zone)
    yield "missing values", zeroes
    yield "capital gain counted twice", history._repair_capital_gains


def _with_last_row(df: Any, stage: Stage) -> Any:
    """``df`` with its last row as ``stage`` makes it, by itself."""
    if df.empty:
        return df
    import pandas as pd

    last = stage(df.iloc[-1:])
    if "Repaired?" not in df:
        df["Repaired?"] = False
    return pd.concat([df.iloc[:-1], last])


def _note_changes(reason: str, before: Any, after: Any, reasons: dict[str, Any]) -> None:
    """Add ``reason`` at each value that the stage changed."""
    before = before.reindex(after.index)
    for name in _COLUMNS:
        if name in before and name in after:
            for at in after.index[_differ(before[name], after[name])]:
                reasons.setdefault(name, {}).setdefault(at, []).append(reason)


def _differ(one: Any, other: Any) -> Any:
    left, right = one.to_numpy(dtype=float), other.to_numpy(dtype=float)
    return ~np.isclose(left, right, rtol=_SAME, atol=0.0, equal_nan=True)
