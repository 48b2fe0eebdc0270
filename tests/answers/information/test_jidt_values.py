"""Values that JIDT's own test-suite holds (KSG: computed by TRENTOOL; Gaussian: by Granger toolboxes).

Source: JIDT, TransferEntropyCalculatorMultiVariateKraskovTester and TransferEntropyCalculatorGaussianTester
(Lizier 2014). The data files are not ours to ship.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from causeway.analysis.information import KsgSettings, transfer_entropy


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
