"""Taking a file in: one transaction, so that a file is stored whole or not at all, and twice is the same as once.

Every row that was read is inserted, updated, unchanged or quarantined, and the four add up. A bar that is stored
with other values is quarantined as ``conflicts_with_stored``; with ``replace`` it is updated instead.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from functools import partial
from uuid import UUID, uuid4

from causeway.adapters.storage.database import Database, Row, Transaction
from causeway.adapters.storage.file_listings import FileListings
from causeway.adapters.storage.intake import Intake, Table
from causeway.adapters.storage.second_source_store import neighbours
from causeway.errors import InvalidInput, NotFound
from causeway.market_data.among_stored import Neighbours
from causeway.market_data.columns import map_columns
from causeway.market_data.ingestion import CheckOptions, IngestionRequest, check_rows
from causeway.market_data.judged_blocks import NEIGHBOURS
from causeway.market_data.normalizer import Progress
from causeway.market_data.sessions import session_days
from causeway.model.time import BarSize, micros, now_utc

MAX_SYMBOLS = 10_000
_MANY_SYMBOLS, _NEIGHBOURS_OF_MANY = 500, 60  # a usual move is that of 60 bars
_EARLIEST = datetime(1900, 1, 1, tzinfo=UTC)  # what lies before is an error of its own


class IngestionStore:
    """Ingestions and quarantine of a user."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def take_in(self, user_id: UUID, table: Table, request: IngestionRequest, progress: Progress | None = None) -> Row:
        """Check and store a file; the ingestion as stored. ``progress`` is called with rows read so far.

        Rows of a symbol that is stored with another currency than ``request.currency`` go to quarantine.

        Raises:
            InvalidInput: the file cannot be understood, or a symbol of it is stored with another exchange than
                ``request.exchange``; nothing was stored.
        """
        mapping = map_columns(table.header, given=request.mapping, symbol=request.symbol)
        listings = FileListings(self._database, request)
        options = CheckOptions(
            now_utc(), request.bar_size, request.time_zone, stamp=request.stamp, calendars=listings.calendars
        )
        around = partial(self._around, user_id)
        checked = listings.check(check_rows(table.rows(), mapping, options, session_days, progress, around=around))
        if len(checked.parsed.symbols) > MAX_SYMBOLS:
            raise InvalidInput(
                f"the file has {len(checked.parsed.symbols)} symbols; expected at most {MAX_SYMBOLS}. "
                "Is the symbol column mapped right?"
            )
        intake = Intake(uuid4(), user_id, table, mapping, request, checked)
        with self._database.transaction(user_id=user_id) as transaction:
            intake.store(transaction)
            return _get(transaction, user_id, intake.ingestion_id)

    def _around(self, user_id: UUID, bar_size: BarSize, spans: Mapping[str, tuple[int, int]]) -> Neighbours:
        """Stored bars around those of a file, as many as any check looks at; fewer where it has very many symbols."""
        with self._database.transaction(user_id=user_id) as transaction:
            stored = {row["symbol"] for row in transaction.all("market_data_validity", symbols=list(spans))}
            most = NEIGHBOURS if len(stored) <= _MANY_SYMBOLS else _NEIGHBOURS_OF_MANY
            return {
                name: neighbours(transaction, user_id, name, span, bar_size, most)
                for name, span in spans.items()
                if name in stored and micros(_EARLIEST) <= span[0] and span[1] <= micros(now_utc())
            }

    def get(self, user_id: UUID, ingestion_id: UUID) -> Row:
        """One ingestion.

        Raises:
            NotFound: the user has no such ingestion.
        """
        with self._database.transaction(user_id=user_id) as transaction:
            return _get(transaction, user_id, ingestion_id)

    def list(self, user_id: UUID, *, before: tuple[datetime, UUID] | None = None, limit: int = 50) -> list[Row]:
        """Newest first; ``before`` is (created_at, id) of the last one seen."""
        at, last_id = before or (None, None)
        with self._database.transaction(user_id=user_id) as transaction:
            return transaction.all("ingestions_list", user_id=user_id, before=at, before_id=last_id, limit=limit)

    def quarantined(
        self,
        user_id: UUID,
        *,
        symbol: str | None = None,
        ingestion_id: UUID | None = None,
        code: str | None = None,
        before_id: int | None = None,
        limit: int = 100,
    ) -> Sequence[Row]:
        """Quarantined rows, newest first."""
        with self._database.transaction(user_id=user_id) as transaction:
            return transaction.all(
                "ingestions_quarantined",
                user_id=user_id,
                symbol=symbol.strip().upper() if symbol else None,
                ingestion_id=ingestion_id,
                code=code,
                before_id=before_id,
                limit=limit,
            )


def _get(transaction: Transaction, user_id: UUID, ingestion_id: UUID) -> Row:
    found = transaction.one("ingestions_get", id=ingestion_id, user_id=user_id)
    if found is None:
        raise NotFound(f"there is no ingestion {ingestion_id}.", details={"id": str(ingestion_id)})
    return found
