"""A small client of our own HTTP interface, for the first start. Standard library only."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from typing import Any

from causeway.errors import CausewayError, Unavailable


class ApiClient:
    """Sends JSON with a bearer token; answers are decoded, errors carry the server's message."""

    def __init__(self, url: str, token: str) -> None:
        self._url = url
        self._token = token

    def get(self, path: str) -> Any:
        return self._send("GET", path, None)

    def post(self, path: str, body: dict[str, Any]) -> Any:
        return self._send("POST", path, body)

    def _send(self, method: str, path: str, body: dict[str, Any] | None) -> Any:
        request = urllib.request.Request(  # noqa: S310 -- our own address
            f"{self._url}{path}",
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={"Authorization": f"Bearer {self._token}", "Content-Type": "application/json"},
        )
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310
                return json.loads(answer.read() or b"null")
        except urllib.error.HTTPError as error:
            raise CausewayError(f"{method} {path}: {error.code} {_message(error)}") from error
        except OSError as error:
            raise Unavailable(f"{method} {path}: {error}") from error


def _message(error: urllib.error.HTTPError) -> str:
    try:
        return str(json.loads(error.read())["error"]["message"])
    except (ValueError, KeyError, TypeError):
        return str(error.reason)
