"""Symbols are described too: their power is a stated bound."""

from __future__ import annotations

import numpy as np
import pytest

from causeway.analysis.information.inference.network import infer_target
from causeway.analysis.information.inference.panel import make_panel
from causeway.analysis.information.robustness.describe import describe_target
from causeway.analysis.information.settings import NetworkSettings
from causeway.model.inference import Estimator


@pytest.mark.parametrize("estimator", [Estimator.DISCRETE, Estimator.ORDINAL])
def test_a_target_of_symbols_is_described(estimator: Estimator) -> None:
    values = np.random.default_rng(3).standard_normal((300, 3))
    values[1:, 1] += 2 * values[:-1, 0]
    panel = make_panel(values, ("A", "B", "C"), 1)
    settings = NetworkSettings(max_lag=1, estimator=estimator, n_permutations=20, max_link_permutations=200)
    detail = describe_target(panel, settings, 1, infer_target(panel, 1, settings, 1), 0)
    assert [link.source for link in detail.links] == ["A"]
    assert detail.links[0].linear_share is None
    assert detail.power.method.endswith("a lower bound")
    assert 0 < detail.power.detectable_r2 < 1
