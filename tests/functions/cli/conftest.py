"""The command line against the deployed functions, served on loopback as local mode serves them."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
import uvicorn
from click.testing import CliRunner, Result
from pydantic import SecretStr

from causeway.adapters.compute.local_jobs import LocalJobs
from causeway.adapters.messaging.pubsub import InProcessEventBus
from causeway.adapters.storage.alert_store import AlertStore
from causeway.adapters.storage.cache_manager import CacheManager
from causeway.adapters.storage.identity_store import IdentityStore, api_key_finder
from causeway.adapters.storage.job_store import JobStore
from causeway.adapters.storage.order_store import OrderStore
from causeway.adapters.storage.portfolio_store import PortfolioStore
from causeway.adapters.storage.quote_store import QuoteStore
from causeway.adapters.storage.result_store import ResultStore
from causeway.cli.main import cli
from causeway.model.identity import Role
from causeway.settings import SigningSettings, StreamSettings, TokenSettings
from causeway.web.composition import compose
from containers.stream.feed import ReplayFeed
from functions.alerts import app as alerts_app
from functions.alerts.services import Services as AlertsServices
from functions.analysis import app as analysis_app
from functions.analysis.services import Services as AnalysisServices
from functions.auth import app as auth_app
from functions.auth.wiring import make_services
from functions.data import app as data_app
from functions.orders import app as orders_app
from functions.orders.services import Services as OrdersServices
from functions.portfolio import app as portfolio_app
from functions.portfolio.services import Services as PortfolioServices
from tests.fixtures.auth import password_hashed_once
from tests.fixtures.databases import Databases
from tests.fixtures.gateway import Keys
from tests.fixtures.market_data import data_services

EMAIL, PASSWORD = "ada@example.test", "correct horse battery"
PROJECT = Path(__file__).parents[3]


def composed(databases: Databases, keys: Keys, origin: str, *, access_ttl_s: int = 900) -> Any:
    """Every function's app, wired to this database."""
    app, verifier = databases.app, keys.verifier(origin, api_key_finder(databases.service))
    signing = SigningSettings(jwt_private_key=SecretStr(keys.private), access_token_ttl_s=access_ttl_s)
    tokens = TokenSettings(jwt_public_key=keys.public, public_origin=origin)
    return compose(
        {
            "auth": auth_app.create_app(make_services(databases.service, signing, tokens), verifier),
            "data": data_app.create_app(data_services(app), verifier),
            "analysis": analysis_app.create_app(
                AnalysisServices(JobStore(app), ResultStore(app), LocalJobs()), verifier
            ),
            "orders": orders_app.create_app(OrdersServices(OrderStore(app), InProcessEventBus()), verifier),
            "alerts": alerts_app.create_app(AlertsServices(AlertStore(app, InProcessEventBus())), verifier),
            "portfolio": portfolio_app.create_app(PortfolioServices(PortfolioStore(app)), verifier),
        }
    )


@dataclass
class Shell:
    """A user's shell: a home of his own, and a server that runs."""

    server: str
    home: Path
    databases: Databases
    user_id: UUID

    @property
    def env(self) -> dict[str, str]:
        return {"XDG_CONFIG_HOME": str(self.home), "CAUSEWAY_CREDENTIALS": "", "CAUSEWAY_API_KEY": ""}

    @property
    def token_file(self) -> Path:
        return self.home / "causeway" / "credentials.json"

    def run(self, *arguments: str | Path, stdin: str | None = None, env: Mapping[str, str] | None = None) -> Result:
        """One command, in this process."""
        return CliRunner().invoke(cli, [str(a) for a in arguments], input=stdin, env=self.env | dict(env or {}))

    def json(self, *arguments: str | Path) -> Any:
        """What a command prints as JSON; it must print nothing else on stdout."""
        found = self.run(*arguments, "--json")
        assert found.exit_code == 0, found.output
        return json.loads(found.stdout)

    def login(self) -> None:
        found = self.run("login", "--server", self.server, "--email", EMAIL, env={"CAUSEWAY_PASSWORD": PASSWORD})
        assert found.exit_code == 0, found.output

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        """One command as a process of its own."""
        env = {**os.environ, **self.env, "PYTHONPATH": f"{PROJECT / 'layers/core/python'}{os.pathsep}{PROJECT}"}
        command = [sys.executable, "-m", "causeway.cli.main", *arguments]
        return subprocess.Popen(command, env=env, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE)


@pytest.fixture
def access_ttl_s() -> int:
    return 900


@pytest.fixture
def shell(databases: Databases, keys: Keys, tmp_path: Path, access_ttl_s: int) -> Iterator[Shell]:
    with password_hashed_once():
        user, _ = IdentityStore(databases.service).create_user_with_paper_account(EMAIL, PASSWORD, Role.TRADER)
    listening = socket.create_server(("127.0.0.1", 0))
    origin = f"http://127.0.0.1:{listening.getsockname()[1]}"
    app = composed(databases, keys, origin, access_ttl_s=access_ttl_s)
    server = uvicorn.Server(uvicorn.Config(app, log_config=None, lifespan="off", ws="none"))
    thread = threading.Thread(target=server.run, args=([listening],))
    thread.start()
    while not server.started:
        time.sleep(0.01)
    yield Shell(origin, tmp_path, databases, user.user_id)
    server.should_exit = True
    thread.join(timeout=20)


@pytest.fixture
def signed_in(shell: Shell) -> Shell:
    shell.login()
    return shell


@pytest.fixture
def feed(databases: Databases, redis_url: str) -> Iterator[None]:
    """A running replay feed."""
    stop, cache = threading.Event(), CacheManager(redis_url)
    made = ReplayFeed(QuoteStore(databases.service), InProcessEventBus(), cache, StreamSettings())
    thread = threading.Thread(target=made.run, args=(stop,))
    thread.start()
    yield
    stop.set()
    thread.join(timeout=10)
    cache.close()
