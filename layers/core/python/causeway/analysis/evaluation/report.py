"""The out-of-sample report of a signal: the numbers of the Evaluation shape on the wire, as plain JSON types."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from causeway.analysis.evaluation import sharpe
from causeway.analysis.evaluation.portfolio import (
    PortfolioReturns,
    annual_growth,
    drawdowns,
    out_of_sample_r2,
    rebalance,
)

Floats = NDArray[np.float64]
_Z_95 = 1.959963984540054  # 97.5 % point of the normal law


@dataclass(frozen=True, slots=True)
class Trial:
    """What is evaluated: ``weights`` are held while ``returns`` (simple) are earned, both (n_periods, n_assets).

    ``forecasts`` maps a target to (actual, forecast, training mean). ``has_links`` is false where nothing was
    significant, so that nothing is traded.
    """

    weights: Floats
    returns: Floats
    has_links: bool
    cost_bps: float
    periods_per_year: float
    forecasts: dict[str, tuple[Floats, Floats, float]]


@dataclass(frozen=True, slots=True)
class Numbers:
    """Everything in an evaluation but its dates. Ratios are annualised; None where a ratio is not defined."""

    verdict: str
    tradable: bool
    bars: int
    total_return: float
    annual_return: float
    annual_volatility: float
    sharpe: float | None
    sharpe_standard_error: float | None
    sharpe_interval_95: dict[str, float] | None
    probabilistic_sharpe: float | None
    max_drawdown: float
    turnover_per_bar: float
    cost_bps: float
    total_cost: float
    benchmark_total_return: float
    benchmark_sharpe: float | None
    forecast_r2: dict[str, float]


@dataclass(frozen=True, slots=True)
class Evaluated:
    """The numbers, with growth of one unit of capital: ``strategy`` and ``benchmark`` have shape (n_periods + 1,)."""

    numbers: Numbers
    strategy: Floats
    benchmark: Floats

    def as_json(self) -> dict[str, Any]:
        """The numbers as JSON types."""
        return asdict(self.numbers)


def evaluate(trial: Trial) -> Evaluated:
    """Evaluate ``trial`` after costs. The benchmark: equal weights of the same assets, rebalanced, at the same cost."""
    n_assets = trial.returns.shape[1]
    strategy = rebalance(trial.weights, trial.returns, trial.cost_bps)
    equal = np.full_like(trial.returns, 1.0 / n_assets)
    benchmark = rebalance(equal, trial.returns, trial.cost_bps)
    return Evaluated(_numbers(trial, strategy, benchmark), strategy.equity, benchmark.equity)


def _numbers(trial: Trial, strategy: PortfolioReturns, benchmark: PortfolioReturns) -> Numbers:
    ratio = _ratio(strategy.net, trial.periods_per_year)
    compared = _ratio(benchmark.net, trial.periods_per_year)
    return Numbers(
        verdict=_verdict(trial.has_links, ratio),
        tradable=trial.has_links,
        bars=int(strategy.net.shape[0]),
        total_return=float(strategy.equity[-1] - 1.0),
        annual_return=annual_growth(strategy.equity, trial.periods_per_year),
        annual_volatility=_deviation(strategy.net) * math.sqrt(trial.periods_per_year),
        sharpe=ratio.sharpe if ratio else None,
        sharpe_standard_error=ratio.standard_error if ratio else None,
        sharpe_interval_95={"low": ratio.low, "high": ratio.high} if ratio else None,
        probabilistic_sharpe=ratio.probability if ratio else None,
        max_drawdown=float(drawdowns(strategy.equity).min()),
        turnover_per_bar=float(strategy.turnover.mean()),
        cost_bps=trial.cost_bps,
        total_cost=float((strategy.cost * strategy.equity[:-1]).sum()),
        benchmark_total_return=float(benchmark.equity[-1] - 1.0),
        benchmark_sharpe=compared.sharpe if compared else None,
        forecast_r2=_forecast_r2(trial),
    )


@dataclass(frozen=True, slots=True)
class _Ratio:
    sharpe: float
    standard_error: float
    probability: float

    @property
    def low(self) -> float:
        return self.sharpe - _Z_95 * self.standard_error

    @property
    def high(self) -> float:
        return self.sharpe + _Z_95 * self.standard_error


def _ratio(net: Floats, periods_per_year: float) -> _Ratio | None:
    m = sharpe.moments(net)
    if m is None:
        return None
    scale = math.sqrt(periods_per_year)
    return _Ratio(m.sharpe * scale, sharpe.standard_error(m) * scale, sharpe.probabilistic_sharpe(m))


def _verdict(has_links: bool, ratio: _Ratio | None) -> str:
    if not has_links:
        return "no_links"
    if ratio is None or ratio.low <= 0.0 <= ratio.high:
        return "not_distinguishable"
    return "distinguishable"


def _deviation(net: Floats) -> float:
    return float(net.std(ddof=1)) if net.shape[0] > 1 else 0.0


def _forecast_r2(trial: Trial) -> dict[str, float]:
    scores = {name: out_of_sample_r2(*columns) for name, columns in trial.forecasts.items()}
    return {name: score for name, score in scores.items() if score is not None}
