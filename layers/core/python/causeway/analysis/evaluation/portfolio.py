"""From weights to returns after costs, with holdings that drift between rebalancings.

A weight known at the end of bar t earns the return of bar t + 1. Cash earns nothing.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class PortfolioReturns:
    """Per-period ``net`` returns, ``turnover`` and ``cost`` (fractions of capital), each of shape (n_periods,)."""

    net: Floats
    turnover: Floats
    cost: Floats

    @property
    def equity(self) -> Floats:
        """Growth of one unit of capital, shape (n_periods + 1,), starting at 1."""
        return np.concatenate(([1.0], np.cumprod(1.0 + self.net)))


def rebalance(weights: Floats, returns: Floats, cost_bps: float) -> PortfolioReturns:
    """Hold ``weights[t]`` during the period whose simple returns are ``returns[t]``; both (n_periods, n_assets).

    Before each period the drifted holdings are traded to the new weights; a unit of turnover (buying or selling the
    whole capital once) costs ``cost_bps`` / 10,000. The first period pays for entering. A position that loses
    everything leaves capital at zero, and nothing is traded from there on.
    """
    n_periods, n_assets = weights.shape
    net, turnover, cost = np.zeros(n_periods), np.zeros(n_periods), np.zeros(n_periods)
    held = np.zeros(n_assets)
    for t in range(n_periods):
        turnover[t] = float(np.abs(weights[t] - held).sum())
        cost[t] = turnover[t] * cost_bps / 10_000.0
        gross = float(weights[t] @ returns[t])
        net[t] = (1.0 - cost[t]) * (1.0 + gross) - 1.0
        if 1.0 + gross <= 0.0 or cost[t] >= 1.0:
            net[t] = -1.0
            break
        held = weights[t] * (1.0 + returns[t]) / (1.0 + gross)
    return PortfolioReturns(net, turnover, cost)


def drawdowns(equity: Floats) -> Floats:
    """Loss from the running maximum as a fraction, zero or negative, shape of ``equity``."""
    return equity / np.maximum.accumulate(equity) - 1.0


def annual_growth(equity: Floats, periods_per_year: float) -> float:
    """Compound return per year; -1 where everything was lost, 0 for an empty history."""
    n_periods = equity.shape[0] - 1
    if n_periods < 1:
        return 0.0
    if equity[-1] <= 0.0:
        return -1.0
    return math.expm1(math.log(float(equity[-1])) * periods_per_year / n_periods)


def out_of_sample_r2(actual: Floats, forecast: Floats, training_mean: float) -> float | None:
    """1 - SSE / SSE of the training mean (Campbell & Thompson 2008); None where the denominator is zero.

    Zero means no better than the mean known at the end of training; negative means worse.
    """
    baseline = float(np.sum((actual - training_mean) ** 2))
    if baseline == 0.0:
        return None
    return 1.0 - float(np.sum((actual - forecast) ** 2)) / baseline
