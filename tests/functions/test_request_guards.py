"""What stands in front of every function: Host, Origin, CSRF, body size, errors, headers.."""

from __future__ import annotations

import re
from uuid import uuid4

import pytest

from causeway.web.lambda_handler import http_handler
from functions.portfolio.app import create_app
from functions.portfolio.services import Services
from tests.fixtures.auth import EMAIL, PASSWORD, AuthApp, make_auth_app, sign_in
from tests.fixtures.databases import Databases
from tests.fixtures.gateway import LOOPBACK, Gateway, Keys

KEY = {"name": "nightly", "role": "viewer"}
LOGIN = {"email": EMAIL, "password": PASSWORD}


def test_a_cookie_alone_changes_nothing(auth: AuthApp) -> None:
    browser = auth.browser()
    csrf = sign_in(browser).json["csrf_token"]
    for headers in ({}, {"x-csrf-token": ""}, {"x-csrf-token": csrf[:-1]}, {"x-csrf-token": "x" + csrf}):
        answer = browser.post("/v1/auth/api-keys", KEY, headers=headers)
        assert (answer.status, answer.error["details"]) == (403, {"header": "X-CSRF-Token"})
    assert browser.post("/v1/auth/api-keys", KEY, headers={"x-csrf-token": csrf}).status == 201


def test_another_sign_ins_csrf_token_does_not_serve(auth: AuthApp) -> None:
    browser = auth.browser()
    sign_in(browser)
    other = sign_in(auth.browser()).json["csrf_token"]
    assert browser.post("/v1/auth/api-keys", KEY, headers={"x-csrf-token": other}).status == 403


def test_a_program_needs_no_csrf_token(auth: AuthApp) -> None:
    token = sign_in(auth.program(), mode="bearer").json["access_token"]
    assert auth.program().post("/v1/auth/api-keys", KEY, {"authorization": f"Bearer {token}"}).status == 201


@pytest.mark.parametrize(
    "origin", ["https://evil.example", "http://causeway.example", "https://causeway.example:444", "null"]
)
def test_a_page_of_another_site_cannot_post(auth: AuthApp, origin: str) -> None:
    browser = auth.browser()
    csrf = sign_in(browser).json["csrf_token"]
    browser.headers = {"origin": origin}
    assert browser.post("/v1/auth/api-keys", KEY, headers={"x-csrf-token": csrf}).status == 403
    assert browser.post("/v1/auth/login", LOGIN).status == 403
    assert browser.post("/v1/auth/refresh").status == 403


@pytest.mark.parametrize("host", ["evil.example", "causeway.example.evil.example", "causeway.example:444", ""])
def test_another_host_name_is_refused(auth: AuthApp, host: str) -> None:
    assert auth.program().get("/v1/auth/health", {"host": host}).status == 403


@pytest.mark.parametrize(
    ("host", "status"),
    [("127.0.0.1:8080", 200), ("localhost:8080", 200), ("127.0.0.1:9090", 403), ("rebound.test:8080", 403)],
)
def test_on_loopback_only_its_own_names_are_served(databases: Databases, host: str, status: int) -> None:
    app = make_auth_app(databases, origin=LOOPBACK)
    assert app.program().get("/v1/auth/health", {"host": host}).status == status


def test_an_authorization_header_wins_over_a_cookie(auth: AuthApp) -> None:
    browser = auth.browser()
    sign_in(browser)
    assert browser.get("/v1/auth/me", {"authorization": "Bearer nonsense"}).status == 401


@pytest.mark.parametrize("header", ["nonsense", "Basic abc", "Bearer", "Bearer  ", "Bearer cw_unknown", "Bearer a.b.c"])
def test_a_wrong_authorization_is_401_and_says_how(auth: AuthApp, header: str) -> None:
    answer = auth.program().get("/v1/auth/me", {"authorization": header})
    assert (answer.status, answer.error["code"]) == (401, "not_authenticated")
    assert answer.headers["www-authenticate"].startswith("Bearer")


