"""Repairs that a provider's own software offers, as proposals for what is stored: raw prices, in the stored currency.

The provider serves bars on its own basis. Served and repaired bars become raw as fetched ones do, and a proposal is
made only where what was served is what is stored, or in quarantine, now.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from causeway.market_data.action_checks import ActionFinding
from causeway.market_data.action_repairs import ActionProposal
from causeway.market_data.findings import Finding
from causeway.market_data.normalizer import FIELDS
from causeway.market_data.repairs import Proposal, bar_at, possible, replaced
from causeway.market_data.undo_splits import as_traded
from causeway.model.bar import Bar, BarColumns
from causeway.model.corporate_action import CorporateAction
from causeway.model.time import BarSize, micros
from causeway.ports.feed import ActionRepair, OfferedRepairs

UNNAMED = "provider_repair"
_SAME = 1e-6  # relative; single precision, in which Yahoo writes, leaves less
_UNCHANGED = 1e-9


@dataclass(frozen=True, slots=True)
class HeldBars:
    """Stored bars, and rows in quarantine in places that are open. ``ids`` of the latter by time in microseconds."""

    bars: BarColumns
    ids: Mapping[int, int]

    def bar(self, time_us: int) -> Bar | None:
        """The bar that starts then; None where there is none."""
        row = int(np.searchsorted(self.bars.time_us, time_us))
        found = row < len(self.bars) and self.bars.time_us[row] == time_us
        return bar_at(self.bars, row) if found else None


def proposals_of(offered: OfferedRepairs, held: HeldBars, bar_size: BarSize, calendar: str) -> list[Proposal]:
    """One for each bar that is still as it was served, ascending; none that would be no possible bar.

    A bar that the provider lists without a value, and in whose place nothing is held, is proposed as a new one.
    """
    return possible(list(_proposals(offered, held, bar_size, calendar)))


def _proposals(offered: OfferedRepairs, held: HeldBars, bar_size: BarSize, calendar: str) -> Iterator[Proposal]:
    for row in range(len(offered.served)):
        served, repaired = (
            bar_at(as_traded(bars.rows(slice(row, row + 1)), offered.basis, offered.splits, bar_size, calendar), 0)
            for bars in (offered.served, offered.proposed)
        )
        found = held.bar(micros(served.time))
        if not _as_held(served, found):
            continue
        values = {name: getattr(repaired, name) for name in FIELDS if _differs(offered, name, row)}
        proposed = repaired if found is None else replaced(found, values)
        if proposed != found:
            code, words = offered.codes[row] or UNNAMED, offered.flaws[row]
            reason = f"as repaired by {offered.by}, stage: {words}"
            yield Proposal(code, reason, found, proposed, held.ids.get(micros(served.time)))


def _as_held(served: Bar, found: Bar | None) -> bool:
    values = np.array([getattr(served, name) for name in FIELDS])
    if found is None:
        return not np.isfinite(values).all()
    return bool(np.allclose(values, [getattr(found, name) for name in FIELDS], rtol=_SAME, atol=0.0))


def _differs(offered: OfferedRepairs, name: str, row: int) -> bool:
    served, proposed = getattr(offered.served, name)[row], getattr(offered.proposed, name)[row]
    return not np.isclose(served, proposed, rtol=_UNCHANGED, atol=0.0)


def action_proposals_of(offered: OfferedRepairs) -> list[ActionProposal]:
    """One for each split or dividend that the provider lists with another value, or that should be none."""
    return [
        ActionProposal(
            UNNAMED,
            f"as repaired by {offered.by}, stage: {one.flaw}",
            CorporateAction(one.kind, one.ex_date, one.served, offered.source),
            one.proposed or None,
        )
        for one in offered.actions
        if one.served
    ]


def findings_of(offered: OfferedRepairs) -> list[ActionFinding]:
    """Splits and dividends that the repair would add: a proposal changes one that is there."""
    return [_finding(offered, one) for one in offered.actions if not one.served]


def _finding(offered: OfferedRepairs, one: ActionRepair) -> ActionFinding:
    action = CorporateAction(one.kind, one.ex_date, one.proposed, offered.source)
    message = (
        f"{offered.by} would add a {one.kind.value} of {one.proposed.normalize():f} on {one.ex_date}; it is not "
        "proposed, record it where it is right"
    )
    return ActionFinding(action, Finding(UNNAMED, message))


def named(proposals: Sequence[Proposal], offered: OfferedRepairs) -> str:
    """How much would be repaired, and how many of the bars are not as they were served."""
    others = len(offered.served) - len(proposals)
    left = f"; {others} more not proposed: what is stored is not what {offered.source} serves" if others else ""
    actions = sum(1 for one in offered.actions if one.served)
    too = (
        f" and {actions} dividend{'' if actions == 1 else 's'} or split{'' if actions == 1 else 's'}" if actions else ""
    )
    return f"{offered.by} would repair {len(proposals)} bar{'' if len(proposals) == 1 else 's'}{too}{left}"
