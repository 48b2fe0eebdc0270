"""What the stream server reads from PostgreSQL: order events after a cursor, jobs, accounts; as JSON of the wire."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from itertools import groupby
from typing import Any
from uuid import UUID

from causeway.adapters.storage.database import Database, Row
from causeway.model.job import JobState
from causeway.model.time import isoformat_z, now_utc
from causeway.streaming.wire import plain_decimal

Json = dict[str, Any]
_LEAST_PROGRESS_FOR_ETA = 0.05


class StreamStore:
    """Reads as either role: every transaction and every query names its user."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def order_heads(self, user_id: UUID) -> dict[str, int]:
        """Last event number by account."""
        with self._database.transaction(user_id=user_id) as transaction:
            rows = transaction.all("stream_accounts", user_id=user_id)
        return {str(row["account_id"]): row["event_seq"] for row in rows}

    def order_events(self, user_id: UUID, cursors: Mapping[str, int], most: int) -> dict[str, list[Json]]:
        """At most ``most`` events after ``cursors``, by account and ascending, each with its order as it is now."""
        with self._database.transaction(user_id=user_id) as transaction:
            rows = transaction.all(
                "stream_order_events",
                user_id=user_id,
                account_ids=[UUID(account) for account in cursors],
                after=list(cursors.values()),
                most=most,
            )
        return {
            account: [_event(row) for row in group]
            for account, group in groupby(rows, key=lambda row: str(row["account_id"]))
        }

    def jobs(self, user_id: UUID) -> list[Json]:
        """The newest fifty jobs."""
        now = now_utc()
        with self._database.transaction(user_id=user_id) as transaction:
            return [_job(row, now) for row in transaction.all("stream_jobs", user_id=user_id)]


def _event(row: Row) -> Json:
    return {
        "seq": row["seq"],
        "order_id": str(row["order_id"]),
        "kind": row["kind"],
        "status_after": row["status_after"],
        "payload": row["payload"],
        "wall_time": isoformat_z(row["wall_time"]),
        "market_time": _time(row["market_time"]),
        "order": _order(row),
    }


def _order(row: Row) -> Json:
    return {
        "id": str(row["order_id"]),
        "account_id": str(row["account_id"]),
        "client_order_id": row["client_order_id"],
        "symbol": row["symbol"],
        "side": row["side"],
        "quantity": plain_decimal(row["quantity"]),
        "order_type": row["order_type"],
        "time_in_force": row["time_in_force"],
        "limit_price": _amount(row["limit_price"]),
        "job_id": None if row["job_id"] is None else str(row["job_id"]),
        "status": row["status"],
        "filled_quantity": plain_decimal(row["filled_quantity"]),
        "average_fill_price": _amount(row["average_fill_price"]),
        "reason": row["reason"],
        "checks": row["risk_decision"]["checks"],
        "submitted_at": isoformat_z(row["submitted_at"]),
        "submitted_market_time": _time(row["submitted_market_time"]),
        "updated_at": isoformat_z(row["updated_at"]),
    }


def _job(row: Row, now: datetime) -> Json:
    return {
        "id": str(row["id"]),
        "name": row["name"],
        "spec": row["spec"],
        "state": row["state"],
        "stage": row["stage"],
        "progress": row["progress"],
        "message": row["message"],
        "eta_s": _eta_s(row, now),
        "result_id": row["result_id"],
        "error": row["error"],
        "created_at": isoformat_z(row["created_at"]),
        "started_at": _time(row["started_at"]),
        "finished_at": _time(row["finished_at"]),
    }


def _eta_s(row: Row, now: datetime) -> float | None:
    """Seconds left if the rest goes as fast as what is done; None before enough is done to tell."""
    progress = float(row["progress"])
    if row["state"] != JobState.RUNNING or row["started_at"] is None or progress <= _LEAST_PROGRESS_FOR_ETA:
        return None
    elapsed_s: float = (now - row["started_at"]).total_seconds()
    return round(max(0.0, elapsed_s) * (1 - progress) / progress, 1)


def _time(moment: datetime | None) -> str | None:
    return None if moment is None else isoformat_z(moment)


def _amount(number: Decimal | None) -> str | None:
    return None if number is None else plain_decimal(number)
