"""Signing in, staying signed in, signing out."""

from __future__ import annotations

from datetime import datetime
from http.cookies import SimpleCookie

import pytest

from causeway.adapters.storage.ticket_store import TicketStore
from causeway.errors import InvalidInput
from causeway.web.origin import PublicOrigin
from causeway.web.tokens import hash_secret
from tests.fixtures.auth import EMAIL, AuthApp, make_auth_app, sign_in
from tests.fixtures.databases import Databases
from tests.fixtures.gateway import LOOPBACK


def test_a_browser_gets_cookies_and_no_tokens(auth: AuthApp) -> None:
    answer = sign_in(auth.browser())
    assert answer.status == 200
    assert answer.json["access_token"] is None
    assert answer.json["refresh_token"] is None
    assert answer.json["user"] == {"id": str(auth.user.user_id), "email": EMAIL, "role": "trader"}
    assert len(answer.set_cookies) == 2


def test_on_https_cookies_are_host_bound_secure_strict_and_hidden_from_scripts(auth: AuthApp) -> None:
    for line in sign_in(auth.browser()).set_cookies:
        [(name, cookie)] = SimpleCookie(line).items()
        assert name in {"__Host-causeway-access", "__Host-causeway-refresh"}
        assert (cookie["secure"], cookie["httponly"], cookie["samesite"]) == (True, True, "strict")
        assert (cookie["path"], cookie["domain"]) == ("/", "")  # what the __Host- prefix demands


def test_on_loopback_cookies_are_plain_because_browsers_refuse_the_others(databases: Databases) -> None:
    for line in sign_in(make_auth_app(databases, origin=LOOPBACK).browser()).set_cookies:
        [(name, cookie)] = SimpleCookie(line).items()
        assert name in {"causeway-access", "causeway-refresh"}
        assert (cookie["secure"], cookie["httponly"], cookie["samesite"]) == ("", True, "strict")


@pytest.mark.parametrize("origin", ["http://causeway.example", "http://10.0.0.5:8080", "ftp://127.0.0.1", "127.0.0.1"])
def test_plain_http_elsewhere_does_not_start(origin: str) -> None:
    with pytest.raises(InvalidInput):
        PublicOrigin.parse(origin)


def test_a_program_gets_tokens_and_no_cookies(auth: AuthApp) -> None:
    program = auth.program()
    answer = sign_in(program, mode="bearer")
    assert answer.set_cookies == ()
    me = program.get("/v1/auth/me", {"authorization": f"Bearer {answer.json['access_token']}"})
    assert (me.status, me.json["user"]["email"]) == (200, EMAIL)


def test_me_tells_a_reloaded_page_its_csrf_token(auth: AuthApp) -> None:
    browser = auth.browser()
    csrf = sign_in(browser).json["csrf_token"]
    assert browser.get("/v1/auth/me").json["csrf_token"] == csrf


def test_unknown_user_and_wrong_password_are_told_apart_by_nobody(auth: AuthApp) -> None:
    wrong = sign_in(auth.browser(), "not the password")
    unknown = sign_in(auth.browser(), email="nobody@example.test")
    assert (wrong.status, unknown.status) == (401, 401)
    assert wrong.error["message"] == unknown.error["message"]
    assert wrong.set_cookies == unknown.set_cookies == ()


def test_an_inactive_user_cannot_sign_in(auth: AuthApp) -> None:
    with auth.databases.owner.transaction() as transaction:
        transaction.connection.execute("UPDATE users SET is_active = false")
    assert sign_in(auth.browser()).status == 401


def test_refresh_rotates_and_the_new_cookies_work(auth: AuthApp) -> None:
    browser = auth.browser()
    sign_in(browser)
    before = dict(browser.cookies)
    answer = browser.post("/v1/auth/refresh")
    assert answer.status == 200
    assert browser.cookies["__Host-causeway-refresh"] != before["__Host-causeway-refresh"]
    assert browser.get("/v1/auth/me").status == 200


def test_a_refresh_token_that_is_used_twice_ends_the_whole_sign_in(auth: AuthApp) -> None:
    program = auth.program()
    first = sign_in(program, mode="bearer").json["refresh_token"]
    second = program.post("/v1/auth/refresh", {"refresh_token": first}).json["refresh_token"]
    assert program.post("/v1/auth/refresh", {"refresh_token": first}).status == 401  # the copy
    assert program.post("/v1/auth/refresh", {"refresh_token": second}).status == 401  # and the honest one
    assert auth.audit()[-1] == "auth.refresh_reused"


