from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from causeway.analysis.idtxl.conversion import (
    export_results,
    export_settings,
    idtxl_settings,
    idtxl_target,
    import_settings,
    in_nats,
    network_adjacency,
    target_result,
)
from causeway.analysis.idtxl.results import IdtxlTarget
from causeway.analysis.information.inference.network import assemble_network
from causeway.analysis.information.inference.results import SourceEstimate, TargetResult
from causeway.analysis.information.settings import NetworkSettings
from causeway.errors import InvalidInput
from causeway.model.inference import (
    Autocorrelation,
    Correction,
    CorrectOver,
    Estimator,
    InferenceMode,
    SurrogateScheme,
    Transform,
)

LEAST: dict[str, Any] = {"cmi_estimator": "JidtGaussianCMI", "max_lag_sources": 5, "min_lag_sources": 1}
KSG = {**LEAST, "cmi_estimator": "JidtKraskovCMI"}
DISCRETE = {**LEAST, "cmi_estimator": "JidtDiscreteCMI", "discretise_method": "max_ent"}


@pytest.mark.parametrize(
    ("theirs", "field", "value"),
    [
        ({**LEAST, "max_lag_sources": 7}, "max_lag", 7),
        (LEAST, "estimator", Estimator.GAUSSIAN),
        ({**LEAST, "cmi_estimator": "OpenCLKraskovCMI"}, "estimator", Estimator.KSG),
        ({**LEAST, "n_perm_max_stat": 321, "n_perm_omnibus": 321}, "n_permutations", 321),
        ({**LEAST, "alpha_max_stat": 0.01}, "alpha_step", 0.01),
        ({**LEAST, "alpha_fdr": 0.1}, "alpha", 0.1),
        ({**LEAST, "correct_by_target": True}, "correct_over", CorrectOver.TARGETS),
        ({**LEAST, "correct_by_target": False}, "correct_over", CorrectOver.LINKS),
        ({**LEAST, "fdr_constant": 1}, "correction", Correction.BH),
        ({**LEAST, "fdr_constant": 2}, "correction", Correction.BY),
        ({**LEAST, "perm_type": "random"}, "surrogates", SurrogateScheme.PERMUTATION),
        ({**LEAST, "permute_in_time": True}, "surrogates", SurrogateScheme.PERMUTATION),
        ({**KSG, "kraskov_k": "7"}, "k", 7),
        ({**KSG, "algorithm_num": 2}, "ksg_algorithm", 2),
        ({**KSG, "theiler_t": "3"}, "theiler_bars", 3),
        ({**DISCRETE, "n_discrete_bins": 5}, "n_bins", 5),
        ({**LEAST, "max_lag_target": 5, "tau_sources": 1, "noise_level": 0, "verbose": False}, "max_lag", 5),
    ],
    ids=str,
)
def test_a_setting_of_idtxl_says_the_same_in_ours(theirs: dict[str, Any], field: str, value: object) -> None:
    assert getattr(import_settings(theirs), field) == value


def test_what_idtxls_dict_leaves_out_is_our_default() -> None:
    assert import_settings(LEAST) == NetworkSettings(estimator=Estimator.GAUSSIAN)
    assert import_settings(LEAST, InferenceMode.BIVARIATE_MI).mode is InferenceMode.BIVARIATE_MI


@pytest.mark.parametrize(
    ("theirs", "key"),
    [
        ({**LEAST, "min_lag_sources": 2}, "min_lag_sources"),
        ({**LEAST, "max_lag_target": 3}, "max_lag_target"),
        ({**LEAST, "tau_sources": 2}, "tau_sources"),
        ({**LEAST, "tau_target": 2}, "tau_target"),
        ({**LEAST, "local_values": True}, "local_values"),
        ({**LEAST, "add_conditionals": [(0, 1)]}, "add_conditionals"),
        ({**LEAST, "fdr_correction": False}, "fdr_correction"),
        ({**LEAST, "n_perm_max_stat": 200, "n_perm_min_stat": 500}, "n_perm_max_stat"),
        ({**LEAST, "alpha_max_seq": 0.01, "alpha_omnibus": 0.02}, "alpha_omnibus"),
        ({**LEAST, "perm_type": "circular", "max_shift": 10}, "perm_type"),
        ({**LEAST, "perm_type": "block", "block_size": 10, "perm_range": 3}, "perm_type"),
        ({**KSG, "noise_level": 1e-8}, "noise_level"),
        ({**KSG, "normalise": True}, "normalise"),
        ({**KSG, "base": 2}, "base"),
        ({**DISCRETE, "discretise_method": "equal"}, "discretise_method"),
        ({**DISCRETE, "alph1": 3}, "alph1"),
        ({**LEAST, "max_lag_surces": 3}, "max_lag_surces"),
        ({**LEAST, "cmi_estimator": "MyCMI"}, "cmi_estimator"),
        ({"cmi_estimator": "JidtGaussianCMI", "max_lag_sources": 5}, "min_lag_sources"),
        ({**LEAST, "n_perm_omnibus": 10}, "n_perm_omnibus"),
        ({**LEAST, "fdr_constant": 3}, "fdr_constant"),
        ({**LEAST, "perm_type": "block", "block_size": 3}, "perm_range"),
    ],
    ids=str,
)
def test_what_cannot_be_said_is_an_error_that_names_the_key(theirs: dict[str, Any], key: str) -> None:
    with pytest.raises(InvalidInput, match=key) as refused:
        import_settings(theirs)
    assert refused.value.details == {"field": key}


