"""Discrete estimators: logic gates, published systems, other implementations, and the null distribution."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.special import digamma
from scipy.stats import kstest

from causeway.analysis.information import (
    DiscreteSettings,
    conditional_mutual_information,
    mutual_information,
    transfer_entropy,
)
from causeway.analysis.information.estimators.discrete import DiscreteCmi, count_terms, tail_probability
from causeway.analysis.information.estimators.settings import BiasCorrection

BITS = 1 / np.log(2)
PLUG_IN = DiscreteSettings(correction="none")
TRUTH_TABLE = np.tile([[0, 0], [0, 1], [1, 0], [1, 1]], (25, 1))
X1, X2 = TRUTH_TABLE.T


def test_and_gate() -> None:
    """Every input equally often: the plug-in estimate is the textbook value (Williams & Beer 2010, figure 4)."""
    y = X1 & X2
    assert mutual_information(TRUTH_TABLE, y, PLUG_IN) * BITS == pytest.approx(0.811278, abs=1e-6)
    assert mutual_information(X1, y, PLUG_IN) * BITS == pytest.approx(0.311278, abs=1e-6)
    assert conditional_mutual_information(X1, y, X2, PLUG_IN) * BITS == pytest.approx(0.5, abs=1e-12)


def test_xor_gate() -> None:
    """Neither input says anything alone; together they say all (Schneidman, Bialek & Berry 2003)."""
    y = X1 ^ X2
    assert mutual_information(X1, y, PLUG_IN) == pytest.approx(0, abs=1e-12)
    assert conditional_mutual_information(X1, y, X2, PLUG_IN) * BITS == pytest.approx(1, abs=1e-12)
    assert mutual_information(TRUTH_TABLE, y, PLUG_IN) * BITS == pytest.approx(1, abs=1e-12)


def tent_map_lattices(couplings: NDArray[np.float64], n_steps: int, n_cells: int = 100) -> NDArray[np.bool_]:
    """(n_steps, n_couplings, n_cells): which cells are above 1/2; each is driven by its left neighbour."""
    eps = couplings[:, None]
    x = np.random.default_rng(1).random((couplings.size, n_cells))
    above = np.empty((n_steps, *x.shape), dtype=bool)
    for t in range(-1000, n_steps):
        x = 1 - np.abs(1 - 2 * (eps * np.roll(x, 1, axis=1) + (1 - eps) * x))
        above[max(t, 0)] = x > 0.5
    return above


@pytest.mark.slow
def test_schreibers_tent_map_lattice() -> None:
    """T = alpha² eps² / ln 2 bits, where alpha = 0.77 was fitted over eps <= 0.05, and no flow to the left.

    Source: Schreiber 2000, equation 9 and figure 1: 100 cells, 10^5 steps, k = l = 1. Over seeds our fit scatters
    by 0.003 around 0.776. Rows are pooled over every tenth cell; the lattice is the same everywhere.
    """
    couplings = np.array([0.01, 0.02, 0.03, 0.04, 0.05])
    lattices = tent_map_lattices(couplings, 100_000)
    forward, backward = np.empty(5), np.empty(5)
    for i in range(5):
        left, own = np.roll(lattices[:, i], 1, axis=1)[:, ::10], lattices[:, i, ::10]
        for values, source, target in ((forward, left, own), (backward, own, left)):
            past, present = target[:-1].ravel(), target[1:].ravel()
            values[i] = conditional_mutual_information(source[:-1].ravel(), present, past, DiscreteSettings())
    alpha = np.sqrt((forward * couplings**2).sum() / (couplings**4).sum())
    assert alpha == pytest.approx(0.77, abs=0.01)
    assert np.abs(backward).max() < 0.01 * forward.max()


def test_transfer_of_a_noisy_copy() -> None:
    """y copies the last bit of x with errors p: TE = 1 - H(p) bits (binary symmetric channel, Shannon 1948)."""
    rng = np.random.default_rng(0)
    n, p = 100_000, 0.1
    x = rng.integers(2, size=n)
    y = np.roll(x, 1) ^ (rng.random(n) < p)
    capacity = 1 + p * np.log2(p) + (1 - p) * np.log2(1 - p)  # 0.531004 bits
    # The standard error of the entropy of the errors is sqrt(p (1 - p)/n) log2((1 - p)/p) = 0.003 bits.
    assert transfer_entropy(x, y, estimator=PLUG_IN) * BITS == pytest.approx(capacity, abs=0.01)
    assert transfer_entropy(y, x, estimator=DiscreteSettings()) == pytest.approx(0, abs=2e-4)


def whole_numbers() -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Three coupled sequences by exact arithmetic, so that other tools can be given the same ones."""
    i = np.arange(400)
    x, v = (31 * i * i + 17 * i + 5) % 97, (13 * i * i * i + 7 * i) % 101
    y = np.concatenate([v[:1], x[:-1] + v[1:] // 3])
    return x, y, (x + v) % 89


@pytest.mark.parametrize(
    ("correction", "mi", "cmi", "te"),
    [
        ("none", 0.014462545595412796, 0.023080856853674298, 0.5638983566128247),
        ("miller_madow", 0.009462545595412795, 0.008080856853674299, 0.5576169495776488),
    ],
)
def test_values_of_infomeasure(correction: BiasCorrection, mi: float, cmi: float, te: float) -> None:
    """Computed with infomeasure 0.6.3 (approach "discrete", "miller_madow"; TE with dest_hist_len=2)."""
    x, y, w = (values // width for values, width in zip(whole_numbers(), (33, 45, 30), strict=True))
    settings = DiscreteSettings(correction=correction)
    assert mutual_information(x, y, settings) == pytest.approx(mi, abs=1e-12)
    assert conditional_mutual_information(x, y, w, settings) == pytest.approx(cmi, abs=1e-12)
    assert transfer_entropy(x, y, target_history=2, estimator=settings) == pytest.approx(te, abs=1e-12)


def test_grassbergers_function() -> None:
    """G(n) = psi(n) + (-1)^n (psi((n + 1)/2) - psi(n/2))/2 (Grassberger 2003, equations 25 and 30)."""
    n = np.arange(1, 60)
    published = digamma(n) + 0.5 * (-1.0) ** n * (digamma((n + 1) / 2) - digamma(n / 2))
    np.testing.assert_allclose(count_terms(59, "grassberger")[1:] / n, published, rtol=1e-12)


@pytest.mark.parametrize(("n_rows", "z_states", "best"), [(2000, 3, "miller_madow"), (200, 27, "grassberger")])
def test_which_correction_suits(n_rows: int, z_states: int, best: BiasCorrection) -> None:
    """x and y are independent, so the truth is 0. Plug-in bias is about (|X| - 1)(|Y| - 1)|Z| / (2 n_rows)."""
    rng = np.random.default_rng(0)
    error = {}
    draws = [rng.integers((3, 3, z_states), size=(n_rows, 3)).astype(float) for _ in range(60)]
    corrections: tuple[BiasCorrection, ...] = ("none", "miller_madow", "grassberger")
    for correction in corrections:
        estimator = DiscreteCmi(DiscreteSettings(correction=correction))
        found = [estimator.prepare(d[:, [1]], d[:, [2]]).joint(d[:, [0]]) for d in draws]
        error[correction] = float(np.sqrt(np.mean(np.square(found))))
    assert min(error, key=error.__getitem__) == best
    assert error[best] < 0.6 * error["none"]


def test_null_probabilities_are_uniform() -> None:
    """2 N I of independent symbols is chi-squared with (|X| - 1)(|Y| - 1)|Z| degrees (Wilks 1938)."""
    rng = np.random.default_rng(4)
    estimator = DiscreteCmi(PLUG_IN)
    p = []
    for _ in range(500):
        x, y, z = rng.integers((3, 4, 2), size=(600, 3)).astype(float).T[:, :, None]
        prepared = estimator.prepare(y, z)
        assert prepared.degrees_of_freedom(x) == 12
        p.append(float(tail_probability(prepared.joint(x), 600, 12)))
    assert kstest(p, "uniform").pvalue > 0.01
