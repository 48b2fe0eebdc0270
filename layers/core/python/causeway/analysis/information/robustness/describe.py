"""Everything that is told about one target beyond its p and q, in one call: a shard's second half."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import numpy as np
from numpy.typing import NDArray

from causeway.analysis.information.estimators.protocol import CmiEstimator, Pulse
from causeway.analysis.information.estimators.registry import prepared_estimator_for
from causeway.analysis.information.inference.checkpoints import Checkpoint
from causeway.analysis.information.inference.multiple_testing import needed_p
from causeway.analysis.information.inference.network import InferenceCancelled, Progress, ShouldStop, infer_target
from causeway.analysis.information.inference.observations import Observations, observe
from causeway.analysis.information.inference.panel import Panel
from causeway.analysis.information.inference.results import SourceEstimate, TargetResult
from causeway.analysis.information.inference.storage import active_information
from causeway.analysis.information.inference.surrogates import stream
from causeway.analysis.information.robustness import links
from causeway.analysis.information.robustness.details import LinkDetail, Power, TargetDetail
from causeway.analysis.information.robustness.parts import DescribedParts
from causeway.analysis.information.robustness.power import (
    TRIALS,
    detectable_by_f_test,
    detectable_by_injection,
    detectable_by_link_test,
    lag_level,
)
from causeway.analysis.information.robustness.resampling import Part, Resampler
from causeway.analysis.information.robustness.stability import (
    Resample,
    resamples,
    resampling_settings,
    stability_of,
)
from causeway.analysis.information.robustness.view import TargetView, view_target
from causeway.analysis.information.settings import GaussianSettings, NetworkSettings
from causeway.model.inference import CorrectOver, InferenceMode

AUTOMATIC_RUNS = 50
AUTOMATIC_SERIES = 150  # beyond, resampling takes minutes per target and has to be asked for


def stability_runs(asked: int | None, settings: NetworkSettings, n_series: int) -> int:
    """Resamples of time, and of assets: as asked, or 50 where nulls are exact and the network is not too large."""
    if asked is not None:
        return asked
    return AUTOMATIC_RUNS if settings.has_exact_nulls and n_series <= AUTOMATIC_SERIES else 0


def describe_target(
    panel: Panel,
    settings: NetworkSettings,
    seed: int,
    result: TargetResult,
    runs: int,
    progress: Progress | None = None,
    should_stop: ShouldStop | None = None,
    observations: Observations | None = None,
    checkpoint: Checkpoint | None = None,
) -> TargetDetail:
    """Lags, nulls, linearity, stability, local values of every kept link, and the power of the search.

    ``runs`` resamples of time and as many of the asset set. ``checkpoint`` keeps each of them, each link, storage and
    power as they are done; a second start goes on behind them, to the same bits.

    Raises:
        InferenceCancelled: ``should_stop`` returned true.
    """
    pulse, report = _hearing(progress, should_stop)
    seen = observations or observe(panel, settings)
    view = view_target(panel, seen.values, settings, result)
    estimator = prepared_estimator_for(settings.estimator_settings)
    runs = runs if result.sources else 0
    parts = DescribedParts(checkpoint, view, seed, runs)
    of_time, of_assets = _resampled(view, seen, seed, runs, report, should_stop, parts)
    described = []
    for done, source in enumerate(result.sources):
        describe = partial(_link, view, source, estimator, seed, of_time, of_assets, pulse)
        described.append(parts.link(source.source, describe))
        report(0.8 + 0.1 * (done + 1) / len(result.sources))
    remember = partial(active_information, panel, view.index, settings, seed, pulse=pulse, observations=seen)
    ais_nats, ais_p = parts.storage(remember)
    report(0.95)
    power = parts.power(partial(_power, view, estimator, seed, pulse))
    report(1.0)
    return TargetDetail(
        target=result.target,
        rows=tuple(int(row) for row in view.embedded.rows) if result.sources else (),
        ais_nats=ais_nats,
        ais_p=ais_p,
        power=power,
        stability_runs=len(of_time),
        links=tuple(described),
    )


def _hearing(progress: Progress | None, should_stop: ShouldStop | None) -> tuple[Pulse, Progress]:
    def pulse() -> None:
        if should_stop is not None and should_stop():
            raise InferenceCancelled

    def report(fraction: float) -> None:
        pulse()
        if progress is not None:
            progress(fraction)

    return pulse, report


def _resampled(
    view: TargetView,
    seen: Observations,
    seed: int,
    runs: int,
    report: Progress,
    should_stop: ShouldStop | None,
    parts: DescribedParts,
) -> tuple[list[Resample], list[Resample]]:
    settings = resampling_settings(view.settings, view.panel.n_series)

    def infer(part: Part, name: str) -> TargetResult:
        target = part.panel.names.index(name)
        return infer_target(
            part.panel, target, part.settings, seed, should_stop=should_stop, observations=part.observations
        )

    def done(count: int) -> None:
        report(0.8 * count / (2 * runs))

    resampler = Resampler(view.panel, settings, seen)
    return resamples(resampler, view.panel, view.index, seed, runs, infer, done, parts.resample)


def _link(
    view: TargetView,
    source: SourceEstimate,
    estimator: CmiEstimator,
    seed: int,
    of_time: list[Resample],
    of_assets: list[Resample],
    pulse: Pulse,
) -> LinkDetail:
    look = links.look_at(view, source, estimator, seed, pulse)
    profile = links.lag_profile(look)
    share, coefficient = links.linear_part(look, prepared_estimator_for(GaussianSettings()))
    stability = stability_of(source.source, of_time, of_assets)
    return LinkDetail(
        source=source.source,
        lag_profile=profile,
        effective_lag=links.effective_lag(profile),
        lag_interval=stability.lag_interval,
        linear_share=share,
        linear_coefficient=coefficient,
        stability_time=stability.time,
        stability_assets=stability.assets,
        needs=stability.needs,
        null=links.null_sample(look),
        local_te_nats=links.local_values(look),
    )


def _power(view: TargetView, estimator: CmiEstimator, seed: int, pulse: Pulse) -> Power:
    """For one more source given what was selected; its test or the selection before it, whichever is stricter."""
    settings, n_series = view.settings, view.panel.n_series
    bivariate = settings.mode in (InferenceMode.BIVARIATE_TE, InferenceMode.BIVARIATE_MI)
    link_p = _needed_by_idtxl(n_series, settings) if settings.compat else needed_p(n_series, settings)
    n_sources = 1 if bivariate else n_series - 1 - len(settings.condition_on)
    candidates = n_sources * settings.max_lag
    step_p = lag_level(settings.alpha_step, candidates)
    needed = min(link_p, -np.expm1(settings.max_lag * np.log1p(-step_p)))
    beside = () if bivariate else view.result.sources
    given = [*view.own, *view.drivers, *(v for s in beside for v in view.selected(s))]
    if settings.has_exact_nulls:
        f_test_alone = settings.compat or settings.correct_over is CorrectOver.TARGETS  # q from the omnibus F-test
        detectable = detectable_by_f_test if f_test_alone else detectable_by_link_test
        return detectable(view.n_rows, len(given), float(needed), settings.max_lag)
    if settings.estimator in links.SYMBOLIC:
        bound = detectable_by_f_test(view.n_rows, len(given), float(needed), settings.max_lag)
        return replace(bound, method="noncentral F before values became symbols, which see less: a lower bound")
    return _sampled_power(view, view.of(given), estimator, seed, float(needed), pulse)


def _needed_by_idtxl(n_series: int, settings: NetworkSettings) -> float:
    """What the best lag of a lone link needs under IDTxl: its step's level, and its target's omnibus p over targets.

    Over links IDTxl counts survivors only, and where its permutations are too few it corrects nothing.
    """
    lone_target = needed_p(n_series, replace(settings, correct_over=CorrectOver.TARGETS))
    over_targets = settings.correct_over is CorrectOver.TARGETS and 1 / settings.n_permutations <= lone_target
    level = min(settings.alpha_step, lone_target) if over_targets else settings.alpha_step
    return float(-np.expm1(settings.max_lag * np.log1p(-level)))


def _sampled_power(
    view: TargetView, z: NDArray[np.float64], estimator: CmiEstimator, seed: int, needed: float, pulse: Pulse
) -> Power:
    """Injects a normal variable with the strength asked for into what the conditioning set leaves of the target."""
    rng = stream(seed, view.result.target, "power")
    y = view.y[:, 0]
    design = np.column_stack([np.ones_like(y), z])
    fitted = design @ np.linalg.lstsq(design, y, rcond=None)[0]
    noise = rng.standard_normal((TRIALS, y.size))

    def estimate(trial: int, r2: float) -> float:
        x = noise[trial]
        mixed = fitted + np.sqrt(1 - r2) * (y - fitted) + np.sqrt(r2) * (y - fitted).std() * x
        pulse()
        return estimator.prepare(np.ascontiguousarray(mixed[:, None]), z, pulse).joint(np.ascontiguousarray(x[:, None]))

    orders = np.stack([rng.permutation(y.size) for _ in range(links.N_SURROGATES)])
    lags = rng.standard_normal((y.size, view.settings.max_lag))
    null = estimator.prepare(view.y, z, pulse).each_surrogate(lags, orders).max(axis=0)
    return detectable_by_injection(estimate, null, needed)
