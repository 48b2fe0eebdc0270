"""The steps of a deployment that touch the database: migrations, login roles, the signing key."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal, Protocol

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from causeway.errors import InvalidInput

Phase = Literal["pre", "post"]
_PHASES: dict[str, tuple[Phase, ...]] = {"pre": ("pre",), "post": ("post",), "all": ("pre", "post")}


class SecretStore(Protocol):
    def get(self, arn: str) -> dict[str, str]: ...

    def put(self, arn: str, fields: dict[str, str]) -> None: ...


@dataclass(frozen=True, slots=True)
class Deployment:
    """What the steps work with. ``logins`` maps a group role to the secret of its login role."""

    migrate: Callable[[tuple[Phase, ...]], list[str]]
    ensure_login: Callable[[str, str, str], None]
    secrets: SecretStore
    logins: dict[str, str]
    signing_secret_arn: str

    def run(self, event: dict[str, Any]) -> dict[str, Any]:
        """``{"phase": "pre" | "post" | "all", "rotate": false}``; what was done.

        ``pre`` runs before new code is rolled out, ``post`` after. ``rotate`` gives the login roles new passwords.

        Raises:
            InvalidInput: another phase.
        """
        phase = event.get("phase", "all")
        if phase not in _PHASES:
            raise InvalidInput(f"phase must be pre, post or all; found {phase!r}", details={"field": "phase"})
        applied = self.migrate(_PHASES[phase])
        return {
            "applied": applied,
            "logins": [
                self._ensure_login(group, arn, rotate=bool(event.get("rotate"))) for group, arn in self._logins()
            ],
            "signing_key": self._ensure_signing_key(),
        }

    def _logins(self) -> list[tuple[str, str]]:
        return [(group, arn) for group, arn in self.logins.items() if arn]

    def _ensure_login(self, group: str, arn: str, *, rotate: bool) -> str:
        fields = self.secrets.get(arn)
        if rotate:
            fields["password"] = secrets.token_urlsafe(32)
            self.secrets.put(arn, fields)
        self.ensure_login(fields["username"], fields["password"], group)
        return fields["username"]

    def _ensure_signing_key(self) -> str:
        if not self.signing_secret_arn:
            return "not kept here"
        if "private_key" in self.secrets.get(self.signing_secret_arn):
            return "kept"
        key = Ed25519PrivateKey.generate()
        private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        public = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
        self.secrets.put(self.signing_secret_arn, {"private_key": private.decode(), "public_key": public.decode()})
        return "made"
