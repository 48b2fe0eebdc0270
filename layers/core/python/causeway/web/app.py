"""Builds a function's FastAPI app: the same around every one of them."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, version
from typing import Annotated

from fastapi import APIRouter, Depends, FastAPI
from fastapi.routing import APIRoute
from starlette.middleware import Middleware

from causeway.web import error_mapping, openapi
from causeway.web.auth import TokenVerifier, open_route
from causeway.web.middleware import BodyLimit, CallerCheck, RequestContext
from causeway.web.rate_limit import RateLimiter
from causeway.web.routes import check_guards
from causeway.web.wire import Wire

DEFAULT_MAX_BODY_BYTES = 1_000_000


class Health(Wire):
    status: str
    version: str


def build_app(
    *,
    name: str,
    routers: Sequence[APIRouter],
    services: object,
    verifier: TokenVerifier,
    max_body_bytes: int = DEFAULT_MAX_BODY_BYTES,
    limiter: RateLimiter | None = None,
) -> FastAPI:
    """The app of function ``name``; its routes lie under ``/v1/<name>``, where ``health`` is added.

    Raises:
        CausewayError: a route has neither a required role nor ``open_route``.
    """
    app = FastAPI(
        title=f"Causeway {name}",
        version=code_version(),
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        generate_unique_id_function=_operation_id,
        middleware=[
            Middleware(RequestContext, name=name, origin=verifier.origin),
            Middleware(CallerCheck, origin=verifier.origin),
            Middleware(BodyLimit, max_bytes=max_body_bytes),
        ],
    )
    app.state.services = services
    app.state.verifier = verifier
    app.state.rate_limiter = limiter or RateLimiter()
    prefix = f"/v1/{name}"
    app.include_router(_health_router(), prefix=prefix, tags=[name])
    for router in routers:
        app.include_router(router, prefix=prefix, tags=[name])
    error_mapping.install(app)
    check_guards(app)
    openapi.install(app)
    return app


def code_version() -> str:
    """The version of the installed package; ``0`` where only its source is on the path."""
    try:
        return version("causeway")
    except PackageNotFoundError:
        return "0"


def _health_router() -> APIRouter:
    router = APIRouter()

    @router.get("/health")
    def health(_: Annotated[None, Depends(open_route)]) -> Health:
        """Whether this function answers."""
        return Health(status="ok", version=code_version())

    return router


def _operation_id(route: APIRoute) -> str:
    tag = str(route.tags[0]) if route.tags else "api"
    return f"{tag}_{route.name}"
