"""Settings: frozen, read once per process from the environment, the same names on AWS and on a laptop.

Each process composes the small models that it needs, so that an order function cannot read the signing key.
``docs/operations/settings.md`` lists every name; a test keeps the list complete.
"""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Literal

from pydantic import Field, PositiveInt, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

_CONFIG = SettingsConfigDict(env_prefix="CAUSEWAY_", frozen=True, extra="ignore")


class DatabaseSettings(BaseSettings):
    """Where PostgreSQL is. The URL's role must be neither superuser nor owner."""

    model_config = _CONFIG
    database_url: SecretStr = Field(description="libpq URL of the role that this process connects as.")
    database_replica_url: SecretStr | None = Field(
        default=None, description="libpq URL of a read replica; series are read there, on the primary while it is down."
    )
    database_pool_size: int = Field(default=4, ge=1, le=64, description="Connections kept per process.")
    database_statement_timeout_s: float = Field(
        default=30.0, gt=0, description="A statement that runs longer is cancelled."
    )


class SeriesSettings(BaseSettings):
    """How long bars are kept, for the process that keeps the series in shape; and what a day of foreign exchange is."""

    model_config = _CONFIG
    retention_days: dict[Literal["1s", "5s", "1m", "5m", "15m", "1h", "1d"], PositiveInt] = Field(
        default={}, description='Days that bars are kept, by bar size, as in {"1s": 30}; a size without an entry stays.'
    )
    fx_day: str = Field(
        default="17:00 America/New_York",
        description="When a day of foreign exchange that is made of finer bars ends, as the market does it; or UTC.",
    )


class OwnerDatabaseSettings(BaseSettings):
    """The role that owns the tables: migrations, backup and restore only."""

    model_config = _CONFIG
    owner_database_url: SecretStr = Field(description="libpq URL of the owner of the schema.")


class DeploySettings(BaseSettings):
    """Secrets that the migrate function keeps in step with the database's login roles. Empty outside AWS."""

    model_config = _CONFIG
    app_secret_arn: str = Field(default="", description="Secret of causeway_app_login: username, password.")
    service_secret_arn: str = Field(default="", description="Secret of causeway_service_login: username, password.")
    signing_secret_arn: str = Field(default="", description="Secret of the Ed25519 pair: private_key, public_key.")


class RedisSettings(BaseSettings):
    """Cache and pub/sub. Wiping it at any moment loses nothing."""

    model_config = _CONFIG
    redis_url: SecretStr = Field(description="redis:// or rediss:// URL.")


class BlobSettings(BaseSettings):
    """Where panels, shard outputs and exports lie: a directory or an S3 bucket."""

    model_config = _CONFIG
    blob_url: str = Field(description="file:///directory or s3://bucket/prefix.")


class TokenSettings(BaseSettings):
    """Verification of access tokens. Every HTTP function has this."""

    model_config = _CONFIG
    jwt_public_key: str = Field(description="Ed25519 public key, PEM. Verifies access tokens.")
    public_origin: str = Field(
        default="http://127.0.0.1:8080",
        description="Scheme and authority that browsers use. Decides cookie names and the Origin check.",
    )
    allowed_hosts: str = Field(
        default="",
        description="Further Host values, separated by commas, that a proxy in front sends.",
    )
    trusted_proxies: int = Field(
        default=0,
        ge=0,
        le=5,
        description="Proxies whose X-Forwarded-For entries are believed. Behind CloudFront and API Gateway: 2.",
    )
    origin_secret: SecretStr = Field(
        default=SecretStr(""),
        description="What CloudFront sends in X-Causeway-Origin. Where set, nothing that lacks it is answered.",
    )


class SigningSettings(BaseSettings):
    """Issuing of tokens. Only the auth function has this."""

    model_config = _CONFIG
    jwt_private_key: SecretStr = Field(description="Ed25519 private key, PEM. Signs access tokens.")
    access_token_ttl_s: int = Field(default=900, ge=60, le=3600, description="Life of an access token.")
    refresh_token_ttl_s: int = Field(
        default=14 * 86400, ge=3600, description="Life of a refresh token; each use rotates it."
    )


class JobSettings(BaseSettings):
    """How analysis jobs run: worker processes on this machine, or Step Functions."""

    model_config = _CONFIG
    jobs: Literal["local", "step_functions"] = Field(default="local", description="Which job runner.")
    state_machine_arn: str = Field(default="", description="Step Functions state machine of an analysis.")
    worker_processes: int = Field(default=2, ge=1, le=64, description="Local worker processes per job.")
    vcpu_hour_usd: float = Field(default=0.04048, ge=0, description="Price of a vCPU-hour on AWS, for estimates.")
    device: Literal["auto", "cpu", "cuda"] = Field(
        default="cpu", description="Where KSG runs; auto: a GPU if torch sees one."
    )


class RiskSettings(BaseSettings):
    """Checks on an order before it is stored."""

    model_config = _CONFIG
    orders_in_halt: Literal["limit", "none", "all"] = Field(
        default="limit",
        description="Orders taken while their symbol is halted, or may be: limit orders only, none, or all.",
    )


