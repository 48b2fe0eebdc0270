"""Bars: open, high, low, close and volume of an interval."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar, stamped with its start; prices in the instrument's currency, raw (not adjusted)."""

    time: datetime
    open: float
    high: float
    low: float
    close: float
    volume: float


@dataclass(frozen=True, slots=True)
class BarColumns:
    """Bars of one instrument as columns, ascending in time; every array has shape (n_bars,).

    ``time_us`` holds microseconds since 1970-01-01 UTC (int64) of each bar's start.
    """

    time_us: NDArray[np.int64]
    open: NDArray[np.float64]
    high: NDArray[np.float64]
    low: NDArray[np.float64]
    close: NDArray[np.float64]
    volume: NDArray[np.float64]

    def __len__(self) -> int:
        return int(self.time_us.shape[0])
