"""Corporate actions: facts about an instrument that change what a raw price means."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from enum import StrEnum


class ActionKind(StrEnum):
    SPLIT = "split"
    DIVIDEND = "dividend"


@dataclass(frozen=True, slots=True)
class CorporateAction:
    """``value``: new shares per old share of a split, cash per share of a dividend. ``ex_date`` is a session date.

    ``source`` says who said so, where the feed that was asked stands for several; two records of one fact are equal
    whoever made them.
    """

    kind: ActionKind
    ex_date: date
    value: Decimal
    source: str = field(default="", compare=False)


def one_a_day(actions: Sequence[CorporateAction]) -> list[CorporateAction]:
    """Several of a kind with one ex-date as one: a regular and a special dividend add up, splits multiply."""
    found: dict[tuple[date, ActionKind], CorporateAction] = {}
    for one in actions:
        held = found.get((one.ex_date, one.kind))
        if held is None:
            found[one.ex_date, one.kind] = one
        else:
            together = held.value * one.value if one.kind is ActionKind.SPLIT else held.value + one.value
            found[one.ex_date, one.kind] = replace(held, value=together)
    return [found[key] for key in sorted(found)]
