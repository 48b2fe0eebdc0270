"""What users ask of the replay. The data function writes a request; the feed obeys it within a second."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC
from typing import Any
from uuid import UUID, uuid4

from causeway.adapters.storage.database import Database, Transaction
from causeway.errors import CorruptData, InvalidInput
from causeway.model.replay import ReplayCommand

_MOST_NAMED = 10


class ReplayRequests:
    """Writes requests on behalf of a user, as a member of ``causeway_app``."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def ask(self, user_id: UUID, request: ReplayCommand) -> dict[str, Any]:
        """Store ``request`` in place of an earlier one.

        The clock as it stands now comes back: mode, market_time, speed, updated_at.

        Raises:
            InvalidInput: a symbol is not known, or its stored bars do not reach the day: the one asked for, or the
                one that the market stands at. Nothing was stored.
        """
        from psycopg.types.json import Jsonb

        wanted = {
            "id": str(uuid4()),
            "action": request.action,
            "day": request.day.isoformat() if request.day else None,
            "speed": request.speed,
            "symbols": list(request.symbols),
        }
        with self._database.transaction(user_id=user_id) as transaction:
            if request.action == "start":
                _require_bars(transaction, request)
            clock = transaction.one("replay_request", requested=Jsonb(wanted))
            transaction.one("audit_note_replay", chain=f"user:{user_id}", user_id=user_id, detail=Jsonb(wanted))
        if clock is None:
            raise CorruptData("market_clock has no row; the migrations insert it: restore a backup")
        return clock


def _require_bars(transaction: Transaction, request: ReplayCommand) -> None:
    if request.symbols:
        _require_known(transaction, request.symbols)
    clock = transaction.all("replay_clock")[0]
    symbols = request.symbols or tuple(clock["replay"].get("symbols") or ())
    (days,) = transaction.all("replay_first_and_last_day", symbols=list(symbols) or None)
    if days["first"] is None:
        whose = f" of {', '.join(symbols[:_MOST_NAMED])}" if symbols else ""
        raise InvalidInput(
            f"there are no stored bars{whose} to replay: take a file in with 'causeway ingest' first.",
            details={"field": "symbols"},
        )
    stands_at = clock["market_time"].astimezone(UTC).date() if clock["market_time"] else days["first"]
    day = request.day or stands_at
    if not days["first"] <= day <= days["last"]:
        found = f"found {day}" if request.day else f"the market stands at {day}"
        raise InvalidInput(
            f"stored bars of what is to be replayed start on {days['first']}, and the last day is {days['last']}; "
            f"{found}. Choose a day from the first to the last.",
            details={"field": "day", "first": days["first"].isoformat(), "last": days["last"].isoformat()},
        )


def _require_known(transaction: Transaction, symbols: Sequence[str]) -> None:
    known = {row["symbol"] for row in transaction.all("quotes_known_symbols", symbols=list(symbols))}
    unknown = [symbol for symbol in symbols if symbol not in known]
    if unknown:
        more = f" and {len(unknown) - _MOST_NAMED} more" if len(unknown) > _MOST_NAMED else ""
        raise InvalidInput(
            f"no instrument has the symbol {', '.join(unknown[:_MOST_NAMED])}{more}. List those that are stored with "
            "'causeway symbols'.",
            details={"field": "symbols", "unknown": unknown},
        )
