"""Gaussian tests: one lagged covariance for the whole network, one rank-1 downdate per conditioned variable.

Nulls are exact for Gaussian residuals, without sampling. With p1 the F-test of one variable: the maximum over C
candidates has p = 1 - (1 - p1)^C, the minimum over m has p1^m, the r-th largest of m a binomial tail. These hold
for independent candidates; for dependent ones the first is conservative (Sidak 1967).

Volatility that is shared by all series makes the F-test reject far too often. The p of a link is therefore the larger
of the F-test's and that of a score test that allows any heteroskedasticity (White 1980, with the null imposed).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray
from scipy.special import bdtrc

from causeway.analysis.information.estimators.gaussian import (
    MAX_R2,
    covariance_cmi,
    nats_from_r2,
    score_of_residuals,
    tail_probability,
)
from causeway.analysis.information.inference.autocorrelation import RowsBeside
from causeway.analysis.information.inference.candidates import positions
from causeway.analysis.information.inference.embedding import LaggedVariable
from causeway.analysis.information.inference.lagged_covariance import LaggedCovariance, triangular
from causeway.analysis.information.inference.steps import Decision, Variables, others
from causeway.analysis.information.settings import NetworkSettings
from causeway.model.inference import Autocorrelation, InferenceMode

_FLOOR = 1 - MAX_R2  # a variable with less than this share of its variance left adds nothing
_WITHOUT_PAST = (InferenceMode.MULTIVARIATE_MI, InferenceMode.BIVARIATE_MI)
_NEARLY = 1e-8  # share below which the short way loses digits and the long one is taken


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
        self._counts_rows = settings.autocorrelation is Autocorrelation.BARTLETT
        self._counts_in_steps = self._counts_rows and settings.mode in _WITHOUT_PAST
        self._y = covariance.column(LaggedVariable(target, 0))
        matrix = covariance.matrix
        self._total = np.diagonal(matrix).copy()
        self._start = _Residuals((), np.empty((0, matrix.shape[0])), self._total, matrix[self._y])
        self._latest = self._start

    def strongest(self, candidates: Variables, given: Variables, step: str) -> Decision:  # noqa: ARG002
        cmi = self._cmi(candidates, given)
        best = int(np.argmax(cmi))
        p = self._p(cmi[best], candidates[best], given, lambda p: at_least_one(p, len(candidates)))
        return self._decision(candidates[best], cmi[best], p)

    def weakest(self, variables: Variables, given: Variables, step: str) -> Decision:  # noqa: ARG002
        cmi = self._each_given_others(variables, given)
        least = int(np.argmin(cmi))
        rest = [*given, *others(variables, variables[least])]
        p = self._p(cmi[least], variables[least], rest, lambda p: p ** len(variables))
        return self._decision(variables[least], cmi[least], p)

    def joint(self, variables: Variables, given: Variables, step: str) -> float:  # noqa: ARG002
        value = self.information(variables, given)
        p = float(tail_probability(value, self._covariance.n_rows, len(given), len(variables)))
        if not self._counts_rows or p > self._settings.alpha_step:
            return p
        rows = self._effective_rows(variables, given)
        return float(tail_probability(value, rows, len(given), len(variables)))

    def ranked(self, variables: Variables, given: Variables, step: str) -> list[Decision]:  # noqa: ARG002
        cmi = self._each_given_others(variables, given)
        decisions = []
        for rank, i in enumerate(np.argsort(-cmi, kind="stable")):
            variable = variables[int(i)]
            rest = [*given, *others(variables, variable)]
            p = self._p(cmi[i], variable, rest, partial(_rank_probability, rank, len(variables)))
            decisions.append(self._decision(variable, cmi[i], p))
        return decisions

    def link(self, past: Variables, given: Variables, step: str) -> float:  # noqa: ARG002
        """The rows of a lag are counted only while that lag could still be the best: counting only raises p."""
        lags, y = self._residuals(self._columns(past), given)
        cmi, robust = self._cmi_of(past, given), score_of_residuals(lags.T, y)
        p = np.maximum(tail_probability(cmi, self._covariance.n_rows, len(given)), robust)
        beside = RowsBeside(y) if self._counts_rows else None
        best = 1.0
        for i in np.argsort(p, kind="stable"):
            if p[i] >= best:
                break
            rows = beside.count(lags[i]) if beside else self._covariance.n_rows
            best = min(best, max(float(tail_probability(cmi[i], rows, len(given))), float(robust[i])))
        return at_least_one(best, len(past))

    def information(self, variables: Variables, given: Variables) -> float:
        """From one triangular factor of given, variables and target, in this order; the target's row has the answer."""
        x, z = self._columns(variables), self._columns(given)
        everything = np.concatenate([z, x, [self._y]])
        factor = triangular(self._covariance.matrix[np.ix_(everything, everything)])
        if factor is None:
            return covariance_cmi(self._covariance.matrix, x.tolist(), [self._y], z.tolist())
        left = float(factor[-1, -1] ** 2)
        return float(0.5 * np.log1p(np.sum(factor[-1, z.size : -1] ** 2) / left))

    def coefficient(self, variable: LaggedVariable, given: Variables) -> float:
        column = self._covariance.column(variable)
        left = self._covariance.given(np.array([column, self._y]), self._columns(given))
        if left is None:
            residuals = self._given(given)
            slope = residuals.with_target[column] / residuals.variance[column]
        else:
            slope = left[0, 1] / left[0, 0]
        return float(slope * np.sqrt(self._total[column] / self._total[self._y]))

    def _residuals(
        self, columns: NDArray[np.int64], given: Variables
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """(n_columns, n_rows) and (n_rows,): columns and target after regression on ``given``."""
        covariance, wanted = self._covariance, np.append(columns, self._y)
        samples = covariance.samples(wanted)
        if len(given):
            z = self._columns(given)
            slopes = covariance.slopes(wanted, z)
            if slopes is None:
                basis, _ = np.linalg.qr(covariance.samples(z).T)
                samples -= (samples @ basis) @ basis.T
            else:
                samples -= slopes.T @ covariance.samples(z)
        return samples[:-1], samples[-1]

    def _effective_rows(self, variables: Variables, given: Variables) -> float:
        lags, y = self._residuals(self._columns(variables), given)
        return RowsBeside(y).count(lags.T)

    def _p(
        self, cmi_nats: float, variable: LaggedVariable, given: Variables, of_step: Callable[[float], float]
    ) -> float:
        """p of a step from the F-test of one variable; rows that do not count only matter where it is small.

        With its past given, a target has little memory left; its omnibus test and its links see to the rest.
        """
        p = of_step(float(tail_probability(cmi_nats, self._covariance.n_rows, len(given))))
        if not self._counts_in_steps or p > self._settings.alpha_step:
            return p
        return of_step(float(tail_probability(cmi_nats, self._effective_rows([variable], given), len(given))))

    def _decision(self, variable: LaggedVariable, cmi_nats: float, p: float) -> Decision:
        return Decision(variable, float(cmi_nats), p, p <= self._settings.alpha_step)

    def _columns(self, variables: Variables) -> NDArray[np.int64]:
        series, lags = positions(variables)
        return np.asarray(lags * self._covariance.series.shape[0] + series)

    def _cmi(self, candidates: Variables, given: Variables) -> NDArray[np.float64]:
        """Each candidate given a set that grows from step to step; thousands at a time."""
        residuals, columns = self._given(given), self._columns(candidates)
        variance = residuals.variance[columns]
        usable = variance > _FLOOR * self._total[columns]
        target = max(residuals.variance[self._y], _FLOOR * self._total[self._y])
        r2 = residuals.with_target[columns] ** 2 / (np.where(usable, variance, 1.0) * target)
        return np.where(usable, nats_from_r2(r2), 0.0)

    def _cmi_of(self, variables: Variables, given: Variables) -> NDArray[np.float64]:
        """Each of a few variables given a set, without touching the other columns."""
        left = self._covariance.given(np.append(self._columns(variables), self._y), self._columns(given))
        if left is None or (np.diagonal(left)[:-1] < _NEARLY * self._total[self._columns(variables)]).any():
            return self._cmi(variables, given)
        return nats_from_r2(left[:-1, -1] ** 2 / (np.diagonal(left)[:-1] * left[-1, -1]))

    def _each_given_others(self, variables: Variables, given: Variables) -> NDArray[np.float64]:
        """Squared partial correlations with the target stand in the inverse of the joint covariance."""
        columns = np.append(self._columns(variables), self._y)
        left = self._covariance.given(columns, self._columns(given))
        if left is None or triangular(left) is None:
            return np.array([self._cmi([v], [*given, *others(variables, v)])[0] for v in variables])
        inverse = np.linalg.inv(left)
        return nats_from_r2(inverse[:-1, -1] ** 2 / (np.diagonal(inverse)[:-1] * inverse[-1, -1]))

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
        column = self._covariance.matrix[j] - residuals.factors[:, j] @ residuals.factors
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


def _rank_probability(rank: int, count: int, p: float) -> float:
    """P(more than ``rank`` of ``count`` independent tests reach p)."""
    return float(bdtrc(rank, count, p))
