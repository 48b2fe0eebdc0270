"""Whole networks of IDTxl: its engine behind our port, its FDR correction, its adjacency matrices."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from causeway.analysis.idtxl import compat, runner
from causeway.analysis.idtxl.fdr import network_fdr
from causeway.analysis.idtxl.installation import install, quiet, require_java
from causeway.analysis.idtxl.results import IdtxlTarget, adjacency_matrix, from_json, import_results, to_json
from causeway.analysis.idtxl.settings import IdtxlSettings
from causeway.analysis.information.inference.network import infer_target
from causeway.analysis.information.inference.panel import Panel, make_panel
from causeway.analysis.information.settings import NetworkSettings
from causeway.errors import InvalidInput
from causeway.model.inference import Estimator, InferenceMode

pytest.importorskip("idtxl", reason="IDTxl is not installed: pip install causeway[idtxl]")

N_SERIES = 5
SETTINGS: dict[str, Any] = {"cmi_estimator": "CausewayGaussianCMI", "max_lag_sources": 3, "min_lag_sources": 1}


def chain(n_samples: int = 300, seed: int = 1) -> NDArray[np.float64]:
    """0 -> 1 -> 2 at lags 1 and 2, and at both lags from 3 to 4."""
    rng = np.random.default_rng(seed)
    values = rng.normal(size=(n_samples, N_SERIES))
    for t in range(2, n_samples):
        values[t, 1] += 0.5 * values[t - 1, 0]
        values[t, 2] += 0.4 * values[t - 2, 1]
        values[t, 4] += 0.4 * values[t - 1, 3] + 0.3 * values[t - 2, 3]
    return (values - values.mean(axis=0)) / values.std(axis=0, ddof=1)  # type: ignore[no-any-return]  # an array


def idtxl_network(settings: dict[str, Any], seed: int = 1) -> Any:
    """IDTxl's results of every target."""
    install()
    with quiet():
        from idtxl.data import Data
        from idtxl.multivariate_te import MultivariateTE

        data = Data(chain(seed=seed).T[:, :, None], "psr", normalise=False, seed=seed)
        return MultivariateTE().analyse_network(settings={**settings, "verbose": False}, data=data)


def panel() -> Panel:
    return make_panel(chain(), [f"S{i}" for i in range(N_SERIES)], 3)


@pytest.mark.parametrize("weights", ["max_te_lag", "max_p_lag", "binary"])
def test_the_adjacency_matrix_is_idtxls(weights: Any) -> None:
    results = idtxl_network({**SETTINGS, "alpha_max_stat": 0.2, "alpha_omnibus": 0.3, "alpha_max_seq": 0.3})
    expected = results.get_adjacency_matrix(weights, fdr=False)
    found = adjacency_matrix(import_results(results, fdr=False), N_SERIES, weights)
    np.testing.assert_array_equal(found, expected.weight_matrix)
    assert np.count_nonzero(found) == expected.n_edges() >= 3


def test_idtxls_own_count_of_lags_fails_and_ours_counts() -> None:
    results = idtxl_network(SETTINGS)
    with pytest.raises(TypeError, match="Can not add weight"):
        results.get_adjacency_matrix("vars_count", fdr=False)
    counts = adjacency_matrix(import_results(results, fdr=False), N_SERIES, "vars_count")
    assert (counts[0, 1], counts[3, 4]) == (1, 2)


def test_a_result_survives_the_way_through_ours_and_through_json() -> None:
    results = idtxl_network(SETTINGS)
    for found in import_results(results, fdr=False):
        theirs: dict[str, Any] = results.get_single_target(found.target, fdr=False)
        ours = found.as_idtxl()
        assert set(ours) == set(theirs)
        for name, value in theirs.items():
            np.testing.assert_array_equal(ours[name], value, err_msg=name)
    targets = import_results(results, fdr=False)
    assert from_json(to_json(targets, SETTINGS)) == (targets, SETTINGS)


LENIENT = {"alpha_omnibus": 0.5, "alpha_max_stat": 0.9, "alpha_max_seq": 0.5}  # so that there is something to remove


