"""A user, and files of bars taken in for that user."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from uuid import UUID

import pytest

from causeway.adapters.feeds.csv_files import open_table
from causeway.adapters.storage.ingestion_store import IngestionStore
from causeway.market_data.ingestion import IngestionRequest
from tests.fixtures.databases import Databases


@pytest.fixture
def analyst(user_factory: Callable[..., UUID]) -> UUID:
    return user_factory("analyst")


@pytest.fixture
def load(databases: Databases, analyst: UUID, tmp_path: Path) -> Callable[..., None]:
    """Take in the text of a CSV; with ``replace``, over what is stored."""

    def loaded(text: str, *, replace: bool = False) -> None:
        path = tmp_path / "bars.csv"
        path.write_text(text)
        IngestionStore(databases.app).take_in(analyst, open_table(path), IngestionRequest("bars.csv", replace=replace))

    return loaded
