"""``compat="idtxl"``: IDTxl's decisions by our estimators, its defects included, given the same surrogates.

What differs from our own inference, and why that is the default, stands in docs/idtxl.md. Source of the algorithm:
Wollstadt et al. 2019; of each decision, the behaviour of IDTxl 1.6.1, against which tests hold this.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from causeway.analysis.idtxl.assembly import assemble_network
from causeway.analysis.idtxl.compat_steps import StepEstimates, Values, Variables, without
from causeway.analysis.idtxl.conversion import idtxl_settings, in_nats, panel_values, target_result
from causeway.analysis.idtxl.legacy_random import LegacyRandom, legacy_seed
from causeway.analysis.idtxl.results import IdtxlTarget
from causeway.analysis.idtxl.settings import IdtxlSettings
from causeway.analysis.information.inference.embedding import LaggedVariable, lagged
from causeway.analysis.information.inference.panel import Panel
from causeway.analysis.information.inference.results import TargetResult
from causeway.analysis.information.inference.stages import Stages
from causeway.analysis.information.settings import NetworkSettings
from causeway.errors import InvalidInput

__all__ = ["Comparison", "analyse_target", "assemble_network", "infer_target"]

Selected = list[LaggedVariable]


@dataclass(frozen=True, slots=True)
class Comparison:
    """One comparison with a null: ``p`` is the share of null values at or above ``statistic``, at least 1/n."""

    step: str
    statistic: float
    p: float
    significant: bool


def analyse_target(
    values: NDArray[np.float64],
    target: int,
    settings: IdtxlSettings,
    seed: int,
    sources: Sequence[int] | None = None,
    pulse: Callable[[], None] = lambda: None,
) -> tuple[IdtxlTarget, list[Comparison]]:
    """What IDTxl finds for ``target`` after ``numpy.random.seed(seed)``, and every test on the way.

    ``values`` (n_samples, n_series) must be standardised as IDTxl's ``Data`` does it (each series to mean 0 and
    standard deviation 1, ddof 1), or be symbols for a discrete estimator. ``sources`` None means all other series.

    Raises:
        InvalidInput: a setting that only real IDTxl has.
    """
    _check(settings)
    columns = lagged(values, settings.current_value)
    random = LegacyRandom(seed, settings.permutation)
    tested = tuple(s for s in range(values.shape[1]) if s != target) if sources is None else tuple(sources)
    analysis = _Analysis(StepEstimates(columns, target, settings, random, pulse), target, tested, settings)
    return analysis.run(), analysis.tests


def infer_target(panel: Panel, target_index: int, settings: NetworkSettings, seed: int, stages: Stages) -> TargetResult:
    """One target of a network with ``compat="idtxl"``; the surrogates are those of ``legacy_seed(seed, name)``.

    Raises:
        InvalidInput: a choice that IDTxl does not have.
    """
    theirs = idtxl_settings(settings)
    name = panel.names[target_index]
    stages.enter(0.99)
    values = panel_values(panel)
    found, _ = analyse_target(values, target_index, theirs, legacy_seed(seed, name), pulse=stages.step_done)
    return target_result(in_nats(found, theirs), panel.names, panel.n_samples - theirs.current_value)


class _Analysis:
    """One target. ``own`` and ``chosen`` are IDTxl's selected_vars_target and selected_vars_sources."""

    def __init__(self, estimates: StepEstimates, target: int, sources: tuple[int, ...], settings: IdtxlSettings):
        self._estimates, self._target, self._sources, self._settings = estimates, target, sources, settings
        self._own: Selected = []
        self._chosen: Selected = []
        self.tests: list[Comparison] = []

    def run(self) -> IdtxlTarget:
        if self._settings.is_te:
            self._select_own()
        self._select_sources()
        self._prune()
        return self._finish()

    def _select_own(self) -> None:
        lags = range(1, self._settings.target_lags + 1, self._settings.tau_target)
        self._own = self._greedy("target", [LaggedVariable(self._target, lag) for lag in lags], [])
        self._own = self._own or [LaggedVariable(self._target, 1)]

    def _select_sources(self) -> None:
        if self._settings.is_multivariate:
            self._chosen = self._greedy("sources", self._pasts(self._sources), self._own)
        else:
            self._chosen = [v for s in self._sources for v in self._greedy("sources", self._pasts([s]), self._own)]

    def _pasts(self, sources: Sequence[int]) -> Selected:
        first, last = self._settings.lags
        return [LaggedVariable(s, lag) for s in sources for lag in range(first, last + 1, self._settings.tau_sources)]

    def _greedy(self, step: str, candidates: Selected, given: Variables) -> Selected:
        """Add the strongest while its value beats the maximum over all candidates' surrogates."""
        chosen: Selected = []
        remaining = list(candidates)
        while remaining:
            full = [*given, *chosen]
            values = self._estimates.values(remaining, full)
            best = int(np.argmax(values))
            null = self._estimates.table(remaining, full, self._settings.n_perm_max_stat).max(axis=0)
            if not self._test(step, values[best], null, self._settings.alpha_max_stat):
                break
            chosen.append(remaining.pop(best))
        return chosen

    def _prune(self) -> None:
        for group in self._groups():
            if len(group) > 1:
                self._prune_group(group, without_group(self._chosen, group) if self._settings.is_multivariate else [])

    def _prune_group(self, group: Selected, elsewhere: Selected) -> None:
        """Remove the weakest while it does not beat the minimum over all surrogates, given all but the weakest.

        The others' surrogates are given the others themselves: under the Gaussian null they are all zero, so that
        nothing is ever removed.
        """
        kept = list(group)
        while kept:
            full = [*self._own, *elsewhere, *kept]
            values = self._estimates.left_out(kept, full)
            worst = kept[int(np.argmin(values))]
            null = self._estimates.table(kept, without(full, worst), self._settings.n_perm_min_stat).min(axis=0)
            if self._test("prune", values.min(), null, self._settings.alpha_min_stat):
                break
            kept.remove(worst)
            self._chosen.remove(worst)

    def _groups(self) -> list[Selected]:
        """Sources that are judged together: all, or those of one series if inference is bivariate."""
        if self._settings.is_multivariate:
            return [list(self._chosen)] if self._chosen else []
        series = sorted({v.series for v in self._chosen})
        return [[v for v in self._chosen if v.series == s] for s in series]

    def _finish(self) -> IdtxlTarget:
        if not self._chosen:
            return self._result()
        settings = self._settings
        joint = self._estimates.joint(self._chosen, self._own)
        null = self._estimates.joint_null(self._chosen, self._own, settings.n_perm_omnibus)
        passed = self._test("omnibus", joint, null, settings.alpha_omnibus)
        omnibus = (joint, self.tests[-1].p)
        if not passed:
            self._chosen = []
            return self._result(omnibus)
        p, values = self._sequential()
        kept = [i for i, one in enumerate(p) if one is not None]
        self._chosen = [self._chosen[i] for i in kept]
        kept_p = tuple(one for one in p if one is not None)
        return self._result(omnibus, passed, kept_p, tuple(float(values[i]) for i in kept), self._links())

    def _sequential(self) -> tuple[list[float | None], Values]:
        """p of every chosen variable, None where it does not pass; and its value given the others."""
        p: list[float | None] = [None] * len(self._chosen)
        values = np.zeros(len(self._chosen))
        for group in self._groups():
            full = [*self._own, *group]
            n = self._settings.n_perm_max_seq
            table = np.vstack([self._estimates.table([v], without(full, v), n) for v in group])
            ranked = np.sort(table, axis=0)[::-1]
            observed = self._estimates.left_out(group, full)
            where = [self._chosen.index(variable) for variable in group]
            values[where] = observed
            for rank, i in enumerate(np.argsort(observed)[::-1]):
                if not self._test("sequential", observed[i], ranked[rank], self._settings.alpha_max_seq):
                    break
                p[where[i]] = self.tests[-1].p
        return p, values

    def _links(self) -> tuple[float, ...]:
        """Information of all chosen lags of each source, by rising source."""
        links = []
        for source in sorted({v.series for v in self._chosen}):
            lags = [v for v in self._chosen if v.series == source]
            others = without_group(self._chosen, lags) if self._settings.is_multivariate else []
            links.append(self._estimates.joint(lags, [*others, *self._own]))
        return tuple(links)

    def _test(self, step: str, statistic: float, null: Values, alpha: float) -> bool:
        p = max(float(np.mean(null >= statistic)), 1 / len(null))
        self.tests.append(Comparison(step, float(statistic), p, p < alpha))
        return p < alpha

    def _result(
        self,
        omnibus: tuple[float, float] | None = None,
        passed: bool = False,
        p: tuple[float, ...] | None = None,
        values: tuple[float, ...] | None = None,
        links: tuple[float, ...] | None = None,
    ) -> IdtxlTarget:
        return IdtxlTarget(
            target=self._target,
            current_value=(self._target, self._settings.current_value),
            sources_tested=self._sources,
            selected_vars_target=tuple((v.series, v.lag) for v in self._own),
            selected_vars_sources=tuple((v.series, v.lag) for v in self._chosen),
            selected_sources_pval=p,
            selected_sources_te=values,
            omnibus_te=omnibus[0] if omnibus else None,
            omnibus_pval=omnibus[1] if omnibus else None,
            omnibus_sign=passed,
            te=links,
        )


def without_group(variables: Variables, group: Variables) -> Selected:
    """All that are not in ``group``, in their order."""
    return [variable for variable in variables if variable not in group]


def _check(settings: IdtxlSettings) -> None:
    for name in ("local_values", "add_conditionals"):
        if getattr(settings, name):
            raise InvalidInput(
                f'{name} is a setting that compat="idtxl" does not have; leave it out, or choose the engine idtxl.',
                details={"field": name},
            )
