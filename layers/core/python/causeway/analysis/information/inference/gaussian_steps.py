"""Gaussian tests: one lagged covariance for the whole network, one rank-1 downdate per conditioned variable.

Nulls are exact for Gaussian residuals, without sampling. With p1 the F-test of one variable: the maximum over C
candidates has p = 1 - (1 - p1)^C, the minimum over m has p1^m, the r-th largest of m a binomial tail. These hold
for independent candidates; for dependent ones the first is conservative (Sidak 1967).

Volatility that is shared by all series makes the F-test reject far too often. The p of a link is therefore the larger
of the F-test's and that of a score test that allows any heteroskedasticity (``sign_flips``).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial
from operator import itemgetter
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import bdtrc

from causeway.analysis.information.estimators.gaussian import MAX_R2, covariance_cmi, f_test, nats, nats_from_r2
from causeway.analysis.information.inference.candidates import Candidates
from causeway.analysis.information.inference.embedding import LaggedVariable
from causeway.analysis.information.inference.factors import Columns, Factors, r2_given_others
from causeway.analysis.information.inference.lagged_covariance import LaggedCovariance
from causeway.analysis.information.inference.residuals import Residuals
from causeway.analysis.information.inference.steps import Decision, Variables, others
from causeway.analysis.information.settings import NetworkSettings
from causeway.model.inference import Autocorrelation, InferenceMode

_FLOOR = 1 - MAX_R2  # a variable with less than this share of its variance left adds nothing
_WITHOUT_PAST = (InferenceMode.MULTIVARIATE_MI, InferenceMode.BIVARIATE_MI)
_NEARLY = 1e-8  # share below which the short way loses digits and the long one is taken


class _Left(NamedTuple):
    """What is left of every column, and of its covariance with the target, given a set of columns."""

    given: Columns
    factors: NDArray[np.float64]  # (n_given, n_columns): a partial Cholesky factor
    variance: NDArray[np.float64]
    with_target: NDArray[np.float64]
    r2: NDArray[np.float64]  # squared partial correlation with the target, 0 where nothing is left


class GaussianSteps:
    """``StepTests`` for one target."""

    def __init__(self, covariance: LaggedCovariance, target: int, settings: NetworkSettings) -> None:
        self._matrix = covariance.matrix
        self._n_series, self._n_rows = int(covariance.series.shape[0]), covariance.n_rows
        self._alpha = settings.alpha_step
        self._counts_rows = settings.autocorrelation is Autocorrelation.BARTLETT
        self._counts_in_steps = self._counts_rows and settings.mode in _WITHOUT_PAST
        self._y = covariance.column(LaggedVariable(target, 0))
        self._factors = Factors(self._matrix)
        self._residuals = Residuals(covariance, self._factors, self._y)
        self._total = self._matrix.diagonal()
        self._floor = _FLOOR * self._total
        self._start = self._left((), np.empty((0, len(self._matrix))), self._total, self._matrix[self._y])
        self._latest = self._start
        self._latest_others: tuple[tuple[Columns, Columns], NDArray[np.float64]] = (((), ()), np.empty(0))

    def strongest(self, candidates: Variables, given: Variables, step: str) -> Decision:  # noqa: ARG002
        r2 = self._given(self._columns(given)).r2[self._indices(candidates)]
        best = int(r2.argmax())
        variable, cmi = candidates[best], -0.5 * math.log1p(-r2[best])
        return self._decision(
            variable, cmi, self._p(cmi, variable, given, partial(at_least_one, count=len(candidates)))
        )

    def weakest(self, variables: Variables, given: Variables, step: str) -> Decision:  # noqa: ARG002
        cmi = self._each_given_others(variables, given)
        least = int(cmi.argmin())
        rest = [*given, *others(variables, variables[least])]
        p = self._p(float(cmi[least]), variables[least], rest, lambda p: p ** len(variables))
        return self._decision(variables[least], float(cmi[least]), p)

    def joint(self, variables: Variables, given: Variables, step: str) -> float:  # noqa: ARG002
        value = self.information(variables, given)
        p = f_test(value, self._n_rows, len(given), len(variables))
        if not self._counts_rows or p > self._alpha:
            return p
        rows = self._residuals.effective_rows(self._columns(variables), self._columns(given))
        return p if rows == self._n_rows else f_test(value, rows, len(given), len(variables))

    def ranked(self, variables: Variables, given: Variables, step: str) -> list[Decision]:  # noqa: ARG002
        cmi = self._each_given_others(variables, given)
        decisions = []
        for rank, i in enumerate(np.argsort(-cmi, kind="stable").tolist()):
            rest = [*given, *others(variables, variables[i])]
            p = self._p(float(cmi[i]), variables[i], rest, partial(_rank_probability, rank, len(variables)))
            decisions.append(self._decision(variables[i], float(cmi[i]), p))
        return decisions

    def link(self, past: Variables, given: Variables, step: str) -> float:  # noqa: ARG002
        """A lag is looked at only while it could still be the best: the score test and counting rows only raise p."""
        lags, z = self._columns(past), self._columns(given)
        cmi = self._cmi_of(lags, z)
        best = 1.0
        for value, lag in sorted(zip(cmi, lags, strict=True), key=itemgetter(0), reverse=True):
            plain = f_test(value, self._n_rows, len(z))
            if plain >= best:
                break
            best = min(best, self._p_of_lag(lag, z, value, plain, best))
        return at_least_one(best, len(lags))

    def _p_of_lag(self, lag: int, given: Columns, cmi_nats: float, plain: float, best: float) -> float:
        rows = self._residuals.effective_rows((lag,), given) if self._counts_rows else self._n_rows
        counted = plain if rows == self._n_rows else f_test(cmi_nats, rows, len(given))
        return counted if counted >= best else max(counted, self._residuals.score_p(lag, given))

    def information(self, variables: Variables, given: Variables) -> float:
        """From one triangular factor of given, variables and target, in this order; the target's row has the answer."""
        x, z = self._columns(variables), self._columns(given)
        factor = self._factors.of((*z, *x, self._y))
        if factor is None:
            return covariance_cmi(self._matrix, x, [self._y], z)
        self._factors.keep(z, factor)
        row = factor[-1].tolist()
        return 0.5 * math.log1p(sum(value**2 for value in row[len(z) : -1]) / row[-1] ** 2)

    def coefficient(self, variable: LaggedVariable, given: Variables) -> float:
        (column,), z = self._columns([variable]), self._columns(given)
        factor = self._factors.of((*z, column, self._y))
        if factor is None:
            left = self._given(z)
            slope = left.with_target[column] / left.variance[column]
        else:
            slope = factor[-1, -2] / factor[-2, -2]
        return float(slope * math.sqrt(self._total[column] / self._total[self._y]))

    def _p(
        self, cmi_nats: float, variable: LaggedVariable, given: Variables, of_step: Callable[[float], float]
    ) -> float:
        """p of a step from the F-test of one variable; rows that do not count only matter where it is small.

        With its past given, a target has little memory left; its omnibus test and its links see to the rest.
        """
        p = of_step(f_test(cmi_nats, self._n_rows, len(given)))
        if not self._counts_in_steps or p > self._alpha:
            return p
        rows = self._residuals.effective_rows(self._columns([variable]), self._columns(given))
        return of_step(f_test(cmi_nats, rows, len(given)))

    def _decision(self, variable: LaggedVariable, cmi_nats: float, p: float) -> Decision:
        return Decision(variable, cmi_nats, p, p <= self._alpha)

    def _columns(self, variables: Variables) -> Columns:
        return tuple([lag * self._n_series + series for series, lag in variables])

    def _indices(self, variables: Variables) -> NDArray[np.int64]:
        if isinstance(variables, Candidates):
            return variables.lags * self._n_series + variables.series
        return np.array(self._columns(variables))

    def _cmi_of(self, columns: Columns, given: Columns) -> list[float]:
        """Each of a few columns given a set, without touching the other ones; one by one, as arrays cost more."""
        if self._factors.of(given) is not None:
            index = np.array((*columns, self._y))
            explained = self._factors.explained((*columns, self._y), given)
            due = explained.T @ explained
            totals = self._total[index[:-1]].tolist()
            *left, target = (self._total[index] - due.diagonal()).tolist()
            *shared, _ = (self._matrix[self._y, index] - due[-1]).tolist()
            if target > 0 and all(one >= _NEARLY * total for one, total in zip(left, totals, strict=True)):
                return [nats(both**2 / (one * target)) for both, one in zip(shared, left, strict=True)]
        values: list[float] = nats_from_r2(self._given(given).r2[np.array(columns)]).tolist()
        return values

    def _each_given_others(self, variables: Variables, given: Variables) -> NDArray[np.float64]:
        """Squared partial correlations with the target stand in the inverse of the joint covariance."""
        x, z = self._columns(variables), self._columns(given)
        if self._latest_others[0] != (x, z):
            factor = self._factors.of((*z, *x, self._y))
            if factor is None:
                r2 = np.array([self._given((*z, *(other for other in x if other != one))).r2[one] for one in x])
            else:
                r2 = r2_given_others(factor, len(z))
            self._latest_others = (x, z), nats_from_r2(r2)
        return self._latest_others[1]

    def _given(self, given: Columns) -> _Left:
        """What is left given a set, from the latest where that set begins with its own."""
        known = self._latest.given
        left = self._latest if given[: len(known)] == known else self._start
        for column in given[len(left.given) :]:
            left = self._downdated(left, column)
        self._latest = left
        return left

    def _downdated(self, left: _Left, j: int) -> _Left:
        column = self._matrix[j] - left.factors[:, j] @ left.factors
        remains = left.variance[j]
        factor = column / math.sqrt(remains) if remains > self._floor[j] else np.zeros_like(column)
        return self._left(
            (*left.given, j),
            np.concatenate([left.factors, factor[None]]),
            left.variance - factor**2,
            left.with_target - factor * factor[self._y],
        )

    def _left(
        self,
        given: Columns,
        factors: NDArray[np.float64],
        variance: NDArray[np.float64],
        with_target: NDArray[np.float64],
    ) -> _Left:
        target = max(variance[self._y], self._floor[self._y])
        r2 = with_target**2 / (np.where(variance > self._floor, variance, np.inf) * target)
        return _Left(given, factors, variance, with_target, np.minimum(r2, MAX_R2))


def at_least_one(p: float, count: int) -> float:
    """P(at least one of ``count`` independent tests reaches p), accurate for tiny p."""
    return -math.expm1(count * math.log1p(-p)) if p < 1 else 1.0


def _rank_probability(rank: int, count: int, p: float) -> float:
    """P(more than ``rank`` of ``count`` independent tests reach p)."""
    return float(bdtrc(rank, count, p))
