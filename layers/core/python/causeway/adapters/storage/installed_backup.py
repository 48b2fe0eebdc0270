"""Backup and restore of the installation in a state directory, whether it runs or not.

A restore wants it stopped: the embedded PostgreSQL is then started alone, by the command that the last start noted.
"""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from causeway.adapters.storage.backup import BackupReport, backup, restore
from causeway.adapters.storage.installation import Installation, is_running, read_installation
from causeway.errors import Conflict, Unavailable


def backup_installation(state_dir: Path, target: Path) -> BackupReport:
    """Write an archive of the installation; it may run meanwhile. Raises as ``backup`` does."""
    installation = read_installation(state_dir)
    if is_running(state_dir) or not installation.is_embedded:
        return backup(installation.owner_database_url, installation.blob_url, target)
    with _database_alone(state_dir, installation) as owner_url:
        return backup(owner_url, installation.blob_url, target)


def restore_installation(state_dir: Path, archive: Path, *, overwrite: bool = False) -> BackupReport:
    """Put an archive back into a stopped installation. Raises as ``restore`` does.

    Raises:
        Conflict: it runs, or its database has users and ``overwrite`` is false.
    """
    installation = read_installation(state_dir)
    if is_running(state_dir):
        raise Conflict("a restore needs the installation stopped: run 'make down', restore, then 'make up'")
    if not installation.is_embedded:
        return restore(installation.owner_database_url, installation.blob_url, archive, overwrite=overwrite)
    with _database_alone(state_dir, installation) as owner_url:
        return restore(owner_url, installation.blob_url, archive, overwrite=overwrite)


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
