"""Stability of a link under resampling of time and of the asset set; inference itself is a fake here."""

from __future__ import annotations

import numpy as np
import pytest

from causeway.analysis.information.inference.network import infer_target
from causeway.analysis.information.inference.observations import observe
from causeway.analysis.information.inference.panel import Panel, make_panel
from causeway.analysis.information.inference.results import SourceEstimate, TargetResult
from causeway.analysis.information.robustness.resampling import Part, Resampler, block_edges
from causeway.analysis.information.robustness.stability import resamples, resampling_settings, stability_of
from causeway.analysis.information.settings import NetworkSettings
from causeway.model.inference import Estimator

SETTINGS = NetworkSettings(max_lag=2)
NAMES = ["y", "a", "b", "c", "d", "e"]


@pytest.fixture
def panel() -> Panel:
    return make_panel(np.random.default_rng(0).standard_normal((400, 6)), NAMES, 2)


def sampled(panel: Panel) -> Resampler:
    settings = NetworkSettings(max_lag=2, estimator=Estimator.ORDINAL)
    return Resampler(panel, settings, observe(panel, settings))


def exact(panel: Panel) -> Resampler:
    return Resampler(panel, SETTINGS, observe(panel, SETTINGS))


def link(source: str, p: float = 1e-6, lag: int = 1) -> SourceEstimate:
    return SourceEstimate(source, lag, (lag,), 0.1, p, None)


def answer(*sources: SourceEstimate) -> TargetResult:
    return TargetResult("y", (1,), sources, 0.1, 0.001, 398)


def test_half_of_time_keeps_half_of_the_blocks_whole(panel: Panel) -> None:
    part = sampled(panel).half_of_time(np.random.default_rng(1)).panel
    kept = np.isfinite(part.values).all(axis=1)
    assert kept.sum() == 200
    np.testing.assert_array_equal(part.values[kept], panel.values[kept])
    assert np.isnan(part.values[~kept]).all()
    changes = np.count_nonzero(np.diff(kept.astype(int)))
    assert changes <= 20  # blocks of 20 bars, not single bars


@pytest.mark.parametrize("n_rows", [30, 55, 102, 110, 200, 1000, 2501])
@pytest.mark.parametrize("max_lag", [1, 5, 10, 20])
def test_half_of_the_blocks_is_half_of_the_time(n_rows: int, max_lag: int) -> None:
    edges = block_edges(n_rows, max_lag)
    lengths = np.diff(edges)
    assert (edges[0], edges[-1]) == (0, n_rows)
    assert 4 <= lengths.size <= 20
    assert lengths.size % 2 == 0
    assert np.ptp(lengths) <= 1
    assert lengths.size == 4 or lengths.min() >= 10 * max_lag


def test_with_one_other_series_there_is_no_half_of_the_assets() -> None:
    of = make_panel(np.random.default_rng(0).standard_normal((200, 2)), ["y", "a"], 2)
    of_time, of_assets = resamples(exact(of), of, 0, 7, 5, lambda *_: answer(link("a")), lambda _: None)
    found = stability_of("a", of_time, of_assets)
    assert (found.time, found.assets) == (1.0, None)


def test_a_half_that_cannot_be_analysed_does_not_count() -> None:
    """A series that moves in one block of twenty stands still in half of the halves; 60 rows leave too few in all."""
    values = np.random.default_rng(0).standard_normal((400, 3))
    values[20:, 2] = 0.0
    of = make_panel(values, ["y", "a", "b"], 2)
    of_time, _ = resamples(sampled(of), of, 0, 7, 20, lambda *_: answer(), lambda _: None)
    assert 0 < len(of_time) < 20
    short = make_panel(values[:60] + np.arange(60)[:, None] ** 2, ["y", "a", "b"], 10)
    settings = NetworkSettings(max_lag=10, estimator=Estimator.ORDINAL)
    resampler = Resampler(short, settings, observe(short, settings))
    assert resamples(resampler, short, 0, 7, 3, lambda *_: answer(), lambda _: None)[0] == []


