"""Stability of a link under resampling of time and of the asset set; inference itself is a fake here."""

from __future__ import annotations

import numpy as np
import pytest

from causeway.analysis.information.inference.panel import Panel, make_panel
from causeway.analysis.information.inference.results import SourceEstimate, TargetResult
from causeway.analysis.information.robustness.stability import (
    half_of_assets,
    half_of_time,
    resamples,
    resampling_settings,
    stability_of,
)
from causeway.analysis.information.settings import NetworkSettings

SETTINGS = NetworkSettings(max_lag=2)
NAMES = ["y", "a", "b", "c", "d", "e"]


@pytest.fixture
def panel() -> Panel:
    return make_panel(np.random.default_rng(0).standard_normal((400, 6)), NAMES, 2)


def link(source: str, p: float = 1e-6, lag: int = 1) -> SourceEstimate:
    return SourceEstimate(source, lag, (lag,), 0.1, p, None)


def answer(*sources: SourceEstimate) -> TargetResult:
    return TargetResult("y", (1,), sources, 0.1, 0.001, 398)


def test_half_of_time_keeps_half_of_the_blocks_whole(panel: Panel) -> None:
    part = half_of_time(panel, 2, np.random.default_rng(1))
    kept = np.isfinite(part.values).all(axis=1)
    assert kept.sum() == 200
    np.testing.assert_array_equal(part.values[kept], panel.values[kept])
    assert np.isnan(part.values[~kept]).all()
    changes = np.count_nonzero(np.diff(kept.astype(int)))
    assert changes <= 20  # blocks of 20 bars, not single bars


def test_half_of_assets_keeps_the_target_and_what_must_stay(panel: Panel) -> None:
    for seed in range(20):
        part = half_of_assets(panel, 0, ["e"], np.random.default_rng(seed))
        assert {"y", "e"} <= set(part.names)
        assert len(part.names) == 4  # y, e and half of a, b, c, d
        assert part.names == tuple(name for name in NAMES if name in part.names)


def test_a_link_that_is_always_found_is_stable(panel: Panel) -> None:
    def infer(part: Panel, target: int, settings: NetworkSettings) -> TargetResult:
        return answer(*[link(name, lag=2) for name in part.names if name == "a"])

    of_time, of_assets = resamples(panel, 0, SETTINGS, 7, 20, infer, lambda _: None)
    found = stability_of("a", of_time, of_assets)
    assert (found.time, found.assets) == (1.0, 1.0)
    assert found.lag_interval == (2, 2)
    assert found.needs == ()


def test_a_weak_p_does_not_count_as_found(panel: Panel) -> None:
    """p 0.02 over 5 candidate sources: q = 0.02 * 5 * H(5) = 0.228."""
    of_time, of_assets = resamples(panel, 0, SETTINGS, 7, 10, lambda *_: answer(link("a", p=0.02)), lambda _: None)
    assert stability_of("a", of_time, of_assets).time == 0.0


def test_a_link_that_needs_another_series_names_it(panel: Panel) -> None:
    def infer(part: Panel, target: int, settings: NetworkSettings) -> TargetResult:
        return answer(*[link("a")] if {"a", "c"} <= set(part.names) else [])

    of_time, of_assets = resamples(panel, 0, SETTINGS, 7, 60, infer, lambda _: None)
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

        def infer(part: Panel, target: int, settings: NetworkSettings, into: int = run) -> TargetResult:
            seen[into].append(part.names)
            return answer()

        resamples(panel, 0, SETTINGS, seed, 5, infer, lambda _: None)
    assert seen[0] == seen[1] != seen[2]


def test_a_resample_draws_no_more_surrogates_than_one_target_needs() -> None:
    """5 candidates, alpha .05: p must reach .05 / (5 H(5)) = .00438, which 229 surrogates can."""
    assert resampling_settings(SETTINGS, 6).max_link_permutations == 229
