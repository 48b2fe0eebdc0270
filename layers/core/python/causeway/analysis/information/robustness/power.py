"""Power: the weakest link that a sample could have shown.

Exact nulls: the partial F-test of one lag has, under a partial R², noncentrality n R²/(1 - R²) (Cohen 1988, chapter 9,
equation 9.2.1, conditional on the regressors). Sampled nulls: a linear link of known strength is put into the data.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq
from scipy.special import fdtri, ncfdtr, ndtr, ndtri

from causeway.analysis.information.robustness.details import Power

WANTED = 0.8
TRIALS = 20  # data sets with an injected link, per strength
_HALVINGS = 6  # of the interval of R², after which it is known to 1.6 %


def lag_level(p: float, n_lags: int) -> float:
    """The p that one of ``n_lags`` lags must reach for their maximum to have ``p`` (Sidak 1967)."""
    return float(-np.expm1(np.log1p(-p) / n_lags))


def f_test_power(r2: float, n_rows: int, n_given: int, level: float) -> float:
    """P(the F-test of one variable given ``n_given`` others rejects at ``level``) where its partial R² is ``r2``."""
    freedom = n_rows - n_given - 2
    if freedom < 1:
        return 0.0
    critical = fdtri(1, freedom, 1 - level)
    if not np.isfinite(critical):
        return 0.0
    return float(1 - ncfdtr(1, freedom, n_rows * r2 / (1 - r2), critical))


def detectable_by_f_test(n_rows: int, n_given: int, needed_p: float, n_lags: int) -> Power:
    """The partial R² that the exact test finds with probability 0.8. R² is 1 where no sample of this size could."""
    level = lag_level(needed_p, n_lags)
    top = 0.999
    if f_test_power(top, n_rows, n_given, level) < WANTED:
        return _power(1 - 1e-13, needed_p, "F-test; too few samples")
    r2 = brentq(lambda x: f_test_power(x, n_rows, n_given, level) - WANTED, 1e-9, top, xtol=1e-7)
    return _power(float(r2), needed_p, "noncentral F")


def detectable_by_injection(
    estimate: Callable[[int, float], float], null: NDArray[np.float64], needed_p: float
) -> Power:
    """The partial R² of a linear link that a sampled test finds with probability 0.8.

    ``estimate(trial, r2)`` is the statistic (nats) of one of 20 data sets into which a link of that strength was put;
    ``null`` are surrogate values of it, whose upper tail is taken as normal to reach ``needed_p``.
    """
    critical = float(null.mean() - ndtri(needed_p) * null.std(ddof=1))

    def found(r2: float) -> float:
        """P(the statistic exceeds the critical value), of a normal through the trials."""
        values = np.array([estimate(trial, r2) for trial in range(TRIALS)])
        return float(ndtr((values.mean() - critical) / max(float(values.std(ddof=1)), 1e-12)))

    low, high = 0.0, 0.99
    if found(high) < WANTED:
        return _power(1 - 1e-13, needed_p, "injected linear link; not found at R² 0.99")
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        low, high = (low, middle) if found(middle) >= WANTED else (middle, high)
    return _power(
        high, needed_p, f"injected linear link, {TRIALS} data sets; critical value from {null.size} surrogates"
    )


def _power(r2: float, needed_p: float, method: str) -> Power:
    return Power(float(-0.5 * np.log1p(-r2)), r2, WANTED, needed_p, method)
