"""The tests of one target, by the estimator and the null that the settings ask for."""

from __future__ import annotations

from causeway.analysis.information.estimators.registry import prepared_estimator_for
from causeway.analysis.information.inference.checkpoints import Journal
from causeway.analysis.information.inference.embedding import Embedded
from causeway.analysis.information.inference.exceedances import Rule
from causeway.analysis.information.inference.gaussian_steps import GaussianSteps
from causeway.analysis.information.inference.multiple_testing import needed_p
from causeway.analysis.information.inference.observations import Observations
from causeway.analysis.information.inference.sampled_steps import SampledSteps, SampledTarget
from causeway.analysis.information.inference.selection import Search
from causeway.analysis.information.inference.stages import Stages
from causeway.analysis.information.inference.steps import StepTests
from causeway.analysis.information.inference.surrogates import available_orders
from causeway.analysis.information.inference.tail import FITTED_DRAWS
from causeway.analysis.information.settings import NetworkSettings
from causeway.model.inference import CorrectOver, Tail


def tests_of_target(
    observations: Observations,
    search: Search,
    settings: NetworkSettings,
    seed: int,
    stages: Stages,
    journal: Journal,
    device: str,
    n_threads: int,
) -> tuple[StepTests, int]:
    """The tests, and the number of rows that they look at."""
    if settings.has_exact_nulls:
        covariance = observations.target_covariance(search.target, settings.max_lag)
        return GaussianSteps(covariance, search.target, settings), covariance.n_rows
    embedded = observations.embedded(search.target, settings.max_lag)
    target = _sampled_target(observations, embedded, search, settings, seed, device)
    estimator = prepared_estimator_for(settings.estimator_settings, device=device, n_threads=n_threads)
    return SampledSteps(target, estimator, stages, journal), int(embedded.rows.size)


def _sampled_target(
    observations: Observations, embedded: Embedded, search: Search, settings: NetworkSettings, seed: int, device: str
) -> SampledTarget:
    wanted = Rule.estimate(_resolution(len(search.names), embedded, settings))
    usual = Rule.decision(settings.n_permutations, settings.alpha_step)
    by_target = settings.correct_over is CorrectOver.TARGETS
    return SampledTarget(
        name=search.names[search.target],
        index=search.target,
        embedded=embedded,
        series=observations.panel.standardised()[embedded.rows, search.target],
        seed=seed,
        settings=settings,
        link_rule=Rule.estimate(settings.n_permutations) if by_target else wanted,
        omnibus_rule=wanted if by_target else usual,
        on_gpu=device != "cpu",
    )


def _resolution(n_series: int, embedded: Embedded, settings: NetworkSettings) -> int:
    """Enough surrogates that a lone result above all of them has q < alpha, within the limits of the scheme.

    A fitted tail needs no more than what it is fitted to.
    """
    wanted = int(1 / needed_p(n_series, settings)) + 1
    if settings.tail is Tail.FITTED:
        wanted = min(wanted, FITTED_DRAWS)
    limit = min(settings.max_link_permutations, available_orders(embedded.rows.size, settings, embedded.rows))
    return min(max(wanted, settings.n_permutations), limit)
