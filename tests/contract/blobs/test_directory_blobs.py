"""What only a directory can show: whole writes, private files."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from causeway.adapters.storage.file_storage import DirectoryBlobs
from causeway.errors import Unavailable


def test_a_failed_write_leaves_the_old_blob_and_no_remains(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    blobs = DirectoryBlobs(tmp_path)
    blobs.put("a", b"old")

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(Unavailable, match="No space left"):
        blobs.put("a", b"new")
    assert blobs.get("a") == b"old"
    assert [entry.name for entry in tmp_path.iterdir()] == ["a"]


def test_a_write_in_progress_is_no_blob(tmp_path: Path) -> None:
    (tmp_path / ".partial-1234").write_bytes(b"half")
    assert list(DirectoryBlobs(tmp_path).keys("")) == []


def test_directories_are_private(tmp_path: Path) -> None:
    DirectoryBlobs(tmp_path).put("jobs/1", b"x")
    assert stat.S_IMODE((tmp_path / "jobs").stat().st_mode) == 0o700
