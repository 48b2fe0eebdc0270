"""What a user should know: /v1/alerts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from causeway.web.app import build_app
from functions.alerts.routes import alerts

if TYPE_CHECKING:
    from fastapi import FastAPI

    from causeway.web.tokens import TokenVerifier
    from functions.alerts.services import Services


def create_app(services: Services, verifier: TokenVerifier) -> FastAPI:
    return build_app(name="alerts", routers=[alerts.router], services=services, verifier=verifier)