class GatewaySettings(BaseSettings):
    """The broker gateway: one process per account at any time, guarded by a lease."""

    model_config = _CONFIG
    gateway_lease_ttl_s: float = Field(default=10.0, gt=0, description="A dead holder's lease ends then.")
    gateway_poll_s: float = Field(default=0.25, gt=0, description="Longest wait for new outbox rows.")


class StreamSettings(BaseSettings):
    """The stream service: a feed (live or replay) and a WebSocket server."""

    model_config = _CONFIG
    stream_role: Literal["all", "feed", "server"] = Field(
        default="all", description="Run the feed, the WebSocket server, or both in one process."
    )
    stream_host: str = Field(default="127.0.0.1", description="Address that the WebSocket server listens on.")
    stream_port: int = Field(default=8081, ge=0, le=65535, description="Its port.")
    stream_frame_hz: float = Field(
        default=10.0,
        gt=0,
        le=60,
        description="Quote frames per second and client; later quotes replace earlier.",
    )
    stream_heartbeat_s: float = Field(
        default=15.0, gt=0, description="A WebSocket that had nothing to say for so long sends a heartbeat."
    )
    stream_connections_per_user: int = Field(
        default=10, ge=1, le=1000, description="WebSockets that one user may hold open in one server."
    )
    stream_symbols_per_user: int = Field(
        default=2000, ge=1, description="Symbols that all WebSockets of one user may want together in one server."
    )
    stream_messages_per_s: int = Field(
        default=20,
        ge=1,
        description="Messages that a client may send a second, in the long run; five times as many at once.",
    )
    replay_date: str = Field(
        default="",
        pattern=r"^(\d{4}-\d{2}-\d{2})?$",
        description="First day of the replay that starts when none was ever asked for; empty: the market stays closed.",
    )
    replay_speed: float = Field(
        default=390.0, gt=0, le=23_400, description="Market seconds per wall second; 390 is a day in a minute."
    )
    replay_symbols: str = Field(
        default="", description="Comma-separated symbols to replay; empty: every symbol with bars on the day."
    )
    replay_spread_bps: float = Field(
        default=2.0, ge=0, le=1000, description="Ask minus bid over last, in basis points, in replayed quotes."
    )
    replay_updates_hz: float = Field(
        default=4.0, gt=0, le=50, description="Quote updates per second and symbol in a replay."
    )


class FeedSettings(BaseSettings):
    """Which providers market data is fetched from, and in which order. The next is asked where one fails."""

    model_config = _CONFIG
    feeds: str = Field(
        default="yahoo", description="Providers in order, of yahoo, alphavantage, iqfeed, alpaca, files; with commas."
    )
    live_feed: str = Field(
        default="", description="Provider that streams: iqfeed or alpaca; empty: stored bars are replayed."
    )
    feed_timeout_s: float = Field(default=20.0, gt=0, description="Longest wait for one answer of a provider.")
    feed_budget_s: float = Field(default=120.0, gt=0, description="Longest time to try one request again and again.")


class FetchSettings(BaseSettings):
    """How fetches run: by a process of this machine, or by AWS Batch; and which schedules ask for some."""

    model_config = _CONFIG
    fetches: Literal["local", "batch"] = Field(default="local", description="Which runner of fetches.")
    fetch_job_queue: str = Field(default="", description="Batch queue of fetches.")
    fetch_job_definition: str = Field(default="", description="Batch job definition of fetches.")
    fetch_symbols_at_once: int = Field(default=4, ge=1, le=64, description="Symbols that one fetch works at.")
    fetch_per_provider: int = Field(default=2, ge=1, le=64, description="Requests to one provider at once.")
    fetch_lease_s: float = Field(default=15.0, gt=0, description="A dead runner's fetch is taken over then.")
    fetch_schedules: str = Field(
        default="", description="Schedules that run, by name with commas, or all; empty: none."
    )
    fetch_quarantine_share: float = Field(
        default=0.02, gt=0, le=1, description="More of a fetch's or a file's rows in quarantine: an alert."
    )
    fetch_unclaimed_s: float = Field(
        default=600.0, gt=0, description="No runner took a schedule's fetch up for so long: an alert."
    )
    fetch_schedules_file: str = Field(default="", description="JSON file of schedules in place of those shipped.")


