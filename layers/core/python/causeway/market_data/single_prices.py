"""Single prices of a bar that lie in another unit than its other prices and the bars around."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product

import numpy as np
from numpy.typing import NDArray

from causeway.market_data.level_shifts import SPLIT_LIKE, UNITS
from causeway.model.bar import BarColumns

_NAMES = ("open", "high", "low", "close")
_STEADY = np.log(1.5)


@dataclass(frozen=True, slots=True)
class SinglePrice:
    """Price ``name`` of row ``row`` is about ``factor`` times the prices around it: 100, or 0.01."""

    row: int
    name: str
    unit: float
    above: bool

    @property
    def factor(self) -> float:
        return self.unit if self.above else 1 / self.unit


def single_prices(bars: BarColumns) -> Iterator[SinglePrice]:
    """Where the bars before and after are of one level: a collapse does not come back."""
    if len(bars) < 3:
        return
    with np.errstate(divide="ignore", invalid="ignore"):
        logs = {name: np.log(getattr(bars, name)) for name in _NAMES}
    around = _around(np.median(np.stack([*logs.values()]), axis=0))
    for (name, prices), unit in product(logs.items(), UNITS):
        tolerance = np.log(1.25 if unit == SPLIT_LIKE else 1.5)
        for row in np.flatnonzero(np.abs(np.abs(prices - around) - np.log(unit)) < tolerance).tolist():
            yield SinglePrice(row, name, unit, above=bool(prices[row] > around[row]))


def _around(middle: NDArray[np.float64]) -> NDArray[np.float64]:
    """The level between the neighbours of each bar; NaN where those differ."""
    steady = np.abs(middle[2:] - middle[:-2]) < _STEADY
    return np.asarray(np.r_[np.nan, np.where(steady, (middle[2:] + middle[:-2]) / 2, np.nan), np.nan])
