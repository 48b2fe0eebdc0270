"""What users ask of the replay. The data function writes a request; the feed obeys it within a second."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID, uuid4

from causeway.adapters.storage.database import Database
from causeway.errors import CorruptData, InvalidInput
from causeway.model.replay import ReplayCommand


class ReplayRequests:
    """Writes requests on behalf of a user, as a member of ``causeway_app``."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def ask(self, user_id: UUID, request: ReplayCommand) -> dict[str, Any]:
        """Store ``request`` in place of an earlier one.

        The clock as it stands now comes back: mode, market_time, speed, updated_at.

        Raises:
            InvalidInput: no stored bars of these symbols at or after the day.
        """
        from psycopg.types.json import Jsonb

        wanted = {
            "id": str(uuid4()),
            "action": request.action,
            "day": request.day.isoformat() if request.day else None,
            "speed": request.speed,
            "symbols": list(request.symbols),
        }
        symbols = list(request.symbols) or None
        with self._database.transaction(user_id=user_id) as transaction:
            if request.day is not None:
                found = transaction.one("replay_next_day", day=request.day, symbols=symbols)
                if found is None or found["day"] is None:
                    last = transaction.one("replay_last_day", symbols=symbols)
                    raise InvalidInput(_no_bars(request.day, last["day"] if last else None), details={"field": "day"})
            clock = transaction.one("replay_request", requested=Jsonb(wanted))
            transaction.one("audit_note_replay", chain=f"user:{user_id}", user_id=user_id, detail=Jsonb(wanted))
        if clock is None:
            raise CorruptData("market_clock has no row; the migrations insert it: restore a backup")
        return clock


def _no_bars(day: date, last: date | None) -> str:
    if last is None:
        return "there are no stored bars to replay: take a file in with 'causeway ingest' first"
    return f"no stored bars on or after {day}: the last day is {last}; choose a date at or before it"
