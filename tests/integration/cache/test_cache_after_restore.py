"""A restore replaces the database; a Redis that went on meanwhile must not answer from the one before."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from redis import Redis

from causeway.adapters.storage.backup import backup
from causeway.adapters.storage.cache_manager import CacheManager, Lifetime
from causeway.adapters.storage.cached_series import minutes_key
from causeway.adapters.storage.installation import Installation, write_installation
from causeway.cli.wiring import restore_from
from tests.fixtures.databases import Databases

pytestmark = [pytest.mark.redis, pytest.mark.postgres]
LONG = Lifetime(3600.0)


@contextmanager
def _process(redis_url: str) -> Iterator[CacheManager]:
    with closing(CacheManager(redis_url, listens=False)) as made:
        yield made


def test_a_restore_drops_what_was_made_of_the_database_before_and_nothing_else(
    databases: Databases, redis_url: str, tmp_path: Path
) -> None:
    urls = (databases.owner_url, databases.service_url, databases.app_url, redis_url)
    blobs = (tmp_path / "blobs").as_uri()
    write_installation(tmp_path, Installation("http://127.0.0.1", *urls, blob_url=blobs, project_dir=""))
    backup(databases.owner_url, blobs, tmp_path / "b.tar")
    keys = (minutes_key("AAPL"), "portfolio:1:summary", "analysis:1:result")
    with _process(redis_url) as before:
        assert [before.read(key, lambda: "before", LONG) for key in keys] == ["before"] * 3
    with _process(redis_url) as another:
        assert [another.read(key, lambda: "after", LONG) for key in keys] == ["before"] * 3
    with Redis.from_url(redis_url) as client:
        client.set("of another program", "stays")
        restore_from(tmp_path, tmp_path / "b.tar", overwrite=True)
        assert client.get("of another program") == b"stays"
    with _process(redis_url) as after:
        assert [after.read(key, lambda: "after", LONG) for key in keys] == ["after"] * 3


def test_a_restore_needs_no_redis(databases: Databases, tmp_path: Path) -> None:
    urls = (databases.owner_url, databases.service_url, databases.app_url, "redis://127.0.0.1:1/0")
    blobs = (tmp_path / "blobs").as_uri()
    write_installation(tmp_path, Installation("http://127.0.0.1", *urls, blob_url=blobs, project_dir=""))
    backup(databases.owner_url, blobs, tmp_path / "b.tar")
    assert restore_from(tmp_path, tmp_path / "b.tar", overwrite=True).startswith("restored: ")
