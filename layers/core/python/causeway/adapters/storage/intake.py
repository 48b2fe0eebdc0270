"""Storing one checked file: instruments, bars, the ingestion with its counts, and what went to quarantine."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from causeway.adapters.storage.against_stored import other_price_basis, warn_at_seams
from causeway.adapters.storage.bar_loading import STAGED, moment, put_staged, stage
from causeway.adapters.storage.binary_copy import RowEncoder
from causeway.adapters.storage.database import Row, Transaction
from causeway.errors import InvalidInput
from causeway.market_data.asset_classes import Kind, kind_of, notes_on_new
from causeway.market_data.columns import ColumnMapping
from causeway.market_data.exchanges import Listing, listing_of, note_currency
from causeway.market_data.findings import summarise
from causeway.market_data.ingestion import DEFAULT_CURRENCY, CheckedRows, IngestionRequest
from causeway.market_data.normalizer import FIELDS
from causeway.model.time import BarSize

_QUARANTINE_BATCH = 5000


class Table(Protocol):
    """A file as rows of text; it can be read again."""

    @property
    def path(self) -> Path: ...

    @property
    def header(self) -> tuple[str, ...]: ...

    def rows(self, only: Collection[int] | None = None) -> Iterable[tuple[int, list[str]]]: ...


@dataclass(slots=True)
class Counts:
    """What storing did to bars that were not quarantined."""

    inserted: int = 0
    updated: int = 0
    unchanged: int = 0


@dataclass(frozen=True, slots=True)
class _Span:
    """A symbol means ``instrument_id`` in [start_us, end_us)."""

    instrument_id: int
    start_us: int
    end_us: int


@dataclass(frozen=True, slots=True)
class Intake:
    """A checked file on its way into the database. ``notes`` say what was assumed of symbols that are new."""

    ingestion_id: UUID
    user_id: UUID
    table: Table
    mapping: ColumnMapping
    request: IngestionRequest
    checked: CheckedRows
    notes: list[str] = field(default_factory=list)

    def store(self, transaction: Transaction) -> None:
        """Write everything within the caller's transaction; findings of the database join the others."""
        counts = self.store_bars(transaction)
        self._store_ingestion(transaction, counts)
        self.store_quarantine(transaction)

    def store_bars(self, transaction: Transaction) -> Counts:
        """Bars and new instruments alone."""
        checked = self.checked
        rows, instruments = self._instruments(transaction)
        if rows.size == 0:
            return Counts(unchanged=len(checked.repeats))
        part = self._columns(rows, instruments)
        span = {"first": moment(part["time"].min()), "last": moment(part["time"].max())}
        key = {**span, "bar_size": checked.bar_size.value}
        transaction.all("bars_lock_instruments", ids=np.unique(instruments).tolist())
        transaction.all("bars_ensure_partitions", **span)
        stage(transaction, RowEncoder(STAGED), part)
        differing = transaction.all("ingestions_differing_bars", **key)
        if differing and not self.request.replace:
            self._refuse_changes(transaction, differing, key)
        counts = self._counted(transaction, rows, len(differing) if self.request.replace else 0, key)
        put_staged(transaction, part, checked.bar_size, self.request.source, self.ingestion_id)
        if checked.bar_size is BarSize.DAY_1:
            warn_at_seams(transaction, checked, np.unique(instruments).tolist(), span)
        return counts

    def _counted(self, transaction: Transaction, rows: NDArray[np.int64], updated: int, key: Row) -> Counts:
        """What storing the staged rows does; rows with an error are no longer staged."""
        flawed = self.checked.findings.error_rows()
        kept, repeats = (np.setdiff1d(one, flawed, assume_unique=True) for one in (rows, self.checked.repeats))
        known = sum(_known(transaction, key).values())
        return Counts(len(kept) - known, updated, known - updated + len(repeats))

    def _instruments(self, transaction: Transaction) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Rows to store and the instrument of each; a symbol that is new gets an instrument."""
        checked, accepted = self.checked, self.checked.accepted
        symbol_id = checked.parsed.symbol_id[accepted]
        names = {int(at): checked.parsed.symbols[at] for at in np.unique(symbol_id)}
        validity = self._validity(transaction, list(names.values()))
        instruments = np.zeros(len(checked.parsed), dtype=np.int64)
        for at, name in names.items():
            mine = accepted[symbol_id == at]
            for span in validity[name]:
                inside = (checked.time_us[mine] >= span.start_us) & (checked.time_us[mine] < span.end_us)
                instruments[mine[inside]] = span.instrument_id
        for row in accepted[instruments[accepted] == 0]:
            checked.findings.add(int(row), "symbol_not_valid", "the symbol belonged to no instrument at that time")
        rows = accepted[instruments[accepted] != 0]
        return rows, instruments[rows]

    def _validity(self, transaction: Transaction, names: Sequence[str]) -> dict[str, list[_Span]]:
        transaction.all("market_data_lock_symbols")
        known = {row["symbol"] for row in transaction.all("market_data_validity", symbols=list(names))}
        self._make_instruments(transaction, [name for name in names if name not in known])
        spans: dict[str, list[_Span]] = {}
        for row in transaction.all("market_data_validity", symbols=list(names)):
            span = _Span(row["instrument_id"], row["from_us"], row["to_us"])
            spans.setdefault(row["symbol"], []).append(span)
        return spans

    def _make_instruments(self, transaction: Transaction, symbols: Sequence[str]) -> None:
        request, alike = self.request, dict[tuple[Kind, Listing], list[str]]()
        for symbol in symbols:
            kind = kind_of(symbol, request.asset_class)
            alike.setdefault((kind, listing_of_new(symbol, request)), []).append(symbol)
        for (kind, listing), mine in alike.items():
            transaction.run(
                "market_data_new_instruments",
                symbols=mine,
                exchange=listing.exchange,
                currency=request.currency or DEFAULT_CURRENCY,
                asset_class=kind.asset_class.value,
                calendar=listing.calendar,
            )
            self.notes.extend(notes_on_new(mine, kind, listing))
            if not request.currency and (note := note_currency(mine, listing, DEFAULT_CURRENCY)):
                self.notes.append(note)

    def _columns(self, rows: NDArray[np.int64], instruments: NDArray[np.int64]) -> dict[str, NDArray[Any]]:
        parsed = self.checked.parsed
        part = {"row": rows, "instrument_id": instruments, "time": self.checked.time_us[rows]}
        return part | {name: parsed.values[rows, at] for at, name in enumerate(FIELDS)}

    def _refuse_changes(self, transaction: Transaction, differing: Sequence[Row], key: Row) -> None:
        for held in differing:
            new = dict(zip(FIELDS, self.checked.parsed.values[held["row"]], strict=True))
            parts = [f"{name} {held[name]:.10g} (file {new[name]:.10g})" for name in FIELDS if held[name] != new[name]]
            self.checked.findings.add(held["row"], "conflicts_with_stored", "stored: " + ", ".join(parts))
        refused = other_price_basis(self.checked, differing, _known(transaction, key))
        transaction.run("ingestions_unstage", rows=[*refused.tolist(), *(held["row"] for held in differing)])

    def _store_ingestion(self, transaction: Transaction, counts: Counts) -> None:
        from psycopg.types.json import Jsonb

        transaction.run(
            "ingestions_insert",
            id=self.ingestion_id,
            user_id=self.user_id,
            source=self.request.source,
            filename=self.request.filename,
            content_hash=_content_hash(self.table.path),
            bar_size=self.checked.bar_size.value,
            column_mapping=Jsonb(self.mapping.shown() | self.request.reading()),
            rows_read=len(self.checked.parsed),
            rows_inserted=counts.inserted,
            rows_updated=counts.updated,
            rows_unchanged=counts.unchanged,
            rows_quarantined=len(self.checked.findings.error_rows()),
            symbols_count=len(self.checked.parsed.symbols),
            notes=[*self.checked.notes, *self.notes],
            findings=Jsonb(summarise(self.checked.findings.by_row.values())),
        )
        detail = {"inserted": counts.inserted, "updated": counts.updated, "replace": self.request.replace}
        transaction.all("ingestions_audit", user_id=self.user_id, id=self.ingestion_id, detail=Jsonb(detail))

    def store_quarantine(self, transaction: Transaction) -> None:
        """What was not stored, once its ingestion is."""
        from psycopg.types.json import Jsonb

        reasons = self.checked.quarantined()
        if not reasons:
            return
        rows = [
            self._quarantine_row(number, cells, [one.as_json() for one in reasons[number]])
            for number, cells in self.table.rows(reasons.keys())
        ]
        for start in range(0, len(rows), _QUARANTINE_BATCH):
            transaction.run(
                "ingestions_quarantine",
                user_id=self.user_id,
                ingestion_id=self.ingestion_id,
                bar_size=self.checked.bar_size.value,
                rows=Jsonb(rows[start : start + _QUARANTINE_BATCH]),
            )

    def _quarantine_row(self, number: int, cells: Sequence[str], reasons: Sequence[dict[str, str]]) -> dict[str, Any]:
        if any("\x00" in cell for cell in cells):
            raise InvalidInput(f"row {number} holds a NUL byte; expected a text file.", details={"line": number})
        raw = dict(zip(self.mapping.unique_header(), cells, strict=True))
        symbol = (self.mapping.symbol or cells[self.mapping.position["symbol"]]).strip().upper()[:64]
        identity = json.dumps([symbol, self.checked.bar_size.value, raw], sort_keys=True)
        return {
            "row_number": number,
            "symbol": symbol,
            "row_time": cells[self.mapping.position["time"]].strip()[:64],
            "raw": raw,
            "reasons": reasons,
            "row_hash": hashlib.sha256(identity.encode()).hexdigest(),
        }


def listing_of_new(symbol: str, request: IngestionRequest) -> Listing:
    """Where a symbol trades that is not stored yet."""
    return listing_of(
        symbol,
        kind_of(symbol, request.asset_class).asset_class,
        exchange=request.exchange,
        calendar=request.calendar,
        currency=request.currency,
    )


def _known(transaction: Transaction, key: Row) -> dict[int, int]:
    """How many staged bars of each instrument are stored already."""
    return {row["instrument_id"]: row["known"] for row in transaction.all("ingestions_known_bars", **key)}


def _content_hash(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
