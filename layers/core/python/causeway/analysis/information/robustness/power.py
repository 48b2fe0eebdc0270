"""Power: the weakest link that a sample could have shown.

Exact nulls: the partial F-test of one lag has, under a partial R², noncentrality n R²/(1 - R²) (Cohen 1988, chapter 9,
equation 9.2.1, conditional on the regressors). The p of a link is the larger of that test's and a score test's, which
costs power: its statistic is a self-normalised sum, whose mean and variance follow by the delta method from the
moments of normal variables, and its critical value from the same variables by quadrature. Sampled nulls: a linear link
of known strength is put into the data.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq
from scipy.special import fdtri, ncfdtr, ndtr, ndtri

from causeway.analysis.information.estimators.sign_flips import critical_total
from causeway.analysis.information.robustness.details import Power

WANTED = 0.8
TRIALS = 20  # data sets with an injected link, per strength
_TOP = 0.999  # strongest partial R² that is tried
_NONE = 1 - 1e-13  # stands for: no strength
_NODES, _RAW = np.polynomial.hermite_e.hermegauss(24)  # of a normal variable
_WEIGHTS = _RAW / _RAW.sum()
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


def score_test_power(r2: float, n_rows: float, level: float) -> float:
    """P(the score test of one variable rejects at ``level``) where its partial R² is ``r2``, all of them normal.

    With x and e the residuals (unit variance, correlation b) and a = x e, the statistic sqrt(n) mean a / sqrt(mean a²)
    is normal for many rows, with mean sqrt(n) b / sqrt(E a²); its variance, 1 without a link, falls as b rises. What
    it must exceed rises as b does.
    """
    rest = 1 - r2
    second = 3 * r2 + rest
    third = 15 * r2 + 9 * rest  # E a³ / b
    fourth = 105 * r2**2 + 90 * r2 * rest + 9 * rest**2
    variance = second - r2 - r2 * (third - second) / second + r2 * (fourth - second**2) / (4 * second**2)
    mean, spread = np.sqrt(max(n_rows, 0) * r2 / second), np.sqrt(variance / second)
    critical = _critical_score(r2, n_rows, level, second)
    return float(ndtr((mean - critical) / spread) + ndtr((-mean - critical) / spread))


def _critical_score(r2: float, n_rows: float, level: float, second: float) -> float:
    """What |sum a| / sqrt(sum a²) must exceed: the signs of the sample are changed, whose sizes are those of ``a``."""
    if n_rows <= 1:
        return float("inf")
    x, e = _NODES[:, None], np.sqrt(r2) * _NODES[:, None] + np.sqrt(1 - r2) * _NODES
    sizes, weights = np.abs(x * e).ravel(), np.outer(_WEIGHTS, _WEIGHTS).ravel()
    return critical_total(sizes / np.sqrt(n_rows * second), n_rows * weights, level)


def detectable_by_f_test(n_rows: int, n_given: int, needed_p: float, n_lags: int) -> Power:
    """The partial R² that the exact test finds with probability 0.8. R² is 1 where no sample of this size could."""
    level = lag_level(needed_p, n_lags)
    r2 = _weakest(lambda x: f_test_power(x, n_rows, n_given, level))
    return _power(r2, needed_p, "noncentral F" if r2 < _TOP else "F-test; too few samples")


def detectable_by_link_test(n_rows: int, n_given: int, needed_p: float, n_lags: int) -> Power:
    """The same for the p of a link: F-test and score test have to reject."""
    level = lag_level(needed_p, n_lags)

    count = max(0.0, n_rows - n_given) ** 2 / n_rows  # HC3 takes the regression on ``given`` off twice

    def both(r2: float) -> float:
        exact = f_test_power(r2, n_rows, n_given, level)
        return exact if exact < WANTED else min(exact, score_test_power(r2, count, level))

    r2 = _weakest(both)
    return _power(
        r2, needed_p, "noncentral F and score test" if r2 < _TOP else "F-test and score test; too few samples"
    )


def _weakest(power: Callable[[float], float]) -> float:
    """The least partial R² with the wanted power; almost 1 where there is none. Power need not rise all the way."""
    strengths = np.linspace(0.0, _TOP, 200)
    enough = next((i for i, r2 in enumerate(strengths) if power(float(r2)) >= WANTED), None)
    if enough is None:
        return _NONE
    low, high = strengths[max(enough - 1, 0)], strengths[enough]
    return float(brentq(lambda x: power(x) - WANTED, low, high, xtol=1e-7))


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
        return _power(_NONE, needed_p, "injected linear link; not found at R² 0.99")
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        low, high = (low, middle) if found(middle) >= WANTED else (middle, high)
    return _power(
        high, needed_p, f"injected linear link, {TRIALS} data sets; critical value from {null.size} surrogates"
    )


def _power(r2: float, needed_p: float, method: str) -> Power:
    return Power(float(-0.5 * np.log1p(-r2)), r2, WANTED, needed_p, method)
