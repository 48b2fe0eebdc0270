"""SIGKILL of a real gateway process at each step between claim and booked fill: nothing is lost, nothing happens twice.

After the kill a second real process starts (its lease must first run out), and the world must end as without a crash:
one order at the venue, its fills booked once, every book in agreement.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from uuid import UUID

import pytest

from tests.fixtures.trading import TradingWorld

pytestmark = [pytest.mark.postgres, pytest.mark.redis, pytest.mark.slow]
_ROOT = Path(__file__).parents[3]
_PATIENCE_S = 30.0
Survivor = Callable[[], AbstractContextManager[None]]


@pytest.fixture
def environment(world: TradingWorld, redis_url: str) -> dict[str, str]:
    return {
        **os.environ,
        "PYTHONPATH": f"{_ROOT}{os.pathsep}{_ROOT / 'layers/core/python'}",
        "CAUSEWAY_DATABASE_URL": world.databases.service_url,
        "CAUSEWAY_REDIS_URL": redis_url,
        "CAUSEWAY_GATEWAY_LEASE_TTL_S": "0.6",
        "CAUSEWAY_GATEWAY_POLL_S": "0.02",
    }


@pytest.fixture
def die_at(environment: dict[str, str]) -> Callable[..., None]:
    """Start a gateway and wait until it has killed itself at the step."""

    def run(step: str, nth: int = 1) -> None:
        command = [sys.executable, "-m", "tests.fixtures.dying_gateway", step, str(nth)]
        done = subprocess.run(
            command, cwd=_ROOT, env=environment, timeout=_PATIENCE_S, capture_output=True, check=False
        )
        assert done.returncode == -signal.SIGKILL, done.stderr.decode()

    return run


@pytest.fixture
def survivor(world: TradingWorld, environment: dict[str, str]) -> Survivor:
    """A gateway process that runs inside the block, from when it holds the lease, and ends in order."""

    @contextmanager
    def running() -> Iterator[None]:
        command = [sys.executable, "-m", "containers.broker_gateway.main"]
        held = "SELECT coalesce(max(epoch), 0) FROM gateway_leases"
        before = world.value(held)
        process = subprocess.Popen(command, cwd=_ROOT, env=environment, stderr=subprocess.PIPE)
        try:
            wait_for(lambda: world.value(held) > before)
            yield
        finally:
            process.send_signal(signal.SIGTERM)
            _, errors = process.communicate(timeout=_PATIENCE_S)
            assert process.returncode == 0, errors.decode()

    return running


def wait_for(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + _PATIENCE_S
    while not condition():
        assert time.monotonic() < deadline, "the gateway did not get there in time"
        time.sleep(0.02)


def keep_the_feed_alive(world: TradingWorld, order_id: UUID, status: str) -> Callable[[], bool]:
    def ended() -> bool:
        world.tick()  # the clock must not look dead while processes start
        return bool(world.order(order_id)["status"] == status)

    return ended


@pytest.mark.parametrize(
    "step",
    [
        "claimed",  # after the claim
        "intended",  # intent recorded, not sent
        "sent",  # the venue has it, we have not recorded that
        "read",  # reports read, nothing booked
        "booking:accepted",  # inside the booking transaction
        "booking:fill",  # execution, ledger and position written, not committed
        "booked",  # committed, nobody told
    ],
)
def test_a_crash_loses_and_repeats_nothing(
    world: TradingWorld, die_at: Callable[..., None], survivor: Survivor, step: str
) -> None:
    order_id = world.submit("buy", "10")
    die_at(step)
    with survivor():
        wait_for(keep_the_feed_alive(world, order_id, "filled"))
    assert world.held() == 10
    assert world.value("SELECT count(*) FROM paper_orders") == 1
    assert world.kinds(order_id).count("fill") == 1
    assert world.sql("SELECT DISTINCT state FROM outbox") == [{"state": "done"}]
    world.assert_books_agree()
    world.assert_venue_agrees()


@pytest.mark.parametrize("step", ["read", "booking:fill", "booked"])
def test_a_crash_between_partial_fills(
    world: TradingWorld, die_at: Callable[..., None], survivor: Survivor, step: str
) -> None:
    """4 of 10 are filled and booked; the venue fills 4 more, and the gateway dies at those; 2 more follow."""
    world.quote("AAPL", "99.99", "100.01", size=4)
    order_id = world.submit("buy", "10")
    world.gateway(holder="before").turn()
    assert world.order(order_id)["filled_quantity"] == 4
    world.sql("UPDATE gateway_leases SET expires_at = now()")
    world.quote("AAPL", "99.99", "100.02", size=4)
    world.venue.match()
    die_at(step)
    with survivor():
        world.quote("AAPL", "99.99", "100.04", size=10)
        wait_for(keep_the_feed_alive(world, order_id, "filled"))
    assert world.kinds(order_id).count("fill") == 3
    assert world.held() == 10
    world.assert_books_agree()
    world.assert_venue_agrees()


@pytest.mark.parametrize("step", ["claimed", "intended", "sent", "booking:canceled"])
def test_a_crash_on_the_way_of_a_cancel(
    world: TradingWorld, die_at: Callable[..., None], survivor: Survivor, step: str
) -> None:
    order_id = world.submit("buy", "10", limit="95")
    world.gateway(holder="before").turn()
    world.sql("UPDATE gateway_leases SET expires_at = now()")
    world.cancel(order_id)
    die_at(step)
    with survivor():
        wait_for(keep_the_feed_alive(world, order_id, "canceled"))
    assert world.kinds(order_id).count("canceled") == 1
    assert world.value("SELECT count(*) FROM paper_reports WHERE kind = 'cancel_rejected'") == 0
    world.assert_books_agree()


def test_a_filled_order_is_found_after_the_gateway_was_away(world: TradingWorld, survivor: Survivor) -> None:
    order_id = world.submit("buy", "10", limit="95")
    world.gateway(holder="before").turn()
    world.sql("UPDATE gateway_leases SET expires_at = now()")
    world.quote("AAPL", "94.90", "95.00")
    world.venue.match()
    with survivor():
        wait_for(keep_the_feed_alive(world, order_id, "filled"))
    world.assert_venue_agrees()


def test_sigterm_releases_the_lease(world: TradingWorld, survivor: Survivor) -> None:
    alive = "SELECT count(*) FROM gateway_leases WHERE expires_at > clock_timestamp()"
    with survivor():
        assert world.value(alive) == 1
    assert world.value(alive) == 0
