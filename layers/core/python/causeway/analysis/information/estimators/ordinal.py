"""Order patterns of a series as its symbols.

Source: Bandt & Pompe 2002; symbolic transfer entropy by Staniek & Lehnertz 2008.
"""

from __future__ import annotations

from math import factorial

import numpy as np
from numpy.typing import NDArray

from causeway.analysis.information.estimators.discrete import PreparedDiscrete
from causeway.analysis.information.estimators.protocol import Columns, Orders, Pulse
from causeway.analysis.information.estimators.settings import DiscreteSettings, OrdinalSettings
from causeway.errors import InvalidInput


def order_patterns(values: NDArray[np.float64], settings: OrdinalSettings) -> NDArray[np.float64]:
    """Symbols 0..order! - 1 of each column; NaN for the first rows and wherever a value of the pattern is NaN.

    The pattern of a bar is the ranking of its last ``order`` values, ``delay`` apart; equal values rank by time.
    """
    order, delay = settings.order, settings.delay
    patterns = np.full(values.shape, np.nan)
    lost = (order - 1) * delay
    if values.shape[0] <= lost:
        return patterns
    n_rows = values.shape[0] - lost
    window = np.stack([values[i * delay : i * delay + n_rows] for i in range(order)])
    code = np.zeros(window.shape[1:])
    for i in range(order - 1):  # Lehmer code: how many later values are smaller
        code += factorial(order - 1 - i) * (window[i + 1 :] < window[i]).sum(axis=0)
    patterns[lost:] = np.where(np.isnan(window).any(axis=0), np.nan, code)
    return patterns


class OrdinalCmi:
    """``CmiEstimator`` over order patterns of the columns, whose rows must be consecutive bars.

    The first (order - 1) delay rows have no pattern and are left out.
    """

    def __init__(self, settings: OrdinalSettings) -> None:
        self._settings = settings

    def prepare(self, y: Columns, z: Columns, pulse: Pulse | None = None) -> PreparedOrdinal:
        """Fix y (n_rows, n_dimensions) and z (n_rows, n_dimensions; no column for none).

        Raises:
            InvalidInput: no row has a pattern.
        """
        return PreparedOrdinal(y, z, self._settings, pulse)


class PreparedOrdinal:
    """``PreparedCmi``; where a surrogate asks for a row without a pattern, it gets the first one that exists."""

    def __init__(self, y: Columns, z: Columns, settings: OrdinalSettings, pulse: Pulse | None) -> None:
        self._settings = settings
        self._lost = (settings.order - 1) * settings.delay
        if y.shape[0] - self._lost < 1:
            raise InvalidInput(
                f"Patterns of order {settings.order} and delay {settings.delay} need more than {self._lost} rows; "
                f"found {y.shape[0]}."
            )
        plain = DiscreteSettings(correction=settings.correction)
        self._discrete = PreparedDiscrete(self._patterns(y), self._patterns(z), plain, pulse)

    def each(self, x: Columns) -> NDArray[np.float64]:
        """(n_variables,): every column on its own."""
        return self._discrete.each(self._patterns(x))

    def joint(self, x: Columns) -> float:
        """All columns as one variable."""
        return self._discrete.joint(self._patterns(x))

    def each_surrogate(self, x: Columns, orders: Orders) -> NDArray[np.float64]:
        """(n_variables, n_surrogates): every column on its own in every order."""
        return self._discrete.each_surrogate(self._patterns(x), self._shifted(orders))

    def joint_surrogates(self, x: Columns, orders: Orders) -> NDArray[np.float64]:
        """(n_surrogates,): all columns as one variable, in every order."""
        return self._discrete.joint_surrogates(self._patterns(x), self._shifted(orders))

    def local(self, x: Columns) -> NDArray[np.float64]:
        """(n_rows,): local values, NaN in the first rows; the mean of the others is ``joint(x)``."""
        known = self._discrete.local(self._patterns(x))
        return np.concatenate([np.full(self._lost, np.nan), known])

    def _patterns(self, values: Columns) -> NDArray[np.float64]:
        return order_patterns(values, self._settings)[self._lost :]

    def _shifted(self, orders: Orders) -> Orders:
        return np.maximum(orders[:, self._lost :] - self._lost, 0)
