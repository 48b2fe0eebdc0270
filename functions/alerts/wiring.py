"""Chooses the adapters of this function, once per process."""

from __future__ import annotations

from functools import cache

from causeway.adapters.messaging.pubsub import RedisEventBus
from causeway.adapters.storage.alert_store import AlertStore
from causeway.adapters.storage.database import Database
from causeway.adapters.storage.identity_store import api_key_finder
from causeway.adapters.storage.secrets_manager import SecretsManager, fill_environment
from causeway.settings import DatabaseSettings, RedisSettings, TokenSettings
from causeway.web.tokens import TokenVerifier
from functions.alerts.services import Services


@cache
def database() -> Database:
    fill_environment(SecretsManager())
    return Database.from_settings(DatabaseSettings())


@cache
def services() -> Services:
    fill_environment(SecretsManager())
    return Services(alerts=AlertStore(database(), RedisEventBus(RedisSettings().redis_url.get_secret_value())))


@cache
def verifier() -> TokenVerifier:
    fill_environment(SecretsManager())
    return TokenVerifier.from_settings(TokenSettings(), api_key_finder(database()))
