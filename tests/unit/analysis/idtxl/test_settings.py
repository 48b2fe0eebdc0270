from __future__ import annotations

from typing import Any

import pytest

from causeway.analysis.idtxl.settings import IdtxlSettings
from causeway.errors import InvalidInput
from causeway.model.inference import Estimator, InferenceMode

FULL: dict[str, Any] = {
    "cmi_estimator": "JidtKraskovCMI",
    "max_lag_sources": 4,
    "min_lag_sources": 2,
    "max_lag_target": 6,
    "perm_type": "block",
    "block_size": 7,
    "perm_range": 3,
    "kraskov_k": 5,
    "rng_seed": 3,
    "exact_surrogates": True,
}


def test_the_dict_comes_back_with_the_defaults_written_out() -> None:
    settings = IdtxlSettings.from_dict(FULL)
    written = settings.as_dict()
    assert FULL.items() <= written.items()
    assert (written["n_perm_max_stat"], written["n_perm_omnibus"], written["alpha_fdr"]) == (200, 500, 0.05)
    assert IdtxlSettings.from_dict(written) == settings


def test_what_only_says_how_to_run_is_accepted() -> None:
    run = {"verbose": True, "num_threads": "USE_ALL", "write_ckp": True, "MPI": False}
    assert IdtxlSettings.from_dict({**FULL, **run}) == IdtxlSettings.from_dict(FULL)


@pytest.mark.parametrize(
    ("mode", "target_lags", "current"),
    [(InferenceMode.MULTIVARIATE_TE, 6, 6), (InferenceMode.BIVARIATE_MI, 0, 4)],
)
def test_the_first_predicted_sample_lies_behind_every_lag(mode: InferenceMode, target_lags: int, current: int) -> None:
    settings = IdtxlSettings.from_dict(FULL, mode)
    assert (settings.target_lags, settings.current_value) == (target_lags, current)


def test_the_targets_lag_is_that_of_the_sources_by_default() -> None:
    settings = IdtxlSettings("CausewayGaussianCMI", max_lag_sources=3, min_lag_sources=1)
    assert (settings.target_lags, settings.estimator) == (3, Estimator.GAUSSIAN)


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"min_lag_sources": 5}, "min_lag_sources"),
        ({"tau_sources": 0}, "tau_sources"),
        ({"perm_type": "blocks"}, "perm_type"),
        ({"block_size": 0}, "block_size"),
        ({"n_perm_max_seq": 20}, "n_perm_max_seq"),
        ({"kraskof_k": 4}, "kraskof_k"),
    ],
    ids=str,
)
def test_what_idtxl_would_not_take_is_named(wrong: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidInput, match=field) as refused:
        IdtxlSettings.from_dict({**FULL, **wrong})
    assert refused.value.details == {"field": field}
