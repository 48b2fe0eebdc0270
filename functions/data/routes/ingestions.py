"""Files taken in, and the rows of them that went to quarantine."""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Form, Query, UploadFile

from causeway.errors import InvalidInput
from causeway.market_data.ingestion import IngestionRequest
from causeway.market_data.source_profiles import currency_meant
from causeway.market_data.written_times import Stamp
from causeway.model.alert import quarantine_high
from causeway.model.instrument import AssetClass
from causeway.model.time import BarSize
from causeway.web.paging import decode_cursor, encode_cursor
from causeway.web.wire import Page
from functions.data.parameters import NO_NUL, Analyst, Filter, Given, Viewer
from functions.data.schemas import BarSizeOrAuto, Ingestion, QuarantinedRow

if TYPE_CHECKING:
    from typing import BinaryIO

router = APIRouter()


@router.post("/ingestions", status_code=201)
def create_ingestion(
    services: Given,
    analyst: Analyst,
    file: UploadFile,
    bar_size: Annotated[BarSizeOrAuto, Form()] = "auto",
    asset_class: Annotated[
        AssetClass | None,
        Form(description="Of symbols that are new; by the form of the symbol where left out, else equity."),
    ] = None,
    mapping: Annotated[str, Form(description='JSON such as {"time": "Date"}.', max_length=10_000)] = "{}",
    symbol: Annotated[str | None, Form(max_length=32)] = None,
    time_zone: Annotated[str | None, Form(max_length=64)] = None,
    source: Annotated[str, Form(min_length=1, max_length=64, pattern=NO_NUL)] = "upload",
    replace: Annotated[bool, Form()] = False,
    currency: Annotated[
        str, Form(pattern=r"^([A-Za-z]{3,5})?$", description="Of the file; of symbols that are new USD where left out.")
    ] = "",
    exchange: Annotated[
        str, Form(pattern=r"^([A-Z0-9]{4})?$", description="MIC of symbols that are new, such as XLON.")
    ] = "",
    stamp: Annotated[Stamp, Form(description="Which moment of a bar intraday times are.")] = Stamp.START,
) -> Ingestion:
    """Check a file of bars and store it: CSV, gzipped CSV or Parquet. A flawed row goes to quarantine, and so does a
    row in another currency than its symbol is stored with; a file that cannot be understood is refused whole."""
    request = IngestionRequest(
        filename=PurePath((file.filename or "").replace("\x00", "")).name[:255],
        source=source,
        bar_size=None if bar_size == "auto" else BarSize(bar_size),
        asset_class=asset_class,
        mapping=_mapping(mapping),
        symbol=symbol or None,
        time_zone=time_zone or None,
        replace=replace,
        currency=currency_meant(currency),
        stamp=stamp,
        exchange=exchange,
    )
    with _on_disk(file.file) as path:
        row = services.ingestions.take_in(analyst.user_id, services.open_table(path), request)
    taken = Ingestion.model_validate(row)
    _tell_of_many_flaws(services, analyst.user_id, taken)
    return taken


def _tell_of_many_flaws(services: Given, user_id: UUID, taken: Ingestion) -> None:
    alert = quarantine_high(
        f"file {taken.filename}", taken.rows_quarantined, taken.rows_read, services.quarantine_share
    )
    if alert is not None:
        services.alerts.raise_for(user_id, alert)


@router.get("/ingestions")
def list_ingestions(
    services: Given,
    viewer: Viewer,
    limit: Annotated[int, Query(ge=1, le=500)] = 50,
    cursor: str | None = None,
) -> Page[Ingestion]:
    """Your ingestions, newest first."""
    rows = services.ingestions.list(
        viewer.user_id, before=_moment_and_id(decode_cursor(cursor, datetime, UUID)), limit=limit + 1
    )
    items = [Ingestion.model_validate(row) for row in rows[:limit]]
    more = len(rows) > limit
    return Page(items=items, next_cursor=encode_cursor(items[-1].created_at, items[-1].id) if more else None)


@router.get("/ingestions/{ingestion_id}")
def get_ingestion(services: Given, viewer: Viewer, ingestion_id: UUID) -> Ingestion:
    """One of your ingestions."""
    return Ingestion.model_validate(services.ingestions.get(viewer.user_id, ingestion_id))


@router.get("/quarantine")
def list_quarantine(
    services: Given,
    viewer: Viewer,
    symbol: Filter = None,
    ingestion_id: UUID | None = None,
    code: Filter = None,
    limit: Annotated[int, Query(ge=1, le=1_000)] = 100,
    cursor: str | None = None,
) -> Page[QuarantinedRow]:
    """Rows of your files that were not stored, each whole and with every reason, newest first."""
    (before_id,) = decode_cursor(cursor, int) or (None,)
    if before_id is not None and before_id <= 1:  # nothing lies below the first id, so no page ends there
        message = "cursor must be the next_cursor of an earlier page of this list"
        raise InvalidInput(message, details={"field": "cursor"})
    rows = services.ingestions.quarantined(
        viewer.user_id, symbol=symbol, ingestion_id=ingestion_id, code=code, before_id=before_id, limit=limit + 1
    )
    items = [QuarantinedRow.model_validate(row) for row in rows[:limit]]
    return Page(items=items, next_cursor=encode_cursor(items[-1].id) if len(rows) > limit else None)


@contextmanager
def _on_disk(upload: BinaryIO) -> Iterator[Path]:
    """The upload as a file of its own, gone when the block ends."""
    with tempfile.TemporaryDirectory(prefix="causeway-upload-") as folder:
        path = Path(folder) / "upload"
        with path.open("wb") as target:
            shutil.copyfileobj(upload, target, 1 << 20)
        yield path


def _mapping(text: str) -> dict[str, str]:
    try:
        found: Any = json.loads(text or "{}")
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict) or not all(isinstance(name, str) for name in found.values()):
        raise InvalidInput(
            f'mapping must be a JSON object of field and column name, such as {{"time": "Date"}}; found {text[:60]!r}.',
            details={"field": "mapping"},
        )
    return found


def _moment_and_id(cursor: tuple[Any, ...] | None) -> tuple[datetime, UUID] | None:
    return None if cursor is None else (cursor[0], cursor[1])
