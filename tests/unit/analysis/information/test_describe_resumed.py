"""Details of a target that were interrupted go on behind the parts that were done, to the same bits."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from causeway.analysis.information.inference.checkpoints import FileCheckpoint, MemoryCheckpoint
from causeway.analysis.information.inference.network import InferenceCancelled, infer_target
from causeway.analysis.information.inference.panel import Panel, make_panel
from causeway.analysis.information.robustness import describe
from causeway.analysis.information.robustness.describe import describe_target
from causeway.analysis.information.settings import NetworkSettings
from causeway.model.inference import Estimator

GAUSSIAN = NetworkSettings(max_lag=2)
SAMPLED = NetworkSettings(max_lag=2, estimator=Estimator.DISCRETE, n_bins=2, n_permutations=40)
RUNS = 3


def panel() -> Panel:
    values = np.random.default_rng(5).standard_normal((240, 4))
    values[1:, 0] += 1.5 * values[:-1, 1] + 1.5 * values[:-1, 2]
    return make_panel(values, ("A", "B", "C", "D"), 2)


def after(patience: int) -> Callable[[], bool]:
    heard = iter(range(10**9))
    return lambda: next(heard) >= patience


@pytest.mark.parametrize("settings", [GAUSSIAN, SAMPLED], ids=["exact nulls", "surrogates"])
def test_interrupted_again_and_again_it_ends_with_the_same_bits(settings: NetworkSettings) -> None:
    result = infer_target(panel(), 0, settings, 3)
    assert len(result.sources) >= 2
    whole = describe_target(panel(), settings, 3, result, RUNS)
    checkpoint, patience, found = MemoryCheckpoint(), 0, None
    while found is None:
        patience += 1 if settings is GAUSSIAN else 20
        try:
            stop = after(patience)
            found = describe_target(panel(), settings, 3, result, RUNS, should_stop=stop, checkpoint=checkpoint)
        except InferenceCancelled:
            continue
    assert found == whole
    assert patience > 4


def test_what_was_done_is_not_done_again(monkeypatch: pytest.MonkeyPatch) -> None:
    result, checkpoint = infer_target(panel(), 0, GAUSSIAN, 3), MemoryCheckpoint()
    whole = describe_target(panel(), GAUSSIAN, 3, result, RUNS, checkpoint=checkpoint)
    computed = []
    monkeypatch.setattr(describe, "infer_target", lambda *_, **__: computed.append("resample"))
    monkeypatch.setattr(describe, "_link", lambda *_: computed.append("link"))
    monkeypatch.setattr(describe, "_power", lambda *_: computed.append("power"))
    monkeypatch.setattr(describe, "active_information", lambda *_, **__: computed.append("storage"))
    assert describe_target(panel(), GAUSSIAN, 3, result, RUNS, checkpoint=checkpoint) == whole
    assert computed == []


@pytest.mark.parametrize("change", ["seed", "runs", "result"])
def test_what_was_kept_of_another_question_is_not_used(change: str) -> None:
    result, checkpoint = infer_target(panel(), 0, GAUSSIAN, 3), MemoryCheckpoint()
    describe_target(panel(), GAUSSIAN, 3, result, RUNS, checkpoint=checkpoint)
    seed, runs = 4 if change == "seed" else 3, 5 if change == "runs" else RUNS
    if change == "result":
        result = replace(result, sources=result.sources[:1])
    kept = describe_target(panel(), GAUSSIAN, seed, result, runs, checkpoint=checkpoint)
    assert kept == describe_target(panel(), GAUSSIAN, seed, result, runs)


KILLED = """
import os, signal, sys
from pathlib import Path
from causeway.analysis.information.inference.checkpoints import FileCheckpoint
from causeway.analysis.information.inference.network import infer_target
from causeway.analysis.information.robustness.describe import describe_target
from tests.unit.analysis.information.test_describe_resumed import GAUSSIAN, RUNS, panel

def killed(fraction):
    if fraction > 0.85:  # the resamples and two of three links are done
        os.kill(os.getpid(), signal.SIGKILL)

result = infer_target(panel(), 0, GAUSSIAN, 3)
describe_target(panel(), GAUSSIAN, 3, result, RUNS, killed, checkpoint=FileCheckpoint(Path(sys.argv[1])))
"""


def test_a_killed_process_leaves_what_it_had_done(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ended = subprocess.run([sys.executable, "-c", KILLED, str(tmp_path)], check=False)
    assert ended.returncode == -signal.SIGKILL
    result = infer_target(panel(), 0, GAUSSIAN, 3)
    whole = describe_target(panel(), GAUSSIAN, 3, result, RUNS)
    begun, link = [], describe._link

    def counted(*arguments: object) -> object:
        begun.append("link")
        return link(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(describe, "_link", counted)
    monkeypatch.setattr(describe, "infer_target", lambda *_, **__: begun.append("resample"))
    found = describe_target(panel(), GAUSSIAN, 3, result, RUNS, checkpoint=FileCheckpoint(tmp_path))
    assert found == whole
    assert begun == ["link"]
