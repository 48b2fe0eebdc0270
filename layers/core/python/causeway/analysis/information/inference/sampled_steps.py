"""Tests by surrogates, for any estimator: p = (b + 1) / (n + 1) with b of n surrogates at or above the statistic.

A step that only needs a decision stops at the surrogate that settles it. A surrogate that has exceeded with one
candidate is not asked about the others. Neither depends on the size of batches, so p does not either.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import compress, islice

import numpy as np
from numpy.typing import NDArray

from causeway.analysis.information.estimators.protocol import CmiEstimator, Columns, Orders, PreparedCmi
from causeway.analysis.information.inference.candidates import positions
from causeway.analysis.information.inference.checkpoints import Journal
from causeway.analysis.information.inference.embedding import Embedded, LaggedVariable
from causeway.analysis.information.inference.exceedances import Rule, count_exceedances
from causeway.analysis.information.inference.fitted_counts import fitted_p
from causeway.analysis.information.inference.stages import Stages
from causeway.analysis.information.inference.steps import Decision, Variables, others
from causeway.analysis.information.inference.surrogates import stream, surrogate_orders
from causeway.analysis.information.inference.tail import is_fitted
from causeway.analysis.information.settings import NetworkSettings

_ORDER_BYTES = 64 * 2**20  # of surrogate orders held at a time
_COLUMNS = 1024  # surrogate columns that the estimator is asked about at a time: enough to fill its batches
_GPU_COLUMNS = 2**15
_MOST_COLUMNS = 8  # times as many in the longest stretch without a checkpoint
_FIRST_COLUMNS = 512  # in the first look whether a decision is reached; the looks after it double
_DRAWS_PER_PULSE = 32  # a local order of 20,000 rows takes some 10 ms
_PREPARED = 4  # conditioning sets kept: those of the step and of the estimates around it


@dataclass(frozen=True, slots=True, eq=False)
class SampledTarget:
    """One target as its surrogates see it.

    ``series`` (n_rows,) holds the target's standardised values, whose volatility and memory some schemes look at.
    ``link_rule`` and ``omnibus_rule`` say how many surrogates the two tests draw that must pass a correction.
    """

    name: str
    index: int
    embedded: Embedded
    series: NDArray[np.float64]
    seed: int
    settings: NetworkSettings
    link_rule: Rule
    omnibus_rule: Rule
    on_gpu: bool = False


class SampledSteps:
    """``StepTests`` for one target."""

    def __init__(self, target: SampledTarget, estimator: CmiEstimator, stages: Stages, journal: Journal) -> None:
        self._target = target
        self._settings = target.settings
        self._estimator = estimator
        self._stages = stages
        self._journal = journal
        self._y = self._of([LaggedVariable(target.index, 0)])
        self._latest: OrderedDict[tuple[LaggedVariable, ...], PreparedCmi] = OrderedDict()

    def strongest(self, candidates: Variables, given: Variables, step: str) -> Decision:
        observed = self._prepared(given).each(self._of(candidates))
        best = int(np.argmax(observed))
        p = self._p_of_maximum(candidates, given, observed, step, self._step_rule())
        return self._decision(candidates[best], observed[best], p)

    def weakest(self, variables: Variables, given: Variables, step: str) -> Decision:
        """Surrogates with one variable below the observed minimum are out, and not asked about the other variables."""
        observed = self._each_given_others(variables, given)
        least = int(np.argmin(observed))
        noted = self._journal.partial(step) or {"done": 0, "alive": list(range(self._settings.n_permutations))}
        done, alive = int(noted["done"]), np.array(noted["alive"], dtype=np.int64)
        for i, j in list(enumerate(np.argsort(observed, kind="stable")))[done:]:
            null = self._null(variables, int(j), given, step, alive)
            alive = alive[at_or_above(null, observed[least])]
            self._journal.note(step, {"done": i + 1, "alive": alive.tolist()})
            self._stages.within((i + 1) / len(variables))
        p = (alive.size + 1) / (self._settings.n_permutations + 1)
        return self._decision(variables[least], observed[least], p)

    def joint(self, variables: Variables, given: Variables, step: str) -> float:
        prepared, values = self._prepared(given), self._of(variables)
        observed = prepared.joint(values)

        def exceeding(orders: Orders) -> NDArray[np.bool_]:
            return at_or_above(prepared.joint_surrogates(values, orders), observed)

        rule = self._target.omnibus_rule
        blocks = self._blocks(step, given, rule, 1)
        if is_fitted(self._settings, rule.count):

            def null_of(orders: Orders) -> NDArray[np.float64]:
                return prepared.joint_surrogates(values, orders)

            return fitted_p(blocks, null_of, observed, rule, step, self._journal, self._stages)
        return count_exceedances(blocks, exceeding, rule, step, self._journal, self._stages)

    def ranked(self, variables: Variables, given: Variables, step: str) -> list[Decision]:
        observed = self._each_given_others(variables, given)
        descending = -np.sort(-self._null_table(variables, given, step), axis=0)
        decisions = []
        for rank, i in enumerate(np.argsort(-observed, kind="stable")):
            exceeding = int(np.count_nonzero(at_or_above(descending[rank], observed[i])))
            p = (exceeding + 1) / (descending.shape[1] + 1)
            decisions.append(self._decision(variables[int(i)], observed[i], p))
        return decisions

    def link(self, past: Variables, given: Variables, step: str) -> float:
        observed = self._prepared(given).each(self._of(past))
        return self._p_of_maximum(past, given, observed, step, self._target.link_rule)

    def information(self, variables: Variables, given: Variables) -> float:
        return self._prepared(given).joint(self._of(variables))

    def coefficient(self, variable: LaggedVariable, given: Variables) -> None:  # noqa: ARG002
        return None

    def _p_of_maximum(
        self, candidates: Variables, given: Variables, observed: NDArray[np.float64], step: str, rule: Rule
    ) -> float:
        """p of the largest observed value against the maximum over all candidates of a surrogate."""
        prepared = self._prepared(given)
        values = self._of(candidates)[:, np.argsort(-observed, kind="stable")]  # likely exceedances first

        def exceeding(orders: Orders) -> NDArray[np.bool_]:
            return any_exceeds(prepared, values, orders, float(observed.max()), self._at_once())

        blocks = self._blocks(step, given, rule, len(candidates))
        if is_fitted(self._settings, rule.count):

            def null_of(orders: Orders) -> NDArray[np.float64]:
                return np.asarray(prepared.each_surrogate(values, orders).max(axis=0))

            return fitted_p(blocks, null_of, float(observed.max()), rule, step, self._journal, self._stages)
        return count_exceedances(blocks, exceeding, rule, step, self._journal, self._stages)

    def _at_once(self) -> int:
        return _GPU_COLUMNS if self._target.on_gpu else _COLUMNS

    def _step_rule(self) -> Rule:
        return Rule.decision(self._settings.n_permutations, self._settings.alpha_step)

    def _decision(self, variable: LaggedVariable, cmi_nats: float, p: float) -> Decision:
        return Decision(variable, float(cmi_nats), p, p <= self._settings.alpha_step)

    def _of(self, variables: Variables) -> Columns:
        series, lags = positions(variables)
        return np.ascontiguousarray(self._target.embedded.columns[:, series, lags])

    def _prepared(self, given: Variables) -> PreparedCmi:
        """The estimator with the target and ``given`` fixed; the latest few sets are kept."""
        key = tuple(given)
        if key not in self._latest:
            while len(self._latest) >= _PREPARED:
                self._latest.popitem(last=False)
            self._latest[key] = self._estimator.prepare(self._y, self._of(given), self._stages.pulse)
        self._latest.move_to_end(key)
        return self._latest[key]

    def _each_given_others(self, variables: Variables, given: Variables) -> NDArray[np.float64]:
        sets = [[*given, *others(variables, variable)] for variable in variables]
        return np.array([self._prepared(z).each(self._of([v]))[0] for v, z in zip(variables, sets, strict=True)])

    def _null(
        self, variables: Variables, index: int, given: Variables, step: str, wanted: NDArray[np.int64]
    ) -> NDArray[np.float64]:
        """The ``wanted`` surrogates of one variable given the other ones."""
        if not wanted.size:
            return np.empty(0)
        variable = variables[index]
        z = [*given, *others(variables, variable)]
        drawn, column = self._orders(step, z, self._settings.n_permutations), self._of([variable])
        chosen = np.zeros(self._settings.n_permutations, dtype=np.bool_)
        chosen[wanted] = True
        parts = [
            self._prepared(z).each_surrogate(column, orders).ravel()
            for orders in self._in_parts(compress(drawn, chosen))
        ]
        return np.concatenate(parts)

    def _in_parts(self, drawn: Iterator[NDArray[np.int64]]) -> Iterator[Orders]:
        """Orders in blocks that memory can hold."""
        size = max(1, min(_ORDER_BYTES // self._target.embedded.rows.nbytes, self._at_once()))
        while block := list(islice(drawn, size)):
            yield np.stack(block)

    def _null_table(self, variables: Variables, given: Variables, step: str) -> NDArray[np.float64]:
        """Shape (n_variables, n_surrogates): each variable given the other ones."""
        rows: list[list[float]] = (self._journal.partial(step) or {"rows": []})["rows"]
        everything = np.arange(self._settings.n_permutations)
        for i in range(len(rows), len(variables)):
            rows = [*rows, self._null(variables, i, given, step, everything).tolist()]
            self._journal.note(step, {"rows": rows})
            self._stages.within((i + 1) / len(variables))
        return np.array(rows)

    def _orders(self, step: str, given: Variables, count: int) -> Iterator[NDArray[np.int64]]:
        target = self._target
        drawn = surrogate_orders(
            stream(target.seed, target.name, step),
            target.series.size,
            count,
            self._settings,
            given=self._of(given),
            target=target.series,
            rows=target.embedded.rows,
        )
        for number, order in enumerate(drawn):
            if number % _DRAWS_PER_PULSE == 0:
                self._stages.pulse()
            yield order

    def _blocks(self, step: str, given: Variables, rule: Rule, n_variables: int) -> Iterator[Orders]:
        """The surrogate orders of a step after those already counted, in growing blocks."""
        drawn = islice(self._orders(step, given, rule.count), self._journal.drawn(step), None)
        most = max(16, _MOST_COLUMNS * self._at_once() // n_variables)
        largest = max(1, min(most, _ORDER_BYTES // self._target.embedded.rows.nbytes))
        size = min(max(16, _FIRST_COLUMNS // n_variables), 64)
        while block := list(islice(drawn, min(size, largest))):
            yield np.stack(block)
            size *= 2


def any_exceeds(
    prepared: PreparedCmi, values: Columns, orders: Orders, threshold: float, at_once: int
) -> NDArray[np.bool_]:
    """(n_surrogates,): whether any column reaches ``threshold``; columns after the first that does are not asked."""
    exceeding = np.zeros(len(orders), dtype=np.bool_)
    start = 0
    while start < values.shape[1] and not exceeding.all():
        undecided = np.flatnonzero(~exceeding)
        end = start + max(1, at_once // undecided.size)
        null = prepared.each_surrogate(np.ascontiguousarray(values[:, start:end]), orders[undecided])
        exceeding[undecided] = at_or_above(null.max(axis=0), threshold)
        start = end
    return exceeding


def at_or_above(null: NDArray[np.float64], observed: float | NDArray[np.float64]) -> NDArray[np.bool_]:
    """Equal up to rounding counts as at: symbols make equal values likely."""
    return np.asarray(null >= observed - 1e-12)
