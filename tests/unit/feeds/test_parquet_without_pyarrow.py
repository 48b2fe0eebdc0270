"""A Lambda function has no pyarrow: a Parquet file is refused there with what to do instead."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from causeway.adapters.feeds.parquet_files import open_parquet
from causeway.errors import InvalidInput


def test_a_parquet_file_is_refused_where_it_cannot_be_read(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)  # what an import finds where the package is not installed
    with pytest.raises(InvalidInput, match="CSV"):
        open_parquet(tmp_path / "bars.parquet")
