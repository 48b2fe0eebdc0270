"""The parts of a target's details as they are done, so that a second start goes on behind them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from causeway.analysis.information.inference.checkpoints import Checkpoint, Journal, fingerprint
from causeway.analysis.information.robustness.details import LinkDetail, Power
from causeway.analysis.information.robustness.stability import Resample
from causeway.analysis.information.robustness.view import TargetView


class DescribedParts:
    """Each part is computed once, or taken from ``checkpoint``; floats survive it bit by bit.

    What was kept of another question, result or number of resamples is not used.
    """

    def __init__(self, checkpoint: Checkpoint | None, view: TargetView, seed: int, runs: int) -> None:
        if checkpoint is None:
            self._journal = Journal()
            return
        question = fingerprint(view.panel, view.index, view.settings, seed, "cpu")
        asked = json.dumps([question, view.result.as_json(), runs])
        print_ = hashlib.sha256(asked.encode()).hexdigest()
        self._journal = Journal(checkpoint, f"details-{view.result.target}-{print_[:16]}", print_)

    def resample(self, name: str, compute: Callable[[], list[Resample]]) -> list[Resample]:
        """One half of time or of the asset set; empty where it cannot be analysed."""
        found = self._kept(f"stability:{name}", lambda: [one.as_json() for one in compute()])
        return [Resample.from_json(one) for one in found]

    def link(self, source: str, compute: Callable[[], LinkDetail]) -> LinkDetail:
        """What is told about one link."""
        return LinkDetail.from_json(self._kept(f"link:{source}", lambda: asdict(compute())))

    def storage(self, compute: Callable[[], tuple[float, float]]) -> tuple[float, float]:
        """Active information storage and its p."""
        nats, p = self._kept("storage", lambda: list(compute()))
        return nats, p

    def power(self, compute: Callable[[], Power]) -> Power:
        """The weakest link that could have been shown."""
        return Power(**self._kept("power", lambda: asdict(compute())))

    def _kept(self, step: str, compute: Callable[[], Any]) -> Any:
        found = self._journal.decided(step)
        if found is None:
            found = compute()
            self._journal.decide(step, found)
        return found
