"""What is said about series that can be analysed, but not as well as hoped."""

from __future__ import annotations

import numpy as np

from causeway.analysis.information.estimators.copula import normal_scores
from causeway.analysis.information.inference.panel import Panel
from causeway.analysis.information.settings import NetworkSettings
from causeway.model.inference import Estimator

_TIED = 0.5  # share of distinct values below which neighbour distances are mostly zero or equal
_TOGETHER = 0.2  # rank correlation at the same bar from which symbols take it for information
_SYMBOLIC = (Estimator.DISCRETE, Estimator.ORDINAL)


def data_warnings(panel: Panel, settings: NetworkSettings) -> tuple[str, ...]:
    """Sentences about the panel; the same for every target."""
    if settings.estimator is Estimator.KSG:
        return _about_ties(panel)
    return _about_correlation(panel) if settings.estimator in _SYMBOLIC else ()


def _about_ties(panel: Panel) -> tuple[str, ...]:
    tied = [name for name, column in zip(panel.names, panel.values.T, strict=True) if _distinct_share(column) < _TIED]
    if not tied:
        return ()
    return (
        f"Most values of {', '.join(tied)} are repeated. Nearest-neighbour estimates are biased by ties; "
        "use the discrete estimator, or finer data.",
    )


def _about_correlation(panel: Panel) -> tuple[str, ...]:
    """A symbol forgets most of its value, and what it forgets of the target's past another series may remember."""
    scores = normal_scores(panel.values)
    with np.errstate(invalid="ignore", divide="ignore"):  # a series that stands still there goes with no other
        together = np.abs(np.corrcoef(scores[~np.isnan(scores).any(axis=1)], rowvar=False))
    pairs = np.nan_to_num(np.triu(together, k=1))
    i, j = np.unravel_index(int(pairs.argmax()), pairs.shape)
    if pairs[i, j] < _TOGETHER:
        return ()
    return (
        f"{panel.names[i]} and {panel.names[j]} move together at the same bar (rank correlation {pairs[i, j]:.2f}). "
        "Symbols keep only part of a target's own past, and a series that moves with it fills in the rest, which shows "
        "as a link where there is none. Trust only links that the Gaussian, copula or KSG estimator finds too.",
    )


def _distinct_share(column: np.ndarray[tuple[int], np.dtype[np.float64]]) -> float:
    present = column[~np.isnan(column)]
    return float(np.unique(present).size / present.size)
