"""What is said about series that can be analysed, but not as well as hoped."""

from __future__ import annotations

import numpy as np
import pytest

from causeway.analysis.information.inference.panel import Panel, make_panel
from causeway.analysis.information.inference.treatments import data_warnings
from causeway.analysis.information.settings import NetworkSettings
from causeway.model.inference import Estimator, Missing


def moving_together(share: float, n: int = 1000) -> Panel:
    """Two of three series have a common part, of which their correlation is ``share``; nothing has any memory."""
    rng = np.random.default_rng(2)
    common, values = rng.standard_normal(n), rng.standard_normal((n, 3))
    values[:, :2] = np.sqrt(1 - share) * values[:, :2] + np.sqrt(share) * common[:, None]
    return make_panel(values, ("calm", "wild", "other"), 1)


@pytest.mark.parametrize("estimator", [Estimator.DISCRETE, Estimator.ORDINAL])
def test_symbols_of_series_that_move_together_are_warned_about(estimator: Estimator) -> None:
    [said] = data_warnings(moving_together(0.6), NetworkSettings(estimator=estimator))
    assert said.startswith("calm and wild move together at the same bar (rank correlation 0.6")


@pytest.mark.parametrize("estimator", list(Estimator))
def test_nothing_is_said_where_nothing_is_wrong(estimator: Estimator) -> None:
    assert data_warnings(moving_together(0.0), NetworkSettings(estimator=estimator)) == ()


def test_holes_do_not_hide_it() -> None:
    values = moving_together(0.6).values.copy()
    values[10:20, 2] = np.nan
    panel = make_panel(values, ("calm", "wild", "other"), 1, Missing.MASK)
    assert data_warnings(panel, NetworkSettings(estimator=Estimator.ORDINAL))
