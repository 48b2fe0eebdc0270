"""Proposed repairs of corporate actions as rows, and their writing."""

from __future__ import annotations

from datetime import UTC
from decimal import Decimal
from typing import Any

from causeway.adapters.storage.database import Row, Transaction
from causeway.errors import Conflict
from causeway.market_data.action_repairs import ActionProposal
from causeway.market_data.corporate_actions import midnight_us
from causeway.model.time import isoformat_z, moment


def as_json(one: ActionProposal) -> dict[str, Any]:
    """A row of ``repairs_propose_actions``."""
    return {
        "kind": one.found.kind.value,
        "time": isoformat_z(moment(midnight_us(one.found.ex_date, "UTC"))),
        "code": one.code,
        "reason": one.reason,
        "found": {"value": _plain(one.found.value)},
        "proposed": {"value": None if one.value is None else _plain(one.value)},
    }


def write_action(transaction: Transaction, proposal: Row) -> None:
    """The proposed value in the place of the recorded one, or nothing. Whoever caches adjusted bars is told.

    Raises:
        Conflict: the action is no longer what it was when the repair was proposed.
    """
    ex_date = proposal["time"].astimezone(UTC).date()
    key = {"instrument_id": proposal["instrument_id"], "kind": proposal["kind"], "ex_date": ex_date}
    held = transaction.one("repairs_recorded_action", **key)
    found, value = proposal["found"]["value"], proposal["proposed"]["value"]
    if held is None or held["value"] != Decimal(found):
        now = "not recorded" if held is None else _plain(held["value"])
        raise Conflict(
            f"the {proposal['kind']} of {ex_date} is {now} now and was {found} when the repair was proposed; reject "
            "this one and check again.",
            details={"id": str(proposal["id"])},
        )
    kept = None if value is None else Decimal(value)
    transaction.run("repairs_write_action", **key, value=kept, source=f"repair:{proposal['code']}")
    if value is None:
        transaction.run("repairs_take_out_action", **key)
    transaction.changed_series.add(proposal["instrument_id"])


def _plain(value: Decimal) -> str:
    return format(value.normalize(), "f")
