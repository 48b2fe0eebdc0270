"""Chooses the adapters of this function, once per process."""

from __future__ import annotations

from functools import cache

from causeway.adapters.storage.cache_manager import CacheManager
from causeway.adapters.storage.cached_reads import CachedPortfolio
from causeway.adapters.storage.database import Database
from causeway.adapters.storage.identity_store import api_key_finder
from causeway.adapters.storage.rate_buckets import RedisBuckets
from causeway.adapters.storage.secrets_manager import SecretsManager, fill_environment
from causeway.settings import DatabaseSettings, RedisSettings, TokenSettings
from causeway.web.rate_limit import ProcessBuckets, RateLimiter
from causeway.web.tokens import TokenVerifier
from functions.portfolio.services import Services


@cache
def database() -> Database:
    return Database.from_settings(DatabaseSettings())


@cache
def limiter() -> RateLimiter:
    return RateLimiter(RedisBuckets(RedisSettings().redis_url.get_secret_value(), ProcessBuckets()))


@cache
def services() -> Services:
    fill_environment(SecretsManager())
    cache = CacheManager(RedisSettings().redis_url.get_secret_value())
    return Services(portfolio=CachedPortfolio(database(), cache), limiter=limiter())


@cache
def verifier() -> TokenVerifier:
    fill_environment(SecretsManager())
    return TokenVerifier.from_settings(TokenSettings(), api_key_finder(database()))
