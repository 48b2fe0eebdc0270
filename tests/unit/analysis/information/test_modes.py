"""What each mode, transform, correction and treatment of holes does, on systems whose links are known."""

from __future__ import annotations

import threading
from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from causeway import infer_network
from causeway.analysis.information import (
    InferenceCancelled,
    NetworkResult,
    NetworkSettings,
    TargetResult,
    active_information,
    infer_panel,
    infer_target,
    make_panel,
)
from causeway.analysis.information.inference.compatibility import compat_engine
from causeway.analysis.information.inference.multiple_testing import benjamini_hochberg, benjamini_yekutieli
from causeway.errors import InvalidInput
from causeway.model.inference import CorrectOver, Estimator, InferenceMode, Missing

N = 1500
DISCRETE = NetworkSettings(
    max_lag=2, estimator=Estimator.DISCRETE, n_bins=2, n_permutations=60, max_link_permutations=400
)


def noise(n_series: int, seed: int = 0, n: int = N) -> NDArray[np.float64]:
    return np.random.default_rng(seed).standard_normal((n, n_series))


def chain() -> NDArray[np.float64]:
    """A -> B -> C, one bar each: A tells about C two bars later, but nothing beyond B."""
    values = noise(3)
    values[1:, 1] += 1.5 * values[:-1, 0]
    values[1:, 2] += 1.5 * values[:-1, 1]
    return values


def driven() -> NDArray[np.float64]:
    """M drives A after one bar and B after two: without M, A seems to drive B."""
    values = noise(3)
    values[1:, 1] += 1.5 * values[:-1, 0]
    values[2:, 2] += 1.5 * values[:-2, 0]
    return values


def found(network: NetworkResult) -> set[tuple[str, str]]:
    return {(link.source, link.target) for link in network.links}


class TestModes:
    def test_multivariate_explains_the_indirect_link_away(self) -> None:
        assert found(infer_network(chain(), names="ABC", max_lag=3)) == {("A", "B"), ("B", "C")}

    def test_bivariate_shows_it(self) -> None:
        network = infer_network(chain(), names="ABC", max_lag=3, mode="bivariate-te")
        assert found(network) == {("A", "B"), ("B", "C"), ("A", "C")}
        assert "mode bivariate-te" in str(network)

    def test_bivariate_equals_the_analysis_of_the_pair(self) -> None:
        """Conditioned on the target's own past alone, a link does not know what else is there."""
        whole = infer_network(chain(), names="ABC", max_lag=3, mode="bivariate-te")
        pair = infer_network(chain()[:, [0, 2]], names="AC", max_lag=3, mode="bivariate-te")
        (expected,), (link,) = ([x for x in one.links if x.target == "C" and x.source == "A"] for one in (pair, whole))
        assert link.lags == expected.lags
        assert link.te_nats == pytest.approx(expected.te_nats, abs=1e-12)
        assert link.p == pytest.approx(expected.p, rel=1e-9)

    @pytest.mark.parametrize("mode", ["multivariate-mi", "bivariate-mi"])
    def test_mutual_information_leaves_the_own_past_out(self, mode: str) -> None:
        """B keeps what A told it: A's second lag informs B only as long as B's own past is not given."""
        values = noise(2)
        for t in range(1, N):
            values[t, 1] = 0.9 * values[t - 1, 1] + values[t - 1, 0] + 0.1 * values[t, 1]
        by_te = infer_network(values, names="AB", max_lag=3, mode=mode.replace("mi", "te"))
        by_mi = infer_network(values, names="AB", max_lag=3, mode=mode)
        assert [link.lags for link in by_te.links if link.target == "B"] == [(1,)]
        assert [link.lags for link in by_mi.links if link.target == "B"] == [(1, 2, 3)]
        assert all(target.own_lags == () for target in by_mi.targets)

    @pytest.mark.parametrize("mode", list(InferenceMode))
    def test_every_mode_works_on_surrogates(self, mode: InferenceMode) -> None:
        panel = make_panel(chain()[:400], "ABC", 2)
        network = infer_panel(panel, replace(DISCRETE, mode=mode), 1)
        assert {("A", "B"), ("B", "C")} <= found(network)


