"""Backup and restore against a real PostgreSQL: what was there comes back, and nothing is lost by a failed restore."""

from __future__ import annotations

import json
import stat
import tarfile
from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import UUID, uuid4

import psycopg
import pytest

from causeway.adapters.storage.backup import backup, check_archive, restore
from causeway.adapters.storage.file_storage import open_blobs
from causeway.adapters.storage.migrator import pending
from causeway.errors import Conflict, CorruptData, InvalidInput, Unavailable
from tests.fixtures.databases import Databases

pytestmark = pytest.mark.postgres


@pytest.fixture
def blob_url(tmp_path: Path) -> str:
    url = (tmp_path / "blobs").as_uri()
    open_blobs(url).put("jobs/1/panel", b"\x00panel")
    return url


@pytest.fixture
def empty_database(databases: Databases) -> Iterator[str]:
    """A database of the same server without any schema of ours."""
    name = f"restored_{uuid4().hex[:8]}"
    with psycopg.connect(databases.owner_url, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}".encode())
        yield f"{databases.owner_url.rpartition('/')[0]}/{name}"
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)".encode())


def _users(url: str) -> list[UUID]:
    with psycopg.connect(url) as connection:
        return [row[0] for row in connection.execute("SELECT id FROM users ORDER BY id")]


def test_an_archive_restores_into_an_empty_database(
    databases: Databases, empty_database: str, blob_url: str, tmp_path: Path, user_factory: Callable[..., UUID]
) -> None:
    users = sorted([user_factory("admin"), user_factory()])
    made = backup(databases.owner_url, blob_url, tmp_path / "b.tar")
    elsewhere = (tmp_path / "elsewhere").as_uri()

    restored = restore(empty_database, elsewhere, tmp_path / "b.tar")

    assert _users(empty_database) == users
    assert pending(empty_database) == []
    assert open_blobs(elsewhere).get("jobs/1/panel") == b"\x00panel"
    assert (made.blobs, restored.blobs) == (1, 1)
    assert stat.S_IMODE((tmp_path / "b.tar").stat().st_mode) == 0o600


def test_row_level_security_survives(
    databases: Databases, blob_url: str, tmp_path: Path, user_factory: Callable[..., UUID]
) -> None:
    mine, other = user_factory(), user_factory()
    backup(databases.owner_url, blob_url, tmp_path / "b.tar")
    restore(databases.owner_url, blob_url, tmp_path / "b.tar", overwrite=True)
    with psycopg.connect(databases.app_url) as connection:
        connection.execute("SELECT set_config('causeway.user_id', %s, true)", [str(mine)])
        assert connection.execute("SELECT id FROM users").fetchall() == [(mine,)]
    assert _users(databases.owner_url) == sorted([mine, other])


def test_a_database_with_users_is_not_replaced_unless_asked(
    databases: Databases, blob_url: str, tmp_path: Path, user_factory: Callable[..., UUID]
) -> None:
    first = user_factory()
    backup(databases.owner_url, blob_url, tmp_path / "b.tar")
    second = user_factory()
    with pytest.raises(Conflict, match="already has 2 users"):
        restore(databases.owner_url, blob_url, tmp_path / "b.tar")
    assert _users(databases.owner_url) == sorted([first, second])
    restore(databases.owner_url, blob_url, tmp_path / "b.tar", overwrite=True)
    assert _users(databases.owner_url) == [first]


def test_a_backup_of_a_restored_database_restores_again(
    databases: Databases, empty_database: str, blob_url: str, tmp_path: Path, user_factory: Callable[..., UUID]
) -> None:
    user = user_factory()
    backup(databases.owner_url, blob_url, tmp_path / "one.tar")
    restore(empty_database, blob_url, tmp_path / "one.tar")
    backup(empty_database, blob_url, tmp_path / "two.tar")
    restore(empty_database, blob_url, tmp_path / "two.tar", overwrite=True)
    assert _users(empty_database) == [user]


def test_a_damaged_archive_changes_nothing(
    databases: Databases, blob_url: str, tmp_path: Path, user_factory: Callable[..., UUID]
) -> None:
    user_factory()
    archive = tmp_path / "b.tar"
    backup(databases.owner_url, blob_url, archive)
    later = user_factory()
    data = bytearray(archive.read_bytes())
    with tarfile.open(archive) as tar:
        data[tar.getmember("blobs/jobs/1/panel").offset_data] ^= 0xFF
    archive.write_bytes(data)
    with pytest.raises(CorruptData, match="blobs/jobs/1/panel is missing or damaged"):
        restore(databases.owner_url, blob_url, archive, overwrite=True)
    assert later in _users(databases.owner_url)


def test_a_restore_that_fails_midway_leaves_the_database_as_it_was(
    databases: Databases, blob_url: str, tmp_path: Path, user_factory: Callable[..., UUID]
) -> None:
    user = user_factory()
    archive = tmp_path / "b.tar"
    backup(databases.owner_url, blob_url, archive)
    _replace_dump(archive, b"this is no dump")
    with pytest.raises(Unavailable, match="pg_restore failed"):
        restore(databases.owner_url, blob_url, archive, overwrite=True)
    assert _users(databases.owner_url) == [user]
    assert pending(databases.owner_url) == []


def test_an_existing_file_is_not_overwritten(databases: Databases, blob_url: str, tmp_path: Path) -> None:
    (tmp_path / "b.tar").write_text("precious")
    with pytest.raises(Conflict, match="never overwritten"):
        backup(databases.owner_url, blob_url, tmp_path / "b.tar")
    assert (tmp_path / "b.tar").read_text() == "precious"


def test_a_foreign_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "x.tar").write_text("no archive")
    with pytest.raises(InvalidInput, match="is no backup"):
        check_archive(tmp_path / "x.tar")


def test_a_failed_backup_leaves_no_file(blob_url: str, tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match="pg_dump failed"):
        backup("postgresql://nobody:x@127.0.0.1:1/none", blob_url, tmp_path / "out" / "b.tar")
    assert list((tmp_path / "out").iterdir()) == []


def _replace_dump(archive: Path, content: bytes) -> None:
    """Another dump under a manifest that agrees with it: the checksum is right, the content is not."""
    import hashlib

    folder = archive.parent / "unpacked"
    with tarfile.open(archive) as tar:
        tar.extractall(folder, filter="data")
    (folder / "database.dump").write_bytes(content)
    manifest = json.loads((folder / "manifest.json").read_text())
    manifest["files"]["database.dump"] = {"sha256": hashlib.sha256(content).hexdigest(), "bytes": len(content)}
    (folder / "manifest.json").write_text(json.dumps(manifest))
    archive.unlink()
    with tarfile.open(archive, "w") as tar:
        for file in sorted(path for path in folder.rglob("*") if path.is_file()):
            tar.add(file, arcname=file.relative_to(folder).as_posix())
