"""The OpenAPI document of an app: our error body and our ways to sign in, on every operation."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from causeway.web.routes import route_guards
from causeway.web.wire import ErrorEnvelope

Document = dict[str, Any]
_REF = "#/components/schemas/"
_METHODS = ("get", "put", "post", "delete", "patch")


def install(app: FastAPI) -> None:
    """Let ``app.openapi()`` give our document; it is built on first use."""

    def build() -> Document:
        if not app.openapi_schema:
            app.openapi_schema = _document(app)
        return app.openapi_schema

    app.openapi = build  # type: ignore[method-assign]  # FastAPI's documented way to extend the document


def _document(app: FastAPI) -> Document:
    document = get_openapi(title=app.title, version=app.version, routes=app.routes)
    components = document.setdefault("components", {})
    schemas = components.setdefault("schemas", {})
    for unused in ("HTTPValidationError", "ValidationError"):
        schemas.pop(unused, None)
    schemas.update(_error_schemas())
    components["securitySchemes"] = _security_schemes(app.state.verifier.origin.access_cookie)
    for guard in route_guards(app):
        _describe(document["paths"][guard.path][guard.method.lower()], guard.role, guard.method)
    return document


def _describe(operation: Document, role: str | None, method: str) -> None:
    operation["responses"].pop("422", None)
    operation["responses"]["default"] = {
        "description": "An error; the table in docs/contracts/http.md lists codes and statuses.",
        "content": {"application/json": {"schema": {"$ref": f"{_REF}ErrorEnvelope"}}},
    }
    if role is None:
        operation["security"] = []
        return
    cookie: dict[str, list[str]] = {"cookie": []} if method == "GET" else {"cookie": [], "csrf": []}
    operation["security"] = [{"bearer": []}, cookie]
    operation["x-required-role"] = str(role)


def _error_schemas() -> Document:
    schema = ErrorEnvelope.model_json_schema(ref_template=f"{_REF}{{model}}", mode="serialization")
    nested: Document = schema.pop("$defs")
    return {"ErrorEnvelope": schema, **nested}


def _security_schemes(cookie: str) -> Document:
    return {
        "bearer": {"type": "http", "scheme": "bearer", "description": "An access token or an API key."},
        "cookie": {"type": "apiKey", "in": "cookie", "name": cookie, "description": "Set by sign-in."},
        "csrf": {"type": "apiKey", "in": "header", "name": "X-CSRF-Token", "description": "Sent with the cookie."},
    }


def merge(documents: dict[str, Document]) -> Document:
    """One document of several apps'. Equal schemas are shared; unequal ones of one name get the app's name in front.

    Raises:
        ValueError: two apps serve one path.
    """
    merged: Document = {
        "openapi": "3.1.0",
        "info": {"title": "Causeway", "version": next(iter(documents.values()))["info"]["version"]},
        "paths": {},
        "components": {"schemas": {}, "securitySchemes": {}},
        "tags": [{"name": name} for name in documents],
    }
    clashing = _clashing_names(documents)
    for name, document in documents.items():
        own = _renamed(document, {schema: name.title() + schema for schema in clashing})
        twice = set(merged["paths"]) & set(own["paths"])
        if twice:
            raise ValueError(f"more than one app serves {sorted(twice)}")
        merged["paths"].update(own["paths"])
        for kind in ("schemas", "securitySchemes"):
            merged["components"][kind].update(own["components"].get(kind, {}))
    return merged


def _clashing_names(documents: dict[str, Document]) -> set[str]:
    seen: Document = {}
    clashing = set()
    for document in documents.values():
        for name, schema in document["components"]["schemas"].items():
            if seen.setdefault(name, schema) != schema:
                clashing.add(name)
    return clashing


def _renamed(node: Any, names: dict[str, str]) -> Any:
    """``node`` with every schema name of ``names`` replaced, where it is defined and where it is referred to."""
    if isinstance(node, list):
        return [_renamed(item, names) for item in node]
    if not isinstance(node, dict):
        return node
    out: Document = {}
    for key, value in node.items():
        if key == "$ref" and isinstance(value, str) and value.removeprefix(_REF) in names:
            out[key] = _REF + names[value.removeprefix(_REF)]
        elif key == "schemas" and isinstance(value, dict):
            out[key] = {names.get(name, name): _renamed(schema, names) for name, schema in value.items()}
        else:
            out[key] = _renamed(value, names)
    return out
