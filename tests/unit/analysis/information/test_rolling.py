"""Windows over time, and the correction across them."""

from __future__ import annotations

import numpy as np
import pytest

from causeway.analysis.information.inference.panel import make_panel
from causeway.analysis.information.robustness.rolling import WindowTarget, assemble_windows, infer_windows, windows
from causeway.analysis.information.settings import NetworkSettings
from causeway.errors import InvalidInput
from causeway.model.inference import Estimator

SETTINGS = NetworkSettings(max_lag=2)


def coupled_in_the_second_half(n: int = 800) -> np.ndarray:
    """x drives y at lag 1, from the middle on; z is noise."""
    rng = np.random.default_rng(3)
    x, y, z = rng.standard_normal((3, n))
    y[n // 2 :] += 0.5 * x[n // 2 - 1 : -1]
    return np.column_stack([x, y, z])


def test_windows_are_whole_and_end_at_the_last_sample() -> None:
    assert windows(1000, 400, 250, 5) == [(100, 500), (350, 750), (600, 1000)]
    assert windows(1000, 1000, None, 5) == [(0, 1000)]


@pytest.mark.parametrize("length", [34, 1001])
def test_a_window_must_fit(length: int) -> None:
    with pytest.raises(InvalidInput, match="window_bars must lie between 35"):
        windows(1000, length, None, 5)


def test_a_link_appears_in_the_windows_in_which_it_exists() -> None:
    panel = make_panel(coupled_in_the_second_half(), ["x", "y", "z"], 2)
    spans = windows(panel.n_samples, 200, 200, 2)
    shards = [infer_windows(panel, target, SETTINGS, 1, spans) for target in range(3)]
    found = assemble_windows(shards, panel.names, SETTINGS)
    shown = {window.start: [(k.source, k.target) for k in window.links if k.q < SETTINGS.alpha] for window in found}
    assert shown == {0: [], 200: [], 400: [("x", "y")], 600: [("x", "y")]}


def test_q_pays_for_every_window() -> None:
    """p 0.0005 among 2 windows x 6 links: q = p m H(m) for m = 12, with H(12) = 3.103211."""
    panel = make_panel(coupled_in_the_second_half(), ["x", "y", "z"], 2)
    shards = [infer_windows(panel, target, SETTINGS, 1, [(0, 400), (400, 800)]) for target in range(3)]
    strongest = min(
        (k for window in assemble_windows(shards, panel.names, SETTINGS) for k in window.links), key=lambda k: k.q
    )
    assert strongest.q == pytest.approx(strongest.p * 12 * 3.1032106782)


def test_a_series_that_stands_still_in_one_window_is_named_there() -> None:
    values = coupled_in_the_second_half()
    values[:200, 2] = 0.0
    panel = make_panel(values, ["x", "y", "z"], 2)
    shards = [infer_windows(panel, target, SETTINGS, 1, [(0, 200), (600, 800)]) for target in range(3)]
    assert shards[0][0].result is None
    assert "z" in shards[0][0].reason
    first, second = assemble_windows(shards, panel.names, SETTINGS)
    assert first.skipped == ("x", "y", "z")
    assert second.skipped == ()


def test_a_window_survives_json() -> None:
    panel = make_panel(coupled_in_the_second_half(), ["x", "y", "z"], 2)
    [one] = infer_windows(panel, 1, SETTINGS, 1, [(400, 800)])
    assert WindowTarget.from_json(one.as_json()) == one


def test_a_window_with_too_few_rows_is_kept_with_its_reason() -> None:
    """Order patterns lose two of 33 rows, beside the two lags: 29 are left, one too few."""
    panel = make_panel(coupled_in_the_second_half(), ["x", "y", "z"], 2)
    settings = NetworkSettings(max_lag=2, estimator=Estimator.ORDINAL)
    [one] = infer_windows(panel, 1, settings, 1, [(400, 433)])
    assert one.result is None
    assert "y has 29 bars" in one.reason


def test_settings_that_fit_no_window_are_refused() -> None:
    panel = make_panel(coupled_in_the_second_half(), ["x", "y", "z"], 2)
    with pytest.raises(InvalidInput, match="condition_on names w"):
        infer_windows(panel, 1, NetworkSettings(max_lag=2, condition_on=("w",)), 1, [(400, 800)])


def test_a_step_is_at_least_one_bar() -> None:
    with pytest.raises(InvalidInput, match="step_bars must be at least 1; found 0"):
        windows(1000, 400, 0, 5)
