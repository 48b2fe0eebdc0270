"""Chooses the adapters of this function, once per process."""

from __future__ import annotations

import os
from functools import cache

from causeway.adapters.compute.batch_fetches import BatchFetches
from causeway.adapters.compute.local_jobs import LocalJobs
from causeway.adapters.feeds.csv_files import open_table
from causeway.adapters.messaging.pubsub import RedisEventBus
from causeway.adapters.storage.alert_store import AlertStore
from causeway.adapters.storage.arrow_bars import stream_maker
from causeway.adapters.storage.cache_manager import CacheManager
from causeway.adapters.storage.cached_series import CachedSeries, drop_minutes
from causeway.adapters.storage.database import Database
from causeway.adapters.storage.fetch_store import FetchStore
from causeway.adapters.storage.identity_store import api_key_finder
from causeway.adapters.storage.ingestion_store import IngestionStore
from causeway.adapters.storage.instrument_store import InstrumentStore
from causeway.adapters.storage.live_store import LiveStore
from causeway.adapters.storage.quality_store import QualityStore
from causeway.adapters.storage.repair_store import RepairStore
from causeway.adapters.storage.replay_requests import ReplayRequests
from causeway.adapters.storage.secrets_manager import SecretsManager, fill_environment
from causeway.adapters.storage.symbol_history_store import SymbolHistoryStore
from causeway.ports.jobs import JobRunner
from causeway.settings import DatabaseSettings, FetchSettings, RedisSettings, TokenSettings
from causeway.web.tokens import TokenVerifier
from functions.data.services import Services


@cache
def database() -> Database:
    fill_environment(SecretsManager())
    made = Database.from_settings(DatabaseSettings())
    made.series_changed = drop_minutes(cached())
    return made


@cache
def cached() -> CacheManager:
    return CacheManager(_redis_url())


@cache
def services() -> Services:
    return Services(
        market_data=CachedSeries(database(), cached()),
        ingestions=IngestionStore(database()),
        instruments=InstrumentStore(database()),
        open_table=open_table,
        replay=ReplayRequests(database()),
        live=LiveStore(database()),
        fetches=FetchStore(database()),
        runner=fetch_runner(),
        repairs=RepairStore(database()),
        quality=QualityStore(database()),
        symbol_history=SymbolHistoryStore(database()),
        alerts=AlertStore(database(), RedisEventBus(_redis_url())),
        quarantine_share=FetchSettings().fetch_quarantine_share,
        arrow_stream=stream_maker(),
        streams="AWS_LAMBDA_FUNCTION_NAME" not in os.environ,
    )


def fetch_runner() -> JobRunner:
    settings = FetchSettings()
    if settings.fetches == "batch":
        return BatchFetches(settings.fetch_job_queue, settings.fetch_job_definition)
    return LocalJobs()


@cache
def verifier() -> TokenVerifier:
    fill_environment(SecretsManager())
    return TokenVerifier.from_settings(TokenSettings(), api_key_finder(database()))


def _redis_url() -> str:
    fill_environment(SecretsManager())
    return RedisSettings().redis_url.get_secret_value()
