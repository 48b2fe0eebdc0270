"""Which adapters the gateway runs on: PostgreSQL, Redis for wake-ups, the paper broker."""

from __future__ import annotations

import os
import socket
import threading
from collections.abc import Callable
from dataclasses import dataclass
from uuid import uuid4

from causeway.adapters.brokers.paper_trader import PaperTrader
from causeway.adapters.messaging.dropping_bus import DroppingBus
from causeway.adapters.messaging.outbox_wakeups import listen_outbox
from causeway.adapters.messaging.pubsub import RedisEventBus
from causeway.adapters.storage.cache_manager import CacheManager
from causeway.adapters.storage.cached_reads import summary_key
from causeway.adapters.storage.database import Database, load_driver
from causeway.adapters.storage.gateway_store import GatewayStore, LeaseLost
from causeway.adapters.storage.secrets_manager import SecretsManager, fill_environment
from causeway.settings import DatabaseSettings, GatewaySettings, LogSettings, RedisSettings
from containers.broker_gateway import wakeups
from containers.broker_gateway.gateway import Checkpoint, Gateway


@dataclass(frozen=True)
class Made:
    """A gateway and what its process needs beside it."""

    gateway: Gateway
    poll_s: float
    log_level: str
    close: Callable[[], None]


def build(wake: threading.Event, stop: threading.Event, checkpoint: Checkpoint | None = None) -> Made:
    """A gateway from the environment's settings, with its wake-ups running."""
    fill_environment(SecretsManager())
    settings, log = GatewaySettings(), LogSettings()
    load_driver()
    database = Database.from_settings(DatabaseSettings())
    broker = PaperTrader(database)
    url = RedisSettings().redis_url.get_secret_value()
    cached = CacheManager(url)
    events = DroppingBus(RedisEventBus(url), lambda user_id: cached.invalidate([summary_key(user_id)]))
    gateway = Gateway(
        store=GatewayStore(database, broker=broker.name, lease_ttl_s=settings.gateway_lease_ttl_s),
        broker=broker,
        events=events,
        holder=f"{socket.gethostname()}:{os.getpid()}:{uuid4().hex[:8]}",
        lease_lost=LeaseLost,
        pump=broker.match,
        renew_s=min(1.0, settings.gateway_lease_ttl_s / 4),
    )
    if checkpoint is not None:
        gateway.checkpoint = checkpoint
    wakeups.start(lambda: listen_outbox(database.url, wake.set, stop), "outbox-wakeups")
    wakeups.start(lambda: wakeups.wake_on_quotes(events, wake, stop), "quote-wakeups")
    return Made(gateway, settings.gateway_poll_s, log.log_level, database.close)
