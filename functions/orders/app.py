"""Orders, signals and the kill switch: /v1/orders."""

from __future__ import annotations

from typing import TYPE_CHECKING

from causeway.web.app import build_app
from functions.orders.routes import orders, signal, trading_now, trading_state

if TYPE_CHECKING:
    from fastapi import FastAPI

    from causeway.web.tokens import TokenVerifier
    from functions.orders.services import Services


def create_app(services: Services, verifier: TokenVerifier) -> FastAPI:
    routers = [trading_state.router, trading_now.router, signal.router, orders.router]
    return build_app(name="orders", routers=routers, services=services, verifier=verifier)