def test_half_of_time_of_an_exact_null_is_the_covariance_of_those_rows(panel: Panel) -> None:
    part = exact(panel).half_of_time(np.random.default_rng(1))
    assert part.observations is not None
    covariance = part.observations.covariance
    assert covariance is not None
    samples = covariance.samples(range(18))  # 6 series at lags 0, 1, 2
    np.testing.assert_allclose(samples.mean(axis=1), 0, atol=1e-12)
    np.testing.assert_allclose(covariance.matrix, np.cov(samples, ddof=0), atol=1e-12)
    assert covariance.n_rows == pytest.approx(398 / 2, abs=20)


@pytest.mark.parametrize("kind", ["exact", "sampled"])
def test_half_of_assets_keeps_the_target_and_what_must_stay(panel: Panel, kind: str) -> None:
    resampler = exact(panel) if kind == "exact" else sampled(panel)
    for seed in range(20):
        half = resampler.half_of_assets(0, ["e"], np.random.default_rng(seed))
        assert half is not None
        part = half.panel
        assert {"y", "e"} <= set(part.names)
        assert len(part.names) == 4  # y, e and half of a, b, c, d
        assert part.names == tuple(name for name in NAMES if name in part.names)


def test_a_part_of_the_covariance_gives_the_answer_of_the_part_of_the_panel(panel: Panel) -> None:
    part = exact(panel).half_of_assets(0, [], np.random.default_rng(2))
    assert part is not None
    from_scratch = infer_target(part.panel, 0, SETTINGS, 1)
    sliced = infer_target(part.panel, 0, SETTINGS, 1, observations=part.observations)
    assert sliced.own_lags == from_scratch.own_lags
    assert sliced.omnibus_p == pytest.approx(from_scratch.omnibus_p, rel=1e-9)


def test_a_link_that_is_always_found_is_stable(panel: Panel) -> None:
    def infer(part: Part, name: str) -> TargetResult:
        return answer(*[link(name, lag=2) for name in part.panel.names if name == "a"])

    of_time, of_assets = resamples(sampled(panel), panel, 0, 7, 20, infer, lambda _: None)
    found = stability_of("a", of_time, of_assets)
    assert (found.time, found.assets) == (1.0, 1.0)
    assert found.lag_interval == (2, 2)
    assert found.needs == ()


def test_a_weak_p_does_not_count_as_found(panel: Panel) -> None:
    """p 0.02 over 5 candidate sources: q = 0.02 * 5 * H(5) = 0.228."""
    of_time, of_assets = resamples(
        sampled(panel), panel, 0, 7, 10, lambda *_: answer(link("a", p=0.02)), lambda _: None
    )
    assert stability_of("a", of_time, of_assets).time == 0.0


def test_a_link_that_needs_another_series_names_it(panel: Panel) -> None:
    def infer(part: Part, name: str) -> TargetResult:
        return answer(*[link("a")] if {"a", "c"} <= set(part.panel.names) else [])

    of_time, of_assets = resamples(sampled(panel), panel, 0, 7, 60, infer, lambda _: None)
    found = stability_of("a", of_time, of_assets)
    assert found.needs == ("c",)
    assert found.assets is not None
    assert 0 < found.assets < 1


def test_without_resamples_nothing_is_claimed() -> None:
    nothing = stability_of("a", [], [])
    assert (nothing.time, nothing.assets, nothing.lag_interval, nothing.needs) == (None, None, None, ())


def test_resamples_depend_on_the_seed_alone(panel: Panel) -> None:
    seen: list[list[tuple[str, ...]]] = [[], [], []]
    for run, seed in enumerate((1, 1, 2)):

        def infer(part: Part, name: str, into: int = run) -> TargetResult:
            seen[into].append(part.panel.names)
            return answer()

        resamples(sampled(panel), panel, 0, seed, 5, infer, lambda _: None)
    assert seen[0] == seen[1] != seen[2]


def test_a_resample_draws_no_more_surrogates_than_one_target_needs() -> None:
    """5 candidates, alpha .05: p must reach .05 / (5 H(5)) = .00438, which 229 surrogates can."""
    assert resampling_settings(SETTINGS, 6).max_link_permutations == 229
