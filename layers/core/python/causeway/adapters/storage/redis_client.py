"""Connects to Redis: one server, or with ``?cluster=true`` in the URL a cluster (ElastiCache Serverless is one)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from redis import Redis, RedisCluster


def connect(url: str, **options: Any) -> Redis | RedisCluster:
    """A client for ``url``; nothing is sent before its first command, except that a cluster is asked for its slots."""
    from redis import Redis, RedisCluster

    base, _, query = url.partition("?")
    if query == "cluster=true":
        return RedisCluster.from_url(base, **options)
    return Redis.from_url(url, **options)
