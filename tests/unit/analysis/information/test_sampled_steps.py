"""Tests by surrogates: what is skipped or stopped early changes neither a decision nor its p."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import pytest
from numpy.typing import NDArray

from causeway.analysis.information import NetworkSettings, Panel, make_panel
from causeway.analysis.information.estimators.gaussian_cmi import GaussianCmi
from causeway.analysis.information.estimators.protocol import Columns, Orders, PreparedCmi, Pulse
from causeway.analysis.information.inference import sampled_steps
from causeway.analysis.information.inference.candidates import Candidates
from causeway.analysis.information.inference.checkpoints import Journal
from causeway.analysis.information.inference.embedding import LaggedVariable as V
from causeway.analysis.information.inference.embedding import embed
from causeway.analysis.information.inference.exceedances import Rule
from causeway.analysis.information.inference.sampled_steps import SampledSteps, SampledTarget
from causeway.analysis.information.inference.stages import Stages
from causeway.analysis.information.inference.surrogates import stream, surrogate_orders
from causeway.market_data.known_market import known_market
from causeway.model.inference import Estimator, SurrogateScheme

N = 99
SETTINGS = NetworkSettings(max_lag=2, estimator=Estimator.KSG, surrogates=SurrogateScheme.PERMUTATION, n_permutations=N)
CANDIDATES = Candidates.past((1, 2, 3), 2)
CHOSEN = [V(1, 1), V(2, 2), V(3, 1)]
OWN = [V(0, 1)]


@dataclass
class Counting:
    """A fast estimator that counts: conditioning sets prepared, and surrogate columns asked about."""

    prepared: int = 0
    columns: list[int] = field(default_factory=list)

    def prepare(self, y: Columns, z: Columns, pulse: Pulse | None = None) -> PreparedCmi:
        self.prepared += 1
        inner, counting = GaussianCmi().prepare(y, z, pulse), self

        class Prepared:
            each, joint, local = inner.each, inner.joint, inner.local
            joint_surrogates = inner.joint_surrogates

            def each_surrogate(self, x: Columns, orders: Orders) -> NDArray[np.float64]:
                counting.columns.append(x.shape[1] * len(orders))
                return inner.each_surrogate(x, orders)

        return Prepared()


@dataclass
class Naive:
    """Every surrogate of every variable, then counting."""

    panel: Panel
    seed: int

    def null(self, variables: list[V], given: list[V], step: str, n: int = N) -> NDArray[np.float64]:
        columns = embed(self.panel.standardised(), 0, 2).columns
        orders = np.stack(
            list(surrogate_orders(stream(self.seed, self.panel.names[0], step), len(columns), n, SETTINGS))
        )
        return self.prepared(given).each_surrogate(self.of(variables), orders)

    def of(self, variables: list[V]) -> Columns:
        columns = embed(self.panel.standardised(), 0, 2).columns
        found = [columns[:, v.series, v.lag] for v in variables]
        return np.column_stack(found) if found else np.empty((len(columns), 0))

    def prepared(self, given: list[V]) -> PreparedCmi:
        return GaussianCmi().prepare(self.of([V(0, 0)]), self.of(given))

    def each_given_others(self, variables: list[V], given: list[V]) -> list[float]:
        rest = [[*given, *(o for o in variables if o != v)] for v in variables]
        return [float(self.prepared(z).each(self.of([v]))[0]) for v, z in zip(variables, rest, strict=True)]

    def table(self, variables: list[V], given: list[V], step: str) -> NDArray[np.float64]:
        rest = [[*given, *(o for o in variables if o != v)] for v in variables]
        return np.vstack([self.null([v], z, step) for v, z in zip(variables, rest, strict=True)])


def a_panel(strength: float) -> Panel:
    rng = np.random.default_rng(7)
    values = rng.standard_normal((150, 4))
    values[1:, 0] += strength * values[:-1, 1]
    values[2:, 0] += strength * values[:-2, 2]
    return make_panel(values, ("A", "B", "C", "D"), 2)


def steps_for(panel: Panel, seed: int, estimator: Counting, link_draws: int = 400) -> SampledSteps:
    embedded = embed(panel.standardised(), 0, 2)
    target = SampledTarget(
        name=panel.names[0],
        index=0,
        embedded=embedded,
        series=embedded.columns[:, 0, 0],
        seed=seed,
        settings=SETTINGS,
        link_rule=Rule.estimate(link_draws),
        omnibus_rule=Rule.decision(N, SETTINGS.alpha_step),
    )
    return SampledSteps(target, estimator, Stages(lambda _: None, lambda: None), Journal())


def stopped_p(hits: NDArray[np.bool_], stop: int, extra: int) -> float:
    """p after all draws, or at the draw that made further ones pointless."""
    where = np.flatnonzero(hits)
    if where.size < stop:
        return float((where.size + 1) / (hits.size + 1))
    return float((stop + extra) / (where[stop - 1] + 1 + extra))


@pytest.mark.parametrize("strength", [0.0, 0.15, 0.5])
@pytest.mark.parametrize("seed", range(4))
class TestAgainstEverySurrogate:
    def test_strongest(self, strength: float, seed: int) -> None:
        panel = a_panel(strength)
        naive, found = Naive(panel, seed), steps_for(panel, seed, Counting()).strongest(CANDIDATES, OWN, "s")
        observed = naive.prepared(OWN).each(naive.of(list(CANDIDATES)))
        hits = naive.null(list(CANDIDATES), OWN, "s").max(axis=0) >= observed.max()
        assert found.variable == CANDIDATES[int(observed.argmax())]
        assert found.p == stopped_p(hits, stop=5, extra=1)
        assert found.passed == ((hits.sum() + 1) / (N + 1) <= SETTINGS.alpha_step)

    def test_weakest(self, strength: float, seed: int) -> None:
        panel = a_panel(strength)
        naive, found = Naive(panel, seed), steps_for(panel, seed, Counting()).weakest(CHOSEN, OWN, "w")
        observed = naive.each_given_others(CHOSEN, OWN)
        hits = naive.table(CHOSEN, OWN, "w").min(axis=0) >= min(observed)
        assert found.variable == CHOSEN[int(np.argmin(observed))]
        assert found.p == (hits.sum() + 1) / (N + 1)

    def test_ranked(self, strength: float, seed: int) -> None:
        panel = a_panel(strength)
        naive, found = Naive(panel, seed), steps_for(panel, seed, Counting()).ranked(CHOSEN, OWN, "r")
        observed = np.sort(naive.each_given_others(CHOSEN, OWN))[::-1]
        null = np.sort(naive.table(CHOSEN, OWN, "r"), axis=0)[::-1]
        assert [one.p for one in found] == [((null[i] >= observed[i]).sum() + 1) / (N + 1) for i in range(3)]

    def test_link(self, strength: float, seed: int) -> None:
        panel, past = a_panel(strength), [V(1, 1), V(1, 2)]
        naive, found = Naive(panel, seed), steps_for(panel, seed, Counting()).link(past, OWN, "l")
        hits = naive.null(past, OWN, "l", 400).max(axis=0) >= naive.prepared(OWN).each(naive.of(past)).max()
        assert found == stopped_p(hits, stop=20, extra=0)


@pytest.mark.parametrize("ask", [
    lambda steps: steps.strongest(CANDIDATES, OWN, "a").p,
    lambda steps: steps.joint(CHOSEN, OWN, "a"),
    lambda steps: steps.link(CHOSEN, OWN, "a"),
])  # fmt: skip
def test_batches_do_not_change_p(ask: Callable[[SampledSteps], float], monkeypatch: pytest.MonkeyPatch) -> None:
    panel = a_panel(0.1)
    expected = ask(steps_for(panel, 1, Counting()))
    monkeypatch.setattr(sampled_steps, "_COLUMNS", 7)
    monkeypatch.setattr(sampled_steps, "_ORDER_BYTES", 3000)
    assert ask(steps_for(panel, 1, Counting())) == expected


def test_a_hopeless_step_asks_for_few_surrogates(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sampled_steps, "_FIRST_COLUMNS", 96)
    monkeypatch.setattr(sampled_steps, "_COLUMNS", 16)
    estimator = Counting()
    decision = steps_for(a_panel(0.0), 1, estimator).strongest(CANDIDATES, OWN, "s")
    assert not decision.passed
    assert sum(estimator.columns) < 0.5 * N * len(CANDIDATES), "stopped early"
    assert min(estimator.columns) < 16, "some of the 16 surrogates of a block were not asked about every candidate"


def test_variables_that_all_matter_ask_about_one_of_them_only() -> None:
    """The minimum is below the observed one as soon as one variable is."""
    estimator = Counting()
    panel = make_panel(known_market(4, 800, 3, seed=1, n_nonlinear=0).log_returns, "ABCD", 2)
    values = panel.values @ np.eye(4)
    values[2:, 0] += values[1:-1, 1] + values[1:-1, 2] + values[:-2, 3]
    steps_for(make_panel(values, "ABCD", 2), 1, estimator).weakest([V(1, 1), V(2, 1), V(3, 2)], OWN, "w")
    assert sum(estimator.columns) == N


def test_a_conditioning_set_is_prepared_once() -> None:
    estimator = Counting()
    steps = steps_for(a_panel(0.5), 1, estimator)
    steps.strongest(CANDIDATES, OWN, "s")
    steps.information([V(1, 1)], OWN)
    steps.link([V(1, 1), V(1, 2)], OWN, "l")
    assert estimator.prepared == 1


@pytest.mark.parametrize("step", ["weakest", "ranked"])
def test_surrogates_of_many_rows_are_held_a_few_at_a_time(step: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """10,000 permutations of 20,000 rows would be 1.6 GB of orders; here memory is for 10 of the 148 rows."""
    panel = a_panel(0.5)
    whole = getattr(steps_for(panel, 1, Counting()), step)(CHOSEN, OWN, "m")
    monkeypatch.setattr(sampled_steps, "_ORDER_BYTES", 10 * 148 * 8)
    counting = Counting()
    assert getattr(steps_for(panel, 1, counting), step)(CHOSEN, OWN, "m") == whole
    assert max(counting.columns) <= 10


def test_drawing_surrogates_can_be_stopped() -> None:
    """Between draws, not only between what the estimator is asked: local surrogates of long series take seconds."""
    asked: list[int] = []
    panel = a_panel(0.5)
    steps = steps_for(panel, 1, Counting())
    steps._stages = Stages(lambda _: None, lambda: asked.append(1))
    next(steps._blocks("s", OWN, Rule.estimate(400), 1))
    assert len(asked) == 2  # the first block has 64 draws
