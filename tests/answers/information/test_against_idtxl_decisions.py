"""``compat="idtxl"`` against IDTxl itself, after the same ``numpy.random.seed``: every test, every number."""

from __future__ import annotations

import zlib
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from causeway.analysis.idtxl.compat import Comparison, analyse_target
from causeway.analysis.idtxl.installation import install, quiet, require_java
from causeway.analysis.idtxl.results import IdtxlTarget
from causeway.analysis.idtxl.settings import IdtxlSettings
from causeway.errors import InvalidInput
from causeway.model.inference import InferenceMode

pytest.importorskip("idtxl", reason="IDTxl is not installed: pip install causeway[idtxl]")
try:
    require_java()
except InvalidInput as missing:
    pytest.skip(f"JIDT cannot run: {missing.message}", allow_module_level=True)

CLASSES = {
    InferenceMode.MULTIVARIATE_TE: ("multivariate_te", "MultivariateTE"),
    InferenceMode.BIVARIATE_TE: ("bivariate_te", "BivariateTE"),
    InferenceMode.MULTIVARIATE_MI: ("multivariate_mi", "MultivariateMI"),
    InferenceMode.BIVARIATE_MI: ("bivariate_mi", "BivariateMI"),
}
LAGS = {"max_lag_sources": 3, "min_lag_sources": 1}
FEW = {f"n_perm_{step}": 21 for step in ("max_stat", "min_stat", "omnibus", "max_seq")}


def linear(n_samples: int, n_series: int, seed: int) -> NDArray[np.float64]:
    """A sparse stable vector autoregression of order 3 with short memory of its own."""
    rng = np.random.default_rng(seed)
    weights = np.where(rng.random((3, n_series, n_series)) < 0.15, rng.uniform(-0.4, 0.4, (3, n_series, n_series)), 0)
    weights[0] += 0.3 * np.eye(n_series)
    values = rng.normal(size=(n_samples + 100, n_series))
    for t in range(3, len(values)):
        values[t] += sum(weights[lag] @ values[t - lag - 1] for lag in range(3))
    return values[100:]


