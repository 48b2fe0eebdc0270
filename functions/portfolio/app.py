"""Accounts, positions, cash and equity: /v1/portfolio."""

from __future__ import annotations

from typing import TYPE_CHECKING

from causeway.web.app import build_app
from functions.portfolio.routes import accounts, history

if TYPE_CHECKING:
    from fastapi import FastAPI

    from causeway.web.tokens import TokenVerifier
    from functions.portfolio.services import Services


def create_app(services: Services, verifier: TokenVerifier) -> FastAPI:
    return build_app(
        name="portfolio",
        routers=[accounts.router, history.router],
        services=services,
        verifier=verifier,
        limiter=services.limiter,
    )
