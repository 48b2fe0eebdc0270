"""What an app's routes ask for: read by the start-up check, the OpenAPI document and the route walk in the tests."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from fastapi import FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.routing import iter_route_contexts

from causeway.errors import CausewayError
from causeway.model.identity import Role
from causeway.web.auth import Guard, OpenRoute


@dataclass(frozen=True, slots=True)
class RouteGuard:
    """One method of one path. ``role`` is None for an open route."""

    method: str
    path: str
    role: Role | None


def route_guards(app: FastAPI) -> list[RouteGuard]:
    """Every method and path of ``app`` with the role that it requires.

    Raises:
        CausewayError: a route has no guard, or more than one.
    """
    return list(_walk(app))


def check_guards(app: FastAPI) -> None:
    """Stop at start rather than serve a route without a guard."""
    route_guards(app)


def _walk(app: FastAPI) -> Iterator[RouteGuard]:
    for route in iter_route_contexts(app.routes):
        guards = _guards(route.dependant)
        path = str(route.path_format)  # without converters: {symbol}, not {symbol:path}
        if len(guards) != 1:
            raise CausewayError(
                f"{path} has {len(guards)} guards and must have one: a dependency on require(role) or open_route"
            )
        for method in sorted(route.methods or ()):
            yield RouteGuard(method, path, guards[0].role)


def _guards(dependant: Dependant) -> list[Guard | OpenRoute]:
    own = [dependant.call] if isinstance(dependant.call, Guard | OpenRoute) else []
    return own + [guard for child in dependant.dependencies for guard in _guards(child)]
