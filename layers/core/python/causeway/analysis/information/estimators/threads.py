"""An estimator on several threads: surrogates, or candidates, are shared out among them.

No bit of a result changes, because no value depends on what else is in its batch. Of use where the estimator's kernels
release the interpreter's lock.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Lock
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from causeway.analysis.information.estimators.protocol import CmiEstimator, Columns, Orders, PreparedCmi, Pulse

_T = TypeVar("_T", bound=np.generic)


class ThreadedCmi:
    """``CmiEstimator`` that shares another one's work out among ``n_threads``."""

    def __init__(self, estimator: CmiEstimator, n_threads: int) -> None:
        self._estimator, self._n_threads = estimator, n_threads

    def prepare(self, y: Columns, z: Columns, pulse: Pulse | None = None) -> PreparedThreaded:
        """As the other estimator; ``pulse`` is called from the threads, one at a time."""
        return PreparedThreaded(self._estimator.prepare(y, z, pulse and _one_at_a_time(pulse)), self._n_threads)


class PreparedThreaded:
    """``PreparedCmi`` whose batches are cut into one part for each thread."""

    def __init__(self, prepared: PreparedCmi, n_threads: int) -> None:
        self._prepared, self._n_threads = prepared, n_threads

    def each(self, x: Columns) -> NDArray[np.float64]:
        """(n_variables,): every column on its own."""
        parts = np.array_split(x, min(self._n_threads, max(1, x.shape[1])), axis=1)
        return np.concatenate(self._map(lambda part: self._prepared.each(np.ascontiguousarray(part)), parts))

    def joint(self, x: Columns) -> float:
        """All columns as one variable; one thread."""
        return self._prepared.joint(x)

    def each_surrogate(self, x: Columns, orders: Orders) -> NDArray[np.float64]:
        """(n_variables, n_surrogates): every column on its own in every order."""
        found = self._map(lambda part: self._prepared.each_surrogate(x, part), self._shares(orders))
        return np.concatenate(found, axis=1)

    def joint_surrogates(self, x: Columns, orders: Orders) -> NDArray[np.float64]:
        """(n_surrogates,): all columns as one variable, in every order."""
        return np.concatenate(self._map(lambda part: self._prepared.joint_surrogates(x, part), self._shares(orders)))

    def local(self, x: Columns) -> NDArray[np.float64]:
        """(n_rows,): local values whose mean is ``joint(x)``; one thread."""
        return self._prepared.local(x)

    def _shares(self, orders: Orders) -> Sequence[Orders]:
        return np.array_split(orders, min(self._n_threads, max(1, orders.shape[0])))

    def _map(
        self, work: Callable[[NDArray[_T]], NDArray[np.float64]], parts: Sequence[NDArray[_T]]
    ) -> list[NDArray[np.float64]]:
        """The results in the order of the parts; the first error is raised once all have ended."""
        with ThreadPoolExecutor(len(parts), thread_name_prefix="estimate") as pool:
            return list(pool.map(work, parts))


def _one_at_a_time(pulse: Pulse) -> Pulse:
    lock = Lock()

    def guarded() -> None:
        with lock:
            pulse()

    return guarded
