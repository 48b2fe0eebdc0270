"""Every route of every function: nobody gets in without a token, nor with a lesser role, nor by an API key.

The functions are found, not listed: a new one is walked from its first commit.
"""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import fields
from functools import cache
from importlib import import_module
from pathlib import Path
from uuid import UUID

import pytest
from fastapi import FastAPI

import functions
from causeway.errors import CausewayError
from causeway.model.identity import Identity, Role
from causeway.web.app import build_app
from causeway.web.composition import merged_openapi
from causeway.web.lambda_handler import http_handler
from causeway.web.routes import RouteGuard, route_guards
from tests.fixtures.gateway import Answer, Gateway, Keys

USER = UUID("00000000-0000-4000-8000-000000000001")
CONTRACT = Path(__file__).parents[2] / "docs/contracts/http.md"
_KEYS = Keys.generate()


def function_names() -> list[str]:
    """Functions that serve HTTP: those with an app."""
    root = Path(str(functions.__file__)).parent
    return sorted(path.parent.name for path in root.glob("*/app.py"))


@cache
def app(name: str) -> FastAPI:
    """The function's app over empty services: a request that a guard lets through fails later, with another status."""
    kind = import_module(f"functions.{name}.services").Services
    services = kind(**dict.fromkeys(field.name for field in fields(kind)))
    verifier = _KEYS.verifier(find_api_key=lambda _: Identity(USER, "viewer@example.test", Role.VIEWER))
    made: FastAPI = import_module(f"functions.{name}.app").create_app(services, verifier)
    return made


@cache
def gateway(name: str) -> Gateway:
    return Gateway(http_handler(lambda: app(name)))


def routes() -> Iterator[tuple[str, RouteGuard]]:
    for name in function_names():
        for guard in route_guards(app(name)):
            yield name, guard


GUARDED = [pytest.param(name, guard, id=f"{guard.method} {guard.path}") for name, guard in routes() if guard.role]
ABOVE_VIEWER = [item for item in GUARDED if item.values[1].role is not Role.VIEWER]  # type: ignore[union-attr]


def call(name: str, guard: RouteGuard, headers: dict[str, str] | None = None, **query: object) -> Answer:
    path = re.sub(r"\{[^}]+\}", str(USER), guard.path)
    return gateway(name).send(
        guard.method, path, headers=headers, body={} if guard.method != "GET" else None, query=query
    )


def test_there_is_something_to_walk() -> None:
    assert {"auth", "portfolio"} <= set(function_names())
    assert len(GUARDED) > 10


@pytest.mark.parametrize(("name", "guard"), GUARDED)
def test_nobody_is_401(name: str, guard: RouteGuard) -> None:
    assert call(name, guard).status == 401
    assert call(name, guard, {"authorization": "Bearer nonsense"}).status == 401


@pytest.mark.parametrize(("name", "guard"), ABOVE_VIEWER)
def test_the_next_lesser_role_is_403(name: str, guard: RouteGuard) -> None:
    assert guard.role is not None
    lesser = list(Role)[list(Role).index(guard.role) - 1]
    answer = call(name, guard, _KEYS.bearer(USER, lesser))
    assert (answer.status, answer.error["code"]) == (403, "denied")
    assert answer.error["details"] == {"required": guard.role.value, "found": lesser.value}


@pytest.mark.parametrize(("name", "guard"), ABOVE_VIEWER)
def test_an_api_key_of_a_viewer_is_403(name: str, guard: RouteGuard) -> None:
    assert call(name, guard, {"authorization": "Bearer cw_of-a-viewer"}).status == 403


@pytest.mark.parametrize(("name", "guard"), GUARDED)
def test_the_required_role_itself_passes_the_guard(name: str, guard: RouteGuard) -> None:
    assert guard.role is not None
    assert call(name, guard, _KEYS.bearer(USER, guard.role)).status not in {401, 403}


