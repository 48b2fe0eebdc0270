"""The state directory's secrets and folders: made once, readable by this user only, everything else derived."""

from __future__ import annotations

import os
import secrets
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)

_LARGEST_LOG_BYTES = 20_000_000


@dataclass(frozen=True, slots=True)
class State:
    """One installation's directory, 0700."""

    directory: Path

    @classmethod
    def at(cls, directory: Path) -> State:
        """The directory as it is, or is not: nothing is made."""
        return cls(directory.resolve())

    @classmethod
    def open(cls, directory: Path) -> State:
        """The directory, made where it is missing and closed to others."""
        state = cls(directory.resolve())
        for folder in (state.directory, state.logs, state.blobs, state.directory / "keys", state.passwords):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        state.directory.chmod(0o700)
        return state

    @property
    def logs(self) -> Path:
        return self.directory / "logs"

    @property
    def blobs(self) -> Path:
        return self.directory / "blobs"

    @property
    def passwords(self) -> Path:
        return self.directory / "passwords"

    @property
    def pid_file(self) -> Path:
        return self.directory / "supervisor.pid"

    def password(self, name: str) -> str:
        """A random password, the same one every time."""
        file = self.passwords / name
        if not file.exists():
            write_private(file, secrets.token_urlsafe(24).encode())
        return file.read_text()

    def signing_keys(self) -> tuple[str, str]:
        """Private and public Ed25519 key as PEM."""
        file = self.directory / "keys" / "jwt-ed25519.pem"
        if not file.exists():
            key = Ed25519PrivateKey.generate()
            write_private(file, key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
        private = file.read_bytes()
        public = load_pem_private_key(private, None).public_key()
        return private.decode(), public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()

    def log(self, name: str) -> Path:
        """A process's log file; a large one is set aside first, one old file is kept."""
        file = self.logs / f"{name}.log"
        if file.exists() and file.stat().st_size > _LARGEST_LOG_BYTES:
            file.replace(file.with_suffix(".log.1"))
        return file


def write_private(file: Path, content: bytes) -> None:
    """Write a file that only this user can read, in one step: a crash leaves the old content or the new."""
    partial = file.with_name(f"{file.name}.partial")
    partial.unlink(missing_ok=True)
    descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as stream:
        stream.write(content)
    partial.replace(file)
