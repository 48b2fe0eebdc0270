"""Fixtures shared by every kind of test. Servers start once per test process, and only when a test asks."""

from __future__ import annotations

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
