"""Errors on the wire: one table from the error tree to HTTP, one body for all of them."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from fastapi import FastAPI, Request
from fastapi.encoders import jsonable_encoder
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from causeway.errors import (
    CausewayError,
    Conflict,
    CorruptData,
    Denied,
    InvalidInput,
    NotAuthenticated,
    NotFound,
    OutcomeUnknown,
    TooMany,
    Unavailable,
)
from causeway.web.invalid_request import field_error, field_name, say
from causeway.web.negotiation import NotAcceptable
from causeway.web.wire import ErrorBody, ErrorEnvelope, FieldError

STATUS: Mapping[type[CausewayError], int] = {
    NotAcceptable: 406,
    InvalidInput: 422,
    NotAuthenticated: 401,
    Denied: 403,
    NotFound: 404,
    Conflict: 409,
    TooMany: 429,
    Unavailable: 503,
    OutcomeUnknown: 502,
    CorruptData: 500,
}
_HTTP_CODES = {
    400: "invalid_input",
    404: "not_found",
    405: "method_not_allowed",
    413: "invalid_input",
    415: "invalid_input",
}
_INTERNAL = "something went wrong here, and it was logged; quote the request id when you report it"


def status_of(error: CausewayError) -> int:
    """The HTTP status of an error: that of its nearest mapped class, 500 for one that nobody mapped."""
    return next((STATUS[kind] for kind in type(error).__mro__ if kind in STATUS), 500)


def error_response(
    status: int,
    code: str,
    message: str,
    *,
    request_id: str = "",
    fields: Sequence[FieldError] = (),
    details: Mapping[str, Any] | None = None,
    headers: Mapping[str, str] | None = None,
) -> JSONResponse:
    """The body that every error has."""
    body = ErrorBody(
        code=code, message=message, fields=list(fields), details=dict(details or {}), request_id=request_id
    )
    return JSONResponse(jsonable_encoder(ErrorEnvelope(error=body)), status_code=status, headers=dict(headers or {}))


def internal_error(request_id: str) -> JSONResponse:
    """The answer to what nobody expected: nothing of the cause leaks."""
    return error_response(500, "internal", _INTERNAL, request_id=request_id)


def causeway_error(error: CausewayError, request_id: str = "") -> JSONResponse:
    """An error of our tree as an answer. ``details["field"]`` also fills ``fields``."""
    headers = {}
    if isinstance(error, TooMany | Unavailable):
        headers["Retry-After"] = str(max(1, math.ceil(error.retry_after_s)))
    if isinstance(error, NotAuthenticated):
        headers["WWW-Authenticate"] = 'Bearer realm="causeway"'
    named = error.details.get("field")
    fields = [FieldError(field=str(named), message=error.message)] if named else []
    return error_response(
        status_of(error), error.code, error.message,
        request_id=request_id, fields=fields, details=error.details, headers=headers,
    )  # fmt: skip


def install(app: FastAPI) -> None:
    """Answer every error of this app in the one form."""
    app.exception_handler(CausewayError)(_on_causeway_error)
    app.exception_handler(RequestValidationError)(_on_invalid_request)
    app.exception_handler(HTTPException)(_on_http_exception)


async def _on_causeway_error(request: Request, error: CausewayError) -> JSONResponse:
    return causeway_error(error, _request_id(request))


async def _on_invalid_request(request: Request, error: RequestValidationError) -> JSONResponse:
    found = list(error.errors())
    status, message = _classify(request, found)
    fields = [field_error(item) for item in found]
    return error_response(status, "invalid_input", message, request_id=_request_id(request), fields=fields)


async def _on_http_exception(request: Request, error: HTTPException) -> JSONResponse:
    status = error.status_code
    message = str(error.detail)
    if status == 404:
        message = f"there is nothing at {request.url.path}; /v1/openapi.json lists what there is"
    if status == 405:
        message = f"{request.url.path} does not accept {request.method}"
    code = _HTTP_CODES.get(status, "invalid_input" if status < 500 else "internal")
    return error_response(status, code, message, request_id=_request_id(request), headers=error.headers)


def _classify(request: Request, found: Sequence[Mapping[str, Any]]) -> tuple[int, str]:
    if any(item["type"] == "json_invalid" for item in found):
        return 400, "the body is not JSON"
    content_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    whole_body = any(tuple(item["loc"]) == ("body",) and item["type"] != "missing" for item in found)
    if whole_body and not (content_type == "application/json" or content_type.endswith("+json")):
        return 415, f"Content-Type must be application/json; found {content_type or 'none'}"
    return 422, f"{field_name(found[0]['loc'])} {say(found[0])}"


def _request_id(request: Request) -> str:
    return str(getattr(request.state, "request_id", ""))
