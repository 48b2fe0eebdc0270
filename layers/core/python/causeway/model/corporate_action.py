"""Corporate actions: facts about an instrument that change what a raw price means."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum


class ActionKind(StrEnum):
    SPLIT = "split"
    DIVIDEND = "dividend"


@dataclass(frozen=True, slots=True)
class CorporateAction:
    """``value``: new shares per old share of a split, cash per share of a dividend. ``ex_date`` is a session date."""

    kind: ActionKind
    ex_date: date
    value: Decimal


def one_a_day(actions: Sequence[CorporateAction]) -> list[CorporateAction]:
    """Several of a kind with one ex-date as one: a regular and a special dividend add up, splits multiply."""
    found: dict[tuple[date, ActionKind], Decimal] = {}
    for one in actions:
        held = found.get((one.ex_date, one.kind))
        if held is None:
            found[one.ex_date, one.kind] = one.value
        else:
            is_split = one.kind is ActionKind.SPLIT
            found[one.ex_date, one.kind] = held * one.value if is_split else held + one.value
    return [CorporateAction(kind, day, value) for (day, kind), value in sorted(found.items())]
