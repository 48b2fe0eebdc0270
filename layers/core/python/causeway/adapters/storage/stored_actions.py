"""Splits and dividends as rows: of an instrument now, and every version that was stored."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, time, timedelta

from causeway.adapters.storage import packed_bars
from causeway.adapters.storage.database import Transaction
from causeway.errors import Conflict
from causeway.market_data.action_checks import ActionFinding, check_actions
from causeway.market_data.knowledge import ActionVersion
from causeway.model.bar import BarColumns
from causeway.model.corporate_action import ActionKind, CorporateAction
from causeway.model.time import BarSize

_AROUND = timedelta(days=120)


def actions_of(transaction: Transaction, instrument_id: int) -> list[CorporateAction]:
    """Actions of an instrument as stored now, ascending by ex-date."""
    rows = transaction.all("market_data_actions", instrument_id=instrument_id)
    return [CorporateAction(ActionKind(row["kind"]), row["ex_date"], row["value"], row["source"]) for row in rows]


def versions_of(transaction: Transaction, instrument_id: int) -> list[ActionVersion]:
    """Every version of an instrument's actions, as they became known."""
    rows = transaction.all("market_data_action_versions", instrument_id=instrument_id)
    return [
        ActionVersion(CorporateAction(ActionKind(row["kind"]), row["ex_date"], row["value"]), row["known_at"])
        for row in rows
    ]


def taken_out(transaction: Transaction, instrument_id: int) -> set[CorporateAction]:
    """Actions that an accepted repair took out, as they were: the same record from a provider is no news."""
    rows = transaction.all("market_data_taken_out", instrument_id=instrument_id)
    return {CorporateAction(ActionKind(row["kind"]), row["ex_date"], row["value"]) for row in rows}


def add_actions(
    transaction: Transaction,
    symbol: str,
    instrument_id: int,
    actions: Sequence[CorporateAction],
    *,
    source: str,
    replace: bool,
) -> int:
    """Store actions of one instrument; how many were new or changed.

    Raises:
        Conflict: another value is stored for an action, and ``replace`` is false.
    """
    held = {(one.kind, one.ex_date): one.value for one in actions_of(transaction, instrument_id)}
    changed = 0
    for one in actions:
        before = held.get((one.kind, one.ex_date))
        if before == one.value:
            continue
        if before is not None and not replace:
            raise Conflict(
                f"{symbol} has a {one.kind.value} of {before:f} on {one.ex_date}; found {one.value:f}. "
                "Send replace=true to change it; nothing was stored.",
                details={"symbol": symbol, "ex_date": one.ex_date.isoformat()},
            )
        held[one.kind, one.ex_date] = one.value
        changed += transaction.run(
            "market_data_put_action",
            instrument_id=instrument_id,
            kind=one.kind.value,
            ex_date=one.ex_date,
            value=one.value,
            source=source,
        )
    if changed:
        transaction.changed_series.add(instrument_id)
    return changed


def found_in_bars(
    transaction: Transaction,
    instrument_id: int,
    actions: Sequence[CorporateAction],
    new: Sequence[CorporateAction],
) -> list[ActionFinding]:
    """``check_actions`` of new ones among all, by the daily bars that are stored around them."""
    if not new:
        return []
    days = sorted(one.ex_date for one in new)
    start = datetime.combine(days[0], time(), UTC) - _AROUND
    bars = packed_bars.read_bars(
        transaction, [instrument_id], BarSize.DAY_1, start, datetime.combine(days[-1], time(), UTC) + _AROUND
    )
    ascending = sorted(actions, key=lambda one: (one.ex_date, one.kind))
    return check_actions(bars.get(instrument_id, BarColumns.together([])), ascending, set(new))
