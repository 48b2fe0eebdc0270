"""What the stream sends has the shapes of the HTTP interface: each schema takes it, and gives the same JSON back."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest

from causeway.adapters.storage.stream_store import StreamStore
from causeway.model.inference import InferenceOptions
from causeway.model.tick import Quote
from causeway.streaming.wire import quote_json
from functions.analysis.schemas import Job
from functions.data.schemas import Quote as WireQuote
from functions.orders.schemas import Order, OrderEvent
from tests.fixtures.databases import Databases

CHECK = {"name": "quantity", "passed": True, "limit": "100", "found": "10", "message": ""}
SPEC = {
    "symbols": ["A", "B"], "measure": "returns", "estimator": "gaussian", "bar_size": "1d",
    "start": "2012-01-01T00:00:00Z",
    "train_end": "2012-06-01T00:00:00Z", "end": "2012-12-01T00:00:00Z", "max_lag": 5, "horizon": 1, "alpha": 0.05,
    "n_permutations": 200, "seed": 1, "cost_bps": 5.0,
    "inference": InferenceOptions().as_json(),
}  # fmt: skip


def test_a_quote_is_the_quote_of_the_data_function() -> None:
    moment = datetime(2012, 3, 1, 14, 30, 0, 500_000, tzinfo=UTC)
    bid, ask, last = Decimal("99.90"), Decimal("100.1"), Decimal("1E+2")
    quote = Quote("AAPL", 1, bid, ask, last, Decimal(1), Decimal(1), Decimal("7800"), moment, moment, "replay")
    sent = quote_json(quote)
    assert WireQuote.model_validate(sent).model_dump(mode="json") == sent
    assert (sent["bid"], sent["last"], sent["volume"]) == ("99.9", "100", "7800")


@pytest.fixture
def stream(databases: Databases) -> StreamStore:
    return StreamStore(databases.app)


@pytest.mark.postgres
def test_an_order_event_is_that_of_the_orders_function(
    databases: Databases, stream: StreamStore, user_factory: Callable[..., UUID]
) -> None:
    user_id = user_factory()
    account_id = _store_order(databases, user_id)
    (sent,) = stream.order_events(user_id, {str(account_id): 0}, 10)[str(account_id)]
    order = sent.pop("order")
    assert OrderEvent.model_validate(sent).model_dump(mode="json") == sent
    assert Order.model_validate(order).model_dump(mode="json") == order
    assert (order["quantity"], order["limit_price"], order["checks"]) == ("10", "10.5", [CHECK])


@pytest.mark.postgres
@pytest.mark.parametrize("state", ["queued", "running"])
def test_a_job_is_that_of_the_analysis_function(
    databases: Databases, stream: StreamStore, user_factory: Callable[..., UUID], state: str
) -> None:
    user_id = user_factory()
    with psycopg.connect(databases.owner_url) as connection:
        connection.execute(
            "INSERT INTO jobs (user_id, name, spec, state, progress, started_at) VALUES (%s, 'x', %s, %s, 0.4, now())",
            [user_id, json.dumps(SPEC), state],
        )
    (sent,) = stream.jobs(user_id)
    assert Job.model_validate(sent).model_dump(mode="json") == sent


@pytest.mark.postgres
def test_row_level_security_holds_in_the_stream_too(
    databases: Databases, stream: StreamStore, user_factory: Callable[..., UUID]
) -> None:
    mine, theirs = user_factory(), user_factory()
    account_id = _store_order(databases, theirs)
    assert stream.order_heads(mine) == {}
    assert stream.order_events(mine, {str(account_id): 0}, 10) == {}


def _store_order(databases: Databases, user_id: UUID) -> UUID:
    """An account with one order and its first event; the account's id."""
    account_id = uuid4()
    parameters: dict[str, Any] = {"user": user_id, "account": account_id, "risk": json.dumps({"checks": [CHECK]})}
    with psycopg.connect(databases.owner_url) as connection:
        for statement in (
            "INSERT INTO accounts (id, user_id, broker, name, event_seq) "
            "VALUES (%(account)s, %(user)s, 'paper', 'x', 1)",
            "INSERT INTO instruments (asset_class) VALUES ('equity')",
            "INSERT INTO orders (user_id, account_id, client_order_id, instrument_id, symbol, side, quantity, "
            "order_type, time_in_force, limit_price, status, risk_decision, submitted_at, updated_at) "
            "SELECT %(user)s, %(account)s, 'one', id, 'AAPL', 'buy', 10.00, 'limit', 'day', 10.50, 'new', %(risk)s, "
            "now(), now() FROM instruments",
            "INSERT INTO order_events (account_id, seq, user_id, order_id, kind, source, source_event_id, "
            "status_after, wall_time) SELECT %(account)s, 1, %(user)s, id, 'accepted', 'test', '1', 'new', now() "
            "FROM orders",
        ):
            connection.execute(statement.encode(), parameters)
    return account_id
