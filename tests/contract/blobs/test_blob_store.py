"""The contract of causeway.ports.blobs.BlobStore, over a directory and over S3 (moto)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import boto3
import pytest
from moto import mock_aws

from causeway.adapters.storage.file_storage import open_blobs
from causeway.errors import InvalidInput, NotFound
from causeway.ports.blobs import BlobStore


@pytest.fixture(params=["directory", "s3", "s3-prefix"])
def blobs(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[BlobStore]:
    if request.param == "directory":
        yield open_blobs((tmp_path / "with space").as_uri())
        return
    for name, value in (("ACCESS_KEY_ID", "test"), ("SECRET_ACCESS_KEY", "test"), ("DEFAULT_REGION", "eu-west-1")):
        monkeypatch.setenv(f"AWS_{name}", value)
    with mock_aws():
        boto3.client("s3").create_bucket(Bucket="blobs", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
        yield open_blobs("s3://blobs/some/where" if request.param == "s3-prefix" else "s3://blobs")


def test_b01_what_was_put_comes_back(blobs: BlobStore) -> None:
    blobs.put("jobs/1/panel.bin", b"\x00\xffdata")
    assert blobs.get("jobs/1/panel.bin") == b"\x00\xffdata"


def test_b02_an_empty_blob_is_a_blob(blobs: BlobStore) -> None:
    blobs.put("empty", b"")
    assert blobs.exists("empty")
    assert blobs.get("empty") == b""


def test_b03_a_second_put_replaces(blobs: BlobStore) -> None:
    blobs.put("a", b"a longer first version")
    blobs.put("a", b"second")
    assert blobs.get("a") == b"second"


def test_b04_a_missing_key_is_not_found(blobs: BlobStore) -> None:
    with pytest.raises(NotFound, match="there is no blob jobs/none"):
        blobs.get("jobs/none")


def test_b05_exists_asks_for_the_whole_key(blobs: BlobStore) -> None:
    blobs.put("jobs/10/panel", b"x")
    assert blobs.exists("jobs/10/panel")
    assert not blobs.exists("jobs/10")
    assert not blobs.exists("jobs/1")
    assert not blobs.exists("jobs/10/panel/deeper")


def test_b06_keys_are_ascending_and_below_the_prefix(blobs: BlobStore) -> None:
    for key in ("jobs/2/b", "jobs/2/a", "jobs/10/a", "results/1"):
        blobs.put(key, b"x")
    assert list(blobs.keys("jobs/")) == ["jobs/10/a", "jobs/2/a", "jobs/2/b"]
    assert list(blobs.keys("jobs/2")) == ["jobs/2/a", "jobs/2/b"]
    assert list(blobs.keys("")) == ["jobs/10/a", "jobs/2/a", "jobs/2/b", "results/1"]
    assert list(blobs.keys("nothing")) == []


def test_b07_delete_prefix_counts_and_leaves_the_rest(blobs: BlobStore) -> None:
    for key in ("jobs/1/a", "jobs/1/b", "jobs/2/a"):
        blobs.put(key, b"x")
    assert blobs.delete_prefix("jobs/1/") == 2
    assert blobs.delete_prefix("jobs/1/") == 0
    assert list(blobs.keys("")) == ["jobs/2/a"]


@pytest.mark.parametrize(
    "key", ["", "/etc/passwd", "../up", "a/../../b", "a//b", "./a", "a/.", "a/", "a\0b", ".partial-1"]
)
def test_b08_a_key_outside_the_store_is_refused(blobs: BlobStore, key: str) -> None:
    with pytest.raises(InvalidInput):
        blobs.put(key, b"x")
    with pytest.raises(InvalidInput):
        blobs.get(key)
    assert list(blobs.keys("")) == []


def test_b09_more_keys_than_one_s3_page(blobs: BlobStore) -> None:
    for number in range(1005):
        blobs.put(f"many/{number:04}", b"")
    assert len(list(blobs.keys("many/"))) == 1005
    assert blobs.delete_prefix("many/") == 1005


@pytest.mark.parametrize("url", ["", "/tmp/x", "file://host/x", "file:relative", "s3://", "http://x/y"])
def test_b10_another_url_is_refused_by_name(url: str) -> None:
    with pytest.raises(InvalidInput, match="CAUSEWAY_BLOB_URL"):
        open_blobs(url)
