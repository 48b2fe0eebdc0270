"""KSG estimates of mutual and conditional mutual information, in nats.

Source: Kraskov, Stoegbauer & Grassberger 2004, algorithms 1 and 2 (equations 8 and 9); conditional form by Frenzel &
Pompe 2007, of algorithm 2 by Wibral et al. 2014. Both as in JIDT (Lizier 2014), to rounding, ties included.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property, lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy.special import digamma

from causeway.analysis.information.estimators.protocol import Columns, Orders, Pulse
from causeway.analysis.information.estimators.settings import KsgSettings
from causeway.analysis.information.neighbours.boxes import boxes_pay
from causeway.analysis.information.neighbours.rows import Rows
from causeway.analysis.information.neighbours.single import local_terms
from causeway.analysis.information.neighbours.strips import Strips
from causeway.analysis.information.neighbours.surrogates import SurrogateSearch
from causeway.errors import InvalidInput


@lru_cache(maxsize=8)
def digamma_table(n: int) -> NDArray[np.float64]:
    """psi(0..n), where entry 0 is unused and zero."""
    table = np.zeros(n + 1)
    table[1:] = digamma(np.arange(1, n + 1))
    table.setflags(write=False)
    return table


class KsgCmi:
    """KSG behind the estimators' protocol. Columns are taken as they come: ``standardise`` is the caller's affair.

    Results do not depend on ``n_threads``, to the last bit. Rows less than or exactly ``theiler_bars`` apart are
    neither neighbours nor counted. Without z, psi(N) becomes psi of the number of allowed rows and the row itself;
    JIDT keeps N.
    """

    def __init__(self, settings: KsgSettings, n_threads: int = 1) -> None:
        self._settings = settings
        self._n_threads = n_threads

    def prepare(self, y: Columns, z: Columns, pulse: Pulse | None = None) -> PreparedKsg:
        """Fix y (n_rows, n_dimensions) and z (n_rows, n_dimensions; no column for none).

        Raises:
            InvalidInput: a row has fewer than k others that are allowed.
        """
        k, theiler, n_rows = self._settings.k, self._settings.theiler_bars, y.shape[0]
        if n_rows - 2 * theiler <= k:
            window = f" and a Theiler window of {theiler} bars" if theiler else ""
            raise InvalidInput(f"KSG with k = {k}{window} needs more than {k + 2 * theiler} rows; found {n_rows}.")
        return PreparedKsg(y, z, self._settings, self._n_threads, pulse)


class PreparedKsg:
    """``PreparedCmi`` of KSG: reported values in double precision, surrogates in single where that is safe."""

    def __init__(self, y: Columns, z: Columns, settings: KsgSettings, n_threads: int, pulse: Pulse | None) -> None:
        self._settings, self._n_threads = settings, n_threads
        self._pulse = pulse or (lambda: None)
        self._rows = Rows.of(y, z)
        self._psi = digamma_table(y.shape[0])
        self._search: SurrogateSearch | None = None

    def each(self, x: Columns) -> NDArray[np.float64]:
        """(n_variables,): every column on its own."""
        return np.array([self.joint(x[:, [v]]) for v in range(x.shape[1])])

    def joint(self, x: Columns) -> float:
        """All columns as one variable."""
        return self._mean(self._terms(x))

    def local(self, x: Columns) -> NDArray[np.float64]:
        """(n_rows,): local values whose mean is ``joint(x)``."""
        local = np.empty(self._rows.n_rows)
        local[self._rows.order] = self._terms(x) + self._psi[self._settings.k]
        return local

    def each_surrogate(self, x: Columns, orders: Orders) -> NDArray[np.float64]:
        """(n_variables, n_surrogates): every column on its own in every order."""
        if self._settings.algorithm == 2:
            return np.array([self._one_by_one(x[:, [v]], orders) for v in range(x.shape[1])])
        return self._values(x, orders, together=False)

    def joint_surrogates(self, x: Columns, orders: Orders) -> NDArray[np.float64]:
        """(n_surrogates,): all columns as one variable, in every order."""
        if x.shape[1] == 1:
            one: NDArray[np.float64] = self.each_surrogate(x, orders)[0]
            return one
        if self._settings.algorithm == 2 or not self._rows.given:
            return self._one_by_one(x, orders)
        together: NDArray[np.float64] = self._values(x, orders, together=True)[0]
        return together

    def _values(self, x: Columns, orders: Orders, *, together: bool) -> NDArray[np.float64]:
        search = self._surrogates()
        sums = search.sums(x, orders, together=together, pulse=self._pulse, n_threads=self._n_threads)
        values: NDArray[np.float64] = self._psi[self._settings.k] + sums / self._rows.n_rows
        return values

    def _one_by_one(self, x: Columns, orders: Orders) -> NDArray[np.float64]:
        return np.array([self.joint(x[order]) for order in orders])

    def _mean(self, terms: NDArray[np.float64]) -> float:
        """Summed from the first to the last, as surrogates are: equal counts give equal values."""
        return float(self._psi[self._settings.k] + np.cumsum(terms)[-1] / terms.size)

    def _terms(self, x: Columns) -> NDArray[np.float64]:
        """Terms without psi(k), in the order of the leaves."""
        self._pulse()
        strips = self._strips if x.shape[1] == 1 else None
        return strips.terms(x, self._in_parts) if strips else self._searched(x)[0]

    @cached_property
    def _strips(self) -> Strips | None:
        if self._settings.algorithm == 2 or not boxes_pay(self._rows):
            return None
        return Strips.of(self._rows, self._settings.k, self._settings.theiler_bars, self._psi)

    def _searched(self, x: Columns) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Terms and distances of the k-th neighbours, in the order of the leaves."""
        rows, settings = self._rows, self._settings
        placed = rows.placed(x)
        ascending = np.empty(0) if rows.given else np.sort(x[:, 0])
        terms, radii = np.empty((2, rows.n_rows))

        def part(first: int, last: int) -> None:
            local_terms(
                placed, rows.y, rows.z, rows.low, rows.high, rows.time, rows.place, ascending, (0,) * settings.k,
                settings.algorithm, settings.theiler_bars, rows.given, self._psi, first, last, terms, radii,
                np.empty((3, rows.z.shape[1])),
            )  # fmt: skip

        self._in_parts(part, rows.n_rows)
        return terms, radii

    def _surrogates(self) -> SurrogateSearch:
        if self._search is None:
            self._pulse()
            z, strips = _unplaced(self._rows), self._strips
            reach = strips.reach(z, self._in_parts) if strips else self._searched(z)[1]
            self._search = SurrogateSearch(self._rows, reach, self._settings.k, self._settings.theiler_bars, self._psi)
        return self._search

    def _in_parts(self, part: Callable[[int, int], None], n: int) -> None:
        edges = [n * p // self._n_threads for p in range(self._n_threads + 1)]
        if self._n_threads == 1:
            part(0, n)
            return
        with ThreadPoolExecutor(self._n_threads) as pool:
            list(pool.map(part, edges[:-1], edges[1:]))


def _unplaced(rows: Rows) -> NDArray[np.float64]:
    """z in its own order: as x it adds nothing to the distances, and leaves those of (y, z)."""
    z = np.empty((rows.n_rows, rows.z.shape[0]))
    z[rows.order] = rows.z[:, : rows.n_rows].T
    return z
