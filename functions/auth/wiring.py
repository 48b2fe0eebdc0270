"""Chooses the adapters of this function, once per process. It alone holds the signing key."""

from __future__ import annotations

from functools import cache

from causeway.adapters.storage.database import Database
from causeway.adapters.storage.identity_store import IdentityStore, api_key_finder
from causeway.adapters.storage.rate_buckets import RedisBuckets
from causeway.adapters.storage.secrets_manager import SecretsManager, fill_environment
from causeway.adapters.storage.session_store import SessionStore
from causeway.adapters.storage.ticket_store import TicketStore
from causeway.settings import DatabaseSettings, RedisSettings, SigningSettings, TokenSettings
from causeway.web.rate_limit import ProcessBuckets, RateLimiter
from causeway.web.tokens import TokenIssuer, TokenVerifier
from functions.auth.services import Services
from functions.auth.sign_in import SignIns


@cache
def database() -> Database:
    return Database.from_settings(DatabaseSettings())


@cache
def limiter() -> RateLimiter:
    return RateLimiter(RedisBuckets(RedisSettings().redis_url.get_secret_value(), ProcessBuckets()))


@cache
def services() -> Services:
    fill_environment(SecretsManager())
    return make_services(database(), SigningSettings(), TokenSettings(), limiter())


@cache
def verifier() -> TokenVerifier:
    fill_environment(SecretsManager())
    return TokenVerifier.from_settings(TokenSettings(), api_key_finder(database()))


def make_services(
    database: Database, signing: SigningSettings, tokens: TokenSettings, limiter: RateLimiter | None = None
) -> Services:
    """The services over ``database``, which is connected as causeway_service."""
    issuer = TokenIssuer(signing.jwt_private_key.get_secret_value(), tokens.public_origin, signing.access_token_ttl_s)
    identities = IdentityStore(database)
    sign_ins = SignIns(
        identities,
        SessionStore(database),
        issuer,
        refresh_ttl_s=signing.refresh_token_ttl_s,
    )
    return Services(identities=identities, sign_ins=sign_ins, tickets=TicketStore(database), limiter=limiter)
