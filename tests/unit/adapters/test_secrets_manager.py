"""Settings that name a secret are filled in when a process starts."""

from __future__ import annotations

import pytest

from causeway.adapters.storage.secrets_manager import SecretsManager, fill_environment
from causeway.errors import InvalidInput

ARN = "arn:aws:secretsmanager:us-east-1:111122223333:secret:app-AbCdEf"


class StoredSecrets(SecretsManager):
    """Secrets in memory; counts how often each is read."""

    def __init__(self, **fields: str) -> None:
        super().__init__()
        self.fields = fields
        self.reads = 0

    def get(self, arn: str) -> dict[str, str]:
        assert arn == ARN
        self.reads += 1
        return self.fields


def test_a_password_is_percent_encoded_inside_a_url() -> None:
    environment = {"CAUSEWAY_DATABASE_URL": f"postgresql://app:{{secretsmanager:{ARN}#password}}@host/db"}
    fill_environment(StoredSecrets(password="a/b@c"), environment)
    assert environment["CAUSEWAY_DATABASE_URL"] == "postgresql://app:a%2Fb%40c@host/db"


def test_a_whole_value_is_taken_as_it_is() -> None:
    environment = {"CAUSEWAY_JWT_PUBLIC_KEY": f"{{secretsmanager:{ARN}#public_key}}"}
    fill_environment(StoredSecrets(public_key="-----BEGIN PUBLIC KEY-----\nx"), environment)
    assert environment["CAUSEWAY_JWT_PUBLIC_KEY"] == "-----BEGIN PUBLIC KEY-----\nx"


def test_each_secret_is_read_once() -> None:
    secrets = StoredSecrets(password="s")
    environment = {
        "CAUSEWAY_A": f"{{secretsmanager:{ARN}#password}}",
        "CAUSEWAY_B": f"{{secretsmanager:{ARN}#password}}",
    }
    assert sorted(fill_environment(secrets, environment)) == ["CAUSEWAY_A", "CAUSEWAY_B"]
    assert secrets.reads == 1


def test_a_missing_field_is_named() -> None:
    with pytest.raises(InvalidInput, match="no field password"):
        fill_environment(StoredSecrets(username="x"), {"CAUSEWAY_A": f"{{secretsmanager:{ARN}#password}}"})
