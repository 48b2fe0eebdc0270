"""What network inference asks of an estimator: one (y, z), many x.

In a step of the algorithm the target y and the conditioning set z stay the same over every candidate and every
surrogate. An estimator prepares whatever depends on them once, and is then asked about x after x.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Columns = NDArray[np.float64]  # (n_rows, n_variables), C-contiguous
Orders = NDArray[np.int64]  # (n_surrogates, n_rows): row r of surrogate s is row orders[s, r] of the variable
Pulse = Callable[[], None]  # called between batches of work; raises to stop it


class PreparedCmi(Protocol):
    """I(x; y | z) in nats with y and z fixed. Values of a batch do not depend on what else is in the batch."""

    def each(self, x: Columns) -> NDArray[np.float64]:
        """(n_variables,): every column of ``x`` on its own; float64, the value that is reported."""
        ...

    def joint(self, x: Columns) -> float:
        """All columns of ``x`` as one variable; float64, the value that is reported."""
        ...

    def each_surrogate(self, x: Columns, orders: Orders) -> NDArray[np.float64]:
        """(n_variables, n_surrogates): every column on its own in every order; single precision is allowed."""
        ...

    def joint_surrogates(self, x: Columns, orders: Orders) -> NDArray[np.float64]:
        """(n_surrogates,): all columns as one variable, in every order; single precision is allowed."""
        ...

    def local(self, x: Columns) -> NDArray[np.float64]:
        """(n_rows,): local values whose mean is ``joint(x)``."""
        ...


class CmiEstimator(Protocol):
    """An estimator with its settings, free of data."""

    def prepare(self, y: Columns, z: Columns, pulse: Pulse | None = None) -> PreparedCmi:
        """Fix y (n_rows, n_dimensions) and z (n_rows, n_dimensions; no column for none).

        Raises:
            InvalidInput: too few rows for the settings.
        """
        ...
