"""Gaussian tests: one lagged covariance for the whole network, one rank-1 downdate per conditioned variable.

Nulls are exact for Gaussian residuals, without sampling. With p1 the F-test of one variable: the maximum over C
candidates has p = 1 - (1 - p1)^C, the minimum over m has p1^m, the r-th largest of m a binomial tail. These hold
for independent candidates; for dependent ones the first is conservative (Sidak 1967).

Volatility that is shared by all series makes the F-test reject far too often. The p of a link is therefore the larger
of the F-test's and that of a score test that allows any heteroskedasticity (White 1980, with the null imposed).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import bdtrc

from causeway.analysis.information.estimators.gaussian import (
    MAX_R2,
    covariance_cmi,
    nats_from_r2,
    score_probability,
    tail_probability,
)
from causeway.analysis.information.inference.candidates import positions
from causeway.analysis.information.inference.embedding import Embedded, LaggedVariable, lagged
from causeway.analysis.information.inference.steps import Decision, Variables, others
from causeway.analysis.information.settings import NetworkSettings

_FLOOR = 1 - MAX_R2  # a variable with less than this share of its variance left adds nothing


@dataclass(frozen=True, slots=True, eq=False)
class LaggedCovariance:
    """Covariance of every series at lags 0..max_lag over the same rows; shared by all targets."""

    matrix: NDArray[np.float64]
    columns: NDArray[np.float64]  # (n_rows, n_series * n_lags), centred
    n_lags: int  # max_lag + 1

    @property
    def n_rows(self) -> int:
        return int(self.columns.shape[0])

    def column(self, variable: LaggedVariable) -> int:
        return variable.series * self.n_lags + variable.lag


def row_covariance(values: NDArray[np.float64], max_lag: int) -> LaggedCovariance:
    """The covariance of (n_samples, n_series) values without a hole, over all rows."""
    return _covariance(lagged(values, max_lag))


def embedded_covariance(embedded: Embedded) -> LaggedCovariance:
    """The covariance over one target's rows; what is missing at lag 0 of other series is never read, and zero."""
    return _covariance(np.nan_to_num(embedded.columns, nan=0.0))


def _covariance(columns: NDArray[np.float64]) -> LaggedCovariance:
    n_rows, _, n_lags = columns.shape
    flat = columns.reshape(n_rows, -1)
    flat = flat - flat.mean(axis=0)
    return LaggedCovariance(flat.T @ flat / n_rows, flat, n_lags)


@dataclass(frozen=True, slots=True, eq=False)
class _Residuals:
    """What is left of every column, and of its covariance with the target, given a set of variables."""

    given: tuple[LaggedVariable, ...]
    factors: NDArray[np.float64]  # (n_given, n_columns): a partial Cholesky factor
    variance: NDArray[np.float64]
    with_target: NDArray[np.float64]


