"""One engine may serve several questions at once."""

from __future__ import annotations

from typing import Any

import numpy as np

from causeway.analysis.idtxl_engine import IdtxlEngine
from tests.unit.pipelines.questions import coupled_market, question

NAMES = ("X", "Y", "Z")


class Overtaken(IdtxlEngine):
    """Whenever it keeps what it saw, another thread at once keeps what that one saw."""

    theirs: Any = None

    def __setattr__(self, name: str, value: Any) -> None:
        super().__setattr__(name, self.theirs if name == "_latest" and self.theirs is not None else value)


def test_a_question_is_answered_on_its_own_data_whatever_runs_beside_it() -> None:
    rng = np.random.default_rng(4)
    noise, coupled = rng.standard_normal((2, 400, 3))
    coupled[1:, 1] += 0.6 * coupled[:-1, 0]
    spec = question(coupled_market())
    engine, other = Overtaken(), IdtxlEngine()
    other.run_target(noise, NAMES, "Y", spec)
    engine.theirs = other._latest
    assert engine.run_target(coupled, NAMES, "Y", spec) == IdtxlEngine().run_target(coupled, NAMES, "Y", spec)
