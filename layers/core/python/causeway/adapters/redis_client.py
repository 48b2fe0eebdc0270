"""Connects to Redis: one server, or with ``?cluster=true`` in the URL a cluster (ElastiCache Serverless is one)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from redis import Redis, RedisCluster
    from redis.asyncio import Redis as AsyncRedis


def connect(url: str, **options: Any) -> Redis | RedisCluster:
    """A client for ``url``; nothing is sent before its first command, except that a cluster is asked for its slots."""
    from redis import Redis, RedisCluster

    base, is_cluster = _split(url)
    return RedisCluster.from_url(base, **options) if is_cluster else Redis.from_url(base, **options)


def connect_for_messages(url: str, **options: Any) -> Redis:
    """A client for pub/sub alone: any node of a cluster hands messages to every other, so one connection is enough."""
    from redis import Redis

    return Redis.from_url(_split(url)[0], **options)


def connect_for_messages_async(url: str, **options: Any) -> AsyncRedis:
    """The same for an event loop."""
    from redis.asyncio import Redis

    return Redis.from_url(_split(url)[0], **options)


def _split(url: str) -> tuple[str, bool]:
    base, _, query = url.partition("?")
    return (base, True) if query == "cluster=true" else (url, False)