def test_a_token_of_another_key_is_refused(auth: AuthApp) -> None:
    assert auth.program().get("/v1/auth/me", Keys.generate().bearer(auth.user.user_id, "admin")).status == 401


def test_a_token_for_another_installation_is_refused(auth: AuthApp) -> None:
    elsewhere = auth.keys.bearer(auth.user.user_id, "admin", origin="https://other.example")
    assert auth.program().get("/v1/auth/me", elsewhere).status == 401


def test_a_body_that_is_too_large_is_413_whether_it_says_so_or_not(auth: AuthApp) -> None:
    body = b'{"email": "' + b"a" * 20_000 + b'"}'
    declared = auth.program().send("POST", "/v1/auth/login", body=body, headers={"content-type": "application/json"})
    hidden = auth.program().send(
        "POST", "/v1/auth/login", body=body, headers={"content-type": "application/json", "content-length": "2"}
    )
    assert (declared.status, hidden.status) == (413, 413)
    assert declared.error["details"] == {"limit_bytes": 16_384}


@pytest.mark.parametrize(
    ("body", "content_type", "status", "field"),
    [
        (b'{"email": ', "application/json", 400, "body"),
        (b"email=a", "application/x-www-form-urlencoded", 415, "body"),
        (b"{}", "", 415, "body"),
        (b"{}", "application/json", 422, "email"),
        (b'{"email": "a", "password": "b", "admin": true}', "application/json", 422, "admin"),
        (b'{"email": "a", "password": "b", "mode": "other"}', "application/json", 422, "mode"),
        (b"[]", "application/json", 422, "body"),
        (b"", "application/json", 422, "body"),
    ],
)
def test_bad_bodies_get_the_right_status(
    auth: AuthApp, body: bytes, content_type: str, status: int, field: str
) -> None:
    headers = {"content-type": content_type} if content_type else {}
    answer = auth.program().send("POST", "/v1/auth/login", body=body, headers=headers)
    assert (answer.status, answer.error["code"]) == (status, "invalid_input")
    assert field in [item["field"] for item in answer.error["fields"]]


def test_unknown_paths_and_methods_answer_in_the_same_form(auth: AuthApp) -> None:
    missing = auth.program().get("/v1/auth/nothing")
    refused = auth.program().send("PUT", "/v1/auth/login")
    assert (missing.status, missing.error["code"]) == (404, "not_found")
    assert (refused.status, refused.error["code"]) == (405, "method_not_allowed")


def test_every_answer_carries_a_request_id_and_security_headers(auth: AuthApp) -> None:
    answer = auth.program().get("/v1/auth/me")
    assert re.fullmatch(r"[0-9a-f]{24}", answer.headers["x-request-id"])
    assert answer.error["request_id"] == answer.headers["x-request-id"]
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["cache-control"] == "no-store"
    assert "max-age" in answer.headers["strict-transport-security"]
    assert answer.headers["content-security-policy"].startswith("default-src 'none'")


@pytest.mark.parametrize(
    ("sent", "kept"), [("client-42.a", True), ("x", False), ("a b c d e f g", False), ("a" * 65, False)]
)
def test_a_sane_request_id_of_the_client_is_kept(auth: AuthApp, sent: str, kept: bool) -> None:
    answer = auth.program().get("/v1/auth/health", {"x-request-id": sent})
    assert (answer.headers["x-request-id"] == sent) is kept


def test_an_unexpected_failure_is_500_and_leaks_nothing(keys: Keys) -> None:
    broken = Services(portfolio=None)  # type: ignore[arg-type]  # the failure is the point
    gateway = Gateway(http_handler(lambda: create_app(broken, keys.verifier())))
    answer = gateway.get("/v1/portfolio/accounts", keys.bearer(uuid4(), "viewer"))
    assert (answer.status, answer.error["code"]) == (500, "internal")
    assert "NoneType" not in answer.body
    assert answer.error["request_id"] == answer.headers["x-request-id"]