class TestTransforms:
    @pytest.mark.parametrize("settings", [{"estimator": "copula"}, {"transform": "rank"}])
    def test_ranks_do_not_see_the_scale(self, settings: dict[str, str]) -> None:
        values = chain()[:400]
        plain = infer_network(values, names="ABC", max_lag=2, **settings)  # type: ignore[arg-type]
        bent = infer_network(np.exp(values), names="ABC", max_lag=2, **settings)  # type: ignore[arg-type]
        assert found(plain) == {("A", "B"), ("B", "C")}
        assert bent.kept_links == plain.kept_links
        assert next(iter(settings.values())) in str(plain)

    @pytest.mark.parametrize("estimator", ["discrete", "ordinal"])
    def test_symbols_are_made_of_whole_series(self, estimator: str) -> None:
        """Bins of equal counts and order patterns are the same after an increasing transform of a series."""
        values = chain()[:400, :2]
        options = {"max_lag": 1, "n_permutations": 40, "max_link_permutations": 100, "ordinal_order": 2}
        plain = infer_network(values, names="AB", estimator=estimator, **options)  # type: ignore[arg-type]
        bent = infer_network(values**3, names="AB", estimator=estimator, **options)  # type: ignore[arg-type]
        assert bent.kept_links == plain.kept_links
        assert ("A", "B") in found(plain)


class TestCorrections:
    def test_by_hochberg_q_is_smaller_by_the_harmonic_sum(self) -> None:
        """Source: q of Benjamini & Yekutieli 2001 is that of Benjamini & Hochberg 1995 times 1 + 1/2 + ... + 1/m."""
        p, m = [1e-4, 3e-4, 0.01], 6
        h = sum(1 / i for i in range(1, m + 1))
        np.testing.assert_allclose(benjamini_yekutieli(p, m), benjamini_hochberg(p, m) * h, rtol=1e-12)
        assert benjamini_hochberg(p, m).tolist() == pytest.approx([6e-4, 9e-4, 0.02])

    def test_settings_choose_it(self) -> None:
        by, bh = (infer_network(chain(), names="ABC", correction=name) for name in ("by", "bh"))
        assert all(b.q == pytest.approx(min(1, a.q / 2.45)) for a, b in zip(by.links, bh.links, strict=True))
        assert "correction bh" in str(bh)

    def test_over_targets_a_link_has_the_q_of_its_target(self) -> None:
        network = infer_network(chain(), names="ABC", correct_over="targets")
        q = dict(zip("ABC", benjamini_yekutieli([one.omnibus_p for one in network.targets], 3), strict=True))
        assert network.kept_links
        assert all(link.q == q[link.target] for link in network.kept_links)
        assert "neither pays for their selection" in " ".join(network.warnings)

    def test_surrogates_are_enough_for_the_correction_over_targets(self) -> None:
        """40 targets: a lone one needs p < 0.05/(40 H(40)) = 2.92e-4, less than 60 surrogates can show."""
        values = noise(40, n=150)
        values[1:, 1] += 4 * values[:-1, 0]
        settings = replace(DISCRETE, max_lag=1, correct_over=CorrectOver.TARGETS, max_link_permutations=5000)
        panel = make_panel(values, [f"S{i}" for i in range(40)], 1)
        assert infer_target(panel, 1, settings, 1).omnibus_p < 0.05 / sum(40 / i for i in range(1, 41))


class TestConditioning:
    def test_a_common_driver_explains_its_followers(self) -> None:
        values = driven()
        without = infer_network(values[:, 1:], names="AB", max_lag=3)
        given = infer_network(values, names="MAB", max_lag=3, condition_on=("M",))
        assert found(without) == {("A", "B")}
        assert found(given) == set()
        assert "given M" in str(given)

    def test_it_is_neither_target_nor_source_and_its_lags_are_told(self) -> None:
        network = infer_network(driven(), names="MAB", max_lag=3, condition_on=("M",))
        assert [one.target for one in network.targets] == ["A", "B"]
        assert [one.driver_lags for one in network.targets] == [(("M", 1),), (("M", 2),)]
        assert network.n_candidates == 2
        stored = [TargetResult.from_json(one.as_json()) for one in network.targets]
        assert stored == list(network.targets)

    @pytest.mark.parametrize(
        ("condition_on", "target", "message"),
        [(("X",), 0, "X, which is not"), (("M",), 0, "M is conditioned on"), (("M", "B"), 1, "no source for A")],
    )
    def test_impossible_conditions_are_named(self, condition_on: tuple[str, ...], target: int, message: str) -> None:
        settings = NetworkSettings(max_lag=2, condition_on=condition_on)
        with pytest.raises(InvalidInput, match=message):
            infer_target(make_panel(driven(), "MAB", 2), target, settings, 1)


