"""Sign-in, tokens, passwords and API keys: /v1/auth."""

from __future__ import annotations

from typing import TYPE_CHECKING

from causeway.web.app import build_app
from functions.auth.routes import api_keys, me, session, stream_ticket

if TYPE_CHECKING:
    from fastapi import FastAPI

    from causeway.web.tokens import TokenVerifier
    from functions.auth.services import Services


def create_app(services: Services, verifier: TokenVerifier) -> FastAPI:
    return build_app(
        name="auth",
        routers=[session.router, me.router, api_keys.router, stream_ticket.router],
        services=services,
        verifier=verifier,
        max_body_bytes=16_384,
        limiter=services.limiter,
    )
