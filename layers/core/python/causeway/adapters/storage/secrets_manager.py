"""AWS Secrets Manager: secrets as JSON objects, and environment values that name one.

A value may hold ``{secretsmanager:<arn>#<key>}``; ``fill_environment`` puts the secret in its place when a process
starts, so that no secret stands in a template or a function's configuration.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import MutableMapping
from typing import TYPE_CHECKING
from urllib.parse import quote

from causeway.errors import InvalidInput

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient

_REFERENCE = re.compile(r"\{secretsmanager:(?P<arn>[^#{}]+)#(?P<key>\w+)\}")


class SecretsManager:
    """Reads and writes secrets. The client is made on the first call."""

    def __init__(self) -> None:
        self._made: SecretsManagerClient | None = None

    def get(self, arn: str) -> dict[str, str]:
        """The secret's fields.

        Raises:
            InvalidInput: it holds no JSON object.
        """
        text = self._client().get_secret_value(SecretId=arn)["SecretString"]
        try:
            fields = json.loads(text)
        except ValueError:
            fields = None
        if not isinstance(fields, dict):
            raise InvalidInput(f"the secret {arn} must hold a JSON object with named fields")
        return {str(key): str(value) for key, value in fields.items()}

    def put(self, arn: str, fields: dict[str, str]) -> None:
        """Replace the secret; the version before stays readable as AWSPREVIOUS."""
        self._client().put_secret_value(SecretId=arn, SecretString=json.dumps(fields))

    def _client(self) -> SecretsManagerClient:
        if self._made is None:
            import boto3

            self._made = boto3.client("secretsmanager")
        return self._made


def fill_environment(secrets: SecretsManager, environment: MutableMapping[str, str] = os.environ) -> list[str]:
    """Put secrets in place of the references in ``environment``; the names that were filled.

    A reference that is only part of a value stands in a URL, so its secret is percent-encoded.

    Raises:
        InvalidInput: a secret lacks the named field.
    """
    known: dict[str, dict[str, str]] = {}

    def look_up(match: re.Match[str]) -> str:
        arn, key = match["arn"], match["key"]
        if arn not in known:
            known[arn] = secrets.get(arn)
        if key not in known[arn]:
            raise InvalidInput(f"the secret {arn} has no field {key}; it has {', '.join(sorted(known[arn]))}")
        value = known[arn][key]
        return value if match[0] == match.string else quote(value, safe="")

    filled = [name for name, value in environment.items() if _REFERENCE.search(value)]
    for name in filled:
        environment[name] = _REFERENCE.sub(look_up, environment[name])
    return filled
