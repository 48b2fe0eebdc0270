"""The migrate function against a real PostgreSQL and Secrets Manager (moto)."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any
from uuid import uuid4

import boto3
import psycopg
import pytest
from moto import mock_aws

from causeway.adapters.storage.migrator import migrations, pending
from causeway.errors import InvalidInput
from functions.migrate.handler import handler
from local.servers import Server

pytestmark = pytest.mark.postgres
Read = Callable[[str], dict[str, str]]


@pytest.fixture
def empty_url(postgres_18: Server) -> Iterator[str]:
    name = f"deploy_{uuid4().hex[:8]}"
    with psycopg.connect(postgres_18.url, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}".encode())
        yield f"{postgres_18.url.rpartition('/')[0]}/{name}"
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)".encode())


@pytest.fixture
def read_secret(empty_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Read]:
    """The environment of the deployed function, its owner's password behind a reference."""
    for name, value in (("ACCESS_KEY_ID", "test"), ("SECRET_ACCESS_KEY", "test"), ("DEFAULT_REGION", "eu-west-1")):
        monkeypatch.setenv(f"AWS_{name}", value)
    head, _, address = empty_url.rpartition("@")
    scheme, user, password = head.replace("//", "").split(":")
    login = f"deploy_{uuid4().hex[:8]}"
    with mock_aws():
        client = boto3.client("secretsmanager")

        def store(name: str, fields: dict[str, str]) -> str:
            return str(client.create_secret(Name=name, SecretString=json.dumps(fields))["ARN"])

        owner = store("owner", {"password": password})
        reference = f"{{secretsmanager:{owner}#password}}"
        monkeypatch.setenv("CAUSEWAY_OWNER_DATABASE_URL", f"{scheme}://{user}:{reference}@{address}")
        app = store("app", {"username": f"{login}_app", "password": "first-password"})
        monkeypatch.setenv("CAUSEWAY_APP_SECRET_ARN", app)
        service = store("service", {"username": f"{login}_service", "password": "first-password"})
        monkeypatch.setenv("CAUSEWAY_SERVICE_SECRET_ARN", service)
        monkeypatch.setenv("CAUSEWAY_SIGNING_SECRET_ARN", store("signing", {"password": "made by CloudFormation"}))
        yield lambda name: _fields(client, name)


def test_a_first_deployment_migrates_makes_logins_and_a_key(empty_url: str, read_secret: Read) -> None:
    done = handler({"phase": "all"}, None)
    assert len(done["applied"]) == len(migrations())
    assert pending(empty_url) == []
    assert done["signing_key"] == "made"
    assert "BEGIN PUBLIC KEY" in read_secret("signing")["public_key"]
    assert _role_of_login(empty_url, read_secret("app")) == {"causeway_app"}
    assert _role_of_login(empty_url, read_secret("service")) == {"causeway_service"}


def test_a_second_deployment_changes_nothing(empty_url: str, read_secret: Read) -> None:
    handler({"phase": "all"}, None)
    before = [read_secret(name) for name in ("app", "service", "signing")]
    done = handler({"phase": "all"}, None)
    assert (done["applied"], done["signing_key"]) == ([], "kept")
    assert [read_secret(name) for name in ("app", "service", "signing")] == before


def test_rotation_changes_role_and_secret_together(empty_url: str, read_secret: Read) -> None:
    handler({"phase": "all"}, None)
    old = read_secret("app")
    handler({"phase": "post", "rotate": True}, None)
    new = read_secret("app")
    assert new["password"] != old["password"]
    assert _role_of_login(empty_url, new) == {"causeway_app"}
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        _role_of_login(empty_url, old)


def test_the_pre_phase_applies_pre_files_only(empty_url: str, read_secret: Read) -> None:
    done = handler({"phase": "pre"}, None)
    assert done["applied"] == [f"{m.version}_pre_{m.name}" for m in migrations() if m.phase == "pre"]


def test_an_unknown_phase_is_refused_and_nothing_is_applied(empty_url: str, read_secret: Read) -> None:
    with pytest.raises(InvalidInput, match="phase must be pre, post or all"):
        handler({"phase": "during"}, None)
    assert len(pending(empty_url)) == len(migrations())


def _fields(client: Any, name: str) -> dict[str, str]:
    fields: dict[str, str] = json.loads(client.get_secret_value(SecretId=name)["SecretString"])
    return fields


def _role_of_login(url: str, secret: dict[str, str]) -> set[str]:
    address = url.rpartition("@")[2]
    with psycopg.connect(f"postgresql://{secret['username']}:{secret['password']}@{address}") as connection:
        rows = connection.execute(
            "SELECT g.rolname FROM pg_auth_members m JOIN pg_roles g ON g.oid = m.roleid "
            "JOIN pg_roles u ON u.oid = m.member WHERE u.rolname = current_user AND NOT u.rolsuper"
        )
        return {row[0] for row in rows}
