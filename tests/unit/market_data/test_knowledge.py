"""What was known of corporate actions at a moment."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

from causeway.market_data.knowledge import ActionVersion, KnownBy, known_actions
from causeway.model.corporate_action import ActionKind, CorporateAction


def version(value: str, ex_date: str, known: str) -> ActionVersion:
    action = CorporateAction(ActionKind.DIVIDEND, date.fromisoformat(ex_date), Decimal(value))
    return ActionVersion(action, datetime.fromisoformat(known).replace(tzinfo=UTC))


VERSIONS = [
    version("0.50", "2024-02-09", "2024-01-25"),
    version("0.55", "2024-02-09", "2024-02-20"),  # corrected
    version("1.00", "2024-05-10", "2024-05-01"),
    version("0", "2024-05-10", "2024-05-05"),  # taken back
]


def values(as_of: str, by: KnownBy) -> list[str]:
    found = known_actions(VERSIONS, datetime.fromisoformat(as_of).replace(tzinfo=UTC), by)
    return [str(action.value) for action in found]


def test_what_was_recorded_then() -> None:
    assert values("2024-01-24", KnownBy.RECORDED) == []
    assert values("2024-02-10", KnownBy.RECORDED) == ["0.50"]
    assert values("2024-03-01", KnownBy.RECORDED) == ["0.55"]
    assert values("2024-05-02", KnownBy.RECORDED) == ["0.55", "1.00"]
    assert values("2024-06-01", KnownBy.RECORDED) == ["0.55"]


def test_what_the_market_knew_as_it_is_recorded_now() -> None:
    assert values("2024-02-08", KnownBy.MARKET) == []
    assert values("2024-02-09", KnownBy.MARKET) == ["0.55"]
    assert values("2024-06-01", KnownBy.MARKET) == ["0.55"]
