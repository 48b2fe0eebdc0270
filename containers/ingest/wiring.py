"""Chooses the adapters of the ingest container, once per process."""

from __future__ import annotations

import os
from functools import cache, partial

from causeway.adapters.feeds.bounded import BoundedFeed
from causeway.adapters.feeds.fallback import FallbackFeed
from causeway.adapters.feeds.wiring import PROVIDERS
from causeway.adapters.messaging.pubsub import InProcessEventBus, RedisEventBus
from causeway.adapters.storage.alert_store import AlertStore
from causeway.adapters.storage.cache_manager import CacheManager
from causeway.adapters.storage.cached_series import drop_minutes
from causeway.adapters.storage.database import Database, load_driver
from causeway.adapters.storage.fetch_runs import FetchRuns
from causeway.adapters.storage.provider_budget import StoredBudget
from causeway.adapters.storage.secrets_manager import SecretsManager, fill_environment
from causeway.errors import InvalidInput
from causeway.model.fetch import FetchSpec
from causeway.model.identity import Role
from causeway.pipelines.schedules import chosen, load_schedules
from causeway.ports.feed import HistoricalFeed
from causeway.settings import DatabaseSettings, FeedSettings, FetchSettings, RedisSettings
from containers.ingest.runner import IngestRunner, Pace
from containers.ingest.scheduler import Scheduler
from containers.ingest.symbol_fetch import Checkpoint, nothing


def fill_settings() -> None:
    """Put secrets in the place of their names in the environment; before any setting is read."""
    fill_environment(SecretsManager())


@cache
def database() -> Database:
    load_driver()
    made = Database.from_settings(DatabaseSettings())
    if _has_redis():
        made.series_changed = drop_minutes(cached())
    return made


@cache
def cached() -> CacheManager:
    return CacheManager(_redis_url(), listens=False)


@cache
def runs() -> FetchRuns:
    return FetchRuns(database())


@cache
def bus() -> RedisEventBus | InProcessEventBus:
    return RedisEventBus(_redis_url()) if _has_redis() else InProcessEventBus()


@cache
def alerts() -> AlertStore:
    return AlertStore(database(), bus())


def runner(checkpoint: Checkpoint = nothing) -> IngestRunner:
    """``checkpoint`` is for tests that end the process at a named step."""
    settings = FetchSettings()
    return IngestRunner(
        runs(),
        open_feed,
        symbols_at_once=settings.fetch_symbols_at_once,
        pace=Pace(ttl_s=settings.fetch_lease_s),
        checkpoint=checkpoint,
        tell=alerts().raise_for,
        quarantine_share=settings.fetch_quarantine_share,
    )


def scheduler() -> Scheduler:
    settings = FetchSettings()
    return Scheduler(
        runs(),
        chosen(load_schedules(settings.fetch_schedules_file), settings.fetch_schedules),
        tell=partial(alerts().raise_for_all, role=Role.ADMIN),
        unclaimed_s=settings.fetch_unclaimed_s,
    )


def open_feed(spec: FetchSpec) -> HistoricalFeed:
    """The providers of a fetch, one behind the other. Each is built once, so that its pace holds for every fetch.

    Raises:
        InvalidInput: a provider is not known, or lacks a setting.
    """
    return _chain(spec.providers or _named(FeedSettings().feeds))


@cache
def _chain(providers: tuple[str, ...]) -> FallbackFeed:
    """One chain for equal orders, so that a provider that is down rests for the next fetch too."""
    return FallbackFeed([_provider(name) for name in dict.fromkeys(providers)])


@cache
def _provider(name: str) -> BoundedFeed:
    if name not in PROVIDERS:
        raise InvalidInput(
            f"there is no provider {name}; expected of {', '.join(PROVIDERS)}.", details={"field": "providers"}
        )
    return BoundedFeed(PROVIDERS[name](FeedSettings(), StoredBudget(database())), FetchSettings().fetch_per_provider)


def _named(feeds: str) -> tuple[str, ...]:
    return tuple(name.strip().lower() for name in feeds.split(",") if name.strip())


def close() -> None:
    """Let go of every connection."""
    bus().close()
    if _has_redis():
        cached().close()
    database().close()


def _has_redis() -> bool:
    """Without it streams find alerts by themselves, within seconds, and what caches hold ends by its time."""
    return "CAUSEWAY_REDIS_URL" in os.environ


def _redis_url() -> str:
    return RedisSettings().redis_url.get_secret_value()
