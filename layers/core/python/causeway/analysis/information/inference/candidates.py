"""Sets of lagged variables as arrays: a network of 500 series has thousands of candidates per step."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import overload

import numpy as np
from numpy.typing import NDArray

from causeway.analysis.information.inference.embedding import LaggedVariable


class Candidates(Sequence[LaggedVariable]):
    """An immutable sequence of lagged variables; ``series`` and ``lags`` have shape (n_variables,)."""

    __slots__ = ("lags", "series")

    def __init__(self, series: NDArray[np.int64], lags: NDArray[np.int64]) -> None:
        self.series = series
        self.lags = lags

    @classmethod
    def past(cls, series: Iterable[int], max_lag: int) -> Candidates:
        """Lags 1..max_lag of every one of ``series``, in their order."""
        indices = np.fromiter(series, dtype=np.int64)
        return cls(indices.repeat(max_lag), np.arange(indices.size * max_lag) % max_lag + 1)

    @overload
    def __getitem__(self, index: int) -> LaggedVariable: ...
    @overload
    def __getitem__(self, index: slice) -> Candidates: ...
    def __getitem__(self, index: int | slice) -> LaggedVariable | Candidates:
        if isinstance(index, slice):
            return Candidates(self.series[index], self.lags[index])
        return LaggedVariable(int(self.series[index]), int(self.lags[index]))

    def __len__(self) -> int:
        return int(self.series.size)

    def without(self, variable: LaggedVariable) -> Candidates:
        """The others, in order."""
        kept = (self.series != variable.series) | (self.lags != variable.lag)
        return Candidates(self.series[kept], self.lags[kept])


def positions(variables: Sequence[LaggedVariable]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Series and lags of the variables, each of shape (n_variables,)."""
    if isinstance(variables, Candidates):
        return variables.series, variables.lags
    pairs = np.array(variables, dtype=np.int64).reshape(-1, 2)
    return pairs[:, 0], pairs[:, 1]
