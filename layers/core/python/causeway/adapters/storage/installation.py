"""The state directory of one machine's installation: what lies where, and how to reach what runs.

installation.json   addresses and URLs of the last start (0600: the URLs hold passwords)
lock                held by the supervisor while it runs
supervisor.pid      its process id
keys/  passwords/   generated once (0600)
blobs/  logs/       panels and exports; one log file per process
"""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from causeway.errors import Conflict, CorruptData, NotFound

_FILE = "installation.json"


@dataclass(frozen=True, slots=True)
class Installation:
    """Addresses of one start, and the directory of the project.

    ``database_command`` starts the embedded PostgreSQL alone; it is empty where DATABASE_URL names a server.
    """

    url: str
    owner_database_url: str
    service_database_url: str
    app_database_url: str
    redis_url: str
    blob_url: str
    project_dir: str
    database_command: tuple[str, ...] = ()

    @property
    def is_embedded(self) -> bool:
        return bool(self.database_command)


def write_installation(state_dir: Path, installation: Installation) -> None:
    """Record the addresses of this start, in one step and readable by this user only."""
    partial = state_dir / f"{_FILE}.partial"
    partial.unlink(missing_ok=True)
    descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        json.dump(asdict(installation), file, indent=2)
    partial.replace(state_dir / _FILE)


def read_installation(state_dir: Path) -> Installation:
    """The addresses of the last start.

    Raises:
        NotFound: nothing was ever started here.
        CorruptData: the file does not hold what a start writes.
    """
    file = state_dir / _FILE
    try:
        fields = json.loads(file.read_text())
        return Installation(**{**fields, "database_command": tuple(fields["database_command"])})
    except FileNotFoundError as error:
        raise NotFound(
            f"{file.resolve()} does not exist: no installation was started there. Run 'make up' in the project's "
            "directory, or name the state directory with CAUSEWAY_STATE_DIR or, for a command, --state-dir."
        ) from error
    except (ValueError, TypeError, KeyError) as error:
        raise CorruptData(
            f"{file} is damaged ({error}). Stop with 'make down' and start again; it is rewritten."
        ) from error


def is_running(state_dir: Path) -> bool:
    """Whether a supervisor holds the lock now. Makes neither directory nor file."""
    try:
        descriptor = os.open(state_dir / "lock", os.O_RDONLY)
    except (FileNotFoundError, NotADirectoryError):
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(descriptor)
    return False


@contextmanager
def held_lock(state_dir: Path) -> Iterator[None]:
    """Hold the installation's lock. It ends with the process, however that ends.

    Raises:
        Conflict: another process holds it.
    """
    state_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor = os.open(state_dir / "lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise Conflict(f"this installation ({state_dir}) is running. Stop it with 'make down' first.") from error
        yield
    finally:
        os.close(descriptor)
