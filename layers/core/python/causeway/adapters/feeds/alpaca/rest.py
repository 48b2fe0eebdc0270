"""alpaca-py's REST client with what it lacks: a time-out, our errors, and no retries of its own."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from typing import Any

import requests
from alpaca.common.enums import BaseURL
from alpaca.common.rest import RESTClient
from urllib3.exceptions import HTTPError, ProtocolError, ReadTimeoutError

from causeway.adapters.feeds.retry_after import seconds_named
from causeway.adapters.feeds.whole_answer import LONGEST_S, MOST_BYTES, whole_answer
from causeway.errors import Denied, InvalidInput, NotFound, TooMany, Unavailable
from causeway.model.time import now_utc
from causeway.settings import AlpacaDataSettings

_THROTTLED_S = 10.0  # where Alpaca does not say until when
_PIECE_BYTES = 1 << 16
_LONGEST_THROTTLE_S = 60.0  # its limits are per minute


class DataRest(RESTClient):
    """GET of market data as parsed JSON. ``timeout_s`` bounds each wait for bytes, ``longest_s`` a whole answer.

    Raises:
        Denied: no keys are set.
    """

    def __init__(
        self,
        settings: AlpacaDataSettings,
        timeout_s: float,
        *,
        longest_s: float = LONGEST_S,
        most_bytes: int = MOST_BYTES,
    ) -> None:
        key, secret = settings.alpaca_key_id, settings.alpaca_secret_key.get_secret_value()
        if not key or not secret:
            raise Denied("alpaca needs a key; set CAUSEWAY_ALPACA_KEY_ID and CAUSEWAY_ALPACA_SECRET_KEY.")
        super().__init__(settings.alpaca_data_url or BaseURL.DATA, key, secret, raw_data=True)
        self._timeout_s, self._longest_s, self._most_bytes = timeout_s, longest_s, most_bytes

    def fetch(self, path: str, params: Mapping[str, str | int], version: str = "v2") -> dict[str, Any]:
        """The answer's object.

        Raises:
            TooMany, Denied, NotFound, InvalidInput: Alpaca says so.
            Unavailable: no answer, or none that can be read.
        """
        answer = self.get(path, dict(params), api_version=version)
        if not isinstance(answer, dict):
            raise Unavailable(f"alpaca answered what cannot be read: {str(answer)[:80]!r}")
        return answer

    def _one_request(self, method: str, url: str, opts: dict[str, Any], retry: int) -> Any:  # noqa: ARG002 - alpaca-py's
        try:
            with self._session.request(method, url, timeout=self._timeout_s, stream=True, **opts) as answer:
                pieces = iter(lambda: answer.raw.read1(_PIECE_BYTES, decode_content=True), b"")
                body = whole_answer(pieces, "alpaca", self._longest_s, self._most_bytes)
        except (requests.RequestException, HTTPError) as error:
            raise Unavailable(f"alpaca does not answer: {self._what_happened(error)}") from error
        if answer.status_code != requests.codes.ok:
            raise _failure(answer.status_code, answer.headers, body)
        try:
            return json.loads(body)
        except ValueError as error:
            raise Unavailable(f"alpaca answered what cannot be read: {body[:80]!r}") from error

    def _what_happened(self, error: Exception) -> str:
        if isinstance(error, requests.Timeout | ReadTimeoutError):
            return f"nothing came for {self._timeout_s:g} s"
        if isinstance(error, ProtocolError):
            return "the connection was cut in the middle of its answer"
        if isinstance(error, requests.ConnectionError):
            return "the connection was refused, or closed before an answer"
        return f"{type(error).__name__}: {error}"


def _failure(status: int, headers: Mapping[str, str], body: bytes) -> Exception:
    said = _message(body)
    if status == 429:
        return TooMany(f"alpaca throttles: {said}", retry_after_s=_wait_s(headers))
    if status in (401, 403):
        return Denied(
            f"alpaca refuses (HTTP {status}): {said.rstrip('.')}. Check CAUSEWAY_ALPACA_KEY_ID, its secret, the plan."
        )
    if status == 404 or (status in (400, 422) and "invalid symbol" in said):
        return NotFound(f"alpaca has nothing there (HTTP {status}): {said}")
    if status in (400, 422):
        return InvalidInput(f"alpaca cannot read the request: {said}")
    wait_s = seconds_named(headers.get("Retry-After"), now_utc())
    return Unavailable(f"alpaca answered HTTP {status}: {said}", retry_after_s=wait_s)


def _message(body: bytes) -> str:
    try:
        return str(json.loads(body)["message"])[:200]
    except (ValueError, KeyError, TypeError):
        return body.decode(errors="replace")[:200].strip()


def _wait_s(headers: Mapping[str, str]) -> float:
    """Until the limit is reset, by ``X-RateLimit-Reset`` in seconds since 1970."""
    reset = headers.get("X-RateLimit-Reset", "")
    if not reset.isdigit():
        return _THROTTLED_S
    return min(max(int(reset) - time.time(), 0.1), _LONGEST_THROTTLE_S)
