"""What a study is: a name, what it asks, and a function that yields rows of results."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Study:
    """``rows(runs)`` yields a row per case; ``runs`` data sets per case, ``default_runs`` if not said."""

    name: str
    question: str
    rows: Callable[[int], Iterator[Row]]
    default_runs: int


def share_below(p: ArrayLike, level: float) -> float:
    """Share of p at or below ``level``."""
    return float(np.mean(np.asarray(p) <= level + 1e-12))
