"""KSG tests: every null comes from surrogates, p = (b + 1) / (n + 1) with b surrogates at or above the statistic.

A step that only needs a decision stops as soon as the decision can no longer change.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import islice

import numpy as np
from numpy.typing import NDArray

from causeway.analysis.information.estimators.ksg import batch_cmi, local_cmi
from causeway.analysis.information.inference.embedding import LaggedVariable, lagged
from causeway.analysis.information.inference.multiple_testing import smallest_needed_p
from causeway.analysis.information.inference.panel import Panel
from causeway.analysis.information.inference.steps import Decision, Variables, others
from causeway.analysis.information.inference.surrogates import available_orders, stream, surrogate_orders
from causeway.analysis.information.settings import NetworkSettings

_BATCH_BYTES = 64 * 2**20  # of surrogate columns held at a time
_FIRST_BLOCK = 40  # surrogates before the first look whether a decision is reached
_ENOUGH = 20  # exceedances after which a link's p is known well enough (Besag & Clifford 1991)


class KsgSteps:
    """``StepTests`` for one target. ``pulse`` is called between batches; it may raise to stop the work."""

    def __init__(
        self, panel: Panel, target: int, settings: NetworkSettings, seed: int, pulse: Callable[[], None]
    ) -> None:
        self._settings = settings
        self._seed = seed
        self._pulse = pulse
        self._name = panel.names[target]
        self._columns = lagged(panel.standardised(), settings.max_lag)
        self._y = self._columns[:, target, :1]
        self._n_rows = self._columns.shape[0]
        self._n_link = _link_permutations(panel.n_series, self._n_rows, settings)

    def strongest(self, candidates: Variables, given: Variables, step: str) -> Decision:
        z = self._of(given)
        values = self._of(candidates)
        observed = self._batch(values[:, None, :], z)
        best = int(np.argmax(observed))
        allowed = self._allowed_exceedances()
        exceeding = drawn = 0
        for orders in self._orders(step, self._settings.n_permutations):
            null = self._surrogates(values, orders, z).max(axis=0)
            exceeding += int(np.count_nonzero(null >= observed[best]))
            drawn += len(orders)
            if exceeding > allowed:
                break
        return self._decision(candidates[best], observed[best], (exceeding + 1) / (drawn + 1))

    def weakest(self, variables: Variables, given: Variables, step: str) -> Decision:
        observed, null = self._table(variables, given, step)
        least = int(np.argmin(observed))
        exceeding = int(np.count_nonzero(null.min(axis=0) >= observed[least]))
        p = (exceeding + 1) / (null.shape[1] + 1)
        return self._decision(variables[least], observed[least], p)

    def joint(self, variables: Variables, given: Variables, step: str) -> float:
        z, values = self._of(given), self._of(variables)
        observed = self._batch(values[:, :, None], z)[0]
        allowed = self._allowed_exceedances()
        exceeding = drawn = 0
        for orders in self._orders(step, self._settings.n_permutations):
            null = self._batch(values[orders].transpose(1, 2, 0), z)
            exceeding += int(np.count_nonzero(null >= observed))
            drawn += len(orders)
            if exceeding > allowed:
                break
        return (exceeding + 1) / (drawn + 1)

    def ranked(self, variables: Variables, given: Variables, step: str) -> list[Decision]:
        observed, null = self._table(variables, given, step)
        descending = -np.sort(-null, axis=0)
        decisions = []
        for rank, i in enumerate(np.argsort(-observed, kind="stable")):
            exceeding = int(np.count_nonzero(descending[rank] >= observed[i]))
            p = (exceeding + 1) / (null.shape[1] + 1)
            decisions.append(self._decision(variables[i], observed[i], p))
        return decisions

    def link(self, past: Variables, given: Variables, step: str) -> float:
        z, values = self._of(given), self._of(past)
        observed = self._batch(values[:, None, :], z).max()
        exceeding = drawn = 0
        for orders in self._orders(step, self._n_link):
            hits = np.flatnonzero(self._surrogates(values, orders, z).max(axis=0) >= observed)
            if exceeding + hits.size >= _ENOUGH:
                return _ENOUGH / (drawn + int(hits[_ENOUGH - exceeding - 1]) + 1)
            exceeding += hits.size
            drawn += len(orders)
        return (exceeding + 1) / (drawn + 1)

    def information(self, variables: Variables, given: Variables) -> float:
        return float(local_cmi(self._of(variables), self._y, self._of(given), self._settings.k).mean())

    def coefficient(self, variable: LaggedVariable, given: Variables) -> None:  # noqa: ARG002
        return None

    def _allowed_exceedances(self) -> int:
        """Largest b with (b + 1) / (n + 1) <= alpha_step."""
        settings = self._settings
        return int(np.floor(settings.alpha_step * (settings.n_permutations + 1) + 1e-9)) - 1

    def _decision(self, variable: LaggedVariable, cmi_nats: float, p: float) -> Decision:
        return Decision(variable, float(cmi_nats), p, p <= self._settings.alpha_step)

    def _of(self, variables: Variables) -> NDArray[np.float64]:
        """Shape (n_rows, n_variables)."""
        series = [variable.series for variable in variables]
        return np.ascontiguousarray(self._columns[:, series, [variable.lag for variable in variables]])

    def _batch(self, x: NDArray[np.float64], z: NDArray[np.float64]) -> NDArray[np.float64]:
        self._pulse()
        return batch_cmi(x, self._y, z, self._settings.k)

    def _surrogates(
        self, values: NDArray[np.float64], orders: NDArray[np.int64], z: NDArray[np.float64]
    ) -> NDArray[np.float64]:
        """Shape (n_variables, n_surrogates): each variable alone, in every order."""
        shuffled = values[orders].transpose(1, 2, 0)
        n_rows, n_variables, count = shuffled.shape
        return self._batch(shuffled.reshape(n_rows, 1, n_variables * count), z).reshape(n_variables, count)

    def _table(
        self, variables: Variables, given: Variables, step: str
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Each variable given the other ones: observed (n_variables,) and null (n_variables, n_surrogates)."""
        orders = np.concatenate(list(self._orders(step, self._settings.n_permutations)))
        observed, null = [], []
        for variable in variables:
            z = self._of([*given, *others(variables, variable)])
            values = self._of([variable])
            observed.append(self._batch(values[:, None, :], z)[0])
            null.append(self._surrogates(values, orders, z)[0])
        return np.array(observed), np.array(null)

    def _orders(self, step: str, count: int) -> Iterator[NDArray[np.int64]]:
        """``count`` surrogate orders in growing blocks; the split does not change what is drawn."""
        rng = stream(self._seed, self._name, step)
        drawn = surrogate_orders(rng, self._n_rows, count, self._settings)
        largest = max(1, _BATCH_BYTES // self._columns.nbytes)
        size = _FIRST_BLOCK
        while block := list(islice(drawn, min(size, largest))):
            yield np.stack(block)
            size *= 2


def _link_permutations(n_series: int, n_rows: int, settings: NetworkSettings) -> int:
    """Enough that a lone link above all its surrogates has q < alpha, within the limits of the scheme."""
    wanted = int(np.ceil(1 / smallest_needed_p(n_series, settings.alpha)))
    limit = min(settings.max_link_permutations, available_orders(n_rows, settings))
    return min(max(wanted, settings.n_permutations), limit)
