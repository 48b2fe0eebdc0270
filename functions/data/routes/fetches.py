"""Bars from providers: ask for them, follow, cancel, try again what failed."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query

from causeway.errors import CausewayError
from causeway.market_data.exchanges import check_exchange
from causeway.model.fetch import FetchSpec, Repairs
from causeway.model.instrument import AssetClass
from causeway.model.time import BarSize, utc
from causeway.web.auth import Principal
from causeway.web.paging import decode_cursor, encode_cursor
from causeway.web.wire import Page
from functions.data.fetch_schemas import Fetch, FetchDetail, FetchedSymbol, FetchRequest
from functions.data.parameters import Analyst, Given, Viewer
from functions.data.services import Services

router = APIRouter()


@router.post("/fetches", status_code=202)
def start_fetch(services: Given, analyst: Analyst, body: FetchRequest) -> Fetch:
    """Queue a fetch of bars, with their splits and dividends; only what is missing is asked for."""
    symbols = None if body.symbols is None else list(dict.fromkeys(one.upper() for one in body.symbols))
    row = services.fetches.submit(analyst.user_id, body.name, _spec(body), symbols, actor=analyst.email)
    return _start(services, analyst, row)


@router.get("/fetches")
def list_fetches(
    services: Given,
    viewer: Viewer,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    cursor: str | None = None,
) -> Page[Fetch]:
    """Your fetches, newest first."""
    before = decode_cursor(cursor, datetime, UUID)
    rows = services.fetches.list(viewer.user_id, limit=limit + 1, before=(before[0], before[1]) if before else None)
    items = [_fetch(row) for row in rows[:limit]]
    more = len(rows) > limit
    return Page(items=items, next_cursor=encode_cursor(items[-1].created_at, items[-1].id) if more else None)


@router.get("/fetches/{fetch_id}")
def get_fetch(services: Given, viewer: Viewer, fetch_id: UUID) -> FetchDetail:
    """Where a fetch and each of its symbols stand."""
    row = services.fetches.get(viewer.user_id, fetch_id)
    symbols = services.fetches.symbols(viewer.user_id, fetch_id)
    return FetchDetail(
        **_fetch(row).model_dump(),
        symbols=[FetchedSymbol.model_validate(_shown(one, FetchedSymbol)) for one in symbols],
    )


@router.post("/fetches/{fetch_id}/cancel", status_code=202)
def cancel_fetch(services: Given, analyst: Analyst, fetch_id: UUID) -> Fetch:
    """Cancel a queued fetch at once; ask a running one to stop, which takes seconds. What is stored stays."""
    row = services.fetches.cancel(analyst.user_id, fetch_id, actor=analyst.email)
    if row["state"] == "running":
        services.runner.cancel(fetch_id)
    return _fetch(row)


@router.post("/fetches/{fetch_id}/retry", status_code=202)
def retry_fetch(services: Given, analyst: Analyst, fetch_id: UUID) -> Fetch:
    """A new fetch of those symbols that failed or were cancelled."""
    row = services.fetches.retry(analyst.user_id, fetch_id, actor=analyst.email)
    return _start(services, analyst, row)


def _start(services: Services, analyst: Principal, row: dict[str, Any]) -> Fetch:
    """Hand a committed fetch to whoever runs it; one that cannot be started is cancelled, not left waiting for ever."""
    try:
        services.runner.submit(row["id"])
    except CausewayError:
        services.fetches.cancel(analyst.user_id, row["id"], actor=analyst.email)
        raise
    return _fetch(row)


def _spec(body: FetchRequest) -> FetchSpec:
    asset_class = AssetClass(body.asset_class) if body.asset_class else None
    check_exchange(asset_class, body.exchange)  # an unknown exchange is said at once
    return FetchSpec(
        bar_size=BarSize(body.bar_size),
        start=utc(body.start, field="start"),
        end=utc(body.end, field="end") if body.end else None,
        providers=tuple(dict.fromkeys(body.providers)),
        extended_hours=body.extended_hours,
        asset_class=asset_class,
        replace=body.replace,
        again=body.again,
        check_against=tuple(dict.fromkeys(body.check_against)),
        patient=body.patient,
        repairs=Repairs(body.repairs),
        exchange=body.exchange.upper(),
    )


def _fetch(row: dict[str, Any]) -> Fetch:
    return Fetch.model_validate(_shown(row, Fetch))


def _shown(row: dict[str, Any], kind: type[Fetch | FetchedSymbol]) -> dict[str, Any]:
    return {name: row[name] for name in kind.model_fields}
