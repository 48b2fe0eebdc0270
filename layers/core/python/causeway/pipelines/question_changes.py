"""How two stored questions differ, and what that means for reading their answers together."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, fields
from typing import Any, Literal

from causeway.model.inference import InferenceOptions
from causeway.model.job import AnalysisSpec

DataState = Literal["same", "changed", "other"]
_BARS = {"symbols", "measure", "bar_size", "start", "train_end", "end", "max_lag", "horizon", "inference.missing"}
_STRENGTH = ("measure", "bar_size", "estimator", "inference.mode", "inference.transform")


@dataclass(frozen=True, slots=True)
class QuestionChange:
    """A field with its two values (JSON); ``inference.k`` is field ``k`` of the inference options."""

    field: str
    a: Any
    b: Any


def question_changes(a: Mapping[str, Any], b: Mapping[str, Any]) -> tuple[QuestionChange, ...]:
    """Fields of two stored questions that differ. An option that a question does not have yet has its default."""
    of_a, of_b = dict(_flat(a)), dict(_flat(b))
    return tuple(
        QuestionChange(field, of_a.get(field), of_b.get(field))
        for field in {**of_a, **of_b}
        if of_a.get(field) != of_b.get(field)
    )


def _flat(spec: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Fields in the order of ``AnalysisSpec``, whatever order the store gave them; options of the inference last."""
    for name in (field.name for field in fields(AnalysisSpec) if field.name != "inference"):
        yield name, sorted(spec[name]) if name == "symbols" else spec.get(name)
    options = InferenceOptions.from_json(spec.get("inference", {})).as_json()
    for name, value in options.items():
        yield f"inference.{name}", value


def data_state(hash_a: str, hash_b: str, changes: Iterable[QuestionChange]) -> DataState:
    """*same*: equal hashes. *other*: the questions ask for other bars. *changed*: neither."""
    if hash_a == hash_b:
        return "same"
    return "other" if any(change.field in _BARS for change in changes) else "changed"


def reading_notes(changes: Iterable[QuestionChange], data: DataState) -> list[str]:
    """What to keep in mind because the questions, or the data under them, differ."""
    changed = {change.field: change for change in changes}
    notes = []
    if data == "changed":
        notes.append(
            "Both analyses ask for the same bars, but the data is not the same: bars, or what adjusts them, were "
            "stored or replaced in between."
        )
    if strength := [changed[field] for field in _STRENGTH if field in changed]:
        named = "; ".join(f"{_label(one.field)} {one.a} and {one.b}" for one in strength)
        notes.append(f"Strengths are not on one scale ({named}): compare which links were found, not their nats.")
    if lags := changed.get("max_lag"):
        notes.append(f"A looks {lags.a} bars back, B {lags.b}: only the one that looks further can find longer lags.")
    if "bar_size" in changed:
        notes.append(
            f"Lags count bars of {changed['bar_size'].a} and of {changed['bar_size'].b}: they are not compared."
        )
    if "alpha" in changed:
        notes.append(
            f"Each link is judged by its own level: q < {changed['alpha'].a} in A, q < {changed['alpha'].b} in B."
        )
    return notes


def _label(field: str) -> str:
    return field.removeprefix("inference.").replace("_", " ")
