"""What is told about a target beyond p and q, on systems whose answer is known."""

from __future__ import annotations

import json

import numpy as np
import pytest

from causeway.analysis.information.inference.network import InferenceCancelled, infer_target
from causeway.analysis.information.inference.panel import Panel, make_panel
from causeway.analysis.information.robustness.describe import describe_target, stability_runs
from causeway.analysis.information.robustness.details import TargetDetail
from causeway.analysis.information.settings import NetworkSettings
from causeway.model.inference import Estimator

GAUSSIAN = NetworkSettings(max_lag=3)
KSG = NetworkSettings(max_lag=3, estimator=Estimator.KSG, n_permutations=100)


def linear(n: int = 1500) -> Panel:
    """x drives y at lag 2 with coefficient -0.4 (partial R² 0.138, TE 0.0742 nats); z is noise."""
    rng = np.random.default_rng(11)
    x, y, z = rng.standard_normal((3, n))
    y[2:] -= 0.4 * x[:-2]
    return make_panel(np.column_stack([x, y, z]), ["x", "y", "z"], 3)


def quadratic(n: int = 400) -> Panel:
    """y follows the square of x one bar before: no linear part at all."""
    rng = np.random.default_rng(12)
    x, y, z = rng.standard_normal((3, n))
    y[1:] += 1.5 * (x[:-1] ** 2 - 1)
    return make_panel(np.column_stack([x, y, z]), ["x", "y", "z"], 3)


def described(panel: Panel, settings: NetworkSettings, runs: int = 0) -> TargetDetail:
    result = infer_target(panel, 1, settings, seed=1)
    return describe_target(panel, settings, 1, result, runs)


@pytest.fixture(scope="module")
def of_linear() -> TargetDetail:
    return described(linear(), GAUSSIAN, runs=20)


@pytest.fixture(scope="module")
def of_quadratic() -> TargetDetail:
    return described(quadratic(), KSG)


def test_the_lag_profile_peaks_at_the_lag_that_was_put_in(of_linear: TargetDetail) -> None:
    [link] = of_linear.links
    assert [point.lag_bars for point in link.lag_profile] == [1, 2, 3]
    first, second, third = link.lag_profile
    assert second.te_nats == pytest.approx(0.0742, abs=0.02)  # -ln(1 - .16/1.16)/2; about four standard errors
    assert second.p < 1e-10 < 0.01 < min(first.p, third.p)
    assert link.effective_lag == pytest.approx(2)


def test_a_strong_link_is_stable_and_its_lag_certain(of_linear: TargetDetail) -> None:
    [link] = of_linear.links
    assert (link.stability_time, link.stability_assets) == (1.0, 1.0)
    assert link.lag_interval == (2, 2)
    assert of_linear.stability_runs == 20


def test_sign_and_linearity_of_a_linear_link(of_linear: TargetDetail) -> None:
    [link] = of_linear.links
    assert link.linear_share == 1.0
    assert link.linear_coefficient == pytest.approx(-0.4 / np.sqrt(1.16), abs=0.07)


def test_a_quadratic_link_has_no_linear_part(of_quadratic: TargetDetail) -> None:
    [link] = of_quadratic.links
    assert link.linear_share is not None
    assert link.linear_share < 0.1


def test_local_values_average_to_the_link(of_quadratic: TargetDetail) -> None:
    [link] = of_quadratic.links
    result = infer_target(quadratic(), 1, KSG, seed=1)
    assert np.mean(link.local_te_nats) == pytest.approx(result.sources[0].te_nats, rel=1e-9)
    assert len(link.local_te_nats) == len(of_quadratic.rows) == 397
    assert of_quadratic.rows[0] == 3


def test_the_exact_null_is_a_distribution(of_linear: TargetDetail) -> None:
    null = of_linear.links[0].null
    assert null is not None
    assert (null.kind, len(null.edges)) == ("exact", len(null.counts) + 1)
    assert sum(null.counts) == pytest.approx(1000, abs=1)
    assert null.observed > null.edges[-1]


def test_the_sampled_null_holds_every_surrogate(of_quadratic: TargetDetail) -> None:
    null = of_quadratic.links[0].null
    assert null is not None
    assert (null.kind, sum(null.counts), null.n) == ("surrogates", 200, 200)


def test_power_of_the_sampled_search_is_a_sensible_strength(of_quadratic: TargetDetail) -> None:
    assert 0.01 < of_quadratic.power.detectable_r2 < 0.5
    assert of_quadratic.power.detectable_te_nats == pytest.approx(-0.5 * np.log1p(-of_quadratic.power.detectable_r2))


def test_more_samples_see_weaker_links() -> None:
    few, many = (described(linear(n), GAUSSIAN).power.detectable_r2 for n in (500, 2000))
    assert many == pytest.approx(few / 4, rel=0.05)


def test_a_target_without_links_still_has_power_and_storage() -> None:
    panel = linear()
    detail = describe_target(panel, GAUSSIAN, 1, infer_target(panel, 2, GAUSSIAN, seed=1), 10)
    assert detail.links == ()
    assert detail.rows == ()
    assert detail.power.detectable_r2 > 0
    assert 0 <= detail.ais_p <= 1


def test_a_detail_survives_json(of_linear: TargetDetail, of_quadratic: TargetDetail) -> None:
    for detail in (of_linear, of_quadratic):
        assert TargetDetail.from_json(json.loads(json.dumps(detail.as_json()))) == detail


def test_it_can_be_cancelled() -> None:
    panel = linear()
    result = infer_target(panel, 1, GAUSSIAN, seed=1)
    with pytest.raises(InferenceCancelled):
        describe_target(panel, GAUSSIAN, 1, result, 5, should_stop=lambda: True)


def test_progress_rises_to_the_end() -> None:
    panel = linear()
    heard: list[float] = []
    describe_target(panel, GAUSSIAN, 1, infer_target(panel, 1, GAUSSIAN, seed=1), 5, progress=heard.append)
    assert heard == sorted(heard)
    assert heard[-1] == 1.0


def test_resamples_are_automatic_only_where_they_are_cheap() -> None:
    assert stability_runs(None, GAUSSIAN, 48) == 50
    assert stability_runs(None, GAUSSIAN, 500) == 0
    assert stability_runs(None, KSG, 3) == 0
    assert stability_runs(7, KSG, 500) == 7
