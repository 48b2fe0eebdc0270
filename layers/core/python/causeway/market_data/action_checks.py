"""Splits and dividends when they arrive, against the raw bars that are stored around them."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from causeway.market_data.action_repairs import amount_flaws
from causeway.market_data.corporate_actions import Adjustment, adjust
from causeway.market_data.dividend_checks import dividend_moves, paid_flaws
from causeway.market_data.findings import Finding, Severity
from causeway.market_data.level_shifts import split_code, split_stretches
from causeway.model.bar import BarColumns
from causeway.model.corporate_action import CorporateAction


@dataclass(frozen=True, slots=True)
class ActionFinding:
    """What is wrong with one corporate action, or with the bars around it."""

    action: CorporateAction
    finding: Finding

    @property
    def refuses(self) -> bool:
        """Whether the record itself is wrong: a dividend with an error. A split's finding is about the bars."""
        return self.finding.severity is Severity.ERROR and self.finding.code.endswith("_dividend")

    def as_json(self) -> dict[str, Any]:
        return {
            "kind": self.action.kind.value,
            "ex_date": self.action.ex_date.isoformat(),
            "value": format(self.action.value, "f"),
            **self.finding.as_json(),
        }


def check_actions(
    bars: BarColumns, actions: Sequence[CorporateAction], new: Collection[CorporateAction]
) -> list[ActionFinding]:
    """Findings on the actions ``new`` of ``actions``, which are all that are known, ascending.

    ``bars`` are daily and raw. What lies beyond them cannot be judged.
    """
    return [one for one in _findings(bars, actions) if one.action in new]


def _findings(bars: BarColumns, actions: Sequence[CorporateAction]) -> Iterator[ActionFinding]:
    adjusted = adjust(bars, actions, Adjustment.SPLIT, ex_closes={})
    for split, one in split_stretches(adjusted, actions, dividend_moves=dividend_moves(bars, actions, as_traded=True)):
        code = split_code(one, float(split.value))
        message = f"{one.last - one.first + 1} bars near {split.ex_date} are {one.factor:.4g} times what it makes them"
        yield ActionFinding(split, Finding(code, message))
    for dividend, _, flaw in paid_flaws(bars, actions):
        yield ActionFinding(dividend, flaw)
    for dividend, flaw in amount_flaws(bars, actions):
        yield ActionFinding(dividend, flaw)


def conflicting(stored: CorporateAction, other: CorporateAction) -> ActionFinding:
    """A record that says something else than what is stored."""
    said = f" ({other.source})" if other.source else ""
    message = (
        f"a {other.kind.value} of {other.value.normalize():f}{said} on {other.ex_date}, "
        f"stored {stored.value.normalize():f}"
    )
    return ActionFinding(other, Finding("conflicting_action", message))