@pytest.mark.parametrize(
    "ours",
    [
        NetworkSettings(),
        NetworkSettings(estimator=Estimator.KSG, k=7, ksg_algorithm=2, theiler_bars=4, block_bars=13),
        NetworkSettings(estimator=Estimator.KSG, surrogates=SurrogateScheme.PERMUTATION, n_permutations=333),
        NetworkSettings(estimator=Estimator.DISCRETE, n_bins=4, alpha_step=0.01, max_lag=3),
        NetworkSettings(correction=Correction.BH, correct_over=CorrectOver.TARGETS, alpha=0.01),
        NetworkSettings(mode=InferenceMode.BIVARIATE_MI),
    ],
    ids=lambda settings: settings.estimator.value,
)
def test_settings_survive_the_way_there_and_back(ours: NetworkSettings) -> None:
    back = import_settings(export_settings(ours), ours.mode)
    if ours.estimator is not Estimator.KSG:  # nulls are drawn from chi-squared: surrogates have no meaning
        back = replace(back, surrogates=ours.surrogates)
    assert back == ours


@pytest.mark.parametrize(
    ("ours", "field"),
    [
        (NetworkSettings(estimator=Estimator.ORDINAL), "estimator"),
        (NetworkSettings(estimator=Estimator.COPULA), "estimator"),
        (NetworkSettings(estimator=Estimator.KSG, surrogates=SurrogateScheme.CIRCULAR), "surrogates"),
        (NetworkSettings(estimator=Estimator.KSG, block_bars=0), "surrogates"),
        (NetworkSettings(condition_on=("SPY",)), "condition_on"),
        (NetworkSettings(transform=Transform.RANK), "transform"),
        (NetworkSettings(autocorrelation=Autocorrelation.NONE), "autocorrelation"),
    ],
    ids=str,
)
def test_what_idtxl_does_not_have_is_an_error_that_names_it(ours: NetworkSettings, field: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        export_settings(ours)
    assert refused.value.details == {"field": field}


FOUND = IdtxlTarget(
    target=2,
    current_value=(2, 5),
    sources_tested=(0, 1),
    selected_vars_target=((2, 1), (2, 3)),
    selected_vars_sources=((1, 4), (0, 2), (1, 1)),
    selected_sources_pval=(0.02, 0.01, 0.005),
    selected_sources_te=(0.3, 0.1, 0.2),
    omnibus_te=0.5,
    omnibus_pval=0.002,
    omnibus_sign=True,
    te=(0.1, 0.4),
)
NAMES = ("A", "B", "C")


def test_idtxls_findings_are_ours_by_link() -> None:
    result = target_result(FOUND, NAMES, n_rows=95)
    assert result == TargetResult(
        target="C",
        own_lags=(1, 3),
        sources=(SourceEstimate("A", 2, (2,), 0.1, 0.01, None), SourceEstimate("B", 4, (1, 4), 0.4, 0.005, None)),
        te_nats=0.5,
        omnibus_p=0.002,
        n_rows=95,
    )


def test_a_target_without_sources_has_p_one() -> None:
    nothing = replace(
        FOUND,
        selected_vars_sources=(),
        selected_sources_pval=None,
        selected_sources_te=None,
        omnibus_te=None,
        omnibus_pval=None,
        omnibus_sign=False,
        te=None,
    )
    result = target_result(nothing, NAMES, 95)
    assert (result.sources, result.te_nats, result.omnibus_p) == ((), 0.0, 1.0)
    assert idtxl_target(result, NAMES, NetworkSettings()) == nothing


def test_bits_become_nats() -> None:
    settings = idtxl_settings(NetworkSettings(estimator=Estimator.DISCRETE))
    found = in_nats(FOUND, settings)
    assert found.te == pytest.approx((0.1 * np.log(2), 0.4 * np.log(2)))
    assert found.omnibus_te == pytest.approx(0.5 * np.log(2))
    assert in_nats(FOUND, idtxl_settings(NetworkSettings())) is FOUND


def test_our_network_as_idtxls_matrix() -> None:
    results = [target_result(FOUND, NAMES, 95), TargetResult("A", (1,), (), 0.0, 1.0, 95)]
    network = assemble_network(results, NAMES, NetworkSettings(alpha=0.2))
    assert network_adjacency(network, "max_te_lag").tolist() == [[0, 0, 2], [0, 0, 4], [0, 0, 0]]
    assert network_adjacency(network, "max_p_lag").tolist() == [[0, 0, 2], [0, 0, 4], [0, 0, 0]]
    assert network_adjacency(network, "vars_count").tolist() == [[0, 0, 1], [0, 0, 2], [0, 0, 0]]
    assert network_adjacency(network, "binary").tolist() == [[0, 0, 1], [0, 0, 1], [0, 0, 0]]


def test_corrected_results_hold_significant_links_only() -> None:
    """Benjamini-Yekutieli over six candidates: q = .005 * 6 * 2.45 = .0735 for B, .03 * 6 * 2.45 / 2 = .2205 for A."""
    weak = replace(FOUND, selected_sources_pval=(0.02, 0.03, 0.005))
    network = assemble_network([target_result(weak, NAMES, 95)], NAMES, NetworkSettings(alpha=0.1))
    assert export_results(network)[0].sources == (1,)
    assert export_results(network, fdr=False)[0].sources == (0, 1)
