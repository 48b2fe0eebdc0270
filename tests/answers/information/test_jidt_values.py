"""Values that JIDT's own test-suite holds (KSG: computed by TRENTOOL; Gaussian: by Granger toolboxes).

Source: JIDT, TransferEntropyCalculatorMultiVariateKraskovTester and TransferEntropyCalculatorGaussianTester
(Lizier 2014). The data files are not ours to ship.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from causeway.analysis.information import KsgSettings, mutual_information, transfer_entropy


def columns(test_data: Path, name: str) -> NDArray[np.float64]:
    path = test_data / "information" / f"{name}.txt"
    if not path.exists():
        pytest.skip(f"{path.name} is not among the test data")
    return np.loadtxt(path)


@pytest.mark.parametrize(
    ("name", "source", "target", "expected"),
    [
        ("2coupledRandomCols-1", 0, 1, 0.3058006),
        ("2coupledRandomCols-1", 1, 0, -0.0029744),
        ("coupledLogisticMapXY", 0, 1, 0.508417),
        ("coupledLogisticMapXY", 1, 0, 0.016257),
        ("4randomCols-1", 0, 1, -0.0096556),
        ("4randomCols-1", 1, 2, 0.0175389),
        ("4randomCols-1", 1, 0, 0.0026367),
        ("4randomCols-1", 0, 2, -0.00012474),
        ("4randomCols-1", 2, 0, -0.0054437),
    ],
)
def test_ksg(test_data: Path, name: str, source: int, target: int, expected: float) -> None:
    data = columns(test_data, name)
    found = transfer_entropy(data[:, source], data[:, target], estimator=KsgSettings(k=4))
    assert found == pytest.approx(expected, abs=1e-6)


K_OF_MILCA = [1, 2, 3, 4, 5, 6, 10, 15]
ONE_AND_ONE = [-0.04614525, -0.0086146, -0.0016454, -0.01130354, -0.0133967, -0.00964035, -0.00237072, -0.00096891]
TWO_AND_TWO = [0.02886644, 0.01071634, 0.00186857, -0.00377259, -0.00634851, -0.00863725, -0.01058087, -0.01106348]
ONE_AND_THREE = [0.02473475, 0.00404451, -0.00454679, -0.00737512, -0.00464896, -0.00610772, -0.00881741, -0.01306668]
REPEATED_ROWS = [0.16846374, 0.04091779, 0.02069109, 0.0070068, 0.00121768, -0.00134164, -0.00870685, -0.00966508]


@pytest.mark.parametrize(
    ("x", "y", "repeated", "expected"),
    [
        ([0], [1], 0, ONE_AND_ONE),
        ([0, 1], [2, 3], 0, TWO_AND_TWO),
        ([0], [1, 2, 3], 0, ONE_AND_THREE),
        ([0, 1], [2, 3], 30, REPEATED_ROWS),
    ],
)
def test_ksg_algorithm_2(test_data: Path, x: list[int], y: list[int], repeated: int, expected: list[float]) -> None:
    """Computed by the authors' own MILCA (Kraskov et al. 2004), as in JIDT's MutualInfoMultiVariateTester."""
    data = columns(test_data, "4randomCols-1")
    data = np.vstack([data, data[:repeated]])
    found = [mutual_information(data[:, x], data[:, y], KsgSettings(k=k, algorithm=2)) for k in K_OF_MILCA]
    assert found == pytest.approx(expected, abs=1e-7)


@pytest.mark.parametrize(
    ("source", "target", "history", "twice_expected"),
    [
        (0, 1, 1, 0.71693),
        (1, 0, 1, 0.01702),
        (0, 1, 2, 0.77806),
        (1, 0, 2, 0.02407),
        (0, 1, 3, 0.79468),
        (1, 0, 3, 0.02180),
    ],
)
def test_gaussian(test_data: Path, source: int, target: int, history: int, twice_expected: float) -> None:
    data = columns(test_data, "2coupledRandomCols-1")
    found = transfer_entropy(data[:, source], data[:, target], source_history=history, target_history=history)
    assert found == pytest.approx(twice_expected / 2, abs=1e-5)
