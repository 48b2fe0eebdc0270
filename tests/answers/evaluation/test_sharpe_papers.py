"""Published and recomputed values of the Sharpe ratio's statistics.

Sources: Bailey & Lopez de Prado 2012 (PSR and MinTRL, with the paper's own track record of 24 months), 2014 (DSR, the
paper's worked example), Bailey, Borwein, Lopez de Prado & Zhu 2014 (MinBTL), Mertens 2002 and Lo 2002 (standard error).
"""

from __future__ import annotations

import math

import pytest

from causeway.analysis.evaluation import sharpe
from causeway.analysis.evaluation.sharpe import Moments


@pytest.mark.parametrize(("skewness", "kurtosis", "expected"), [(0.0, 3.0, 0.9817), (-2.448, 10.164, 0.9134)])
def test_probabilistic_sharpe_of_the_papers_track_record(skewness: float, kurtosis: float, expected: float) -> None:
    found = sharpe.probabilistic_sharpe(Moments(0.458, skewness, kurtosis, 24))
    assert found == pytest.approx(expected, abs=5e-5)


@pytest.mark.parametrize(
    ("n_trials", "skewness", "kurtosis", "expected"),
    [(100, -3.0, 10.0, 0.9004), (46, -3.0, 10.0, 0.9505), (88, 0.0, 3.0, 0.9505)],
)
def test_deflated_sharpe_of_the_papers_example(
    n_trials: int, skewness: float, kurtosis: float, expected: float
) -> None:
    m = Moments(2.5 / math.sqrt(250), skewness, kurtosis, 1250)
    assert sharpe.deflated_sharpe(m, n_trials, 0.5 / 250) == pytest.approx(expected, abs=5e-5)


def test_the_papers_deflation_benchmark() -> None:
    assert math.sqrt(0.5 / 250) * sharpe.expected_maximum(100) == pytest.approx(0.1132, abs=5e-5)


@pytest.mark.parametrize(("periods", "years"), [(252, 2.73), (52, 2.83), (12, 3.24)])
def test_minimum_track_record_of_two_against_one(periods: int, years: float) -> None:
    root = math.sqrt(periods)
    assert sharpe.minimum_track_record(2 / root, 1 / root) / periods == pytest.approx(years, abs=5e-3)


@pytest.mark.parametrize(("n_trials", "expected"), [(10, 1.575), (45, 2.236), (100, 2.531), (1000, 3.255)])
def test_expected_maximum_of_trials(n_trials: int, expected: float) -> None:
    assert sharpe.expected_maximum(n_trials) == pytest.approx(expected, abs=5e-4)


def test_minimum_backtest_length_of_45_trials() -> None:
    assert sharpe.minimum_backtest_years(45, 1.0) == pytest.approx(5.0, abs=5e-3)


@pytest.mark.parametrize(("skewness", "kurtosis", "expected"), [(0.0, 3.0, 0.02835), (-1.0, 6.0, 0.02983)])
def test_standard_error_of_a_daily_ratio(skewness: float, kurtosis: float, expected: float) -> None:
    assert sharpe.standard_error(Moments(0.1, skewness, kurtosis, 1250)) == pytest.approx(expected, abs=6e-6)
