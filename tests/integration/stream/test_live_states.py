"""States of trading in the database: what is received together counts in its order."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from causeway.adapters.storage.live_store import LiveStore
from causeway.model.tick import TradingState
from tests.fixtures.databases import Databases

AT = datetime(2026, 3, 2, 15, 0, tzinfo=UTC)
pytestmark = pytest.mark.postgres


@pytest.fixture
def bands(small_market: dict[str, int]) -> TradingState:
    """What price bands said; a halt is not known."""
    prices = (Decimal("9.5"), Decimal("10.5"))
    return TradingState("AAA", small_market["AAA"], False, "", "", None, *prices, AT, AT, "alpaca")


def stored(databases: Databases, state: TradingState) -> list[tuple[bool, datetime | None]]:
    with databases.service.transaction() as transaction:
        rows = transaction.all("last_heard_of_instrument", instrument_id=state.instrument_id)
    return [(row["halted"], row["known_at"]) for row in rows]


def test_a_halt_of_the_message_that_told_of_bands_is_stored_though_they_were_first(
    databases: Databases, bands: TradingState
) -> None:
    """All that one message of the provider holds is received at one time."""
    store = LiveStore(databases.service)
    store.write_states([bands])
    store.write_states([replace(bands, halted=True, code="H", status_time=AT, known_at=AT)])
    assert stored(databases, bands) == [(True, AT)]


def test_that_a_state_is_no_longer_known_is_stored(databases: Databases, bands: TradingState) -> None:
    store, known = LiveStore(databases.service), replace(bands, known_at=AT)
    store.write_states([known])
    store.write_states([replace(known, known_at=None)])  # a gap has no time of receipt
    assert stored(databases, bands) == [(False, None)]


def test_an_older_state_changes_nothing(databases: Databases, bands: TradingState) -> None:
    store = LiveStore(databases.service)
    store.write_states([replace(bands, received_at=AT.replace(second=1), known_at=AT)])
    store.write_states([bands])
    assert stored(databases, bands) == [(False, AT)]