class TestHoles:
    @pytest.mark.parametrize("estimator", ["gaussian", "copula", "discrete", "ordinal"])
    def test_links_are_found_around_holes(self, estimator: str) -> None:
        values = chain()[:600]
        values[np.random.default_rng(1).random(600) < 0.03, 0] = np.nan
        values[100:140, 2] = np.nan
        options = {"n_permutations": 40, "max_link_permutations": 200, "ordinal_order": 2}
        network = infer_network(
            values, names="ABC", max_lag=1, estimator=estimator, missing="mask", **options  # type: ignore[arg-type]
        )  # fmt: skip
        assert {("A", "B"), ("B", "C")} <= found(network)
        assert all(300 < one.n_rows < 560 for one in network.targets)

    def test_no_lag_reaches_across_a_hole(self) -> None:
        """What stands in a hole has no influence: cutting the hole out and masking it differ in nothing else."""
        values = chain()[:500]
        values[200:260] = np.nan
        masked = infer_network(values, names="ABC", max_lag=2, missing="mask")
        assert [one.n_rows for one in masked.targets] == [500 - 60 - 2 - 2] * 3

    def test_without_holes_mask_changes_nothing(self) -> None:
        dropped, masked = (infer_network(chain(), names="ABC", missing=missing) for missing in ("drop", "mask"))
        assert masked.kept_links == dropped.kept_links

    def test_too_many_holes_name_the_series(self) -> None:
        values = noise(3, n=200)
        values[::3, 1] = np.nan
        values[7, 2] = np.nan
        with pytest.raises(InvalidInput, match=r"at least 30.*B \(67 of 200\), C \(1 of 200\)"):
            make_panel(values, "ABC", 3, Missing.MASK)
        with pytest.raises(InvalidInput, match=r'NaN.*missing="mask"'):
            make_panel(values, "ABC", 3)
        values[5, 0] = np.inf
        with pytest.raises(InvalidInput, match="infinite"):
            make_panel(values, "ABC", 1, Missing.MASK)


class TestTreatments:
    def test_integers_under_nearest_neighbours_are_warned_of(self) -> None:
        values = noise(2, n=100)
        values[:, 1] = np.round(values[:, 1])
        settings = NetworkSettings(max_lag=1, estimator=Estimator.KSG, n_permutations=20, max_link_permutations=20)
        result = infer_target(make_panel(values, "AB", 1), 0, settings, 1)
        (warning,) = result.warnings
        assert "Most values of B are repeated" in warning
        assert "discrete" in warning

    def test_unknown_compatibility_is_refused(self) -> None:
        with pytest.raises(InvalidInput, match="not available"):
            compat_engine("nothing")


class TestStorage:
    @pytest.mark.parametrize("a", [0.3, 0.8])
    def test_an_autoregression_stores_what_theory_says(self, a: float) -> None:
        """Source: the information between neighbours of an AR(1) is -ln(1 - a²)/2 (Cover & Thomas 2006, eq. 8.56).

        An estimate of a has variance (1 - a²)/n (Hamilton 1994, eq. 8.2.8); four standard errors are allowed.
        """
        n = 20_000
        values = noise(2, n=n)
        for t in range(1, len(values)):
            values[t, 0] += a * values[t - 1, 0]
        nats, p = active_information(make_panel(values, "AB", 3), 0, NetworkSettings(max_lag=3), 1)
        error = a / (1 - a**2) * np.sqrt((1 - a**2) / n)
        assert nats == pytest.approx(-np.log(1 - a**2) / 2, abs=4 * error)
        assert p < 1e-20

    @pytest.mark.parametrize("settings", [NetworkSettings(max_lag=2), DISCRETE])
    def test_white_noise_stores_nothing(self, settings: NetworkSettings) -> None:
        p = [active_information(make_panel(noise(2, s, 200), "AB", 2), 0, settings, s)[1] for s in range(20)]
        assert sum(one <= 0.05 for one in p) <= 4  # P(more) = 0.003 at the nominal level


class TestThreads:
    @pytest.mark.parametrize("settings", [NetworkSettings(max_lag=2), DISCRETE])
    def test_their_number_changes_no_bit(self, settings: NetworkSettings) -> None:
        panel = make_panel(chain()[:300], "ABC", 2)
        one, three = (infer_panel(panel, settings, 1, workers=workers) for workers in (1, 3))
        assert one == three

    def test_progress_rises_whoever_tells_it(self) -> None:
        heard: list[float] = []
        infer_panel(make_panel(chain()[:300], "ABC", 2), DISCRETE, 1, heard.append, workers=3)
        assert heard == sorted(heard)
        assert (heard[0], heard[-1]) == (0, 1)
        assert len(heard) > 20

    def test_all_of_them_stop(self) -> None:
        asked: list[str] = []

        def should_stop() -> bool:
            asked.append(threading.current_thread().name)
            return len(asked) > 30

        with pytest.raises(InferenceCancelled):
            infer_panel(make_panel(chain()[:300], "ABC", 2), DISCRETE, 1, should_stop=should_stop, workers=3)
        assert len(asked) == 31, "once it said yes, nobody asks again"

    def test_the_error_that_stopped_the_others_is_the_one_that_is_told(self) -> None:
        values = chain()[:300]
        panel = make_panel(values, "ABC", 2)
        settings = replace(DISCRETE, n_bins=1000)
        with pytest.raises(InvalidInput, match="1000 bins"):
            infer_panel(panel, settings, 1, workers=3)
