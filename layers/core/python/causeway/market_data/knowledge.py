"""Corporate actions as of a moment: what was known then, and not what is known now."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from causeway.model.corporate_action import ActionKind, CorporateAction
from causeway.model.time import utc


class KnownBy(StrEnum):
    """RECORDED: what this installation had stored by then. MARKET: every action, as stored now, that had gone ex.

    History that was loaded later is known to nobody in its own time by RECORDED; MARKET takes an action for public on
    its ex-date at the latest.
    """

    RECORDED = "recorded"
    MARKET = "market"


@dataclass(frozen=True, slots=True)
class ActionVersion:
    """A corporate action as it was stored at ``known_at``, or (``action.value`` 0) taken back."""

    action: CorporateAction
    known_at: datetime


def known_actions(versions: Iterable[ActionVersion], as_of: datetime, by: KnownBy) -> list[CorporateAction]:
    """The latest version of each action that counts at ``as_of``, ascending by ex-date.

    Raises:
        InvalidInput: ``as_of`` has no time zone.
    """
    moment = utc(as_of, field="as_of")
    latest: dict[tuple[ActionKind, date], ActionVersion] = {}
    for version in sorted(versions, key=lambda one: one.known_at):
        if by is KnownBy.RECORDED and version.known_at > moment:
            continue
        latest[version.action.kind, version.action.ex_date] = version
    standing = (version.action for version in latest.values() if version.action.value > 0)
    if by is KnownBy.MARKET:
        standing = (action for action in standing if action.ex_date <= moment.date())
    return sorted(standing, key=lambda action: (action.ex_date, action.kind))
