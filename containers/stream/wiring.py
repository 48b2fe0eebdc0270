"""Chooses the adapters of the stream service, once per process."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import cache

from causeway.adapters.feeds.wiring import open_live_feed
from causeway.adapters.messaging.kafka_producer import KafkaProducer
from causeway.adapters.messaging.pubsub import RedisEventBus
from causeway.adapters.messaging.spool import Spool
from causeway.adapters.storage.alert_store import AlertStore
from causeway.adapters.storage.cache_manager import CacheManager
from causeway.adapters.storage.cached_series import drop_minutes
from causeway.adapters.storage.database import Database, load_driver
from causeway.adapters.storage.fetch_runs import FetchRuns
from causeway.adapters.storage.identity_store import api_key_finder
from causeway.adapters.storage.live_store import LiveStore
from causeway.adapters.storage.quote_store import QuoteStore
from causeway.adapters.storage.secrets_manager import SecretsManager, fill_environment
from causeway.adapters.storage.series_upkeep import SeriesUpkeep
from causeway.adapters.storage.stream_store import StreamStore
from causeway.adapters.storage.ticket_store import TicketStore
from causeway.market_data.sessions import session_bounds
from causeway.model.identity import Role
from causeway.model.time import BarSize, micros, now_utc
from causeway.pipelines.fetch_watch import FetchWatch
from causeway.pipelines.schedules import chosen, load_schedules
from causeway.ports.feed import HistoricalFeed, LiveFeed
from causeway.settings import (
    DatabaseSettings,
    FeedSettings,
    FetchSettings,
    KafkaSettings,
    LiveSettings,
    LogSettings,
    RedisSettings,
    SeriesSettings,
    StreamSettings,
    TokenSettings,
)
from causeway.web.tokens import Principal, Session, TokenVerifier, hash_secret
from containers.stream.feed import ReplayFeed
from containers.stream.live_feed import LiveMarketFeed
from containers.stream.live_writer import LANES, QUOTES, TRADES
from containers.stream.metrics import MetricLines
from containers.stream.services import Services, TakeTicket


@cache
def database() -> Database:
    load_driver()
    made = Database.from_settings(DatabaseSettings())
    made.series_changed = drop_minutes(quote_cache())
    return made


@cache
def bus() -> RedisEventBus:
    return RedisEventBus(_redis_url())


@cache
def quote_cache() -> CacheManager:
    return CacheManager(_redis_url())


def feed() -> ReplayFeed | LiveMarketFeed:
    """The provider that CAUSEWAY_LIVE_FEED names, or the replay of stored bars."""
    provider = open_live_feed(FeedSettings())
    if provider is None:
        return ReplayFeed(QuoteStore(database()), bus(), quote_cache(), StreamSettings())
    return live_feed(*provider)


def live_feed(live: LiveFeed, history: HistoricalFeed) -> LiveMarketFeed:
    settings = LiveSettings()
    spool = Spool(settings.spool_dir / "live", LANES, droppable=(QUOTES, TRADES), max_bytes=settings.spool_max_mb << 20)
    return LiveMarketFeed(
        live,
        LiveStore(database()),
        spool,
        bus(),
        quote_cache(),
        settings,
        history=history,
        sinks=_sinks(settings),
        tell=AlertStore(database(), bus()).raise_for_all,
        resolve=AlertStore(database(), bus()).resolve_for_all,
        market_open=_any_open,
        measured=_print_metrics() if LogSettings().log_metrics else _ignore,
    )


def _ignore(_counts: Mapping[str, int]) -> None:
    return None


def _print_metrics() -> Callable[[Mapping[str, int]], None]:
    lines = MetricLines()

    def write(counts: Mapping[str, int]) -> None:
        sys.stdout.write(lines.line(counts, now_utc()) + "\n")
        sys.stdout.flush()

    return write


def _sinks(settings: LiveSettings) -> list[KafkaProducer]:
    kafka = KafkaSettings()
    return (
        [KafkaProducer(kafka, settings.spool_dir / "kafka", settings.spool_max_mb << 20)] if kafka.kafka_brokers else []
    )


def _any_open(moment: datetime) -> bool:
    """Whether New York trades; silence of a provider means something only then."""
    day = moment.astimezone(UTC).date()
    _, opens, closes = session_bounds("XNYS", day, day)
    at = micros(moment)
    return any(first <= at < end for first, end in zip(opens.tolist(), closes.tolist(), strict=True))


def upkeep() -> SeriesUpkeep:
    return SeriesUpkeep(database(), {BarSize(size): days for size, days in SeriesSettings().retention_days.items()})


def watch_schedules() -> Callable[[], None]:
    """Tells admins of scheduled fetches that nobody runs."""
    settings, alerts = FetchSettings(), AlertStore(database(), bus())
    schedules = chosen(load_schedules(settings.fetch_schedules_file), settings.fetch_schedules)
    watch = FetchWatch(FetchRuns(database()), schedules, settings.fetch_unclaimed_s)

    def look() -> None:
        for alert in watch.alerts():
            alerts.raise_for_all(alert, role=Role.ADMIN)

    return look


def services() -> Services:
    return Services(
        quotes=QuoteStore(database()),
        states=LiveStore(database()),
        reads=StreamStore(database()),
        alerts=AlertStore(database(), bus()),
        take_ticket=ticket_taker(database()),
        cache=quote_cache(),
        bus=bus(),
        verifier=TokenVerifier.from_settings(TokenSettings(), api_key_finder(database())),
        settings=StreamSettings(),
    )


def ticket_taker(database: Database) -> TakeTicket:
    """Uses tickets up that the auth function gave out."""
    tickets = TicketStore(database)

    def take(ticket: str) -> Session | None:
        owner = tickets.take(hash_secret(ticket))
        if owner is None:
            return None
        who = owner.identity
        return Session(Principal(who.user_id, who.email, who.role, "ticket"), "", owner.session_expires_at, None)

    return take


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
