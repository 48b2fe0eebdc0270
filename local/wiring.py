"""Chooses what one machine runs with: the stores of the first start, and the deployed functions behind one server.

Each function reads its settings from the environment, as on AWS. Here they share one process, so each is wired
under the environment that it would have had: only auth connects as causeway_service and sees the signing key.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from decimal import Decimal
from functools import cache
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING
from uuid import uuid4

from causeway.adapters.feeds.csv_files import open_table
from causeway.adapters.feeds.demo_data import (
    KNOWN_SOURCE,
    STOCKS_SOURCE,
    demo_corporate_actions,
    demo_stock_csv,
    known_market_csv,
)
from causeway.adapters.storage.database import Database, load_driver
from causeway.adapters.storage.identity_store import IdentityStore
from causeway.adapters.storage.ingestion_store import IngestionStore
from causeway.adapters.storage.installation import (
    Installation,
    held_lock,
    is_running,
    read_installation,
    write_installation,
)
from causeway.adapters.storage.migrator import ensure_database, ensure_login_role, migrate
from causeway.adapters.storage.timeseries_db import TimeseriesDb
from causeway.errors import NotFound
from causeway.market_data.ingestion import IngestionRequest
from causeway.market_data.known_market import KnownMarket, known_market
from causeway.model.identity import Role
from causeway.model.instrument import AssetClass
from causeway.model.time import BarSize
from causeway.settings import (
    AlpacaDataSettings,
    AlphaVantageSettings,
    FeedSettings,
    FetchSettings,
    FileFeedSettings,
    IqfeedSettings,
    YahooSettings,
)
from causeway.web.tokens import TokenIssuer

if TYPE_CHECKING:
    from fastapi import FastAPI
    from starlette.types import ASGIApp

DEMO_STOCKS = ("AAPL", "MSFT", "IBM", "GOOG", "FB")
_FUNCTIONS = ("auth", "data", "analysis", "orders", "portfolio", "alerts")
_REPLAY_DATE = "2012-06-01"  # every demo symbol has bars from here to 2013-03-01
_REPLAY_SPEED = "60"  # a market minute in a second: the demo's days last about twenty hours
_SIGNING_KEY = "CAUSEWAY_JWT_PRIVATE_KEY"
_DATABASE_URL = "CAUSEWAY_DATABASE_URL"
_TOKEN_LIFE_S = 3600


def function_apps(installation: Installation) -> dict[str, FastAPI]:
    """The app of every HTTP function, by its name in the path."""
    load_driver()
    apps: dict[str, FastAPI] = {}
    for name in _FUNCTIONS:
        is_auth = name == "auth"
        only_auth = {_DATABASE_URL: installation.service_database_url} if is_auth else {_SIGNING_KEY: None}
        wiring = import_module(f"functions.{name}.wiring")
        with _environment(only_auth):
            apps[name] = import_module(f"functions.{name}.app").create_app(wiring.services(), wiring.verifier())
    return apps


def feed_settings() -> list[str]:
    """Environment names that say how providers are reached and what is fetched by itself."""
    kinds = (
        FeedSettings, FetchSettings, YahooSettings, AlphaVantageSettings, IqfeedSettings, AlpacaDataSettings,
        FileFeedSettings,
    )  # fmt: skip
    return [f"CAUSEWAY_{name.upper()}" for kind in kinds for name in kind.model_fields]


def stream_app(installation: Installation) -> ASGIApp:
    """The WebSocket server, connected as causeway_service as in its container."""
    from containers.stream import websocket_server, wiring

    with _environment({_DATABASE_URL: installation.service_database_url, _SIGNING_KEY: None}):
        app: ASGIApp = websocket_server.create_app(wiring.services())
        return app


def access_token(installation: Installation, private_key: str, email: str) -> str:
    """An access token for a user of this installation, signed with its own key.

    Raises:
        NotFound: nobody has this e-mail address.
    """
    with _store(installation) as store:
        user = store.find_by_email(email)
    if user is None:
        raise NotFound(f"there is no user {email}")
    return TokenIssuer(private_key, installation.url, _TOKEN_LIFE_S).issue(user, uuid4()).text


class FirstContent:
    """What the first start puts into a new database."""

    def __init__(self, installation: Installation, admin: str) -> None:
        self._installation = installation
        self._admin = admin

    def has_admin(self) -> bool:
        with _store(self._installation) as store:
            return store.find_by_email(self._admin) is not None

    def create_admin(self, cash: Decimal) -> str | None:
        """An admin with a paper account; his random password, or None where he exists already."""
        with _store(self._installation) as store:
            if store.find_by_email(self._admin) is not None:
                return None
            password = secrets.token_urlsafe(12)
            store.create_user_with_paper_account(self._admin, password, Role.ADMIN, cash=cash)
            return password

    def load_demo_data(self) -> str:
        """Daily bars of five US stocks, raw, with their splits and dividends apart."""
        file = demo_stock_csv()
        actions = demo_corporate_actions()
        with _database(self._installation.app_database_url) as database:
            stored = self._take_in(database, file, IngestionRequest(file.name, STOCKS_SOURCE, BarSize.DAY_1))
            TimeseriesDb(database).add_corporate_actions(actions, source=STOCKS_SOURCE)
        return f"{stored}, {sum(map(len, actions.values()))} splits and dividends"

    def store_known_market(self) -> str:
        """Ten synthetic series with six known links."""
        request = IngestionRequest("known-market.csv", KNOWN_SOURCE, BarSize.DAY_1, AssetClass.SYNTHETIC)
        with TemporaryDirectory() as folder, _database(self._installation.app_database_url) as database:
            file = Path(folder) / request.filename
            file.write_bytes(known_market_csv(_demo_market()))
            return self._take_in(database, file, request)

    def replay_settings(self) -> dict[str, str]:
        """The replay that moves the market until a user asks for another."""
        return {
            "CAUSEWAY_REPLAY_DATE": _REPLAY_DATE,
            "CAUSEWAY_REPLAY_SPEED": _REPLAY_SPEED,
            "CAUSEWAY_REPLAY_SYMBOLS": ",".join((*DEMO_STOCKS, *_demo_market().symbols)),
        }

    def known_market_symbols(self) -> tuple[str, ...]:
        return _demo_market().symbols

    def _take_in(self, database: Database, file: Path, request: IngestionRequest) -> str:
        with _store(self._installation) as store:
            admin = store.find_by_email(self._admin)
        if admin is None:
            raise NotFound(f"there is no user {self._admin}; the first step makes him")
        row = IngestionStore(database).take_in(admin.user_id, open_table(file), request)
        return f"{row['rows_inserted']} bars of {row['symbols_count']} symbols, {row['rows_quarantined']} quarantined"


@cache
def _demo_market() -> KnownMarket:
    return known_market(seed=0)


@contextmanager
def _database(url: str) -> Iterator[Database]:
    database = Database(url, pool_size=1, statement_timeout_s=120)
    try:
        yield database
    finally:
        database.close()


@contextmanager
def _store(installation: Installation) -> Iterator[IdentityStore]:
    with _database(installation.service_database_url) as database:
        yield IdentityStore(database)


@contextmanager
def _environment(changes: Mapping[str, str | None]) -> Iterator[None]:
    """The process environment with ``changes``; None removes a name."""
    before = {name: os.environ.get(name) for name in changes}
    _set_environment(changes)
    try:
        yield
    finally:
        _set_environment(before)


def _set_environment(values: Mapping[str, str | None]) -> None:
    for name, value in values.items():
        if value is None:
            os.environ.pop(name, None)
        else:
            os.environ[name] = value


__all__ = [
    "DEMO_STOCKS",
    "FirstContent",
    "Installation",
    "access_token",
    "ensure_database",
    "ensure_login_role",
    "feed_settings",
    "function_apps",
    "held_lock",
    "is_running",
    "migrate",
    "read_installation",
    "stream_app",
    "write_installation",
]
