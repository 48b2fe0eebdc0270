"""The Gaussian tests with one rule exchanged, to see what each rule costs. The engine itself offers none of these."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from unittest.mock import patch

import numpy as np
from scipy.stats import chi2

from bench.studies.systems import Array
from causeway import infer_network
from causeway.analysis.information.estimators import gaussian
from causeway.analysis.information.inference import gaussian_steps, residuals
from causeway.analysis.information.inference.results import NetworkResult

Rule = Callable[[Array, int], set[tuple[int, int]]]
_LEVEL = 0.001  # of every step, in the table that is compared with


def _chi_squared(cmi_nats: float, n_rows: float, n_given: int, n_joint: int = 1) -> float:  # noqa: ARG001
    return float(chi2.sf(2 * n_rows * cmi_nats, n_joint))


def _no_score(x: Array, y: Array, left: Array) -> float:  # noqa: ARG001
    return 0.0


def chi_squared_score(x: Array, y: Array, left: Array) -> float:  # noqa: ARG001
    """The score test as it was until te-2: no correction for regression, the limit of many rows."""
    products = x * y
    return float(chi2.sf(products.sum() ** 2 / np.sum(products**2), 1))


@contextmanager
def exchanged(
    f_test: Callable[..., float] = gaussian.f_test, score: Callable[..., float] = gaussian.score_of_residuals
) -> Iterator[None]:
    """The Gaussian steps with other tests in the place of their own, in this process."""
    with patch.object(gaussian_steps, "f_test", f_test), patch.object(residuals, "score_of_residuals", score):
        yield


def strict(values: Array, max_lag: int) -> set[tuple[int, int]]:
    """What a level of .001 in every step keeps: the rule of the table, with our tests."""
    return _ends(infer_network(values, max_lag=max_lag, alpha_step=_LEVEL, n_permutations=1000), kept=True)


def strict_chi_squared(values: Array, max_lag: int) -> set[tuple[int, int]]:
    """The same with chi-squared nulls and all rows: the rule of the table, and its tests."""
    with exchanged(f_test=_chi_squared):
        found = infer_network(values, max_lag=max_lag, alpha_step=_LEVEL, n_permutations=1000, autocorrelation="none")
        return _ends(found, kept=True)


def default(values: Array, max_lag: int) -> set[tuple[int, int]]:
    """q < .05 by the default settings."""
    return _ends(infer_network(values, max_lag=max_lag))


def all_rows(values: Array, max_lag: int) -> set[tuple[int, int]]:
    """The same without Bartlett's count."""
    return _ends(infer_network(values, max_lag=max_lag, autocorrelation="none"))


def score_by_chi_squared(values: Array, max_lag: int) -> set[tuple[int, int]]:
    """The same with the score test as it was."""
    with exchanged(score=chi_squared_score):
        return _ends(infer_network(values, max_lag=max_lag))


def f_test_alone(values: Array, max_lag: int) -> set[tuple[int, int]]:
    """The same with neither score test nor Bartlett's count: not honest under a common volatility."""
    with exchanged(score=_no_score):
        return _ends(infer_network(values, max_lag=max_lag, autocorrelation="none"))


RULES: dict[str, Rule] = {
    "every step at .001": strict,
    "every step at .001, chi-squared": strict_chi_squared,
    "default, q < .05": default,
    "default, all rows": all_rows,
    "default, score by chi-squared": score_by_chi_squared,
    "default, F-test alone": f_test_alone,
}


def _ends(found: NetworkResult, *, kept: bool = False) -> set[tuple[int, int]]:
    links = found.kept_links if kept else found.links
    return {(int(link.source[1:]), int(link.target[1:])) for link in links}
