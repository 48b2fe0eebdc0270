"""Secrets of a deployment: settings name them, a process looks them up once when it starts.

A setting may contain ``{secretsmanager:<arn>}`` or ``{secretsmanager:<arn>#<json key>}``, alone or inside a URL. On a
laptop no setting does, and nothing is imported.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable, MutableMapping
from urllib.parse import quote

from causeway.errors import Unavailable

_REFERENCE = re.compile(r"\{secretsmanager:(arn:[^}#]+)(?:#([^}]+))?\}")
Lookup = Callable[[str], str]


def fill_in_secrets(environment: MutableMapping[str, str] | None = None, lookup: Lookup | None = None) -> None:
    """Replace every reference in ``CAUSEWAY_*`` values by its secret. Each secret is fetched once.

    Inside a URL the value is percent-encoded. Calling it again changes nothing.

    Raises:
        Unavailable: Secrets Manager refused or does not answer; the message names the setting, never a value.
    """
    settings = os.environ if environment is None else environment
    fetch = lookup or _fetch
    fetched: dict[str, str] = {}
    for name, value in list(settings.items()):
        if not name.startswith("CAUSEWAY_") or "{secretsmanager:" not in value:
            continue
        try:
            settings[name] = _REFERENCE.sub(lambda match: _resolve(match, fetch, fetched), value)
        except Exception as error:
            raise Unavailable(f"the secret that {name} names could not be read: {type(error).__name__}") from error


def _resolve(match: re.Match[str], fetch: Lookup, fetched: dict[str, str]) -> str:
    arn, key = match[1], match[2]
    if arn not in fetched:
        fetched[arn] = fetch(arn)
    value = str(json.loads(fetched[arn])[key]) if key else fetched[arn]
    whole = match.string == match[0]
    return value if whole else quote(value, safe="")


def _fetch(arn: str) -> str:
    import boto3

    return str(boto3.client("secretsmanager").get_secret_value(SecretId=arn)["SecretString"])
