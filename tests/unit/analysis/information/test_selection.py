"""The order of the algorithm's decisions, with a scripted world instead of an estimator."""

from __future__ import annotations

from dataclasses import dataclass, field

from causeway.analysis.information.inference.embedding import LaggedVariable as V
from causeway.analysis.information.inference.selection import Search, select
from causeway.analysis.information.inference.stages import Stages
from causeway.analysis.information.inference.steps import Decision, Variables

SEARCH = Search(("A", "B", "C"), target=0, sources=(1, 2), drivers=(), max_lag=2, alpha=0.05)


@dataclass
class ScriptedTests:
    """Information of a variable is a fixed number; ``redundant`` ones lose theirs once ``beside`` is known."""

    nats: dict[V, float]
    redundant: dict[V, V] = field(default_factory=dict)
    threshold: float = 0.1
    omnibus_p: float = 0.001
    fails_sequentially: frozenset[V] = frozenset()

    def _value(self, variable: V, given: Variables) -> float:
        return 0.0 if self.redundant.get(variable) in given else self.nats.get(variable, 0.0)

    def _decide(self, variable: V, given: Variables) -> Decision:
        value = self._value(variable, given)
        passed = value > self.threshold
        return Decision(variable, value, 0.01 if passed else 0.5, passed)

    def strongest(self, candidates: Variables, given: Variables, step: str) -> Decision:
        return self._decide(max(candidates, key=lambda v: self._value(v, given)), given)

    def weakest(self, variables: Variables, given: Variables, step: str) -> Decision:
        def rest(v: V) -> list[V]:
            return [*given, *(o for o in variables if o != v)]

        least = min(variables, key=lambda v: self._value(v, rest(v)))
        return self._decide(least, rest(least))

    def joint(self, variables: Variables, given: Variables, step: str) -> float:
        return self.omnibus_p

    def ranked(self, variables: Variables, given: Variables, step: str) -> list[Decision]:
        descending = sorted(variables, key=lambda v: -self.nats[v])
        return [Decision(v, self.nats[v], 0.01, v not in self.fails_sequentially) for v in descending]

    def link(self, past: Variables, given: Variables, step: str) -> float:
        raise AssertionError("selection asks for no link")

    def information(self, variables: Variables, given: Variables) -> float:
        raise AssertionError("selection asks for no estimate")

    def coefficient(self, variable: V, given: Variables) -> float | None:
        raise AssertionError("selection asks for no coefficient")


def chosen(tests: ScriptedTests) -> tuple[tuple[V, ...], tuple[V, ...], float]:
    selection = select(tests, SEARCH, Stages(lambda _: None, lambda: None))
    return selection.own_past, selection.sources, selection.omnibus_p


def test_the_strongest_come_first_until_one_fails() -> None:
    own, sources, _ = chosen(ScriptedTests({V(0, 2): 0.5, V(1, 1): 0.3, V(2, 2): 0.4, V(2, 1): 0.05}))
    assert own == (V(0, 2),)
    assert sources == (V(2, 2), V(1, 1))


def test_without_significant_past_lag_one_is_conditioned_on() -> None:
    own, sources, omnibus_p = chosen(ScriptedTests({}))
    assert own == (V(0, 1),)
    assert sources == ()
    assert omnibus_p == 1.0


def test_pruning_removes_what_later_choices_made_redundant() -> None:
    tests = ScriptedTests({V(1, 1): 0.5, V(2, 1): 0.4}, redundant={V(1, 1): V(2, 1)})
    assert chosen(tests)[1] == (V(2, 1),)


def test_a_single_source_is_not_pruned() -> None:
    assert chosen(ScriptedTests({V(1, 1): 0.5}))[1] == (V(1, 1),)


def test_a_failed_omnibus_test_drops_every_source() -> None:
    _, sources, omnibus_p = chosen(ScriptedTests({V(1, 1): 0.5, V(2, 1): 0.4}, omnibus_p=0.06))
    assert sources == ()
    assert omnibus_p == 0.06


def test_the_sequential_test_stops_at_the_first_failure() -> None:
    nats = {V(1, 1): 0.5, V(2, 1): 0.4, V(2, 2): 0.3}
    tests = ScriptedTests(nats, fails_sequentially=frozenset({V(2, 1)}))
    assert chosen(tests)[1] == (V(1, 1),)
