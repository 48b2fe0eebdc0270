"""Checks of single bars, and of a bar's place among the others of its file. Findings only: nothing is changed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from causeway.market_data.findings import Findings
from causeway.market_data.normalizer import PRICES, ParsedRows
from causeway.market_data.written_times import NO_TIME
from causeway.model.time import isoformat_z

# The widest bar as traded in the reference data has high = 48,936 low (GOOG on 2008-09-30, low 0.01);
# the largest volume is 1.4e9.
MOST_HIGH_OVER_LOW = 1e6
MOST_VOLUME = 1e15
_DAY_US = 86_400_000_000
_OLDEST_US = int(datetime(1900, 1, 1, tzinfo=UTC).timestamp()) * 1_000_000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def check_bars(values: NDArray[np.float64], findings: Findings) -> None:
    """Prices positive and within a plausible range, low <= open, close <= high, volume neither negative nor absurd.

    ``values`` has shape (n_rows, 5).

    A comparison with a missing value finds nothing: the missing value was reported when it was read.
    """
    for at, name in enumerate(PRICES):
        for row in np.flatnonzero(values[:, at] <= 0):
            findings.add(int(row), "non_positive_price", f"{name} is {values[row, at]:g}; expected above 0")
    opening, high, low, close, volume = values.T
    for row in np.flatnonzero(high < low):
        findings.add(int(row), "high_below_low", f"high {high[row]:g} is below low {low[row]:g}")
    for name, price in (("open", opening), ("close", close)):
        for row in np.flatnonzero((high >= low) & ((price > high) | (price < low))):
            findings.add(
                int(row),
                f"{name}_outside_range",
                f"{name} {price[row]:.10g} is outside low {low[row]:.10g} to high {high[row]:.10g}",
            )
    for row in np.flatnonzero((low > 0) & np.isfinite(high) & (high / MOST_HIGH_OVER_LOW > low)):
        times = f"more than {MOST_HIGH_OVER_LOW:g} times low {low[row]:g}"
        findings.add(int(row), "implausible_range", f"high {high[row]:g} is {times}")
    for row in np.flatnonzero(np.isfinite(volume) & (volume > MOST_VOLUME)):
        findings.add(int(row), "implausible_volume", f"volume is {volume[row]:g}; expected at most {MOST_VOLUME:g}")
    for row in np.flatnonzero(volume < 0):
        findings.add(int(row), "negative_volume", f"volume is {volume[row]:g}; expected 0 or more")


def check_times(time_us: NDArray[np.int64], now: datetime, findings: Findings) -> None:
    """Between 1900 and now."""
    now_us = (now - _EPOCH) // timedelta(microseconds=1)
    known = time_us != NO_TIME
    for row in np.flatnonzero(known & (time_us > now_us)):
        findings.add(int(row), "in_future", f"the bar starts at {_text(time_us[row])}, after now")
    for row in np.flatnonzero(known & (time_us < _OLDEST_US)):
        findings.add(int(row), "too_old", f"the bar starts at {_text(time_us[row])}, before 1900")


def check_order(parsed: ParsedRows, time_us: NDArray[np.int64], findings: Findings) -> None:
    """Warn where a row is earlier than the row before it of the same symbol."""
    order = np.argsort(parsed.symbol_id, kind="stable")
    order = order[time_us[order] != NO_TIME]
    symbol, time = parsed.symbol_id[order], time_us[order]
    backwards = (symbol[1:] == symbol[:-1]) & (time[1:] < time[:-1])
    for at in np.flatnonzero(backwards):
        findings.add(
            int(order[at + 1]),
            "out_of_order",
            f"{_text(time[at + 1])} comes after {_text(time[at])} in the file",
        )


def check_duplicates(parsed: ParsedRows, time_us: NDArray[np.int64], findings: Findings) -> NDArray[np.int64]:
    """Rows that repeat an equal row before them, to be counted as unchanged.

    Several rows for one bar with different values are errors, all of them: none is known to be the right one.
    Only rows without an error take part, so a broken row does not spoil a whole one.
    """
    rows = usable_rows(time_us, findings)
    order = rows[np.lexsort((rows, time_us[rows], parsed.symbol_id[rows]))]
    if order.size == 0:
        return order
    symbol, time = parsed.symbol_id[order], time_us[order]
    starts = np.flatnonzero(np.r_[True, (symbol[1:] != symbol[:-1]) | (time[1:] != time[:-1])])
    sizes = np.diff(np.r_[starts, order.size])
    repeats: list[int] = []
    for start, size in zip(starts[sizes > 1], sizes[sizes > 1], strict=True):
        group = order[start : start + size]
        repeats.extend(_judge_duplicates(group, parsed, findings))
    return np.array(sorted(repeats), dtype=np.int64)


def _judge_duplicates(group: NDArray[np.int64], parsed: ParsedRows, findings: Findings) -> list[int]:
    numbers = ", ".join(str(number) for number in parsed.row_number[group][:5])
    if (parsed.values[group] == parsed.values[group[0]]).all():
        for row in group[1:]:
            findings.add(int(row), "duplicate_row", f"equal rows for one bar: rows {numbers}")
        return [int(row) for row in group[1:]]
    for row in group:
        findings.add(int(row), "conflicting_duplicate", f"different values for one bar: rows {numbers}")
    return []


def check_sessions(time_us: NDArray[np.int64], sessions: NDArray[np.int64], calendar: str, findings: Findings) -> None:
    """Warn about daily bars on a day that is no session; ``sessions`` holds days since 1970, ascending."""
    known = np.flatnonzero(time_us != NO_TIME)
    days = time_us[known] // _DAY_US
    for row in known[~np.isin(days, sessions)]:
        findings.add(int(row), "not_a_session", f"{calendar} has no session on {_text(time_us[row])[:10]}")


def usable_rows(time_us: NDArray[np.int64], findings: Findings) -> NDArray[np.int64]:
    """Indices of rows with a time and without an error, ascending."""
    usable = time_us != NO_TIME
    usable[findings.error_rows()] = False
    return np.flatnonzero(usable)


def _text(time_us: int | np.int64) -> str:
    return isoformat_z(_EPOCH + timedelta(microseconds=int(time_us)))
