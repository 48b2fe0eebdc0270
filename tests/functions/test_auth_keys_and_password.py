"""API keys and the password."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from causeway.adapters.storage.identity_store import IdentityStore
from causeway.errors import Conflict, InvalidInput, NotFound
from causeway.model.identity import Role
from tests.fixtures.auth import EMAIL, PASSWORD, AuthApp, sign_in
from tests.fixtures.databases import Databases
from tests.fixtures.gateway import Gateway

NEW_PASSWORD = "another long password"


def signed_in(auth: AuthApp) -> Gateway:
    token = sign_in(auth.program(), mode="bearer").json["access_token"]
    return Gateway(auth.handler, headers={"authorization": f"Bearer {token}"})


def create_key(program: Gateway, role: str = "analyst", **fields: object) -> dict[str, str]:
    answer = program.post("/v1/auth/api-keys", {"name": "nightly", "role": role, **fields})
    assert answer.status == 201
    made: dict[str, str] = answer.json
    return made


def with_key(auth: AuthApp, key: str) -> Gateway:
    return Gateway(auth.handler, headers={"authorization": f"Bearer {key}"})


def test_a_key_signs_in_with_its_own_role(auth: AuthApp) -> None:
    key = create_key(signed_in(auth))["key"]
    me = with_key(auth, key).get("/v1/auth/me")
    assert (me.status, me.json["user"]["role"]) == (200, "analyst")


def test_a_key_is_shown_once(auth: AuthApp) -> None:
    program = signed_in(auth)
    made = create_key(program)
    [listed] = program.get("/v1/auth/api-keys").json
    assert "key" not in listed
    assert made["key"].startswith(listed["prefix"])
    with auth.databases.owner.transaction() as transaction:
        row = transaction.connection.execute("SELECT api_keys::text AS text FROM api_keys").fetchone()
    assert row is not None
    assert made["key"] not in row["text"]


def test_a_key_cannot_have_more_than_its_makers_role(auth: AuthApp) -> None:
    answer = signed_in(auth).post("/v1/auth/api-keys", {"name": "x", "role": "admin"})
    assert (answer.status, answer.error["code"]) == (403, "denied")


def test_a_key_loses_what_its_owner_loses(auth: AuthApp) -> None:
    key = create_key(signed_in(auth), role="trader")["key"]
    with auth.databases.owner.transaction() as transaction:
        transaction.connection.execute("UPDATE users SET role = 'viewer'")
    assert with_key(auth, key).get("/v1/auth/me").json["user"]["role"] == "viewer"


def test_a_revoked_key_is_dead_at_once(auth: AuthApp) -> None:
    program = signed_in(auth)
    made = create_key(program)
    assert program.delete(f"/v1/auth/api-keys/{made['id']}").status == 204
    assert with_key(auth, made["key"]).get("/v1/auth/me").status == 401
    assert program.delete(f"/v1/auth/api-keys/{made['id']}").status == 404
    assert auth.audit()[-2:] == ["auth.api_key_created", "auth.api_key_revoked"]


def test_an_expired_key_is_dead(auth: AuthApp) -> None:
    later = (datetime.now(UTC) + timedelta(hours=1)).isoformat()
    key = create_key(signed_in(auth), expires_at=later)["key"]
    with auth.databases.owner.transaction() as transaction:
        transaction.connection.execute("UPDATE api_keys SET expires_at = now() - interval '1 second'")
    assert with_key(auth, key).get("/v1/auth/me").status == 401


def test_a_key_must_not_be_born_expired(auth: AuthApp) -> None:
    body = {"name": "x", "role": "viewer", "expires_at": "2020-01-01T00:00:00Z"}
    answer = signed_in(auth).post("/v1/auth/api-keys", body)
    assert (answer.status, answer.error["fields"][0]["field"]) == (422, "expires_at")


def test_a_stolen_key_makes_itself_no_successor_and_no_password(auth: AuthApp) -> None:
    thief = with_key(auth, create_key(signed_in(auth), role="trader")["key"])
    assert thief.post("/v1/auth/api-keys", {"name": "x", "role": "viewer"}).status == 403
    change = {"current_password": PASSWORD, "new_password": NEW_PASSWORD}
    assert thief.post("/v1/auth/password", change).status == 403
    assert thief.post("/v1/auth/logout").status == 422


def test_another_users_key_does_not_exist(auth: AuthApp) -> None:
    made = create_key(signed_in(auth))
    IdentityStore(auth.databases.service).create_user("eve@example.test", PASSWORD, Role.ADMIN)
    token = sign_in(auth.program(), email="eve@example.test", mode="bearer").json["access_token"]
    eve = Gateway(auth.handler, headers={"authorization": f"Bearer {token}"})
    assert eve.get("/v1/auth/api-keys").json == []
    assert eve.delete(f"/v1/auth/api-keys/{made['id']}").status == 404
    assert eve.delete(f"/v1/auth/api-keys/{uuid4()}").status == 404


def test_a_new_password_ends_every_sign_in(auth: AuthApp) -> None:
    elsewhere = sign_in(auth.program(), mode="bearer").json["refresh_token"]
    change = {"current_password": PASSWORD, "new_password": NEW_PASSWORD}
    assert signed_in(auth).post("/v1/auth/password", change).status == 204
    assert auth.program().post("/v1/auth/refresh", {"refresh_token": elsewhere}).status == 401
    assert sign_in(auth.browser(), PASSWORD).status == 401
    assert sign_in(auth.browser(), NEW_PASSWORD).status == 200
    assert "auth.password_changed" in auth.audit()


@pytest.mark.parametrize(
    ("current", "new", "field"),
    [("not the password", NEW_PASSWORD, "current_password"), (PASSWORD, "short", "new_password")],
)
def test_a_refused_password_change_changes_nothing(auth: AuthApp, current: str, new: str, field: str) -> None:
    answer = signed_in(auth).post("/v1/auth/password", {"current_password": current, "new_password": new})
    assert (answer.status, answer.error["fields"][0]["field"]) == (422, field)
    assert sign_in(auth.browser()).status == 200


def test_an_admins_reset_ends_sign_ins_and_keys(auth: AuthApp) -> None:
    key = create_key(signed_in(auth))["key"]
    password = IdentityStore(auth.databases.service).reset_password(EMAIL.upper())
    assert with_key(auth, key).get("/v1/auth/me").status == 401
    assert sign_in(auth.browser(), password).status == 200


def test_a_user_with_a_paper_account_starts_with_its_deposit(databases: Databases) -> None:
    user, account_id = IdentityStore(databases.service).create_user_with_paper_account(
        "bob@example.test", PASSWORD, Role.TRADER
    )
    with databases.app.transaction(user_id=user.user_id) as transaction:
        [row] = transaction.connection.execute("SELECT account_id, kind, amount FROM ledger").fetchall()
    assert (row["account_id"], row["kind"], str(row["amount"])) == (account_id, "deposit", "100000")


def test_identities_are_checked_before_they_are_stored(databases: Databases) -> None:
    store = IdentityStore(databases.service)
    store.create_user("Bob@Example.test ", PASSWORD, Role.VIEWER)
    with pytest.raises(Conflict):
        store.create_user("bob@example.test", PASSWORD, Role.VIEWER)
    for email in ("bob", "@example.test", "bob@", "b ob@example.test", f"{'b' * 250}@example.test"):
        with pytest.raises(InvalidInput):
            store.create_user(email, PASSWORD, Role.VIEWER)
    with pytest.raises(InvalidInput):
        store.create_user("carol@example.test", "short", Role.VIEWER)
    with pytest.raises(NotFound):
        store.reset_password("nobody@example.test")


def test_a_hash_of_other_parameters_is_renewed_at_sign_in(auth: AuthApp) -> None:
    from argon2 import PasswordHasher

    weak = PasswordHasher(time_cost=1, memory_cost=8_192, parallelism=1).hash(PASSWORD)
    with auth.databases.owner.transaction() as transaction:
        transaction.connection.execute("UPDATE users SET password_hash = %s", [weak])
    assert sign_in(auth.browser()).status == 200
    with auth.databases.owner.transaction() as transaction:
        row = transaction.connection.execute("SELECT password_hash FROM users").fetchone()
    assert row is not None
    assert "m=65536,t=3,p=4" in row["password_hash"]
