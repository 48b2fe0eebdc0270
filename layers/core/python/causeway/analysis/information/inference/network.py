"""Network inference: one target at a time, then the correction over all candidate links."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from causeway.analysis.information.inference.embedding import past_of
from causeway.analysis.information.inference.gaussian_steps import GaussianSteps, LaggedCovariance, lagged_covariance
from causeway.analysis.information.inference.multiple_testing import benjamini_yekutieli
from causeway.analysis.information.inference.panel import Panel
from causeway.analysis.information.inference.results import NetworkResult, SourceEstimate, TargetResult
from causeway.analysis.information.inference.selection import Selection, select
from causeway.analysis.information.inference.steps import StepTests, others
from causeway.analysis.information.settings import NetworkSettings
from causeway.errors import InvalidInput
from causeway.model.inference import Estimator
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
    covariance: LaggedCovariance | None = None,
) -> TargetResult:
    """Which series drive one target, and how. Depends on nothing but panel, settings and seed.

    ``progress`` hears fractions from 0 to 1, ascending. ``should_stop`` is asked between steps and between batches
    of surrogates. ``covariance`` may hand in ``lagged_covariance(panel, max_lag)`` where many targets share it.

    Raises:
        InvalidInput: no such target.
        InferenceCancelled: ``should_stop`` returned true.
    """
    if not 0 <= target_index < panel.n_series:
        raise InvalidInput(f"target_index must lie in 0..{panel.n_series - 1}; found {target_index}.")

    def pulse() -> None:
        if should_stop is not None and should_stop():
            raise InferenceCancelled

    def report(fraction: float) -> None:
        pulse()
        if progress is not None:
            progress(fraction)

    report(0.0)
    tests = _tests(panel, target_index, settings, seed, pulse, covariance)
    selection = select(tests, target_index, panel.n_series, settings.max_lag, settings.alpha_step, report)
    sources = _estimate_sources(tests, panel, selection, settings.max_lag, report)
    report(1.0)
    return TargetResult(
        target=panel.names[target_index],
        own_lags=tuple(variable.lag for variable in selection.own_past),
        sources=sources,
        te_nats=tests.information(selection.sources, selection.own_past) if sources else 0.0,
        omnibus_p=selection.omnibus_p,
        n_rows=panel.n_samples - settings.max_lag,
    )


def assemble_network(
    target_results: Sequence[TargetResult], names: Sequence[str], settings: NetworkSettings
) -> NetworkResult:
    """The network of these targets over the series ``names``; order of the results does not matter.

    q is corrected over all n (n - 1) candidate links, also where a target is missing or kept nothing: what was
    not kept has p = 1.

    Raises:
        InvalidInput: a target or source that is not among ``names``, or a target twice.
    """
    position = {name: i for i, name in enumerate(names)}
    _check_targets(target_results, position)
    targets = sorted(target_results, key=lambda result: position[result.target])
    found = [(source, result.target) for result in targets for source in result.sources]
    n_candidates = len(names) * (len(names) - 1)
    q = benjamini_yekutieli([source.p for source, _ in found], n_candidates)
    links = [_link(source, target, float(value)) for (source, target), value in zip(found, q, strict=True)]
    links.sort(key=lambda link: (link.q, link.p, position[link.source], position[link.target]))
    return NetworkResult(tuple(names), settings, tuple(targets), tuple(links), n_candidates)


def infer_panel(
    panel: Panel,
    settings: NetworkSettings,
    seed: int,
    progress: Progress | None = None,
    should_stop: ShouldStop | None = None,
) -> NetworkResult:
    """All targets of a panel, one after the other, with what they share computed once."""
    gaussian = settings.estimator is Estimator.GAUSSIAN
    covariance = lagged_covariance(panel, settings.max_lag) if gaussian else None

    def part(done: int) -> Progress | None:
        return None if progress is None else lambda fraction: progress((done + fraction) / panel.n_series)

    results = [infer_target(panel, i, settings, seed, part(i), should_stop, covariance) for i in range(panel.n_series)]
    return assemble_network(results, panel.names, settings)


def _tests(
    panel: Panel,
    target: int,
    settings: NetworkSettings,
    seed: int,
    pulse: Callable[[], None],
    covariance: LaggedCovariance | None,
) -> StepTests:
    if settings.estimator is Estimator.GAUSSIAN:
        return GaussianSteps(covariance or lagged_covariance(panel, settings.max_lag), target, settings)
    from causeway.analysis.information.inference.ksg_steps import KsgSteps  # numba is loaded only for KSG

    return KsgSteps(panel, target, settings, seed, pulse)


def _estimate_sources(
    tests: StepTests, panel: Panel, selection: Selection, max_lag: int, report: Progress
) -> tuple[SourceEstimate, ...]:
    """Every kept source with its link p; see docs/decisions/0001-link-p-values.md."""
    series = sorted({variable.series for variable in selection.sources})
    estimates = []
    for done, source in enumerate(series):
        estimates.append(_estimate_source(tests, panel.names[source], source, selection, max_lag))
        report(0.7 + 0.3 * (done + 1) / len(series) if done + 1 < len(series) else 0.99)
    return tuple(estimates)


def _estimate_source(tests: StepTests, name: str, source: int, selection: Selection, max_lag: int) -> SourceEstimate:
    lags = [variable for variable in selection.sources if variable.series == source]
    elsewhere = [*selection.own_past, *(v for v in selection.sources if v.series != source)]
    alone = {variable: tests.information([variable], elsewhere) for variable in lags}
    strongest = max(lags, key=lambda variable: (alone[variable], -variable.lag))
    everything = [*selection.own_past, *selection.sources]
    return SourceEstimate(
        source=name,
        lag_bars=strongest.lag,
        lags=tuple(sorted(variable.lag for variable in lags)),
        te_nats=tests.information(lags, elsewhere),
        p=tests.link(past_of(source, max_lag), elsewhere, f"link:{name}"),
        coefficient=tests.coefficient(strongest, others(everything, strongest)),
    )


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
