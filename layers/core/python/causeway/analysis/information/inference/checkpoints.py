"""What a target had decided when it was interrupted, so that a second start goes on from there, to the same bits.

Every step draws from its own random stream, and within a step the draws already counted are skipped. So a resumed run
differs from an uninterrupted one in nothing but time.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any, Protocol

from causeway.analysis.information.inference.embedding import LaggedVariable
from causeway.analysis.information.inference.panel import Panel
from causeway.analysis.information.inference.steps import Decision, StepTests, Variables
from causeway.analysis.information.settings import NetworkSettings
from causeway.analysis.information.version import ENGINE_VERSION


class Checkpoint(Protocol):
    """Where the state of interrupted targets is kept; states are plain JSON types."""

    def load(self, key: str) -> dict[str, Any] | None:
        """The state last saved under ``key``, or None."""
        ...

    def save(self, key: str, state: dict[str, Any]) -> None:
        """Replace the state under ``key``. Called often, from several threads for different keys."""
        ...


class MemoryCheckpoint:
    """Lasts as long as the process."""

    def __init__(self) -> None:
        self._states: dict[str, str] = {}

    def load(self, key: str) -> dict[str, Any] | None:
        """The state last saved under ``key``, or None."""
        return _state(self._states.get(key))

    def save(self, key: str, state: dict[str, Any]) -> None:
        """Replace the state under ``key``."""
        self._states[key] = json.dumps(state)


class FileCheckpoint:
    """One file per key in a directory; a state that was cut off or damaged counts as absent."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        directory.mkdir(parents=True, exist_ok=True)

    def load(self, key: str) -> dict[str, Any] | None:
        """The state last saved under ``key``, or None."""
        path = self._path(key)
        return _state(path.read_text(encoding="utf-8")) if path.exists() else None

    def save(self, key: str, state: dict[str, Any]) -> None:
        """Replace the state under ``key``, in one step: a reader sees the old or the new one."""
        path = self._path(key)
        fresh = path.with_suffix(".new")
        fresh.write_text(json.dumps(state), encoding="utf-8")
        fresh.replace(path)

    def _path(self, key: str) -> Path:
        return self._directory / f"{hashlib.sha256(key.encode()).hexdigest()[:32]}.json"


def _state(text: str | None) -> dict[str, Any] | None:
    try:
        state = json.loads(text) if text else None
    except json.JSONDecodeError:
        return None
    return state if isinstance(state, dict) else None


def fingerprint(panel: Panel, target: int, settings: NetworkSettings, seed: int, device: str) -> str:
    """Everything that an answer depends on; a state with another fingerprint is not continued."""
    question = [ENGINE_VERSION, panel.names, target, settings.as_json(), seed, device.partition(":")[0]]
    digest = hashlib.sha256(json.dumps(question).encode())
    digest.update(panel.values.tobytes())
    return digest.hexdigest()


class Journal:
    """The state of one target. Without a checkpoint it remembers nothing."""

    def __init__(self, checkpoint: Checkpoint | None = None, key: str = "", print_: str = "") -> None:
        self._checkpoint, self._key = checkpoint, key
        self._state: dict[str, Any] = {"fingerprint": print_, "steps": {}, "partial": {}}
        found = checkpoint.load(key) if checkpoint is not None else None
        if found is not None and found.get("fingerprint") == print_:
            self._state = found

    @property
    def result(self) -> dict[str, Any] | None:
        """The target's result, if it was finished."""
        result: dict[str, Any] | None = self._state.get("result")
        return result

    def finish(self, result: dict[str, Any]) -> None:
        """Keep the result in place of the steps."""
        self._state = {"fingerprint": self._state["fingerprint"], "result": result}
        self._save()

    def decided(self, step: str) -> Any:
        """What was decided in a step, or None."""
        return self._state["steps"].get(step)

    def decide(self, step: str, outcome: Any) -> None:
        """Keep a step's outcome, and forget how far it was."""
        self._state["steps"][step] = outcome
        self._state["partial"] = {}
        self._save()

    def partial(self, step: str) -> dict[str, Any] | None:
        """How far a step came that is not decided, or None."""
        partial: dict[str, Any] | None = self._state["partial"].get(step)
        return partial

    def note(self, step: str, reached: dict[str, Any]) -> None:
        """Keep how far a step came."""
        if self._checkpoint is not None:
            self._state["partial"] = {step: reached}
            self._save()

    def drawn(self, step: str) -> int:
        """Surrogates already counted in a step."""
        return int((self.partial(step) or {}).get("drawn", 0))

    def _save(self) -> None:
        if self._checkpoint is not None:
            self._checkpoint.save(self._key, self._state)


def journal_of(
    checkpoint: Checkpoint | None, panel: Panel, target: int, settings: NetworkSettings, seed: int, device: str,
    *, part: str = "",
) -> Journal:  # fmt: skip
    """The journal of one target's question; ``part`` sets apart what is kept beside its inference."""
    if checkpoint is None:
        return Journal()
    print_ = fingerprint(panel, target, settings, seed, device)
    return Journal(checkpoint, f"{part}{panel.names[target]}-{print_[:16]}", print_)


class RecordedSteps:
    """``StepTests`` whose decisions are kept in a journal and, if they stand there, not made again."""

    def __init__(self, tests: StepTests, journal: Journal) -> None:
        self._tests = tests
        self._journal = journal

    def strongest(self, candidates: Variables, given: Variables, step: str) -> Decision:
        found = self._journal.decided(step)
        return _decision(found) if found else self._kept(step, self._tests.strongest(candidates, given, step))

    def weakest(self, variables: Variables, given: Variables, step: str) -> Decision:
        found = self._journal.decided(step)
        return _decision(found) if found else self._kept(step, self._tests.weakest(variables, given, step))

    def joint(self, variables: Variables, given: Variables, step: str) -> float:
        found = self._p(step)
        return self._kept_p(step, self._tests.joint(variables, given, step)) if found is None else found

    def ranked(self, variables: Variables, given: Variables, step: str) -> list[Decision]:
        found = self._journal.decided(step)
        if found:
            return [_decision(one) for one in found]
        decisions = self._tests.ranked(variables, given, step)
        self._journal.decide(step, [_plain(decision) for decision in decisions])
        return decisions

    def link(self, past: Variables, given: Variables, step: str) -> float:
        found = self._p(step)
        return self._kept_p(step, self._tests.link(past, given, step)) if found is None else found

    def information(self, variables: Variables, given: Variables) -> float:
        return self._tests.information(variables, given)

    def coefficient(self, variable: LaggedVariable, given: Variables) -> float | None:
        return self._tests.coefficient(variable, given)

    def _kept(self, step: str, decision: Decision) -> Decision:
        self._journal.decide(step, _plain(decision))
        return decision

    def _p(self, step: str) -> float | None:
        found: float | None = self._journal.decided(step)
        return found

    def _kept_p(self, step: str, p: float) -> float:
        self._journal.decide(step, p)
        return p


def _plain(decision: Decision) -> list[Any]:
    return [*decision.variable, decision.cmi_nats, decision.p, decision.passed]


def _decision(plain: list[Any]) -> Decision:
    series, lag, cmi_nats, p, passed = plain
    return Decision(LaggedVariable(series, lag), cmi_nats, p, passed)
