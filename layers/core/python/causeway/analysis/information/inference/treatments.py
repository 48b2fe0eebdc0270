"""What is said about series that can be analysed, but not as well as hoped."""

from __future__ import annotations

import numpy as np

from causeway.analysis.information.inference.panel import Panel
from causeway.analysis.information.settings import NetworkSettings
from causeway.model.inference import Estimator

_TIED = 0.5  # share of distinct values below which neighbour distances are mostly zero or equal


def data_warnings(panel: Panel, settings: NetworkSettings) -> tuple[str, ...]:
    """Sentences about the panel; the same for every target."""
    if settings.estimator is not Estimator.KSG:
        return ()
    tied = [name for name, column in zip(panel.names, panel.values.T, strict=True) if _distinct_share(column) < _TIED]
    if not tied:
        return ()
    return (
        f"Most values of {', '.join(tied)} are repeated. Nearest-neighbour estimates are biased by ties; "
        "use the discrete estimator, or finer data.",
    )


def _distinct_share(column: np.ndarray[tuple[int], np.dtype[np.float64]]) -> float:
    present = column[~np.isnan(column)]
    return float(np.unique(present).size / present.size)
