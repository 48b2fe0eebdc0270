"""The algorithm of multivariate transfer entropy for one target, as in IDTxl (Wollstadt et al. 2019).

Greedy selection over the target's past, the common drivers' pasts and every source's past, by the maximum statistic;
pruning by the minimum statistic; an omnibus test; a sequential maximum test. Bivariate modes do this for each source
alone. Which estimator decides is hidden in ``StepTests``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import takewhile

from causeway.analysis.information.inference.candidates import Candidates
from causeway.analysis.information.inference.embedding import LaggedVariable
from causeway.analysis.information.inference.stages import Stages
from causeway.analysis.information.inference.steps import StepTests, Variables, others
from causeway.analysis.information.settings import NetworkSettings
from causeway.errors import InvalidInput
from causeway.model.inference import InferenceMode

Chosen = tuple[LaggedVariable, ...]


@dataclass(frozen=True, slots=True)
class Search:
    """What may be selected for ``target``; indices into ``names``. ``with_past`` is false for mutual information."""

    names: tuple[str, ...]
    target: int
    sources: tuple[int, ...]
    drivers: tuple[int, ...]
    max_lag: int
    alpha: float
    with_past: bool = True
    bivariate: bool = False

    def groups(self) -> list[tuple[tuple[int, ...], str]]:
        """Sources that compete with each other, and what distinguishes the names of their steps."""
        if self.bivariate:
            return [((source,), f":{self.names[source]}") for source in self.sources]
        return [(self.sources, "")]


def search_for(names: tuple[str, ...], target: int, settings: NetworkSettings) -> Search:
    """The search that ``settings`` ask for.

    Raises:
        InvalidInput: ``condition_on`` names an unknown series or the target, or leaves no source.
    """
    unknown = sorted(set(settings.condition_on) - set(names))
    if unknown:
        raise InvalidInput(f"condition_on names {', '.join(unknown)}, which is not among the series.")
    if names[target] in settings.condition_on:
        raise InvalidInput(f"{names[target]} is conditioned on, so it is no target. Leave it out of the targets.")
    drivers = tuple(i for i, name in enumerate(names) if name in settings.condition_on)
    sources = tuple(i for i in range(len(names)) if i != target and i not in drivers)
    if not sources:
        raise InvalidInput(f"condition_on leaves no source for {names[target]}; name fewer series.")
    mode = settings.mode
    return Search(
        names,
        target,
        sources,
        drivers,
        settings.max_lag,
        settings.alpha_step,
        with_past=mode in (InferenceMode.MULTIVARIATE_TE, InferenceMode.BIVARIATE_TE),
        bivariate=mode in (InferenceMode.BIVARIATE_TE, InferenceMode.BIVARIATE_MI),
    )


@dataclass(frozen=True, slots=True)
class Selection:
    """What informs a target: its own past, the common drivers, the sources; p of all sources together (1 if none)."""

    own_past: Chosen
    drivers: Chosen
    sources: Chosen
    omnibus_p: float

    @property
    def base(self) -> Chosen:
        """What every source is conditioned on."""
        return (*self.own_past, *self.drivers)


def select(tests: StepTests, search: Search, stages: Stages) -> Selection:
    """The lagged variables that inform the target."""
    stages.enter(0.15)
    own = select_past(tests, search, stages) if search.with_past else ()
    stages.enter(0.2)
    drivers = select_drivers(tests, search, own, stages) if search.drivers else ()
    base = (*own, *drivers)
    groups = search.groups()
    stages.enter(0.55, len(groups) if search.bivariate else None)
    found = [_select_group(tests, search, group, label, base, stages) for group, label in groups]
    stages.enter(0.65, 1)
    chosen = [variable for one in found for variable in one]
    omnibus_p = tests.joint(chosen, base, "omnibus") if chosen else 1.0
    stages.enter(0.75, len(groups))
    kept: list[LaggedVariable] = []
    for (_, label), one in zip(groups, found, strict=True):
        kept += sequential_maximum(tests, one, base, label) if omnibus_p <= search.alpha and one else ()
        stages.step_done()
    return Selection(own, drivers, tuple(kept), omnibus_p)


def select_past(tests: StepTests, search: Search, stages: Stages) -> Chosen:
    """The target's own past; lag 1 where none of it is significant."""
    own = greedy(tests, Candidates.past((search.target,), search.max_lag), (), "past", stages)
    return own or (LaggedVariable(search.target, 1),)


def select_drivers(tests: StepTests, search: Search, own: Chosen, stages: Stages) -> Chosen:
    """The pasts of the series that are conditioned on, beside the target's own."""
    return greedy(tests, Candidates.past(search.drivers, search.max_lag), own, "drivers", stages)


def _select_group(
    tests: StepTests, search: Search, group: tuple[int, ...], label: str, base: Chosen, stages: Stages
) -> Chosen:
    """Sources of one group that pass selection and pruning; a bivariate group is one step of its stage."""
    inner = Stages(None, stages.pulse) if search.bivariate else stages
    chosen = greedy(tests, Candidates.past(group, search.max_lag), base, f"sources{label}", inner)
    kept = prune(tests, chosen, base, label)
    stages.step_done()
    return kept


def greedy(tests: StepTests, candidates: Candidates, given: Variables, name: str, stages: Stages) -> Chosen:
    """Add the strongest candidate, given ``given`` and those added before, as long as it passes."""
    remaining = candidates
    chosen: list[LaggedVariable] = []
    while len(remaining):
        decision = tests.strongest(remaining, [*given, *chosen], f"{name}:{len(chosen)}")
        stages.step_done()
        if not decision.passed:
            break
        chosen.append(decision.variable)
        remaining = remaining.without(decision.variable)
    return tuple(chosen)


def prune(tests: StepTests, chosen: Sequence[LaggedVariable], base: Variables, label: str = "") -> Chosen:
    """Remove the weakest variable as long as it is not significant given all others; a single one stays."""
    kept = list(chosen)
    while len(kept) > 1:
        decision = tests.weakest(kept, base, f"prune{label}:{len(kept)}")
        if decision.passed:
            break
        kept = others(kept, decision.variable)
    return tuple(kept)


def sequential_maximum(tests: StepTests, chosen: Sequence[LaggedVariable], base: Variables, label: str = "") -> Chosen:
    """The strongest variables down to the first that does not pass, in the order in which they were chosen."""
    ranked = tests.ranked(chosen, base, f"sequential{label}")
    passed = {decision.variable for decision in takewhile(lambda decision: decision.passed, ranked)}
    return tuple(variable for variable in chosen if variable in passed)
