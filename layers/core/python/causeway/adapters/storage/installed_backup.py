"""Backup and restore of the installation in a state directory, whether it runs or not.

A restore wants it stopped: the embedded PostgreSQL is then started alone, by the command that the last start noted.
Into a directory where nothing was ever started it makes a new database first.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from causeway.adapters.storage.backup import BackupReport, backup, restore
from causeway.adapters.storage.installation import Installation, is_running, read_installation
from causeway.errors import Conflict, NotFound, Unavailable
from causeway.settings import LocalSettings

_PROJECT = Path(__file__).resolve().parents[6]


def backup_installation(state_dir: Path, target: Path) -> BackupReport:
    """Write an archive of the installation; it may run meanwhile. Raises as ``backup`` does."""
    installation = read_installation(state_dir)
    if is_running(state_dir) or not installation.is_embedded:
        return backup(installation.owner_database_url, installation.blob_url, target)
    with _database_alone(state_dir, installation) as owner_url:
        return backup(owner_url, installation.blob_url, target)


def restore_installation(state_dir: Path, archive: Path, *, overwrite: bool = False) -> BackupReport:
    """Put an archive back into a stopped installation, or into a new one. Raises as ``restore`` does.

    Raises:
        Conflict: it runs, or its database has users and ``overwrite`` is false.
        NotFound: nothing was started here, and the project that would start it is not where this code lies.
    """
    if is_running(state_dir):
        raise Conflict("a restore needs the installation stopped: run 'make down', restore, then 'make up'")
    try:
        installation = read_installation(state_dir)
    except NotFound:
        installation = _new_installation(state_dir)
    if not installation.is_embedded:
        return restore(installation.owner_database_url, installation.blob_url, archive, overwrite=overwrite)
    with _database_alone(state_dir, installation) as owner_url:
        return restore(owner_url, installation.blob_url, archive, overwrite=overwrite)


def _new_installation(state_dir: Path) -> Installation:
    """As much as a restore needs; the next start writes the whole."""
    if not (_PROJECT / "local" / "__main__.py").is_file():
        raise NotFound(
            f"nothing was started in {state_dir} yet, and {_PROJECT} is not Causeway's project directory. In that "
            "directory run 'make up', then 'make down', then restore with --overwrite."
        )
    given = LocalSettings().database_url
    return Installation(
        url="",
        owner_database_url=given.get_secret_value() if given else "",
        service_database_url="",
        app_database_url="",
        redis_url="",
        blob_url=(state_dir.resolve() / "blobs").as_uri(),
        project_dir=str(_PROJECT),
        database_command=() if given else (sys.executable, "-m", "local", "database"),
    )


@contextmanager
def _database_alone(state_dir: Path, installation: Installation) -> Iterator[str]:
    process = subprocess.Popen(
        installation.database_command, cwd=installation.project_dir, text=True,
        env={**os.environ, "CAUSEWAY_STATE_DIR": str(state_dir.resolve())},
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    with process:
        if process.stdout is None or process.stdin is None or process.stderr is None:
            raise Unavailable("the database's process has no pipes")
        line = process.stdout.readline()
        if not line:
            raise Unavailable(f"PostgreSQL could not be started: {process.stderr.read().strip()}")
        try:
            yield json.loads(line)["owner_database_url"]
        finally:
            process.stdin.close()
            process.wait(60)
