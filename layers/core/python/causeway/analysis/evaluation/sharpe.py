"""The Sharpe ratio with its uncertainty, and what many trials do to it.

Ratios here are per period unless a name says otherwise; kurtosis is the fourth standardised moment (3 for a normal
law), not the excess. Only the standard library and numpy: every process may import this.

Sources: Lo 2002, "The Statistics of Sharpe Ratios"; Mertens 2002 (non-normal returns); Bailey & Lopez de Prado 2012,
"The Sharpe Ratio Efficient Frontier" (PSR, MinTRL), and 2014, "The Deflated Sharpe Ratio"; Bailey, Borwein,
Lopez de Prado & Zhu 2014, "Pseudo-Mathematics and Financial Charlatanism" (MinBTL).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

_NORMAL = NormalDist()
_EULER_GAMMA = float(np.euler_gamma)


@dataclass(frozen=True, slots=True)
class Moments:
    """Sample moments of returns: per-period Sharpe ratio, skewness, kurtosis (3 for a normal law), count."""

    sharpe: float
    skewness: float
    kurtosis: float
    n_periods: int


def moments(returns: NDArray[np.float64]) -> Moments | None:
    """Moments of ``returns``, shape (n_periods,); None below three periods or where nothing varies.

    The standard deviation of the ratio divides by n - 1; skewness and kurtosis are the plain moment estimators.
    """
    n_periods = int(returns.shape[0])
    if n_periods < 3:
        return None
    centred = returns - returns.mean()
    variance = float(np.mean(centred**2))
    if variance <= (1e-14 * (1.0 + float(np.max(np.abs(returns))))) ** 2:
        return None
    sharpe = float(returns.mean()) / math.sqrt(variance * n_periods / (n_periods - 1))
    skewness = float(np.mean(centred**3)) / variance**1.5
    return Moments(sharpe, skewness, float(np.mean(centred**4)) / variance**2, n_periods)


def _shape(sharpe: float, skewness: float, kurtosis: float) -> float:
    """1 - skew SR + (kurtosis - 1)/4 SR^2; never negative, because kurtosis >= 1 + skew^2."""
    return max(0.0, 1.0 - skewness * sharpe + (kurtosis - 1.0) / 4.0 * sharpe**2)


def standard_error(m: Moments) -> float:
    """Standard error of the per-period Sharpe ratio (Mertens 2002; Lo 2002 where returns are normal)."""
    return math.sqrt(_shape(m.sharpe, m.skewness, m.kurtosis) / m.n_periods)


def probabilistic_sharpe(m: Moments, benchmark: float = 0.0) -> float:
    """PSR: the probability that the true per-period ratio exceeds ``benchmark`` (Bailey & Lopez de Prado 2012)."""
    shape = _shape(m.sharpe, m.skewness, m.kurtosis)
    distance = (m.sharpe - benchmark) * math.sqrt(m.n_periods - 1)
    if shape == 0.0:
        return 0.5 if distance == 0 else float(distance > 0)
    return _NORMAL.cdf(distance / math.sqrt(shape))


def expected_maximum(n_trials: int) -> float:
    """Expected largest of ``n_trials`` independent standard normal variables, by its extreme-value approximation.

    One trial has expectation zero.
    """
    if n_trials < 2:
        return 0.0
    upper = _NORMAL.inv_cdf(1.0 - 1.0 / n_trials)
    tail = _NORMAL.inv_cdf(1.0 - 1.0 / (n_trials * math.e))
    return (1.0 - _EULER_GAMMA) * upper + _EULER_GAMMA * tail


def deflated_sharpe(m: Moments, n_trials: int, trial_variance: float) -> float:
    """DSR: PSR against the best ratio that ``n_trials`` skill-less trials would show.

    ``trial_variance`` is the variance of the per-period ratios over the trials.
    """
    return probabilistic_sharpe(m, math.sqrt(trial_variance) * expected_maximum(n_trials))


def minimum_track_record(
    sharpe: float, benchmark: float, *, skewness: float = 0.0, kurtosis: float = 3.0, confidence: float = 0.95
) -> float:
    """MinTRL: periods before ``sharpe`` exceeds ``benchmark`` with ``confidence``; infinite if it is not larger."""
    if sharpe <= benchmark:
        return math.inf
    z = _NORMAL.inv_cdf(confidence)
    return 1.0 + _shape(sharpe, skewness, kurtosis) * (z / (sharpe - benchmark)) ** 2


def minimum_backtest_years(n_trials: int, annual_sharpe: float) -> float:
    """MinBTL: years below which the best of ``n_trials`` skill-less trials is expected to show ``annual_sharpe``."""
    return (expected_maximum(n_trials) / annual_sharpe) ** 2
