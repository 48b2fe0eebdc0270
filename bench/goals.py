"""What a case is meant to reach, and whether it did."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Reached = bool | None  # None: not measured here


@dataclass(frozen=True, slots=True)
class Goal:
    """A bound on one measured number: a field of the line or one of its ``measured`` values."""

    of: str
    sense: Literal[">=", "<="]
    bound: float

    def reached(self, measured: Mapping[str, float | None]) -> Reached:
        """None where the number was not measured."""
        value = measured.get(self.of)
        if value is None:
            return None
        return value >= self.bound if self.sense == ">=" else value <= self.bound

    def __str__(self) -> str:
        return f"{self.of} {self.sense} {self.bound:g}"


def at_least(of: str, bound: float) -> Goal:
    return Goal(of, ">=", bound)


def at_most(of: str, bound: float) -> Goal:
    return Goal(of, "<=", bound)


def all_reached(goals: tuple[Goal, ...], measured: Mapping[str, float | None]) -> Reached:
    """False as soon as one is missed; None if one was not measured, or there is none; else True."""
    outcomes = [goal.reached(measured) for goal in goals]
    if False in outcomes:
        return False
    return True if outcomes and None not in outcomes else None