def test_reuse_ends_no_other_sign_in(auth: AuthApp) -> None:
    program = auth.program()
    other = sign_in(program, mode="bearer").json["refresh_token"]
    stolen = sign_in(program, mode="bearer").json["refresh_token"]
    for _ in range(2):
        program.post("/v1/auth/refresh", {"refresh_token": stolen})
    assert program.post("/v1/auth/refresh", {"refresh_token": other}).status == 200


def test_an_expired_refresh_token_is_refused(auth: AuthApp) -> None:
    token = sign_in(auth.program(), mode="bearer").json["refresh_token"]
    with auth.databases.owner.transaction() as transaction:
        transaction.connection.execute("UPDATE sessions SET expires_at = now() - interval '1 second'")
    assert auth.program().post("/v1/auth/refresh", {"refresh_token": token}).status == 401


def test_refresh_without_a_token_says_sign_in(auth: AuthApp) -> None:
    assert auth.browser().post("/v1/auth/refresh").status == 401
    assert auth.browser().post("/v1/auth/refresh", {}).status == 401


def test_a_changed_role_is_in_the_next_access_token(auth: AuthApp) -> None:
    browser = auth.browser()
    sign_in(browser)
    with auth.databases.owner.transaction() as transaction:
        transaction.connection.execute("UPDATE users SET role = 'viewer'")
    assert browser.post("/v1/auth/refresh").json["user"]["role"] == "viewer"


def test_logout_ends_the_sign_in_and_clears_the_cookies(auth: AuthApp) -> None:
    browser = auth.browser()
    csrf = sign_in(browser).json["csrf_token"]
    refresh = browser.cookies["__Host-causeway-refresh"]
    assert browser.post("/v1/auth/logout", headers={"x-csrf-token": csrf}).status == 204
    assert browser.cookies == {}
    assert auth.program().post("/v1/auth/refresh", {"refresh_token": refresh}).status == 401


def test_only_hashes_of_secrets_are_stored(auth: AuthApp) -> None:
    token = sign_in(auth.program(), mode="bearer").json["refresh_token"]
    with auth.databases.owner.transaction() as transaction:
        session = transaction.connection.execute("SELECT sessions::text AS text FROM sessions").fetchone()
        user = transaction.connection.execute("SELECT password_hash FROM users").fetchone()
    assert session is not None
    assert user is not None
    assert token not in session["text"]
    assert token.encode().hex() not in session["text"]
    assert user["password_hash"].startswith("$argon2id$v=19$m=65536,t=3,p=4$")  # RFC 9106, second recommendation


def test_what_happens_is_audited_in_an_unbroken_chain(auth: AuthApp) -> None:
    browser = auth.browser()
    sign_in(browser, "not the password")
    csrf = sign_in(browser).json["csrf_token"]
    browser.post("/v1/auth/logout", headers={"x-csrf-token": csrf})
    assert auth.audit() == ["user.created", "auth.sign_in_failed", "auth.signed_in", "auth.signed_out"]
    with auth.databases.owner.transaction() as transaction:
        broken = transaction.connection.execute(
            "SELECT audit_first_broken(%s) AS seq", [f"user:{auth.user.user_id}"]
        ).fetchone()
    assert broken == {"seq": None}


def test_a_stream_ticket_works_once_and_ends_with_the_sign_in(auth: AuthApp, databases: Databases) -> None:
    program = auth.program()
    tokens = sign_in(program, mode="bearer").json
    answer = program.post("/v1/auth/stream-ticket", None, {"authorization": f"Bearer {tokens['access_token']}"})
    assert answer.status == 201
    tickets = TicketStore(databases.service)
    owner = tickets.take(hash_secret(answer.json["ticket"]))
    assert owner is not None
    assert (owner.identity.user_id, owner.identity.email) == (auth.user.user_id, EMAIL)
    assert owner.session_expires_at == datetime.fromisoformat(tokens["expires_at"])
    assert tickets.take(hash_secret(answer.json["ticket"])) is None


def test_nobody_gets_a_stream_ticket_without_signing_in(auth: AuthApp) -> None:
    assert auth.program().post("/v1/auth/stream-ticket").status == 401
