"""The small noise that breaks ties, as IDTxl's ``noise_level`` asks for it, but the same for the same variable.

JIDT draws afresh at every estimate, so that no two runs agree. Here each column of each variable has one fixed
stream: an estimate is a function of its data, and does not depend on what was estimated before.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

_ROLES = ("var1", "var2", "conditional")


@lru_cache(maxsize=64)
def _column(seed: int, role: str, column: int, n_rows: int) -> NDArray[np.float64]:
    key = (_ROLES.index(role), column)
    noise = np.random.default_rng(np.random.SeedSequence(seed, spawn_key=key)).standard_normal(n_rows)
    noise.setflags(write=False)
    return noise


def noise(seed: int, role: str, n_rows: int, n_dimensions: int) -> NDArray[np.float64]:
    """(n_rows, n_dimensions) standard normal values; ``role`` is var1, var2 or conditional."""
    columns = [_column(seed, role, column, n_rows) for column in range(n_dimensions)]
    return np.column_stack(columns) if columns else np.empty((n_rows, 0))
