"""Which processes one machine runs, and which settings each of them gets: only those that it needs.

They are the entry points that are deployed: the containers as they are, the functions behind one local server.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path

from local.state import State
from local.supervisor import Child, Process, start_program
from local.wiring import Installation, feed_settings

_KEPT = ("PATH", "HOME", "LANG", "LC_ALL", "TZ", "TMPDIR", "CAUSEWAY_LOG_LEVEL", "CAUSEWAY_WORKER_PROCESSES")
_FEED_SETTINGS = tuple(
    f"CAUSEWAY_{part}_" for part in ("REPLAY", "LIVE", "SPOOL", "IQFEED", "ALPACA", "KAFKA", "FETCH")
)  # what a user sets for the feed; which schedules somebody should run


def api(state: State, installation: Installation, port: int) -> Child:
    """The functions, the WebSocket server and the web app on one port."""
    private_key, public_key = state.signing_keys()
    env = {
        "CAUSEWAY_DATABASE_URL": installation.app_database_url,
        "CAUSEWAY_DATABASE_POOL_SIZE": "8",
        "CAUSEWAY_REDIS_URL": installation.redis_url,
        "CAUSEWAY_BLOB_URL": installation.blob_url,
        "CAUSEWAY_JWT_PUBLIC_KEY": public_key,
        "CAUSEWAY_JWT_PRIVATE_KEY": private_key,
        "CAUSEWAY_PUBLIC_ORIGIN": installation.url,
        "CAUSEWAY_JOBS": "local",
        "CAUSEWAY_STATE_DIR": str(state.directory),
        "PORT": str(port),
    }
    return _program(state, installation, "api", ["local.api"], env)


def gateway(state: State, installation: Installation) -> Child:
    """The broker gateway of the paper accounts."""
    return _program(state, installation, "gateway", ["containers.broker_gateway.main"], _service(installation))


def job_runner(state: State, installation: Installation) -> Child:
    """Runs analysis jobs, each stage as on AWS."""
    env = _service(installation) | {"CAUSEWAY_BLOB_URL": installation.blob_url, "CAUSEWAY_JOBS": "local"}
    return _program(state, installation, "jobs", ["containers.gpu_batch.main", "runner"], env)


def feed(state: State, installation: Installation, replay: Mapping[str, str]) -> Child:
    """Moves the market: stored bars, or a live provider. ``replay`` holds its CAUSEWAY_REPLAY_ settings."""
    chosen = {name: value for name, value in os.environ.items() if name.startswith(_FEED_SETTINGS)}
    own = {"CAUSEWAY_STREAM_ROLE": "feed", "CAUSEWAY_SPOOL_DIR": str(state.directory / "spool")}
    env = _service(installation) | own | dict(replay) | chosen
    return _program(state, installation, "feed", ["containers.stream.main"], env)


def ingest(state: State, installation: Installation) -> Child:
    """Fetches bars from providers, when a user or a schedule asks."""
    chosen = {name: os.environ[name] for name in feed_settings() if name in os.environ}
    return _program(state, installation, "ingest", ["containers.ingest.main", "local"], _service(installation) | chosen)


def _service(installation: Installation) -> dict[str, str]:
    return {
        "CAUSEWAY_DATABASE_URL": installation.service_database_url,
        "CAUSEWAY_REDIS_URL": installation.redis_url,
    }


def _program(state: State, installation: Installation, name: str, module: list[str], own: Mapping[str, str]) -> Child:
    log = state.log(name)
    env = {key: os.environ[key] for key in _KEPT if key in os.environ} | dict(own)

    def start() -> Process:
        return start_program([sys.executable, "-m", *module], env=env, cwd=Path(installation.project_dir), log=log)

    return Child(name, start, log)
