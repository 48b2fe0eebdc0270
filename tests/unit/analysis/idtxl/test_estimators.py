"""What an IDTxl user sees of our estimators; their numbers are held against JIDT's in tests/answers."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from causeway.errors import InvalidInput

pytest.importorskip("idtxl", reason="IDTxl is not installed: pip install causeway[idtxl]")

from causeway.analysis.idtxl import CausewayDiscreteCMI, CausewayGaussianCMI, CausewayKraskovCMI, install
from causeway.analysis.idtxl.installation import ESTIMATOR_NAMES, quiet

RNG = np.random.default_rng(2)
X, Y, Z = RNG.normal(size=(3, 60, 1))
ALL = [CausewayDiscreteCMI, CausewayGaussianCMI, CausewayKraskovCMI]
SETTINGS: dict[str, Any] = {"discretise_method": "max_ent"}


@pytest.mark.parametrize("name", ESTIMATOR_NAMES)
def test_idtxl_finds_them_by_name(name: str) -> None:
    assert name in install()
    with quiet():
        from idtxl.estimator import Estimator, get_estimator

        found = get_estimator(name, {"max_lag_sources": 5, **SETTINGS})
    assert isinstance(found, Estimator)
    assert found.is_parallel()


@pytest.mark.parametrize("kind", ALL)
def test_settings_of_the_caller_are_left_alone(kind: Any) -> None:
    settings = dict(SETTINGS)
    kind(settings)
    assert settings == SETTINGS


@pytest.mark.parametrize("kind", ALL)
def test_repeated_variables_may_be_passed_chunk_by_chunk(kind: Any) -> None:
    estimator = kind(SETTINGS)
    x = np.vstack([X, Z, RNG.normal(size=X.shape)])
    tiled = estimator.estimate(x, np.tile(Y, (3, 1)), np.tile(Z, (3, 1)), n_chunks=3)
    np.testing.assert_array_equal(
        tiled, estimator.estimate_parallel(n_chunks=3, re_use=["var2", "conditional"], var1=x, var2=Y, conditional=Z)
    )
    assert tiled[0] == pytest.approx(estimator.estimate(X, Y, Z), rel=1e-12)


@pytest.mark.parametrize("kind", ALL)
def test_one_value_for_every_chunk_if_nothing_changes(kind: Any) -> None:
    estimator = kind(SETTINGS)
    values = estimator.estimate_parallel(n_chunks=3, re_use=["var1", "var2", "conditional"], var1=X, var2=Y)
    assert values.tolist() == [estimator.estimate(X, Y)] * 3


@pytest.mark.parametrize("kind", ALL)
def test_local_values_average_to_the_estimate(kind: Any) -> None:
    local = kind({**SETTINGS, "local_values": True}).estimate(X, Y, Z)
    assert local.shape == (60,)
    assert local.mean() == pytest.approx(kind(SETTINGS).estimate(X, Y, Z), abs=1e-12)


@pytest.mark.parametrize("kind", ALL)
@pytest.mark.parametrize(
    "arguments",
    [{"var1": X[:-1], "var2": Y}, {"var1": X, "var2": Y, "conditional": Z[1:]}, {"var1": X, "var2": None}],
    ids=["var1", "conditional", "missing"],
)
def test_rows_that_do_not_fit_are_refused(kind: Any, arguments: dict[str, Any]) -> None:
    with pytest.raises(InvalidInput):
        kind(SETTINGS).estimate(**arguments)


def test_noise_breaks_ties_and_the_same_data_gives_the_same_number() -> None:
    x, y = np.round(X), np.round(Y)
    noisy = CausewayKraskovCMI({})
    first = noisy.estimate(x, y)
    assert first != CausewayKraskovCMI({"noise_level": 0}).estimate(x, y)
    assert noisy.estimate(x, y) == first == CausewayKraskovCMI({"noise_level": 1e-8}).estimate(x, y)
    assert CausewayKraskovCMI({"rng_seed": 1}).estimate(x, y) != first


def test_surrogates_of_tied_values_are_not_left_to_single_precision() -> None:
    x = np.round(X)
    chunks = np.vstack([RNG.permutation(x) for _ in range(5)])
    fast = CausewayKraskovCMI({}).estimate_parallel(n_chunks=5, re_use=["var2"], var1=chunks, var2=Y)
    exact = CausewayKraskovCMI({"exact_surrogates": True}).estimate_parallel(
        n_chunks=5, re_use=["var2"], var1=chunks, var2=Y
    )
    np.testing.assert_array_equal(fast, exact)


@pytest.mark.parametrize(
    ("kind", "settings"),
    [
        (CausewayKraskovCMI, {"noise_level": -1}),
        (CausewayKraskovCMI, {"kraskov_k": 0}),
        (CausewayKraskovCMI, {"algorithm_num": 3}),
        (CausewayDiscreteCMI, {"discretise_method": "other"}),
        (CausewayDiscreteCMI, {"alph1": 1}),
    ],
)
def test_settings_that_do_not_exist_are_refused(kind: Any, settings: dict[str, Any]) -> None:
    with pytest.raises(InvalidInput):
        kind(settings)


def test_values_that_are_no_symbols_are_refused() -> None:
    with pytest.raises(InvalidInput, match="whole numbers"):
        CausewayDiscreteCMI({}).estimate(X, Y)
    with pytest.raises(InvalidInput, match=r"0\.\.1"):
        CausewayDiscreteCMI({}).estimate(np.full((60, 1), 2), np.zeros((60, 1), dtype=int))


def test_gaussian_nulls_follow_the_global_seed() -> None:
    estimator = CausewayGaussianCMI({})
    np.random.seed(4)
    first = estimator.estimate_surrogates_analytic(n_perm=3, var1=X, var2=Y, conditional=Z)
    np.random.seed(4)
    np.testing.assert_array_equal(
        estimator.estimate_surrogates_analytic(n_perm=3, var1=X, var2=Y, conditional=Z), first
    )
