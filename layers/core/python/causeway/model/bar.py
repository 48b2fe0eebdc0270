"""Bars: open, high, low, close and volume of an interval."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Self

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

    @classmethod
    def of(cls, time_us: NDArray[np.int64], prices: NDArray[np.float64], volume: NDArray[np.float64]) -> Self:
        """From open, high, low, close in the columns of ``prices``, shape (n_bars, 4)."""
        return cls(time_us, prices[:, 0], prices[:, 1], prices[:, 2], prices[:, 3], volume)

    def prices(self) -> NDArray[np.float64]:
        """Open, high, low, close as a new array of shape (n_bars, 4)."""
        return np.stack([self.open, self.high, self.low, self.close], axis=1)

    @classmethod
    def together(cls, parts: Sequence[BarColumns]) -> BarColumns:
        """One after the other; no bars where there is no part."""
        if len(parts) == 1:
            return parts[0]
        if not parts:
            return cls(np.zeros(0, dtype=np.int64), *(np.zeros(0) for _ in range(5)))
        names = ("time_us", "open", "high", "low", "close", "volume")
        return cls(*(np.concatenate([getattr(part, name) for part in parts]) for name in names))

    def rows(self, which: NDArray[np.int64] | NDArray[np.bool_] | slice) -> BarColumns:
        """These rows, in this order."""
        return BarColumns.of(self.time_us[which], self.prices()[which], self.volume[which])

    def __len__(self) -> int:
        return int(self.time_us.shape[0])
