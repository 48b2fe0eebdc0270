"""What a step of IDTxl's algorithm asks of an estimator: values of lagged variables, and their null."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from scipy.stats import chi2

from causeway.analysis.idtxl.chunks import Array
from causeway.analysis.idtxl.discrete_chunks import PreparedDiscrete, Symbols
from causeway.analysis.idtxl.gaussian_chunks import PreparedGaussian
from causeway.analysis.idtxl.ksg_chunks import KsgChunks, PreparedKsgChunks
from causeway.analysis.idtxl.legacy_random import LegacyRandom
from causeway.analysis.idtxl.settings import IdtxlSettings
from causeway.analysis.information.inference.embedding import LaggedVariable
from causeway.model.inference import Estimator

Values = NDArray[np.float64]
Variables = Sequence[LaggedVariable]


class StepPrepared(Protocol):
    """y and z are fixed; x is (n_rows, n_dimensions)."""

    def each(self, x: Array) -> Values:
        """(n_chunks,) for (n_chunks, n_rows, n_dimensions)."""
        ...

    def null(self, x: Array, random: LegacyRandom, n: int) -> Values:
        """(n,) values as if x and y had nothing to do with one another."""
        ...


class KsgStep:
    """The null is sampled."""

    def __init__(self, prepared: PreparedKsgChunks) -> None:
        self.each = prepared.each
        self._prepared = prepared

    def null(self, x: Array, random: LegacyRandom, n: int) -> Values:
        """(n,) surrogates."""
        return self._prepared.surrogates(x, random.orders(x.shape[0], n))


class GaussianStep:
    """The null is chi-squared over 2N; all zero for a variable within the condition."""

    def __init__(self, prepared: PreparedGaussian) -> None:
        self.each = prepared.each
        self._prepared = prepared

    def null(self, x: Array, random: LegacyRandom, n: int) -> Values:
        """(n,) draws."""
        return _chi_squared(random.uniform(n), self._prepared.null_freedom(x), x.shape[0])


class DiscreteStep:
    """Values in bits against a null in nats, as JIDT has it: too small by the factor ln 2."""

    def __init__(self, y: Array, z: Array, symbols: Symbols) -> None:
        self._prepared = PreparedDiscrete(y, z, symbols)
        self.each = self._prepared.each
        self._freedom: Callable[[int], int] = lambda n_x: symbols.null_freedom(n_x, y.shape[1], z.shape[1])

    def null(self, x: Array, random: LegacyRandom, n: int) -> Values:
        """(n,) draws."""
        return _chi_squared(random.uniform(n), self._freedom(x.shape[1]), x.shape[0])


class StepEstimates:
    """The lagged variables of a target. ``columns`` (n_rows, n_series, max_lag + 1) as in ``embedding.lagged``."""

    def __init__(
        self,
        columns: Array,
        target: int,
        settings: IdtxlSettings,
        random: LegacyRandom,
        pulse: Callable[[], None],
    ) -> None:
        self._columns = columns
        self._y = columns[:, target, :1]
        self._random = random
        self._pulse = pulse
        self._prepare = _preparation(settings, pulse)

    def values(self, variables: Variables, given: Variables) -> Values:
        """(n_variables,): each on its own."""
        return self._given(given).each(np.stack([self._of([variable]) for variable in variables]))

    def left_out(self, variables: Variables, full: Variables) -> Values:
        """(n_variables,): each given all others in ``full``."""
        return np.array([self.joint([variable], without(full, variable)) for variable in variables])

    def joint(self, variables: Variables, given: Variables) -> float:
        """All as one variable."""
        return float(self._given(given).each(self._of(variables)[None])[0])

    def table(self, variables: Variables, given: Variables, n: int) -> Values:
        """(n_variables, n): nulls of each, drawn one variable after the other."""
        prepared = self._given(given)
        rows = []
        for variable in variables:
            self._pulse()
            rows.append(prepared.null(self._of([variable]), self._random, n))
        return np.stack(rows)

    def joint_null(self, variables: Variables, given: Variables, n: int) -> Values:
        """(n,): null of all as one variable."""
        return self._given(given).null(self._of(variables), self._random, n)

    def _given(self, given: Variables) -> StepPrepared:
        return self._prepare(self._y, self._of(given))

    def _of(self, variables: Variables) -> Array:
        if not variables:
            return np.empty((self._columns.shape[0], 0), dtype=self._columns.dtype)
        return np.ascontiguousarray(np.column_stack([self._columns[:, v.series, v.lag] for v in variables]))


def without(variables: Variables, one: LaggedVariable) -> list[LaggedVariable]:
    """All but ``one``, in their order."""
    return [variable for variable in variables if variable != one]


def _preparation(settings: IdtxlSettings, pulse: Callable[[], None]) -> Callable[[Array, Array], StepPrepared]:
    options = settings.estimator_settings
    if settings.estimator is Estimator.KSG:
        ksg = KsgChunks.from_idtxl(options)
        return lambda y, z: KsgStep(ksg.prepare(y, z, pulse))
    if settings.estimator is Estimator.GAUSSIAN:
        return lambda y, z: GaussianStep(PreparedGaussian(y, z))
    symbols = Symbols.from_idtxl(options)
    return lambda y, z: DiscreteStep(y, z, symbols)


def _chi_squared(uniform: Values, freedom: int, n_rows: int) -> Values:
    return np.asarray(chi2.isf(uniform, freedom) / (2 * n_rows)) if freedom else np.zeros(len(uniform))
