"""Where the command line keeps its tokens: one file that only its owner can read."""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from causeway.cli.errors import CommandError


@dataclass(frozen=True, slots=True)
class Credentials:
    server: str
    email: str
    access_token: str
    refresh_token: str
    expires_at: str

    def seconds_left(self) -> float:
        """How long the access token still lives."""
        return (datetime.fromisoformat(self.expires_at) - datetime.now(UTC)).total_seconds()


class CredentialFile:
    """``$CAUSEWAY_CREDENTIALS``, or ``causeway/credentials.json`` under ``$XDG_CONFIG_HOME`` or ``~/.config``."""

    def __init__(self, path: Path | None = None) -> None:
        self.path = path or _default_path()

    def load(self) -> Credentials | None:
        """What was kept; None where nobody is signed in.

        Raises:
            CommandError: the file is damaged.
        """
        try:
            return Credentials(**json.loads(self.path.read_text(encoding="utf-8")))
        except FileNotFoundError:
            return None
        except (ValueError, TypeError) as error:
            raise CommandError(f"{self.path} is damaged ({error}); remove it and sign in: causeway login") from error

    def save(self, credentials: Credentials) -> None:
        """Replace the file in one step; mode 0600 from its first byte."""
        self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        partial = self.path.with_suffix(f".{os.getpid()}.partial")
        descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            json.dump(asdict(credentials), file, indent=2)
        partial.replace(self.path)

    def remove(self) -> None:
        self.path.unlink(missing_ok=True)

    @contextmanager
    def locked(self) -> Iterator[None]:
        """One process at a time: a refresh token works once, so two must not use it together."""
        self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        descriptor = os.open(self.path.with_suffix(".lock"), os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield
        finally:
            os.close(descriptor)


def _default_path() -> Path:
    if named := os.environ.get("CAUSEWAY_CREDENTIALS"):
        return Path(named)
    config = os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config"
    return Path(config) / "causeway" / "credentials.json"
