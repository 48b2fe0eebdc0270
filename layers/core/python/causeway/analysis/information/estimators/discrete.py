"""Plug-in information between symbols, with corrections of its bias, and its null distribution.

With counts n, every entropy here is ln N - sum f(n)/N, so that I(x; y | z) = sum [f(n_xyz) + f(n_z) - f(n_xz) -
f(n_yz)]/N, where f(n) = n ln n (plug-in), n ln n - 1/2 (Miller 1955, Madow), or n G(n) (Grassberger 2003, equation 35).
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammaincc

from causeway.analysis.information.estimators.protocol import Columns, Orders, Pulse
from causeway.analysis.information.estimators.settings import BiasCorrection, DiscreteSettings
from causeway.analysis.information.estimators.symbols import Codes, codes, compact, symbols

_Coded = tuple[Codes, int]  # a column's codes, and how many states they have
_CELLS = 2**21  # counts that are held at once; with more joint states the data are sorted instead
_ROWS_AT_ONCE = 2**17  # rows times surrogates that are counted at once: they stay in the cache


@lru_cache(maxsize=16)
def count_terms(n_rows: int, correction: BiasCorrection) -> NDArray[np.float64]:
    """f(0..n_rows)."""
    n = np.arange(1, n_rows + 1, dtype=np.float64)
    terms = np.zeros(n_rows + 1)
    if correction == "grassberger":
        terms[1:] = n * _grassberger(n_rows)
    else:
        terms[1:] = n * np.log(n) - (0.5 if correction == "miller_madow" else 0.0)
    terms.setflags(write=False)
    return terms


def _grassberger(n_rows: int) -> NDArray[np.float64]:
    """G(1..n_rows): G(1) = -gamma - ln 2, G(2) = 2 + G(1), G(2m + 1) = G(2m), G(2m + 2) = G(2m) + 2/(2m + 1)."""
    n = np.arange(1, n_rows + 1)
    steps = np.where(n % 2 == 0, 2 / (n - 1.0 + (n == 1)), 0.0)
    return np.asarray(-np.euler_gamma - np.log(2) + np.cumsum(steps))


def tail_probability(
    cmi_nats: NDArray[np.float64] | float, n_rows: int, degrees_of_freedom: int
) -> NDArray[np.float64]:
    """P(plug-in estimate >= cmi) if x and y are independent given z: 2 N I is chi-squared, asymptotically.

    With every state possible, the degrees of freedom are (|X| - 1)(|Y| - 1)|Z|; see also
    ``PreparedDiscrete.degrees_of_freedom``. For uncorrected estimates of rows that are independent of each other.
    Source: Wilks 1938 (the G-test); for transfer entropy Barnett & Bossomaier 2012.
    """
    statistic = n_rows * np.maximum(np.asarray(cmi_nats, dtype=np.float64), 0.0)
    return np.asarray(gammaincc(degrees_of_freedom / 2, statistic)) if degrees_of_freedom else np.ones_like(statistic)


class DiscreteCmi:
    """``CmiEstimator`` over symbols or bins. Under-sampled states are not refused here: surrogates share their bias."""

    def __init__(self, settings: DiscreteSettings) -> None:
        self._settings = settings

    def prepare(self, y: Columns, z: Columns, pulse: Pulse | None = None) -> PreparedDiscrete:
        """Fix y (n_rows, n_dimensions) and z (n_rows, n_dimensions; no column for none).

        Raises:
            InvalidInput: more bins than rows; no bins, and values that are not whole numbers.
        """
        return PreparedDiscrete(y, z, self._settings, pulse)


class PreparedDiscrete:
    """``PreparedCmi``: the states of y and z are coded and counted once."""

    def __init__(self, y: Columns, z: Columns, settings: DiscreteSettings, pulse: Pulse | None) -> None:
        self._settings, self._pulse = settings, pulse or (lambda: None)
        self._terms = count_terms(y.shape[0], settings.correction)
        y_codes, self._y_states = codes(symbols(y, settings))
        self._z, self._z_states = codes(symbols(z, settings))
        self._yz, self._yz_states = compact(self._z * self._y_states + y_codes)
        self._z_of_yz = np.zeros(self._yz_states, dtype=np.int64)
        self._z_of_yz[self._yz] = self._z
        self._first_yz = np.searchsorted(self._z_of_yz, np.arange(self._z_states))  # codes of (y, z) ascend with z
        self._z_counts, self._yz_counts = np.bincount(self._z), np.bincount(self._yz)
        self._fixed = self._z_term() - self._terms[self._yz_counts].sum()

    def each(self, x: Columns) -> NDArray[np.float64]:
        """(n_variables,): every column on its own."""
        return np.array([self.joint(x[:, [v]]) for v in range(x.shape[1])])

    def joint(self, x: Columns) -> float:
        """All columns as one variable."""
        return float(self._counted([self._codes(x)], None)[0, 0])

    def each_surrogate(self, x: Columns, orders: Orders) -> NDArray[np.float64]:
        """(n_variables, n_surrogates): every column on its own in every order."""
        coded = symbols(x, self._settings)
        groups = self._groups([codes(coded[:, [v]]) for v in range(x.shape[1])])
        return np.concatenate([np.empty((0, len(orders))), *(self._counted(group, orders) for group in groups)])

    def joint_surrogates(self, x: Columns, orders: Orders) -> NDArray[np.float64]:
        """(n_surrogates,): all columns as one variable, in every order."""
        values: NDArray[np.float64] = self._counted([self._codes(x)], orders)[0]
        return values

    def local(self, x: Columns) -> NDArray[np.float64]:
        """(n_rows,): ln n_xyz n_z / (n_xz n_yz) of each row's state, each ln n with its share of the correction."""
        own, _ = self._codes(x)
        xz, _ = compact(own * self._z_states + self._z)
        xyz, _ = compact(own * self._yz_states + self._yz)
        n_xz, n_xyz = np.bincount(xz)[xz], np.bincount(xyz)[xyz]
        n_z, n_yz = self._z_counts[self._z], self._yz_counts[self._yz]
        given = np.full(n_z.size, self._z_term() / n_z.size) if self._z_states == 1 else self._terms[n_z] / n_z
        return np.asarray(self._terms[n_xyz] / n_xyz + given - self._terms[n_xz] / n_xz - self._terms[n_yz] / n_yz)

    def degrees_of_freedom(self, x: Columns) -> int:
        """Sum over the states of z of (|X| - 1)(|Y| - 1), with the states of x and y that occur there."""
        x_given, y_given = self._states_given(x)
        return int(np.sum((x_given - 1) * (y_given - 1)))

    def largest_marginal(self, x: Columns) -> int:
        """How many pairs (x, z), or (y, z) if more, occur."""
        return int(max(states.sum() for states in self._states_given(x)))

    def _states_given(self, x: Columns) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """How many states of x, and of y, occur with each state of z."""
        own, _ = self._codes(x)
        xz = np.unique(own * self._z_states + self._z)
        return np.bincount(xz % self._z_states), np.bincount(self._z_of_yz)

    def _codes(self, x: Columns) -> tuple[Codes, int]:
        return codes(symbols(x, self._settings))

    def _z_term(self) -> float:
        """sum f(n_z). Corrected entropies count each state, not each but one; without z that 1/(2 N) is due here."""
        n_rows = self._terms.size - 1
        if self._z_states > 1:
            return float(self._terms[self._z_counts].sum())
        return float(n_rows * np.log(n_rows) - (0.0 if self._settings.correction == "none" else 0.5))

    def _groups(self, columns: list[_Coded]) -> Iterator[list[_Coded]]:
        """Columns whose joint states are few beside the rows, so that counting them once counts each of them."""
        group, cells = list[_Coded](), self._yz_states
        for own in columns:
            cells *= own[1]
            if group and cells > min(self._yz.size // 2, _CELLS):
                yield group
                group, cells = [], self._yz_states * own[1]
            group.append(own)
        if group:
            yield group

    def _counted(self, group: list[_Coded], orders: Orders | None) -> NDArray[np.float64]:
        """I of each column of a group, in every order or as it stands: (n_columns, n_orders)."""
        shape, joint = tuple(n_states for _, n_states in group), np.zeros(self._yz.size, dtype=np.int64)
        for own, n_states in group:
            joint = joint * n_states + own
        drawn = np.arange(joint.size)[None] if orders is None else orders
        cells = int(np.prod(shape)) * self._yz_states
        if cells > _CELLS:  # then the group is one column
            return np.array([[self._sparse_value(joint[order]) for order in drawn]])
        at_once = max(1, min(_ROWS_AT_ONCE // joint.size, _CELLS // cells, len(drawn)))
        raw, values = np.empty((at_once, joint.size), dtype=np.int64), np.empty((len(group), len(drawn)))
        for first in range(0, len(drawn), at_once):
            part = drawn[first : first + at_once]
            n = self._counts(joint * self._yz_states, part, raw[: len(part)], cells)
            values[:, first : first + at_once] = self._each_of(n.reshape(len(part), *shape, -1))
        return values

    def _each_of(self, n: NDArray[np.int64]) -> NDArray[np.float64]:
        """I of each column from counts of all of them together, (n_orders, states of each.., yz_states)."""
        columns = range(1, n.ndim - 1)
        each = (n.sum(axis=tuple(other for other in columns if other != v)) if n.ndim > 3 else n for v in columns)
        return np.array([self._values(n_xyz) for n_xyz in each])

    def _counts(self, table: Codes, orders: Orders, raw: Codes, cells: int) -> NDArray[np.int64]:
        """n_orders tables of cells: how often each joint state of x, y and z occurs."""
        self._pulse()
        np.take(table, orders, out=raw, mode="clip")
        raw += self._yz
        raw += cells * np.arange(len(orders))[:, None]
        return np.bincount(raw.ravel(), minlength=len(orders) * cells)

    def _values(self, n_xyz: NDArray[np.int64]) -> NDArray[np.float64]:
        """I of each table (n_orders, x_states, yz_states) of counts."""
        n_xz = self._without_y(n_xyz)
        joint, given = (self._terms[n].reshape(len(n), -1).sum(axis=1) for n in (n_xyz, n_xz))
        return np.asarray((joint - given + self._fixed) / self._yz.size)

    def _without_y(self, n_xyz: NDArray[np.int64]) -> NDArray[np.int64]:
        if self._yz_states < self._z_states * self._y_states:
            return np.asarray(np.add.reduceat(n_xyz, self._first_yz, axis=2))
        n_xz: NDArray[np.int64] = n_xyz[:, :, :: self._y_states].copy()  # every y occurs with every z
        for y in range(1, self._y_states):
            n_xz += n_xyz[:, :, y :: self._y_states]
        return n_xz

    def _sparse_value(self, x: Codes) -> float:
        """The same where a table of all joint states would be far larger than the data."""
        self._pulse()
        n_xyz = np.unique(x * self._yz_states + self._yz, return_counts=True)[1]
        n_xz = np.unique(x * self._z_states + self._z, return_counts=True)[1]
        return float((self._terms[n_xyz].sum() - self._terms[n_xz].sum() + self._fixed) / x.size)
