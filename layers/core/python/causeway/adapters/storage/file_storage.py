"""Blobs on disk or in S3: panels, shard outputs and exports, chosen by the URL of the setting.

A write is seen whole or not at all: on disk by renaming a finished file, in S3 because one PUT is atomic.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from causeway.errors import InvalidInput, NotFound, Unavailable
from causeway.ports.blobs import BlobStore

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

_PARTIAL = ".partial-"
_DELETE_AT_ONCE = 1000  # S3's limit for one DeleteObjects call


def open_blobs(url: str) -> BlobStore:
    """The store that ``file:///directory`` or ``s3://bucket/prefix`` names.

    Raises:
        InvalidInput: another scheme, a relative path, or no bucket.
    """
    parts = urlsplit(url)
    if parts.scheme == "file" and parts.path.startswith("/") and not parts.netloc:
        return DirectoryBlobs(Path(unquote(parts.path)))
    if parts.scheme == "s3" and parts.netloc:
        return S3Blobs(parts.netloc, parts.path.strip("/"))
    raise InvalidInput(
        f"CAUSEWAY_BLOB_URL must be file:///directory or s3://bucket/prefix; found {url!r}",
        details={"field": "blob_url"},
    )


class DirectoryBlobs:
    """Each blob is a file below ``root``. Directories are made as needed, readable by this user only."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def put(self, key: str, data: bytes) -> None:
        target = self._path(key)
        try:
            target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            partial = target.with_name(f"{_PARTIAL}{secrets.token_hex(8)}")
            try:
                with partial.open("xb") as file:
                    file.write(data)
                    file.flush()
                    os.fsync(file.fileno())
                partial.replace(target)
            except BaseException:
                partial.unlink(missing_ok=True)
                raise
        except OSError as error:
            raise Unavailable(f"the blob {key} could not be written below {self.root}: {error}") from error

    def get(self, key: str) -> bytes:
        try:
            return self._path(key).read_bytes()
        except (FileNotFoundError, IsADirectoryError, NotADirectoryError) as error:
            raise _missing(key) from error

    def exists(self, key: str) -> bool:
        return self._path(key).is_file()

    def keys(self, prefix: str) -> Iterator[str]:
        return iter(sorted(key for key in self._every_key() if key.startswith(prefix)))

    def delete_prefix(self, prefix: str) -> int:
        doomed = list(self.keys(prefix))
        for key in doomed:
            self._path(key).unlink(missing_ok=True)
        return len(doomed)

    def _path(self, key: str) -> Path:
        return self.root / checked_key(key)

    def _every_key(self) -> Iterator[str]:
        for folder, _, names in os.walk(self.root):
            for name in names:
                if not name.startswith(_PARTIAL):
                    yield (Path(folder) / name).relative_to(self.root).as_posix()


class S3Blobs:
    """Each blob is an object below ``prefix``. The client is made on the first call."""

    def __init__(self, bucket: str, prefix: str = "") -> None:
        self.bucket = bucket
        self.prefix = f"{prefix}/" if prefix else ""
        self._made: S3Client | None = None

    def put(self, key: str, data: bytes) -> None:
        self._client().put_object(Bucket=self.bucket, Key=self._object(key), Body=data)

    def get(self, key: str) -> bytes:
        client = self._client()
        try:
            return client.get_object(Bucket=self.bucket, Key=self._object(key))["Body"].read()
        except client.exceptions.NoSuchKey as error:
            raise _missing(key) from error

    def exists(self, key: str) -> bool:
        wanted = self._object(key)
        # A listing, because HEAD cannot tell "absent" from "not allowed" without the right to list.
        found = self._client().list_objects_v2(Bucket=self.bucket, Prefix=wanted, MaxKeys=1)
        return any(entry["Key"] == wanted for entry in found.get("Contents", []))

    def keys(self, prefix: str) -> Iterator[str]:
        pages = (
            self._client().get_paginator("list_objects_v2").paginate(Bucket=self.bucket, Prefix=self.prefix + prefix)
        )
        for page in pages:
            for entry in page.get("Contents", []):
                yield entry["Key"][len(self.prefix) :]

    def delete_prefix(self, prefix: str) -> int:
        doomed = list(self.keys(prefix))
        for first in range(0, len(doomed), _DELETE_AT_ONCE):
            part = doomed[first : first + _DELETE_AT_ONCE]
            answer = self._client().delete_objects(
                Bucket=self.bucket,
                Delete={"Objects": [{"Key": self.prefix + key} for key in part], "Quiet": True},
            )
            if answer.get("Errors"):
                raise Unavailable(f"S3 kept {len(answer['Errors'])} objects below {prefix}: {answer['Errors'][0]}")
        return len(doomed)

    def _object(self, key: str) -> str:
        return self.prefix + checked_key(key)

    def _client(self) -> S3Client:
        if self._made is None:
            import boto3

            self._made = boto3.client("s3")
        return self._made


def checked_key(key: str) -> str:
    """``key`` itself.

    Raises:
        InvalidInput: absolute, empty, with '.' or '..' parts, doubled slashes, or a name that is reserved here.
    """
    path = PurePosixPath(key)
    if not key or "\0" in key or path.is_absolute() or path.as_posix() != key or {".", ".."} & set(path.parts):
        raise InvalidInput(
            f"a blob's key must be a relative path without '..'; found {key!r}", details={"field": "key"}
        )
    if path.name.startswith(_PARTIAL):
        raise InvalidInput(f"names that start with {_PARTIAL!r} are reserved; found {key!r}", details={"field": "key"})
    return key


def _missing(key: str) -> NotFound:
    return NotFound(f"there is no blob {key}", details={"key": key})
