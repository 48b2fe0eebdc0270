"""Corporate actions: facts about an instrument that change what a raw price means."""

from __future__ import annotations

from dataclasses import dataclass, field
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
