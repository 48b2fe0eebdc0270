"""What a question can show: closed forms against the exact test and against counting."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from bench.studies.visible_links import link_p
from causeway.analysis.information.inference import multiple_testing
from causeway.analysis.information.inference.multiple_testing import corrected
from causeway.analysis.information.robustness.power import detectable_by_f_test, detectable_by_link_test
from causeway.analysis.information.settings import NetworkSettings
from causeway.model.inference import Correction, CorrectOver, Engine, Estimator, InferenceOptions, Tail
from causeway.model.job import AnalysisSpec
from causeway.pipelines.cost_model import Work
from causeway.pipelines.visibility import POWER, detectable_r2, needed_p, visibility
from tests.unit.pipelines.questions import coupled_market, question

SPEC = question(coupled_market())


def with_options(spec: AnalysisSpec = SPEC, **options: object) -> AnalysisSpec:
    return replace(spec, inference=replace(InferenceOptions(), **options))  # type: ignore[arg-type]


@pytest.mark.parametrize("correction", list(Correction))
@pytest.mark.parametrize(("over", "tests"), [(CorrectOver.LINKS, 20), (CorrectOver.TARGETS, 5)])
def test_a_lone_p_of_what_is_needed_has_q_of_alpha(correction: Correction, over: CorrectOver, tests: int) -> None:
    counted, p = needed_p(with_options(correction=correction, correct_over=over), 5)
    assert counted == tests
    assert corrected([p], tests, correction)[0] == pytest.approx(SPEC.alpha)


@pytest.mark.parametrize("correction", list(Correction))
@pytest.mark.parametrize("over", list(CorrectOver))
def test_it_is_the_p_of_the_engine(correction: Correction, over: CorrectOver) -> None:
    spec = with_options(correction=correction, correct_over=over)
    expected = multiple_testing.needed_p(48, NetworkSettings.from_spec(spec))
    assert needed_p(spec, 48)[1] == pytest.approx(expected)


@pytest.mark.parametrize(("n_samples", "n_series"), [(500, 5), (1000, 48), (5000, 100)])
def test_over_targets_the_weakest_visible_link_is_that_of_the_exact_test(n_samples: int, n_series: int) -> None:
    """Of one lag: the noncentral F of Cohen 1988 with no conditioning set, of which ours is the limit."""
    spec = replace(with_options(correct_over=CorrectOver.TARGETS), max_lag=1)
    seen = visibility(spec, Work(n_samples, n_series, n_series))
    exact = detectable_by_f_test(n_samples, 0, min(seen.needed_p, 1.0), 1)
    assert seen.detectable_r2 == pytest.approx(exact.detectable_r2, rel=0.04)
    assert seen.detectable_te_nats == pytest.approx(exact.detectable_te_nats, rel=0.04)


@pytest.mark.parametrize(("n_samples", "n_series"), [(100, 5), (250, 10), (500, 48), (2500, 100)])
def test_over_links_it_is_that_of_the_link_test(n_samples: int, n_series: int) -> None:
    """F-test and score test have to reject: as in the details of an answer; Bartlett's count takes some more."""
    seen = visibility(replace(SPEC, max_lag=1), Work(n_samples, n_series, n_series))
    exact = detectable_by_link_test(n_samples, 1, seen.needed_p, 1)
    assert 1.0 <= seen.detectable_r2 / exact.detectable_r2 <= 1.1


@pytest.mark.parametrize("options", [{"engine": Engine.IDTXL}, {"engine": Engine.IDTXL_JIDT}, {"compat": "idtxl"}])
def test_idtxl_asks_no_score_test(options: dict[str, object]) -> None:
    """Source: the noncentral F of Cohen 1988, of which ours is the limit."""
    seen = visibility(with_options(replace(SPEC, max_lag=1), **options), Work(250, 10, 10))
    exact = detectable_by_f_test(250, 0, seen.needed_p, 1)
    assert seen.detectable_r2 == pytest.approx(exact.detectable_r2, rel=0.04)


@pytest.mark.slow
def test_what_is_said_before_a_run_is_found_afterwards() -> None:
    """150 bars with a link of the stated strength, through the whole link test: found in 80 % of the data sets."""
    said = detectable_r2(150, 5, 1e-3, by_link_test=True)
    settings = NetworkSettings(max_lag=5)
    data = [np.random.default_rng(seed).standard_normal((150, 2)) for seed in range(400)]
    found = np.mean([link_p(shocks, said, settings) <= 1e-3 for shocks in data])
    assert found == pytest.approx(POWER, abs=0.06)  # three standard errors


def test_counted_surrogates_may_make_significance_impossible() -> None:
    many = Work(1000, 100, 100)
    counted = visibility(with_options(replace(SPEC, estimator=Estimator.KSG), tail=Tail.COUNTED), many)
    assert counted.reachable_p == pytest.approx(1 / 20_001)
    assert not counted.can_be_significant  # 9900 tests need about 5e-7
    assert visibility(with_options(replace(SPEC, estimator=Estimator.KSG), tail=Tail.FITTED), many).can_be_significant
    assert visibility(SPEC, many).can_be_significant
