"""Our estimators inside IDTxl give what JIDT's give: the same settings, the same data, the same numbers."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from causeway.analysis.idtxl.installation import install, quiet, require_java
from causeway.errors import InvalidInput

pytest.importorskip("idtxl", reason="IDTxl is not installed: pip install causeway[idtxl]")
try:
    require_java()
except InvalidInput as missing:
    pytest.skip(f"JIDT cannot run: {missing.message}", allow_module_level=True)

N_ROWS = 300
KSG = {"noise_level": 0}
SHAPES = [(1, 0), (1, 1), (1, 3), (2, 0), (2, 2)]  # dimensions of x, of the condition


def jidt(kind: str, settings: dict[str, Any]) -> Any:
    with quiet():
        from idtxl import estimators_jidt

        return getattr(estimators_jidt, f"Jidt{kind}CMI")(dict(settings))


def ours(kind: str, settings: dict[str, Any]) -> Any:
    """As IDTxl finds it: by name, after ``install``."""
    install()
    with quiet():
        from idtxl.estimator import get_estimator

        return get_estimator(f"Causeway{kind}CMI", dict(settings))


def system(n_x: int, n_z: int, whole: bool = False) -> dict[str, NDArray[Any] | None]:
    rng = np.random.default_rng(n_x + 10 * n_z)
    z = rng.normal(size=(N_ROWS, n_z))
    x = rng.normal(size=(N_ROWS, n_x)) + 0.4 * z.sum(axis=1, keepdims=True)
    y = x[:, :1] ** 2 + x[:, -1:] + rng.normal(size=(N_ROWS, 1)) + 0.5 * z.sum(axis=1, keepdims=True)
    named: dict[str, NDArray[Any] | None] = {"var1": x, "var2": y, "conditional": z if n_z else None}
    if whole:
        return {name: None if v is None else np.clip(np.rint(v), -1, 2).astype(int) + 1 for name, v in named.items()}
    return named


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("local", [False, True])
@pytest.mark.parametrize(
    ("kind", "settings"),
    [
        ("Gaussian", {}),
        ("Kraskov", KSG),
        ("Kraskov", {**KSG, "kraskov_k": "7", "normalise": "true"}),
        ("Kraskov", {**KSG, "algorithm_num": 2}),
        ("Kraskov", {**KSG, "theiler_t": "5"}),
        ("Discrete", {"discretise_method": "equal", "n_discrete_bins": 3}),
        ("Discrete", {"discretise_method": "max_ent", "alph1": 2, "alph2": 4, "alphc": 3}),
    ],
    ids=str,
)
def test_an_estimate_is_jidts(kind: str, settings: dict[str, Any], shape: tuple[int, int], local: bool) -> None:
    settings = {**settings, "local_values": local}
    data = system(*shape)
    np.testing.assert_allclose(
        ours(kind, settings).estimate(**data), jidt(kind, settings).estimate(**data), rtol=0, atol=1e-11
    )


@pytest.mark.parametrize("shape", SHAPES)
def test_whole_numbers_are_symbols_as_they_are(shape: tuple[int, int]) -> None:
    data, settings = system(*shape, whole=True), {"n_discrete_bins": 4}
    assert ours("Discrete", settings).estimate(**data) == pytest.approx(
        jidt("Discrete", settings).estimate(**data), abs=1e-12
    )


def test_tied_values_count_as_in_jidt_if_there_is_no_noise() -> None:
    data = {name: np.round(v, 1) for name, v in system(2, 2).items() if v is not None}
    assert ours("Kraskov", KSG).estimate(**data) == pytest.approx(jidt("Kraskov", KSG).estimate(**data), abs=1e-11)


@pytest.mark.parametrize("shape", SHAPES)
def test_gaussian_surrogates_are_the_ones_that_jidt_draws_from_the_same_seed(shape: tuple[int, int]) -> None:
    data = system(*shape)
    drawn = []
    for estimator in (ours("Gaussian", {}), jidt("Gaussian", {})):
        np.random.seed(7)
        drawn.append(estimator.estimate_surrogates_analytic(n_perm=50, **data))
    np.testing.assert_allclose(drawn[0], drawn[1], rtol=0, atol=1e-12)


def test_a_variable_within_the_condition_has_an_all_zero_null_as_in_jidt() -> None:
    data = system(1, 2)
    data["conditional"] = np.hstack([data["conditional"], data["var1"]])  # type: ignore[list-item]  # both are arrays
    for estimator in (ours("Gaussian", {}), jidt("Gaussian", {})):
        assert estimator.estimate(**data) == pytest.approx(0, abs=1e-12)
        np.testing.assert_array_equal(estimator.estimate_surrogates_analytic(n_perm=5, **data), 0)


def test_discrete_surrogates_are_in_bits_where_jidts_are_in_nats() -> None:
    data, settings = system(1, 2), {"discretise_method": "max_ent", "n_discrete_bins": 3}
    drawn = []
    for estimator in (ours("Discrete", settings), jidt("Discrete", settings)):
        np.random.seed(7)
        drawn.append(estimator.estimate_surrogates_analytic(n_perm=50, **data))
    np.testing.assert_allclose(drawn[0] * np.log(2), drawn[1], rtol=0, atol=1e-11)


@pytest.mark.parametrize("re_use", [["var2", "conditional"], ["var2"], ["conditional"], []], ids=str)
@pytest.mark.parametrize("kind", ["Gaussian", "Kraskov"])
def test_chunks_are_estimated_as_one_by_one(kind: str, re_use: list[str]) -> None:
    settings = KSG if kind == "Kraskov" else {}
    rng = np.random.default_rng(3)
    data = {
        name: values if name in re_use else np.vstack([values + 0.1 * rng.normal(size=values.shape) for _ in range(4)])
        for name, values in system(1, 2).items()
        if values is not None
    }
    arguments: dict[str, Any] = {"n_chunks": 4, "re_use": re_use, **data}
    np.testing.assert_allclose(
        ours(kind, settings).estimate_parallel(**arguments),
        jidt(kind, settings).estimate_parallel(**arguments),
        rtol=0,
        atol=1e-11,
    )


@pytest.mark.parametrize("n_x", [1, 3])
def test_surrogates_agree_to_single_precision_and_exactly_on_demand(n_x: int) -> None:
    data = system(n_x, 2)
    x = data.pop("var1")
    assert x is not None
    rng = np.random.default_rng(5)
    shuffled = np.vstack([x[rng.permutation(N_ROWS)] for _ in range(30)])
    arguments: dict[str, Any] = {"n_chunks": 30, "re_use": ["var2", "conditional"], "var1": shuffled, **data}
    expected = jidt("Kraskov", KSG).estimate_parallel(**arguments)
    exact = ours("Kraskov", {**KSG, "exact_surrogates": True}).estimate_parallel(**arguments)
    np.testing.assert_allclose(exact, expected, rtol=0, atol=1e-11)
    single = np.abs(ours("Kraskov", KSG).estimate_parallel(**arguments) - expected)
    assert np.median(single) < 1e-6
    assert single.max() < 4 / N_ROWS  # a few rows that count one neighbour more or less, at most a nat each
