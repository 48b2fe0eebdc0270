"""An interrupted target goes on where it was, and ends with the bits of one that was never interrupted."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from causeway.analysis.information import (
    Checkpoint,
    FileCheckpoint,
    InferenceCancelled,
    MemoryCheckpoint,
    NetworkSettings,
    Panel,
    TargetResult,
    infer_panel,
    infer_target,
    make_panel,
)
from causeway.model.inference import Estimator, InferenceMode, Tail

SETTINGS = NetworkSettings(
    max_lag=2, estimator=Estimator.DISCRETE, n_bins=2, n_permutations=60, max_link_permutations=400
)


@pytest.fixture
def panel() -> Panel:
    values = np.random.default_rng(5).standard_normal((160, 4))
    values[1:, 0] += 1.5 * values[:-1, 1] + 1.5 * values[:-1, 2]
    return make_panel(values, ("A", "B", "C", "D"), 2)


class Interruptions:
    """Lets a run hear ``patience`` pulses, then stops it."""

    def __init__(self) -> None:
        self.patience, self.heard = 0, 0

    def __call__(self) -> bool:
        self.heard += 1
        return self.heard > self.patience

    def finish(self, panel: Panel, settings: NetworkSettings, checkpoint: Checkpoint) -> tuple[TargetResult, int]:
        """Start again and again, each time one pulse further; the result, and how often it was interrupted."""
        while True:
            self.patience, self.heard = self.patience + 1, 0
            try:
                result = infer_target(panel, 0, settings, 3, should_stop=self, checkpoint=checkpoint)
            except InferenceCancelled:
                continue
            return result, self.patience - 1


@pytest.mark.parametrize(
    "settings",
    [
        SETTINGS,
        NetworkSettings.from_json({**SETTINGS.as_json(), "mode": InferenceMode.BIVARIATE_TE}),
        NetworkSettings.from_json({**SETTINGS.as_json(), "tail": Tail.FITTED, "max_link_permutations": 2000}),
        NetworkSettings(max_lag=2),
    ],
    ids=["surrogates", "bivariate", "fitted tail", "exact nulls"],
)
def test_interrupted_after_every_pulse(panel: Panel, settings: NetworkSettings) -> None:
    expected = infer_target(panel, 0, settings, 3)
    assert {source.source for source in expected.sources} == {"B", "C"}
    result, interruptions = Interruptions().finish(panel, settings, MemoryCheckpoint())
    assert result == expected
    assert interruptions > 10


def test_a_resumed_run_does_not_start_over(panel: Panel) -> None:
    """What was decided is not computed again: with the state of a nearly finished run, few pulses are left."""
    whole, rest = Interruptions(), Interruptions()
    whole.patience = rest.patience = 10**9
    infer_target(panel, 0, SETTINGS, 3, should_stop=whole)
    checkpoint = MemoryCheckpoint()
    last = Interruptions()
    last.patience = whole.heard - 3
    with pytest.raises(InferenceCancelled):
        infer_target(panel, 0, SETTINGS, 3, should_stop=last, checkpoint=checkpoint)
    infer_target(panel, 0, SETTINGS, 3, should_stop=rest, checkpoint=checkpoint)
    assert rest.heard < 0.7 * whole.heard


def test_progress_of_a_resumed_run_still_rises_from_zero_to_one(panel: Panel) -> None:
    checkpoint = MemoryCheckpoint()
    stop = Interruptions()
    stop.patience = 25
    with pytest.raises(InferenceCancelled):
        infer_target(panel, 0, SETTINGS, 3, should_stop=stop, checkpoint=checkpoint)
    heard: list[float] = []
    infer_target(panel, 0, SETTINGS, 3, heard.append, checkpoint=checkpoint)
    assert heard == sorted(heard)
    assert (heard[0], heard[-1]) == (0, 1)


def test_a_finished_target_is_not_computed_again(panel: Panel, tmp_path: Path) -> None:
    checkpoint = FileCheckpoint(tmp_path / "state")
    expected = infer_panel(panel, SETTINGS, 3, checkpoint=checkpoint)
    again = Interruptions()
    again.patience = panel.n_series  # one question per target, before anything else
    assert infer_panel(panel, SETTINGS, 3, should_stop=again, checkpoint=FileCheckpoint(tmp_path / "state")) == expected


@pytest.mark.parametrize("change", ["seed", "settings", "data"])
def test_the_state_of_another_question_is_not_used(panel: Panel, change: str) -> None:
    checkpoint = MemoryCheckpoint()
    infer_target(panel, 0, SETTINGS, 3, checkpoint=checkpoint)
    values = panel.values.copy()
    values[80, 3] += 1.0
    other = make_panel(values, panel.names, 2) if change == "data" else panel
    settings = NetworkSettings(max_lag=2) if change == "settings" else SETTINGS
    seed = 4 if change == "seed" else 3
    expected = infer_target(other, 0, settings, seed)
    assert infer_target(other, 0, settings, seed, checkpoint=checkpoint) == expected


@pytest.mark.parametrize("damage", ["", "{", "[]"])
def test_a_damaged_state_counts_as_none(panel: Panel, tmp_path: Path, damage: str) -> None:
    expected = infer_target(panel, 0, SETTINGS, 3, checkpoint=FileCheckpoint(tmp_path))
    (state,) = tmp_path.iterdir()
    state.write_text(damage)
    assert infer_target(panel, 0, SETTINGS, 3, checkpoint=FileCheckpoint(tmp_path)) == expected
