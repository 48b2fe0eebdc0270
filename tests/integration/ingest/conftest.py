"""Fetches against a real database."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

import pytest

from tests.fixtures.databases import Databases
from tests.integration.ingest.bench import Bench


@pytest.fixture
def bench(databases: Databases, user_factory: Callable[..., UUID]) -> Bench:
    return Bench(databases, user_factory("analyst"))