def idtxl_correction(settings: dict[str, Any], results: Any) -> Any:
    with quiet():
        from idtxl import stats

        return stats.network_fdr(settings, results)


@pytest.mark.parametrize("seed", [1, 2])
@pytest.mark.parametrize(
    ("extra", "outcome"),
    [
        ({}, "some removed"),
        ({"fdr_constant": 1, "n_perm_omnibus": 2000, "alpha_fdr": 0.01}, "some removed"),
        ({"n_perm_omnibus": 2000, "alpha_fdr": 0.01}, "some removed"),
        ({"alpha_fdr": 0.004}, "skipped"),
        ({"correct_by_target": False}, "skipped"),
    ],
    ids=str,
)
def test_the_correction_over_targets_is_idtxls_skipped_where_it_skips(
    extra: dict[str, Any], outcome: str, seed: int
) -> None:
    settings = {**SETTINGS, **LENIENT, **extra}
    results = idtxl_network(settings, seed)
    before = import_results(results, fdr=False)
    ours = network_fdr(before, IdtxlSettings.from_dict(settings))
    if outcome == "skipped":
        assert ours.targets is None
        with pytest.raises(InvalidInput, match="no FDR-corrected"):
            import_results(results)
        return
    assert ours.targets is not None
    assert [strip(one) for one in ours.targets] == [strip(one) for one in import_results(results)]
    if (extra, seed) != ({}, 1):  # there all five targets pass
        assert any(len(a.sources) < len(b.sources) for a, b in zip(ours.targets, before, strict=True))


@pytest.mark.parametrize("constant", [1, 2])
def test_over_variables_only_survivors_are_counted_where_idtxl_itself_fails(constant: int) -> None:
    settings = {**SETTINGS, **LENIENT, "correct_by_target": False, "n_perm_max_seq": 2000, "fdr_constant": constant}
    settings["alpha_fdr"] = 0.05 if constant == 1 else 0.2
    results = idtxl_network({**settings, "fdr_correction": False}, seed=2)
    before = import_results(results, fdr=False)
    with pytest.raises(AttributeError, match="remove"):
        idtxl_correction(settings, results)
    ours = network_fdr(before, IdtxlSettings.from_dict(settings)).targets
    assert ours is not None
    p = np.array([one for found in before for one in found.selected_sources_pval or ()])
    with quiet():
        from idtxl import stats

        passed, _ = stats._perform_fdr_correction(p, constant, settings["alpha_fdr"], len(p))
    assert 0 < passed.sum() < passed.size
    kept = [one for found in ours for one in found.selected_sources_pval or ()]
    assert kept == p[passed].tolist()


def strip(found: IdtxlTarget) -> IdtxlTarget:
    """Without the values per link, which IDTxl leaves as they were before the correction."""
    return replace(found, te=None)


def test_from_nine_targets_up_five_hundred_permutations_are_too_few() -> None:
    found = IdtxlTarget(0, (0, 3), (1,), ((0, 1),), ((1, 1),), (0.002,), (0.1,), 0.1, 0.002, True, (0.1,))
    settings = IdtxlSettings.from_dict(SETTINGS)
    assert network_fdr([replace(found, target=i) for i in range(8)], settings).targets is not None
    assert network_fdr([replace(found, target=i) for i in range(9)], settings).targets is None
    enough = replace(settings, n_perm_omnibus=1440)
    assert network_fdr([replace(found, target=i) for i in range(20)], enough).targets is not None


@pytest.mark.parametrize("estimator", [Estimator.GAUSSIAN, Estimator.KSG])
@pytest.mark.parametrize("mode", [InferenceMode.MULTIVARIATE_TE, InferenceMode.BIVARIATE_MI])
def test_the_engine_idtxl_finds_what_compat_finds(estimator: Estimator, mode: InferenceMode) -> None:
    settings = NetworkSettings(estimator=estimator, max_lag=2, n_permutations=25, mode=mode, compat="idtxl")
    small = Panel(panel().values[:150, :3], ("A", "B", "C"))
    for target in range(3):
        assert_close(runner.infer_target(small, target, settings, 7), infer_target(small, target, settings, 7))


