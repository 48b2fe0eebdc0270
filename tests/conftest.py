"""Fixtures shared by every kind of test. Servers start once per test process, and only when a test asks."""

from __future__ import annotations

import pytest

from tests.fixtures.databases import (
    databases,
    databases_15,
    postgres_15,
    postgres_18,
    redis_server,
    redis_url,
    template_15,
    template_18,
    test_data,
    user_factory,
)
from tests.sharing import share_out

__all__ = [
    "databases",
    "databases_15",
    "postgres_15",
    "postgres_18",
    "redis_server",
    "redis_url",
    "template_15",
    "template_18",
    "test_data",
    "user_factory",
]


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Only where several processes share the tests: one process keeps pytest's order, which is random."""
    if getattr(config.option, "loadgroup", False):  # set by xdist in its workers
        share_out(items)
