"""Network inference: one target at a time, then the correction over all candidate links."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from numbers import Integral

from causeway.analysis.information.inference.checkpoints import Checkpoint, RecordedSteps, journal_of
from causeway.analysis.information.inference.compatibility import compat_engine
from causeway.analysis.information.inference.embedding import LaggedVariable, past_of
from causeway.analysis.information.inference.multiple_testing import corrected
from causeway.analysis.information.inference.observations import Observations, observe
from causeway.analysis.information.inference.panel import Panel
from causeway.analysis.information.inference.results import NetworkResult, SourceEstimate, TargetResult
from causeway.analysis.information.inference.selection import Search, Selection, search_for, select
from causeway.analysis.information.inference.stages import Stages
from causeway.analysis.information.inference.steps import StepTests, Variables, others
from causeway.analysis.information.inference.target_tests import tests_of_target
from causeway.analysis.information.inference.treatments import data_warnings
from causeway.analysis.information.settings import NetworkSettings
from causeway.errors import InvalidInput
from causeway.model.inference import CorrectOver
from causeway.model.signal import Link

Progress = Callable[[float], None]
ShouldStop = Callable[[], bool]


class InferenceCancelled(Exception):  # noqa: N818 - a request that was granted, not an error
    """``should_stop`` said yes; nothing was computed to the end."""


def infer_target(
    panel: Panel,
    target_index: int,
    settings: NetworkSettings,
    seed: int,
    progress: Progress | None = None,
    should_stop: ShouldStop | None = None,
    *,
    checkpoint: Checkpoint | None = None,
    device: str = "cpu",
    n_threads: int = 1,
    observations: Observations | None = None,
) -> TargetResult:
    """Which series drive one target, and how. Depends on nothing but panel, settings, seed and device.

    ``progress`` hears fractions from 0 to 1, ascending. ``should_stop`` is asked between steps and between batches
    of surrogates. With ``checkpoint`` an interrupted target is continued, to the same bits; where nulls are exact
    only finished targets are kept. ``observations`` may hand in ``observe(panel, settings)`` where many targets
    share it. ``n_threads`` changes no bit.

    Raises:
        InvalidInput: no such target, or one that ``settings`` condition on; too few rows without a hole; a seed that
            is no whole number.
        Unavailable: ``device`` is not there.
        InferenceCancelled: ``should_stop`` returned true.
    """
    if not 0 <= target_index < panel.n_series:
        raise InvalidInput(f"target_index must lie in 0..{panel.n_series - 1}; found {target_index}.")
    if isinstance(seed, bool) or not isinstance(seed, Integral) or seed < 0:
        raise InvalidInput(f"seed must be a whole number of at least 0; found {seed!r}.", details={"field": "seed"})
    seed = int(seed)
    stages = _stages(progress, should_stop)
    if settings.compat:
        result = compat_engine(settings.compat).infer_target(panel, target_index, settings, seed, stages)
    else:
        search = search_for(panel.names, target_index, settings)
        journal = journal_of(checkpoint, panel, target_index, settings, seed, device)
        if journal.result is None:
            seen = observations or observe(panel, settings)
            tests, n_rows = tests_of_target(seen, search, settings, seed, stages, journal, device, n_threads)
            recorded = tests if settings.has_exact_nulls else RecordedSteps(tests, journal)
            result = _infer(recorded, search, stages, n_rows, data_warnings(panel, settings))
            if checkpoint is not None:
                journal.finish(result.as_json())
        else:
            result = TargetResult.from_json(journal.result)
    if progress is not None:
        progress(1.0)
    return result


def assemble_network(
    target_results: Sequence[TargetResult], names: Sequence[str], settings: NetworkSettings
) -> NetworkResult:
    """The network of these targets over the series ``names``; order of the results does not matter.

    Over links, q is corrected over all candidate links, n (n - 1) for n series that are not conditioned on, also where
    a target is missing or kept nothing: what was not kept has p = 1. Over targets, q is corrected over the omnibus p
    of all n targets, and a link has the q of its target. With ``compat`` as that package does it.

    Raises:
        InvalidInput: a target or source that is not among ``names``, or a target twice.
    """
    if settings.compat:
        return compat_engine(settings.compat).assemble_network(target_results, names, settings)
    position = {name: i for i, name in enumerate(names)}
    _check_targets(target_results, position)
    targets = sorted(target_results, key=lambda result: position[result.target])
    found = [(source, result) for result in targets for source in result.sources]
    n_free = len(names) - len(set(settings.condition_on) & set(names))
    n_candidates = n_free * (n_free - 1)
    if settings.correct_over is CorrectOver.TARGETS:
        by_target = corrected([result.omnibus_p for result in targets], n_free, settings.correction)
        of = {result.target: float(q) for result, q in zip(targets, by_target, strict=True)}
        q = [of[result.target] for _, result in found]
    else:
        q = corrected([source.p for source, _ in found], n_candidates, settings.correction).tolist()
    links = [_link(source, result.target, value) for (source, result), value in zip(found, q, strict=True)]
    links.sort(key=lambda link: (link.q, link.p, position[link.source], position[link.target]))
    return NetworkResult(tuple(names), settings, tuple(targets), tuple(links), n_candidates)


def _stages(progress: Progress | None, should_stop: ShouldStop | None) -> Stages:
    def pulse() -> None:
        if should_stop is not None and should_stop():
            raise InferenceCancelled

    pulse()
    if progress is not None:
        progress(0.0)
    return Stages(progress, pulse)


def _infer(tests: StepTests, search: Search, stages: Stages, n_rows: int, warnings: tuple[str, ...]) -> TargetResult:
    selection = select(tests, search, stages)
    sources = _estimate_sources(tests, search, selection, stages)
    return TargetResult(
        target=search.names[search.target],
        own_lags=tuple(variable.lag for variable in selection.own_past),
        sources=sources,
        te_nats=tests.information(selection.sources, selection.base) if sources else 0.0,
        omnibus_p=selection.omnibus_p,
        n_rows=n_rows,
        driver_lags=tuple((search.names[variable.series], variable.lag) for variable in selection.drivers),
        warnings=warnings,
    )


def _estimate_sources(
    tests: StepTests, search: Search, selection: Selection, stages: Stages
) -> tuple[SourceEstimate, ...]:
    """Every kept source with its link p; see docs/decisions/0001-link-p-values.md."""
    series = sorted({variable.series for variable in selection.sources})
    stages.enter(0.99, len(series))
    estimates = []
    for source in series:
        estimates.append(_estimate_source(tests, search, source, selection))
        stages.step_done()
    return tuple(estimates)


def _estimate_source(tests: StepTests, search: Search, source: int, selection: Selection) -> SourceEstimate:
    lags = [variable for variable in selection.sources if variable.series == source]
    beside = [] if search.bivariate else [v for v in selection.sources if v.series != source]
    elsewhere = [*selection.base, *beside]
    strongest = lags[0] if len(lags) == 1 else _strongest(tests, lags, elsewhere)
    name = search.names[source]
    return SourceEstimate(
        source=name,
        lag_bars=strongest.lag,
        lags=tuple(sorted(variable.lag for variable in lags)),
        te_nats=tests.information(lags, elsewhere),
        p=tests.link(past_of(source, search.max_lag), elsewhere, f"link:{name}"),
        coefficient=tests.coefficient(strongest, [*elsewhere, *others(lags, strongest)]),
    )


def _strongest(tests: StepTests, lags: list[LaggedVariable], given: Variables) -> LaggedVariable:
    """The lag with most information alone; of equals the shorter one."""
    alone = {variable: tests.information([variable], given) for variable in lags}
    return max(lags, key=lambda variable: (alone[variable], -variable.lag))


def _link(source: SourceEstimate, target: str, q: float) -> Link:
    return Link(source.source, target, source.lag_bars, source.lags, source.te_nats, source.p, q, source.coefficient)


def _check_targets(results: Sequence[TargetResult], position: dict[str, int]) -> None:
    targets = [result.target for result in results]
    if len(set(targets)) < len(targets):
        raise InvalidInput("A target appears twice; pass one result per target.")
    named = {*targets, *(source.source for result in results for source in result.sources)}
    unknown = sorted(named - position.keys())
    if unknown:
        raise InvalidInput(f"Results name series that are not in the network: {', '.join(unknown)}.")
