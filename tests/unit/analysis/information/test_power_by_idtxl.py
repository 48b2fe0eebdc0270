"""The power that is stated where links are found by IDTxl's rules, against the share that these rules find."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import binom

from causeway.analysis.information.inference.network import infer_target
from causeway.analysis.information.inference.panel import Panel, make_panel
from causeway.analysis.information.robustness.describe import describe_target
from causeway.analysis.information.settings import NetworkSettings
from causeway.model.inference import CorrectOver

OVER_TARGETS = NetworkSettings(max_lag=2, compat="idtxl", correct_over=CorrectOver.TARGETS)
OVER_LINKS = NetworkSettings(max_lag=2, compat="idtxl")
# A lone target among three by Benjamini-Yekutieli: .05 / (3 (1 + 1/2 + 1/3)). Over links IDTxl counts survivors only.
NEEDED = {CorrectOver.TARGETS: 0.05 / 5.5, CorrectOver.LINKS: 0.05}
SYSTEMS = 80


def system(seed: int, r2: float, n: int = 150) -> Panel:
    """x drives y at lag 1 with partial R² ``r2``; z is noise."""
    x, y, z = np.random.default_rng(seed).standard_normal((3, n))
    y[1:] = np.sqrt(r2) * x[:-1] + np.sqrt(1 - r2) * y[1:]
    return make_panel(np.column_stack([x, y, z]), ["x", "y", "z"], 2)


@pytest.mark.parametrize("settings", [OVER_TARGETS, OVER_LINKS], ids=["over targets", "over links"])
def test_the_stated_strength_is_found_as_often_as_stated(settings: NetworkSettings) -> None:
    unlinked = system(1, 0.0)
    power = describe_target(unlinked, settings, 1, infer_target(unlinked, 1, settings, 1), 0).power
    found = 0
    for seed in range(SYSTEMS):
        result = infer_target(system(seed, power.detectable_r2), 1, settings, seed)
        passed = result.omnibus_p <= NEEDED[settings.correct_over]
        found += passed and any(source.source == "x" for source in result.sources)
    low, high = binom.ppf([0.001, 0.999], SYSTEMS, power.power)
    assert low <= found <= high
