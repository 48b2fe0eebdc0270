"""Chooses the adapters of this function, once per process."""

from __future__ import annotations

from functools import cache

from causeway.adapters.messaging.dropping_bus import DroppingBus
from causeway.adapters.messaging.pubsub import RedisEventBus
from causeway.adapters.storage.cache_manager import CacheManager
from causeway.adapters.storage.cached_reads import summary_key
from causeway.adapters.storage.database import Database
from causeway.adapters.storage.identity_store import api_key_finder
from causeway.adapters.storage.order_store import OrderStore
from causeway.adapters.storage.secrets_manager import SecretsManager, fill_environment
from causeway.risk.limits import Limits
from causeway.settings import DatabaseSettings, RedisSettings, RiskSettings, TokenSettings
from causeway.web.tokens import TokenVerifier
from functions.orders.services import Services


@cache
def database() -> Database:
    return Database.from_settings(DatabaseSettings())


@cache
def services() -> Services:
    fill_environment(SecretsManager())
    url = RedisSettings().redis_url.get_secret_value()
    cached = CacheManager(url)
    events = DroppingBus(RedisEventBus(url), lambda user_id: cached.invalidate([summary_key(user_id)]))
    limits = Limits(orders_in_halt=RiskSettings().orders_in_halt)
    return Services(orders=OrderStore(database()), events=events, limits=limits)


@cache
def verifier() -> TokenVerifier:
    fill_environment(SecretsManager())
    return TokenVerifier.from_settings(TokenSettings(), api_key_finder(database()))
