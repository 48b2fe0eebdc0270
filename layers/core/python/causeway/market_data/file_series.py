"""Checks of whole series, run on each symbol of a file."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from causeway.market_data.findings import Findings
from causeway.market_data.intraday_checks import check_jumps, check_largest_volume, check_repeated_stretches
from causeway.market_data.normalizer import ParsedRows
from causeway.market_data.outliers import by_symbol
from causeway.market_data.returning_shifts import check_returning_shifts
from causeway.market_data.series_checks import check_lone_bars, check_stale, check_volume
from causeway.market_data.unit_checks import check_units
from causeway.model.bar import BarColumns
from causeway.model.time import BarSize

_SESSION_BREAK_US = 4 * 3_600_000_000


def check_series(bars: BarColumns, bar_size: BarSize) -> Findings:
    """Everything that one series shows of itself, by row of ``bars``; splits and dividends need their own facts."""
    findings = Findings()
    check_units(bars, findings)
    check_stale(bars, bar_size, findings)
    check_volume(bars, bar_size, findings)
    breaks = np.zeros(0, dtype=np.int64)
    if bar_size is not BarSize.DAY_1:
        breaks = np.flatnonzero(np.diff(bars.time_us) > _SESSION_BREAK_US) + 1
    check_lone_bars(bars, bar_size, findings, breaks=breaks)
    check_returning_shifts(bars, bar_size, findings, breaks=breaks)
    if bar_size is not BarSize.DAY_1:
        check_largest_volume(bars, findings)
        check_repeated_stretches(bars, findings)
    return findings


def check_file_series(parsed: ParsedRows, time_us: NDArray[np.int64], bar_size: BarSize, findings: Findings) -> None:
    """``check_series`` of each symbol's rows that have no error and do not repeat a row; jumps of intraday bars."""
    for mine in list(by_symbol(parsed, time_us, findings)):
        bars = BarColumns(time_us[mine], *parsed.values[mine].T)
        found = check_series(bars, bar_size)
        if bar_size is not BarSize.DAY_1:
            check_jumps(bars, found)
        for row, whats in found.by_row.items():
            for one in whats:
                findings.add(int(mine[row]), one.code, one.message)