@pytest.mark.parametrize("estimator", [Estimator.GAUSSIAN, Estimator.DISCRETE])
def test_the_engine_idtxl_runs_jidts_estimators_too(estimator: Estimator) -> None:
    try:
        require_java()
    except InvalidInput as missing:
        pytest.skip(f"JIDT cannot run: {missing.message}")
    settings = NetworkSettings(estimator=estimator, max_lag=3, compat="idtxl")
    for target in range(N_SERIES):
        jidt = runner.infer_target(panel(), target, settings, 7, plugged="jidt")
        assert_close(jidt, infer_target(panel(), target, settings, 7))


def assert_close(found: Any, expected: Any) -> None:
    assert found.own_lags == expected.own_lags
    assert [(s.source, s.lag_bars, s.lags, s.p) for s in found.sources] == [
        (s.source, s.lag_bars, s.lags, s.p) for s in expected.sources
    ]
    assert found.omnibus_p == expected.omnibus_p
    assert [s.te_nats for s in found.sources] == pytest.approx([s.te_nats for s in expected.sources], abs=1e-10)
    assert found.te_nats == pytest.approx(expected.te_nats, abs=1e-10)
    assert found.n_rows == expected.n_rows


@pytest.mark.parametrize("kind", ["Gaussian", "Kraskov"])
def test_active_information_storage_of_idtxl_takes_our_estimators_too(kind: str) -> None:
    try:
        require_java()
    except InvalidInput as missing:
        pytest.skip(f"JIDT cannot run: {missing.message}")
    stored = [storage(f"{package}{kind}CMI") for package in ("Jidt", "Causeway")]
    assert stored[0]["selected_vars"] == stored[1]["selected_vars"] != []
    assert stored[0]["ais_pval"] == stored[1]["ais_pval"]
    assert stored[0]["ais"] == pytest.approx(stored[1]["ais"], abs=1e-10)


def storage(estimator: str) -> Any:
    rng = np.random.default_rng(3)
    values = rng.normal(size=120)
    for t in range(2, 120):
        values[t] += 0.7 * values[t - 2]
    install()
    with quiet():
        from idtxl.active_information_storage import ActiveInformationStorage
        from idtxl.data import Data

        data = Data(values[None, :, None], "psr", seed=1)
        few = {f"n_perm_{step}": 21 for step in ("max_stat", "min_stat", "mi")}
        settings = {"cmi_estimator": estimator, "max_lag": 3, "noise_level": 0, "verbose": False, **few}
        np.random.seed(1)
        results = ActiveInformationStorage().analyse_single_process(settings=settings, data=data, process=0)
        return results.get_single_process(0, fdr=False)


def global_state() -> Any:
    return np.random.get_state(legacy=True)[1]  # type: ignore[index]  # a tuple in this form


def test_a_run_of_idtxl_leaves_numpys_generator_as_it_was_and_repeats_itself() -> None:
    settings = NetworkSettings(max_lag=2)
    np.random.seed(3)
    before = global_state()
    first = runner.infer_target(panel(), 1, settings, 7)
    np.testing.assert_array_equal(global_state(), before)
    np.random.seed(4)
    assert runner.infer_target(panel(), 1, settings, 7) == first


def test_a_run_of_idtxl_tells_how_far_it_is_and_can_be_stopped() -> None:
    told: list[float] = []
    runner.infer_target(panel(), 1, NetworkSettings(max_lag=2), 7, told.append)
    assert told == [0.2, 0.7, 0.8, 0.99]

    class Stop(Exception):
        pass

    calls = iter(range(4))

    def pulse() -> None:
        if next(calls) == 3:
            raise Stop

    with pytest.raises(Stop):
        runner.infer_target(panel(), 1, NetworkSettings(max_lag=2), 7, pulse=pulse)


def test_compat_has_the_same_chain_as_the_truth() -> None:
    settings = IdtxlSettings.from_dict(SETTINGS)
    found = [compat.analyse_target(chain(), target, settings, 1)[0] for target in range(N_SERIES)]
    assert (0, 1) in found[1].selected_vars_sources
    assert (1, 2) in found[2].selected_vars_sources
    assert {(3, 1), (3, 2)} <= set(found[4].selected_vars_sources)
