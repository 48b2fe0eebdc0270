"""Chooses the adapters of the stream service, once per process."""

from __future__ import annotations

from functools import cache

from causeway.adapters.messaging.pubsub import RedisEventBus
from causeway.adapters.storage.cache_manager import CacheManager
from causeway.adapters.storage.database import Database
from causeway.adapters.storage.identity_store import api_key_finder
from causeway.adapters.storage.quote_store import QuoteStore
from causeway.adapters.storage.secrets_manager import SecretsManager, fill_environment
from causeway.adapters.storage.series_upkeep import SeriesUpkeep
from causeway.adapters.storage.stream_store import StreamStore
from causeway.model.time import BarSize
from causeway.settings import DatabaseSettings, RedisSettings, SeriesSettings, StreamSettings, TokenSettings
from causeway.web.tokens import TokenVerifier
from containers.stream.feed import ReplayFeed
from containers.stream.services import Services


@cache
def database() -> Database:
    return Database.from_settings(DatabaseSettings())


@cache
def bus() -> RedisEventBus:
    return RedisEventBus(_redis_url())


@cache
def quote_cache() -> CacheManager:
    return CacheManager(_redis_url())


def feed() -> ReplayFeed:
    return ReplayFeed(QuoteStore(database()), bus(), quote_cache(), StreamSettings())


def upkeep() -> SeriesUpkeep:
    return SeriesUpkeep(database(), {BarSize(size): days for size, days in SeriesSettings().retention_days.items()})


def services() -> Services:
    return Services(
        quotes=QuoteStore(database()),
        reads=StreamStore(database()),
        cache=quote_cache(),
        bus=bus(),
        verifier=TokenVerifier.from_settings(TokenSettings(), api_key_finder(database())),
        settings=StreamSettings(),
    )


def fill_settings() -> None:
    """Put secrets in the place of their names in the environment; before any setting is read."""
    fill_environment(SecretsManager())


def close() -> None:
    """Let go of every connection."""
    bus().close()
    quote_cache().close()
    database().close()


def _redis_url() -> str:
    return RedisSettings().redis_url.get_secret_value()
