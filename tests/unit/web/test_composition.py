"""Several functions on one port."""

from __future__ import annotations

import asyncio
from typing import Annotated, Any

import pytest
from fastapi import APIRouter, Depends, FastAPI
from starlette.responses import PlainTextResponse

from causeway.web.app import build_app
from causeway.web.auth import open_route
from causeway.web.composition import compose, merged_openapi
from causeway.web.lambda_handler import http_handler
from causeway.web.wire import Wire
from tests.fixtures.gateway import Gateway, Keys

_VERIFIER = Keys.generate().verifier()
Open = Annotated[None, Depends(open_route)]


def point(fields: dict[str, Any]) -> type[Wire]:
    return type("Point", (Wire,), {"__annotations__": fields})


def app(name: str, model: type[Wire]) -> FastAPI:
    router = APIRouter()

    @router.get("/point", response_model=model)
    def get_point(_: Open) -> Any:
        return {"x": 1 if model.model_fields["x"].annotation is int else "1"}

    @router.get("/broken")
    def broken(_: Open) -> None:
        raise RuntimeError(name)

    return build_app(name=name, routers=[router], services=None, verifier=_VERIFIER)


@pytest.fixture
def apps() -> dict[str, FastAPI]:
    return {"one": app("one", point({"x": int})), "two": app("two", point({"x": str}))}


@pytest.fixture
def gateway(apps: dict[str, FastAPI]) -> Gateway:
    composed: Any = compose(apps, fallback=PlainTextResponse("web app"))
    return Gateway(http_handler(lambda: composed))


def test_each_path_reaches_the_app_of_its_name(gateway: Gateway) -> None:
    assert gateway.get("/v1/one/point").json == {"x": 1}
    assert gateway.get("/v1/two/health").json["status"] == "ok"


@pytest.mark.parametrize("path", ["/", "/portfolio", "/v2/one/point", "/v1x"])
def test_everything_else_is_the_web_app(gateway: Gateway, path: str) -> None:
    assert gateway.get(path).body == "web app"


@pytest.mark.parametrize("path", ["/v1", "/v1/", "/v1/three", "/v1/three/point"])
def test_an_unknown_function_is_not_the_web_app(gateway: Gateway, path: str) -> None:
    answer = gateway.get(path)
    assert (answer.status, answer.error["code"]) == (404, "not_found")


def test_equal_names_of_unequal_shapes_are_told_apart(apps: dict[str, FastAPI]) -> None:
    document = merged_openapi(apps)
    schemas = document["components"]["schemas"]
    assert schemas["OnePoint"]["properties"]["x"]["type"] == "integer"
    assert schemas["TwoPoint"]["properties"]["x"]["type"] == "string"
    answer = document["paths"]["/v1/two/point"]["get"]["responses"]["200"]
    assert answer["content"]["application/json"]["schema"] == {"$ref": "#/components/schemas/TwoPoint"}
    assert "Point" not in schemas


def test_two_apps_on_one_path_do_not_start(apps: dict[str, FastAPI]) -> None:
    with pytest.raises(ValueError, match="/v1/one/point"):
        merged_openapi({"one": apps["one"], "again": apps["one"]})


def test_the_docs_page_needs_no_script_and_no_other_host(gateway: Gateway) -> None:
    page = gateway.get("/docs")
    assert page.headers["content-type"].startswith("text/html")
    assert page.headers["content-security-policy"].startswith("default-src 'none'")
    assert "<script" not in page.body
    assert "http" not in page.body.replace("HTTP", "")
    assert "/v1/two/point" in page.body


def test_documents_answer_get_only(gateway: Gateway) -> None:
    assert gateway.get("/v1/openapi.json").json["openapi"].startswith("3.")
    assert gateway.post("/v1/openapi.json", {}).status == 405


def test_health_asks_every_function(gateway: Gateway) -> None:
    assert gateway.get("/v1/health").json["functions"] == {"one": "ok", "two": "ok"}


def test_health_tells_which_function_is_ill(apps: dict[str, FastAPI]) -> None:
    async def ill(scope: Any, receive: Any, send: Any) -> None:
        await PlainTextResponse("no", status_code=503)(scope, receive, send)

    composed: Any = compose(apps)
    apps["two"].middleware_stack = ill
    answer = Gateway(http_handler(lambda: composed)).get("/v1/health")
    assert (answer.status, answer.json["status"]) == (503, "degraded")
    assert answer.json["functions"] == {"one": "ok", "two": "answers 503"}


def test_another_host_is_refused_by_the_documents_too(gateway: Gateway) -> None:
    for path in ("/docs", "/v1/openapi.json", "/v1/health", "/v1/one/point"):
        assert gateway.get(path, {"host": "evil.example"}).status == 403


def test_it_starts_and_stops_when_the_server_does(apps: dict[str, FastAPI]) -> None:
    messages = iter([{"type": "lifespan.startup"}, {"type": "lifespan.shutdown"}])
    sent: list[str] = []

    async def receive() -> Any:
        return next(messages)

    async def send(message: Any) -> None:
        sent.append(message["type"])

    async def live() -> None:
        await compose(apps)({"type": "lifespan"}, receive, send)

    asyncio.run(live())
    assert sent == ["lifespan.startup.complete", "lifespan.shutdown.complete"]