class GaussianSteps:
    """``StepTests`` for one target."""

    def __init__(self, covariance: LaggedCovariance, target: int, settings: NetworkSettings) -> None:
        self._covariance = covariance
        self._settings = settings
        self._y = covariance.column(LaggedVariable(target, 0))
        matrix = covariance.matrix
        self._total = np.diagonal(matrix).copy()
        self._start = _Residuals((), np.empty((0, matrix.shape[0])), self._total, matrix[:, self._y])
        self._latest = self._start

    def strongest(self, candidates: Variables, given: Variables, step: str) -> Decision:  # noqa: ARG002
        cmi = self._cmi(candidates, given)
        best = int(np.argmax(cmi))
        p = at_least_one(self._p(cmi[best], len(given)), len(candidates))
        return self._decision(candidates[best], cmi[best], p)

    def weakest(self, variables: Variables, given: Variables, step: str) -> Decision:  # noqa: ARG002
        cmi = self._each_given_others(variables, given)
        least = int(np.argmin(cmi))
        p = self._p(cmi[least], len(given) + len(variables) - 1) ** len(variables)
        return self._decision(variables[least], cmi[least], p)

    def joint(self, variables: Variables, given: Variables, step: str) -> float:  # noqa: ARG002
        value = self.information(variables, given)
        return float(tail_probability(value, self._covariance.n_rows, len(given), len(variables)))

    def ranked(self, variables: Variables, given: Variables, step: str) -> list[Decision]:  # noqa: ARG002
        cmi = self._each_given_others(variables, given)
        m = len(variables)
        decisions = []
        for rank, i in enumerate(np.argsort(-cmi, kind="stable")):
            p = float(bdtrc(rank, m, self._p(cmi[i], len(given) + m - 1)))
            decisions.append(self._decision(variables[i], cmi[i], p))
        return decisions

    def link(self, past: Variables, given: Variables, step: str) -> float:  # noqa: ARG002
        exact = tail_probability(self._cmi(past, given), self._covariance.n_rows, len(given))
        columns = self._covariance.columns
        robust = score_probability(
            columns[:, self._columns(past)], columns[:, self._y], columns[:, self._columns(given)]
        )
        return at_least_one(float(np.maximum(exact, robust).min()), len(past))

    def information(self, variables: Variables, given: Variables) -> float:
        x, z = self._columns(variables).tolist(), self._columns(given).tolist()
        return covariance_cmi(self._covariance.matrix, x, [self._y], z)

    def coefficient(self, variable: LaggedVariable, given: Variables) -> float:
        residuals, column = self._given(given), self._covariance.column(variable)
        slope = residuals.with_target[column] / residuals.variance[column]
        return float(slope * np.sqrt(self._total[column] / self._total[self._y]))

    def _p(self, cmi_nats: float, n_given: int) -> float:
        return float(tail_probability(cmi_nats, self._covariance.n_rows, n_given))

    def _decision(self, variable: LaggedVariable, cmi_nats: float, p: float) -> Decision:
        return Decision(variable, float(cmi_nats), p, p <= self._settings.alpha_step)

    def _columns(self, variables: Variables) -> NDArray[np.int64]:
        series, lags = positions(variables)
        return series * self._covariance.n_lags + lags

    def _cmi(self, candidates: Variables, given: Variables) -> NDArray[np.float64]:
        residuals, columns = self._given(given), self._columns(candidates)
        variance = residuals.variance[columns]
        usable = variance > _FLOOR * self._total[columns]
        target = max(residuals.variance[self._y], _FLOOR * self._total[self._y])
        r2 = residuals.with_target[columns] ** 2 / (np.where(usable, variance, 1.0) * target)
        return np.where(usable, nats_from_r2(r2), 0.0)

    def _each_given_others(self, variables: Variables, given: Variables) -> NDArray[np.float64]:
        return np.array([self._cmi([v], [*given, *others(variables, v)])[0] for v in variables])

    def _given(self, given: Variables) -> _Residuals:
        """Residuals given a set, from the latest ones where that set begins with theirs."""
        latest = self._latest
        known = len(latest.given)
        residuals = latest if tuple(given[:known]) == latest.given else self._start
        for variable in given[len(residuals.given) :]:
            residuals = self._downdated(residuals, variable)
        self._latest = residuals
        return residuals

    def _downdated(self, residuals: _Residuals, variable: LaggedVariable) -> _Residuals:
        j = self._covariance.column(variable)
        left = residuals.variance[j]
        column = self._covariance.matrix[:, j] - residuals.factors[:, j] @ residuals.factors
        factor = column / np.sqrt(left) if left > _FLOOR * self._total[j] else np.zeros_like(column)
        return _Residuals(
            (*residuals.given, variable),
            np.vstack([residuals.factors, factor]),
            residuals.variance - factor**2,
            residuals.with_target - factor * factor[self._y],
        )


def at_least_one(p: float, count: int) -> float:
    """P(at least one of ``count`` independent tests reaches p), accurate for tiny p."""
    return float(-np.expm1(count * np.log1p(-p))) if p < 1 else 1.0
