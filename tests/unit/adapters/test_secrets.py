"""Settings that name a secret are filled in when a process starts."""

from __future__ import annotations

import pytest

from causeway.adapters.secrets import fill_in_secrets
from causeway.errors import Unavailable

ARN = "arn:aws:secretsmanager:us-east-1:111122223333:secret:app-AbCdEf"


def test_a_password_is_percent_encoded_inside_a_url() -> None:
    environment = {"CAUSEWAY_DATABASE_URL": f"postgresql://app:{{secretsmanager:{ARN}#password}}@host/db"}
    fill_in_secrets(environment, lambda arn: '{"password": "a/b@c"}' if arn == ARN else "")
    assert environment["CAUSEWAY_DATABASE_URL"] == "postgresql://app:a%2Fb%40c@host/db"


def test_a_whole_value_is_taken_as_it_is() -> None:
    environment = {"CAUSEWAY_JWT_PUBLIC_KEY": f"{{secretsmanager:{ARN}#public_key}}"}
    fill_in_secrets(environment, lambda _: '{"public_key": "-----BEGIN PUBLIC KEY-----\\nx"}')
    assert environment["CAUSEWAY_JWT_PUBLIC_KEY"] == "-----BEGIN PUBLIC KEY-----\nx"


def test_each_secret_is_fetched_once() -> None:
    asked: list[str] = []
    environment = {"CAUSEWAY_A": f"{{secretsmanager:{ARN}}}", "CAUSEWAY_B": f"x{{secretsmanager:{ARN}}}"}
    fill_in_secrets(environment, lambda arn: asked.append(arn) or "s")  # type: ignore[func-returns-value]
    assert (environment["CAUSEWAY_A"], environment["CAUSEWAY_B"], asked) == ("s", "xs", [ARN])


def test_other_variables_are_left_alone() -> None:
    environment = {"PATH": "{secretsmanager:arn:x}", "CAUSEWAY_LOG_LEVEL": "INFO"}
    fill_in_secrets(environment, lambda _: "never")
    assert environment == {"PATH": "{secretsmanager:arn:x}", "CAUSEWAY_LOG_LEVEL": "INFO"}


def test_a_refusal_names_the_setting_and_no_value() -> None:
    def refuse(_: str) -> str:
        raise PermissionError("denied")

    with pytest.raises(Unavailable, match="CAUSEWAY_REDIS_URL"):
        fill_in_secrets({"CAUSEWAY_REDIS_URL": f"{{secretsmanager:{ARN}}}"}, refuse)