@pytest.mark.parametrize(("name", "guard"), GUARDED)
def test_an_unknown_query_parameter_is_422_and_the_known_ones_are_named(name: str, guard: RouteGuard) -> None:
    assert guard.role is not None
    answer = call(name, guard, _KEYS.bearer(USER, guard.role), adjustement="split")
    assert (answer.status, answer.error["code"]) == (422, "invalid_input")
    assert "adjustement" in answer.error["message"]
    operation = merged_openapi({name: app(name)})["paths"][guard.path][guard.method.lower()]
    documented = [one["name"] for one in operation.get("parameters", []) if one["in"] == "query"]
    assert answer.error["details"]["known"] == sorted(documented)


@pytest.mark.parametrize(("name", "guard"), [item for item in GUARDED if item.values[1].method != "GET"])  # type: ignore[union-attr]
def test_a_cookie_without_csrf_token_is_403(name: str, guard: RouteGuard) -> None:
    token = _KEYS.bearer(USER, "admin")["authorization"].removeprefix("Bearer ")
    browser = Gateway(gateway(name).handler, cookies={"__Host-causeway-access": token})
    path = re.sub(r"\{[^}]+\}", str(USER), guard.path)
    answer = browser.send(guard.method, path, body={})
    assert (answer.status, answer.error["details"]) == (403, {"header": "X-CSRF-Token"})


def contract_roles() -> dict[tuple[str, str], str]:
    """Method and path of the table in docs/contracts/http.md, with the role that it promises."""
    found = {}
    for line in CONTRACT.read_text(encoding="utf-8").splitlines():
        cells = [cell.strip() for cell in re.split(r"(?<!open)\|", line.strip("|"))]
        if (
            len(cells) < 3
            or not re.match(r"(GET|POST|DELETE|PUT|PATCH)", cells[0])
            or cells[0].startswith("GET /health")
        ):
            continue
        for part in cells[0].split(";"):
            text = re.sub(r"\(.*", "", part).strip()
            match = re.match(r"([A-Z, ]+) (/\S+)", text)
            if match:
                path = re.sub(r"\{[^}]+\}", "{}", match[2].partition("?")[0])
                for method in match[1].replace(",", " ").split():
                    found[method, f"/v1{path}"] = cells[1].split(" ")[0]
    return found


def test_routes_and_roles_are_those_of_the_contract() -> None:
    promised = contract_roles()
    served = {
        (guard.method, re.sub(r"\{[^}]+\}", "{}", guard.path)): guard.role.value if guard.role else "open"
        for _, guard in routes()
        if not guard.path.endswith("/health")
    }
    areas = tuple(f"/v1/{name}" for name in function_names())
    assert served == {key: role for key, role in promised.items() if key[1].startswith(areas)}


def test_an_app_with_an_unguarded_route_does_not_start() -> None:
    from fastapi import APIRouter

    router = APIRouter()
    router.get("/open-by-mistake")(lambda: {})
    with pytest.raises(CausewayError, match="open-by-mistake"):
        build_app(name="x", routers=[router], services=None, verifier=_KEYS.verifier())


def test_the_merged_document_names_every_route_once() -> None:
    document = merged_openapi({name: app(name) for name in function_names()})
    named = {(method.upper(), path) for path, methods in document["paths"].items() for method in methods}
    assert named == {(guard.method, guard.path) for _, guard in routes()}
    operation_ids = [
        operation["operationId"] for methods in document["paths"].values() for operation in methods.values()
    ]
    assert len(operation_ids) == len(set(operation_ids))
    assert set(re.findall(r'"#/components/schemas/(\w+)"', str(document).replace("'", '"'))) <= set(
        document["components"]["schemas"]
    )


@pytest.mark.parametrize("name", function_names())
def test_importing_a_handler_loads_no_driver(name: str) -> None:
    """Cold start: PostgreSQL, Redis and AWS clients load with the first request that needs them."""
    code = (
        f"import sys, functions.{name}.handler\n"
        "print([m for m in ('psycopg', 'psycopg_pool', 'redis', 'boto3', 'botocore', 'numba', 'pandas', 'scipy') "
        "if m in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False, cwd=CONTRACT.parents[2]
    )
    assert (done.returncode, done.stdout.strip()) == (0, "[]"), done.stderr