def standardised(values: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray((values - values.mean(axis=0)) / values.std(axis=0, ddof=1))


def idtxl(
    values: NDArray[Any], target: int, settings: dict[str, Any], mode: InferenceMode, seed: int
) -> tuple[IdtxlTarget, list[Comparison]]:
    """Real IDTxl, and what it compared: recorded where it turns a statistic and its null into a p."""
    install()
    tests: list[Comparison] = []
    with quiet(), pytest.MonkeyPatch.context() as patch:
        from importlib import import_module

        from idtxl import stats
        from idtxl.data import Data

        decide = stats._find_pvalue

        def recorded(statistic: float, distribution: Any, alpha: float, tail: str) -> Any:
            significant, p = decide(statistic, distribution, alpha, tail)
            tests.append(Comparison("", float(statistic), float(p), bool(significant)))
            return significant, p

        patch.setattr(stats, "_find_pvalue", recorded)
        whole = np.issubdtype(values.dtype, np.integer)
        data = Data(values.T[:, :, None], "psr", normalise=not whole)
        module, name = CLASSES[mode]
        analysis = getattr(import_module(f"idtxl.{module}"), name)()
        np.random.seed(seed)
        results = analysis.analyse_single_target(settings={**settings, "verbose": False}, data=data, target=target)
        found = dict(results.get_single_target(target, fdr=False))
    return IdtxlTarget.from_idtxl(target, found), tests


def assert_same(
    ours: tuple[IdtxlTarget, list[Comparison]], theirs: tuple[IdtxlTarget, list[Comparison]], tolerance: float
) -> None:
    assert [(test.p, test.significant) for test in ours[1]] == [(test.p, test.significant) for test in theirs[1]]
    np.testing.assert_allclose(
        [test.statistic for test in ours[1]], [test.statistic for test in theirs[1]], rtol=0, atol=tolerance
    )
    for name in ("current_value", "selected_vars_target", "selected_vars_sources", "omnibus_sign", "omnibus_pval"):
        assert getattr(ours[0], name) == getattr(theirs[0], name), name
    assert ours[0].selected_sources_pval == theirs[0].selected_sources_pval
    for name in ("selected_sources_te", "te", "omnibus_te"):
        a, b = getattr(ours[0], name), getattr(theirs[0], name)
        assert (a is None) == (b is None), name
        if a is not None:
            np.testing.assert_allclose(a, b, rtol=0, atol=tolerance)


@pytest.mark.parametrize("mode", list(InferenceMode), ids=str)
@pytest.mark.parametrize("seed", [1, 2, 3, 4])
def test_gaussian_inference_decides_as_idtxl(mode: InferenceMode, seed: int) -> None:
    values = linear(250, 6, seed)
    settings = {"cmi_estimator": "JidtGaussianCMI", **LAGS}
    ours = analyse_target(standardised(values), seed % 6, IdtxlSettings.from_dict(settings, mode), seed)
    assert_same(ours, idtxl(values, seed % 6, settings, mode, seed), 1e-10)


@pytest.mark.parametrize(
    "extra",
    [
        {"max_lag_target": 5},
        {"max_lag_target": 1, "min_lag_sources": 2},
        {"tau_sources": 2, "tau_target": 2, "max_lag_sources": 5},
        {"n_perm_max_stat": 100, "n_perm_min_stat": 60, "n_perm_omnibus": 80, "n_perm_max_seq": 40},
        {"alpha_max_stat": 0.3, "alpha_min_stat": 0.01, "alpha_omnibus": 0.1, "alpha_max_seq": 0.02},
        {"min_lag_sources": 0},
    ],
    ids=str,
)
def test_every_setting_of_the_search_is_idtxls(extra: dict[str, Any]) -> None:
    values = linear(250, 5, 11)
    settings = {"cmi_estimator": "JidtGaussianCMI", **LAGS, **extra}
    mode = InferenceMode.MULTIVARIATE_TE
    for target in (0, 1):
        ours = analyse_target(standardised(values), target, IdtxlSettings.from_dict(settings, mode), 5)
        assert_same(ours, idtxl(values, target, settings, mode, 5), 1e-10)


@pytest.mark.parametrize("mode", list(InferenceMode), ids=str)
@pytest.mark.parametrize(
    "permutation",
    [
        {},
        {"perm_type": "circular", "max_shift": 50},
        {"perm_type": "block", "block_size": 7, "perm_range": 4},
        {"perm_type": "local", "perm_range": 20},
    ],
    ids=str,
)
def test_ksg_inference_decides_as_idtxl(mode: InferenceMode, permutation: dict[str, Any]) -> None:
    """With our estimator in both, so that it is the decisions that are compared; JIDT's follows below."""
    values = linear(150, 3, 21)
    name = "CausewayKraskovCMI"
    settings = {"cmi_estimator": name, "exact_surrogates": True, "permute_in_time": True, **LAGS, **FEW, **permutation}
    ours = analyse_target(standardised(values), 0, IdtxlSettings.from_dict(settings, mode), 3)
    assert_same(ours, idtxl(values, 0, settings, mode, 3), 1e-10)


@pytest.mark.slow
@pytest.mark.parametrize("target", [1, 3])
def test_mute_by_ksg_is_found_as_by_jidt(target: int) -> None:
    values = mute(200, 7)
    settings = {"cmi_estimator": "JidtKraskovCMI", "noise_level": 0, "exact_surrogates": True, **LAGS, **FEW}
    mode = InferenceMode.MULTIVARIATE_TE
    ours = analyse_target(standardised(values), target, IdtxlSettings.from_dict(settings, mode), 9)
    theirs = idtxl(values, target, settings, mode, 9)
    assert theirs[0].sources, "a comparison of empty results shows little"
    assert_same(ours, theirs, 1e-10)


def test_discrete_inference_decides_as_idtxl_bits_against_nats_included() -> None:
    values = linear(300, 4, zlib.crc32(b"discrete"))
    whole = np.clip(np.rint(standardised(values)), -1, 1).astype(int) + 1
    settings = {"cmi_estimator": "JidtDiscreteCMI", "n_discrete_bins": 3, **LAGS, **FEW}
    mode = InferenceMode.MULTIVARIATE_TE
    for target in range(4):
        ours = analyse_target(whole, target, IdtxlSettings.from_dict(settings, mode), 2)
        assert_same(ours, idtxl(whole, target, settings, mode, 2), 1e-10)


def mute(n_samples: int, seed: int) -> NDArray[np.float64]:
    """The five series of Montalto et al. 2014, equation 14, by IDTxl's own generator."""
    with quiet():
        from idtxl.data import Data

        data = Data(seed=seed, normalise=False)
        data.generate_mute_data(n_samples, 1)
    return np.asarray(data.data[:, :, 0].T)
