"""Symbols, bars, quotes, files taken in and what went to quarantine: /v1/data."""

from __future__ import annotations

from typing import TYPE_CHECKING

from causeway.web.app import build_app
from functions.data.routes import (
    bars,
    corporate_actions,
    fetches,
    identity,
    ingestions,
    instruments,
    market,
    quality,
    repairs,
    replay,
    symbols,
)

if TYPE_CHECKING:
    from fastapi import FastAPI

    from causeway.web.tokens import TokenVerifier
    from functions.data.services import Services

_ROUTES = (
    symbols,
    instruments,
    bars,
    market,
    replay,
    ingestions,
    corporate_actions,
    quality,
    repairs,
    fetches,
    identity,
)
MAX_UPLOAD_BYTES = 64 * 1024 * 1024


def create_app(services: Services, verifier: TokenVerifier, *, max_body_bytes: int = MAX_UPLOAD_BYTES) -> FastAPI:
    return build_app(
        name="data",
        routers=[r.router for r in _ROUTES],
        services=services,
        verifier=verifier,
        max_body_bytes=max_body_bytes,
    )
