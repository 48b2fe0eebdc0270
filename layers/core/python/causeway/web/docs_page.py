"""The OpenAPI document as one page of plain HTML: no script, no other host, readable offline."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from html import escape
from typing import Any

Document = Mapping[str, Any]

_STYLE = """
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }
body { max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
summary { cursor: pointer; padding: .3rem 0; }
code, pre { font: .9em/1.5 ui-monospace, monospace; }
pre { overflow-x: auto; padding: .75rem; border: 1px solid #8886; border-radius: 4px; }
.method { display: inline-block; min-width: 4.5rem; font-weight: 600; }
.role { opacity: .75; }
table { border-collapse: collapse; } td, th { text-align: left; padding: .15rem 1rem .15rem 0; vertical-align: top; }
"""


def render(document: Document) -> str:
    """The page: every operation with its role, parameters, body and answer; then every schema."""
    title = f"{document['info']['title']} {document['info']['version']}"
    return "".join(
        [
            '<!doctype html><html lang="en"><head><meta charset="utf-8">',
            f"<title>{escape(title)}: HTTP interface</title>",
            f'<meta name="viewport" content="width=device-width"><style>{_STYLE}</style></head><body><main>',
            f"<h1>{escape(title)}: HTTP interface</h1>",
            '<p>The same as <a href="/v1/openapi.json">/v1/openapi.json</a>. Programs send '
            "<code>Authorization: Bearer …</code> with an access token or an API key.</p>",
            *_operations(document),
            "<h2>Schemas</h2>",
            *(_schema(name, schema) for name, schema in sorted(document["components"]["schemas"].items())),
            "</main></body></html>",
        ]
    )


def _operations(document: Document) -> Iterator[str]:
    for tag in document["tags"]:
        yield f"<h2>{escape(tag['name'])}</h2>"
        for path, methods in document["paths"].items():
            for method, operation in methods.items():
                if tag["name"] in operation.get("tags", ()):
                    yield _operation(method, path, operation)


def _operation(method: str, path: str, operation: Document) -> str:
    role = operation.get("x-required-role", "open")
    text = operation.get("description") or operation.get("summary", "")
    return (
        f'<details id="{escape(operation["operationId"])}"><summary><span class="method">{method.upper()}</span>'
        f'<code>{escape(path)}</code> <span class="role">{escape(role)}</span></summary>'
        f"<p>{escape(text)}</p>{_parameters(operation)}{_body(operation)}{_answers(operation)}</details>"
    )


def _parameters(operation: Document) -> str:
    rows = "".join(
        f"<tr><td><code>{escape(item['name'])}</code></td><td>{escape(item['in'])}</td>"
        f"<td>{'required' if item.get('required') else 'optional'}</td><td>{_type(item.get('schema', {}))}</td></tr>"
        for item in operation.get("parameters", ())
    )
    return f"<table><tr><th>parameter</th><th>in</th><th></th><th>type</th></tr>{rows}</table>" if rows else ""


def _body(operation: Document) -> str:
    content = operation.get("requestBody", {}).get("content", {})
    return "".join(f"<p>Body, {escape(kind)}: {_type(media.get('schema', {}))}</p>" for kind, media in content.items())


def _answers(operation: Document) -> str:
    rows = ""
    for status, answer in operation.get("responses", {}).items():
        schemas = [_type(media.get("schema", {})) for media in answer.get("content", {}).values()]
        rows += f"<tr><td>{escape(status)}</td><td>{', '.join(schemas)}</td></tr>"
    return f"<table><tr><th>answer</th><th></th></tr>{rows}</table>"


def _schema(name: str, schema: Document) -> str:
    text = escape(json.dumps(schema, indent=2, ensure_ascii=False))
    return f'<details id="{escape(name)}"><summary><code>{escape(name)}</code></summary><pre>{text}</pre></details>'


def _type(schema: Document) -> str:
    """A schema in a few words, linked where it has a name."""
    if "$ref" in schema:
        name = escape(schema["$ref"].rpartition("/")[2])
        return f'<a href="#{name}">{name}</a>'
    if "anyOf" in schema:
        return " or ".join(_type(item) for item in schema["anyOf"])
    if schema.get("type") == "array":
        return f"list of {_type(schema.get('items', {}))}"
    if "enum" in schema:
        return " | ".join(escape(str(item)) for item in schema["enum"])
    return escape(str(schema.get("format") or schema.get("type", "any")))
