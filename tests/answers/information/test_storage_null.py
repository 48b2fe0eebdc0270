"""The p of active information storage, on series without any memory."""

from __future__ import annotations

import numpy as np

from causeway.analysis.information.inference.panel import make_panel
from causeway.analysis.information.inference.storage import active_information
from causeway.analysis.information.settings import NetworkSettings


def test_white_noise_has_storage_as_often_as_the_level_says() -> None:
    """The score test is asymptotic and the five lags of one series are not quite independent: a little below .05."""
    settings, runs = NetworkSettings(max_lag=5), 600
    p = []
    for run in range(runs):
        panel = make_panel(np.random.default_rng(run).standard_normal((200, 2)), ("a", "b"), 5)
        p.append(active_information(panel, 0, settings, 1)[1])
    share = np.mean(np.array(p) <= 0.05)
    assert 0.02 < share < 0.07  # counting rows by Bartlett's formula, of a series beside itself, gave 0.00