class LiveSettings(BaseSettings):
    """The live market: what is streamed, how it is checked, and what holds it until the database has it."""

    model_config = _CONFIG
    live_symbols: str = Field(default="", description="Symbols to stream, with commas; empty: all that are stored.")
    live_most_symbols: int = Field(default=500, ge=1, description="Symbols streamed at most, by name.")
    live_step_ms: int = Field(default=20, ge=5, le=1000, description="Quotes of so long are conflated, then sent.")
    live_flush_ms: int = Field(default=300, ge=50, le=10_000, description="Pause between two writes to the database.")
    live_max_jump: Decimal = Field(
        default=Decimal("0.2"), gt=0, description="Largest believable change of a price at once, as a fraction."
    )
    live_outage_s: float = Field(default=30.0, gt=0, description="Disconnected for so long: an alert.")
    live_stale_s: float = Field(
        default=120.0, gt=0, description="Connected and silent for so long while an exchange is open: an alert."
    )
    live_backfill_hours: float = Field(
        default=24.0, ge=0, description="Minutes that the stream did not make are fetched so far back; 0: none are."
    )
    live_backfill_seconds_hours: float = Field(
        default=4.0,
        ge=0,
        description="Seconds of a gap are fetched so far back, from providers that have them; 0: none are.",
    )
    live_backfill_budget_s: float = Field(
        default=900.0, gt=0, description="Longest time to try for minutes of a gap before they are given up."
    )
    spool_dir: Path = Field(
        default=Path(".causeway/spool"), description="Where quotes, bars and messages wait on disk; one per process."
    )
    spool_max_mb: int = Field(default=1024, ge=1, description="Size of the spool; then the oldest quotes are dropped.")


class YahooSettings(BaseSettings):
    """Yahoo Finance, through yfinance."""

    model_config = _CONFIG
    yahoo_url: str = Field(default="", description="Another server that speaks Yahoo's chart interface, for trials.")
    yahoo_requests_per_s: float = Field(default=2.0, gt=0, description="Requests to Yahoo per second.")


class AlphaVantageSettings(BaseSettings):
    """Alpha Vantage. The free plan allows 25 requests a day."""

    model_config = _CONFIG
    alphavantage_url: str = Field(default="https://www.alphavantage.co", description="Server of Alpha Vantage.")
    alphavantage_key: SecretStr = Field(default=SecretStr(""), description="API key of Alpha Vantage.")
    alphavantage_per_minute: int = Field(default=5, ge=1, description="Requests a minute that the plan allows.")
    alphavantage_per_day: int = Field(default=25, ge=1, description="Requests a day that the plan allows.")


class IqfeedSettings(BaseSettings):
    """IQConnect, DTN's local gateway, which must run and be signed in."""

    model_config = _CONFIG
    iqfeed_host: str = Field(default="127.0.0.1", description="Where IQConnect listens.")
    iqfeed_level1_port: int = Field(default=5009, ge=1, le=65535, description="Its port for level 1.")
    iqfeed_lookup_port: int = Field(default=9100, ge=1, le=65535, description="Its port for history.")
    iqfeed_admin_port: int = Field(default=9300, ge=1, le=65535, description="Its port for administration.")
    iqfeed_derivative_port: int = Field(default=9400, ge=1, le=65535, description="Its port for derivative bars.")


class AlpacaDataSettings(BaseSettings):
    """Alpaca's market data."""

    model_config = _CONFIG
    alpaca_key_id: str = Field(default="", description="Key ID of Alpaca.")
    alpaca_secret_key: SecretStr = Field(default=SecretStr(""), description="Secret key of Alpaca.")
    alpaca_feed: Literal["iex", "sip"] = Field(default="iex", description="IEX is free; SIP needs a plan.")
    alpaca_data_url: str = Field(default="", description="Another server for history, for trials.")
    alpaca_stream_url: str = Field(default="", description="Another server for the stream, for trials.")


class FileFeedSettings(BaseSettings):
    """Files as a provider."""

    model_config = _CONFIG
    feed_directory: str = Field(default="", description="Directory of the provider files, in our layout or LEAN's.")


class KafkaSettings(BaseSettings):
    """Optional: bars and quotes to Kafka as well."""

    model_config = _CONFIG
    kafka_brokers: str = Field(default="", description="Bootstrap servers with commas; empty: no Kafka.")
    kafka_topic_prefix: str = Field(default="causeway.", description="Before the topic names bars, quotes and trades.")
    kafka_delivery_timeout_s: float = Field(
        default=30.0, gt=0, description="A message that no broker took by then is read from the spool again."
    )


class LogSettings(BaseSettings):
    """Structured logs."""

    model_config = _CONFIG
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field(default="INFO", description="Log threshold.")
    log_metrics: bool = Field(
        default=False, description="The live feed writes its counters as lines that CloudWatch makes metrics of."
    )


class LocalSettings(BaseSettings):
    """One machine: where state lies and which port is served. ``make up`` reads these."""

    model_config = SettingsConfigDict(frozen=True, extra="ignore", populate_by_name=True)
    port: int = Field(default=8080, ge=0, le=65535, validation_alias="PORT", description="Port of API and web app.")
    state_dir: Path = Field(
        default=Path(".causeway"),
        validation_alias="CAUSEWAY_STATE_DIR",
        description="Database, keys, logs, blobs.",
    )
    demo: bool = Field(
        default=True,
        validation_alias="CAUSEWAY_DEMO",
        description="Demo data, first analyses and the replayed market in a new installation.",
    )
    database_url: SecretStr | None = Field(
        default=None,
        validation_alias="DATABASE_URL",
        description="A real PostgreSQL instead of the embedded one.",
    )
    redis_url: SecretStr | None = Field(
        default=None, validation_alias="REDIS_URL", description="A real Redis instead of the embedded one."
    )
