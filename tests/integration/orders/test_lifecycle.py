"""Lifecycle cases of an order against a scripted broker: what happens when reports come late, twice or not at all."""

from __future__ import annotations

import logging
from decimal import Decimal
from uuid import UUID

import pytest

from causeway.errors import OutcomeUnknown, Unavailable
from causeway.ports.broker import ReportKind
from containers.broker_gateway.gateway import Gateway
from tests.fixtures.scripted_broker import ScriptedBroker
from tests.fixtures.trading import TradingWorld

pytestmark = pytest.mark.postgres


@pytest.fixture
def broker() -> ScriptedBroker:
    return ScriptedBroker()


@pytest.fixture
def gateway(world: TradingWorld, broker: ScriptedBroker) -> Gateway:
    return world.gateway(broker)


def send(world: TradingWorld, gateway: Gateway, quantity: str = "10") -> UUID:
    order_id = world.submit("buy", quantity, client_order_id="c1")
    gateway.turn()
    return order_id


def test_01_acknowledged_then_filled(world: TradingWorld, broker: ScriptedBroker, gateway: Gateway) -> None:
    order_id = send(world, gateway)
    assert world.order(order_id)["status"] == "new"
    broker.fill(world.account_id, "c1", "10", "100")
    gateway.turn()
    assert world.order(order_id)["status"] == "filled"
    world.assert_books_agree()


def test_02_rejected(world: TradingWorld, broker: ScriptedBroker, gateway: Gateway) -> None:
    broker.listed = frozenset()
    order_id = send(world, gateway)
    assert world.order(order_id)["status"] == "rejected"
    assert world.order(order_id)["reserved_cash"] == 0


def test_03_a_denied_order_never_reaches_the_broker(
    world: TradingWorld, broker: ScriptedBroker, gateway: Gateway
) -> None:
    order_id = send(world, gateway, "5000")
    assert world.order(order_id)["status"] == "denied"
    assert broker.submits == 0


def test_04_average_price_of_partial_fills_is_exact(
    world: TradingWorld, broker: ScriptedBroker, gateway: Gateway
) -> None:
    order_id = send(world, gateway, "6")
    for price in ("0.1", "0.2", "0.3"):
        broker.fill(world.account_id, "c1", "2", price)
        gateway.turn()
    assert world.order(order_id)["average_fill_price"] == Decimal("0.2")
    assert world.kinds(order_id).count("fill") == 3
    assert world.value("SELECT count(*) FROM audit_log WHERE action = 'order.fill'") == 3


def test_05_a_fill_before_the_acknowledgement(world: TradingWorld, broker: ScriptedBroker, gateway: Gateway) -> None:
    order_id = world.submit("buy", "10", client_order_id="c1")
    execution = {"execution_id": "e1", "quantity": Decimal(10), "price": Decimal(100)}
    broker.tell(world.account_id, "c1", ReportKind.FILL, **execution)
    gateway.turn()
    assert world.order(order_id)["status"] == "filled"
    assert world.kinds(order_id) == ["submitted", "sent", "fill", "accepted"]


def test_07_the_same_execution_twice_is_booked_once(
    world: TradingWorld, broker: ScriptedBroker, gateway: Gateway
) -> None:
    order_id = send(world, gateway)
    for _ in range(2):
        broker.tell(world.account_id, "c1", ReportKind.FILL, execution_id="e1", quantity=Decimal(4), price=Decimal(9))
    gateway.turn()
    assert world.order(order_id)["filled_quantity"] == 4
    world.assert_books_agree()


def test_08_equal_fills_with_other_ids_both_count(
    world: TradingWorld, broker: ScriptedBroker, gateway: Gateway
) -> None:
    order_id = send(world, gateway)
    for execution_id in ("e1", "e2"):
        broker.fill(world.account_id, "c1", "4", "100", execution_id)
    gateway.turn()
    assert world.order(order_id)["filled_quantity"] == 8


def test_10_an_overfill_is_booked_and_halts_the_account(
    world: TradingWorld, broker: ScriptedBroker, gateway: Gateway
) -> None:
    send(world, gateway)
    broker.fill(world.account_id, "c1", "12", "100")
    gateway.turn()
    assert world.held() == 12
    account = world.sql("SELECT state, state_reason FROM accounts")[0]
    assert account["state"] == "halted"
    assert "12 of 10" in account["state_reason"]
    (alert,) = world.sql("SELECT kind, severity, text FROM alerts")
    assert (alert["kind"], alert["severity"]) == ("order_overfilled", "critical")
    assert "12 of 10" in alert["text"]
    world.assert_books_agree()


def test_11_a_fill_while_the_cancel_is_pending(world: TradingWorld, broker: ScriptedBroker, gateway: Gateway) -> None:
    order_id = send(world, gateway)
    world.cancel(order_id)
    broker.fill(world.account_id, "c1", "4", "100")
    with world.store().booking(gateway._leases[world.account_id]) as books:
        books.book(broker.told[world.account_id][-1])
    assert world.order(order_id)["status"] == "pending_cancel"
    gateway.turn()
    order = world.order(order_id)
    assert (order["status"], order["filled_quantity"]) == ("canceled", 4)


def test_12_a_cancel_refused_because_it_filled(world: TradingWorld, broker: ScriptedBroker, gateway: Gateway) -> None:
    order_id = send(world, gateway)
    world.cancel(order_id)
    broker.fill(world.account_id, "c1", "10", "100")
    gateway.turn()
    assert world.order(order_id)["status"] == "filled"
    assert "cancel_rejected" in world.kinds(order_id)


def test_13_a_fill_after_the_cancel_is_booked_and_named(
    world: TradingWorld, broker: ScriptedBroker, gateway: Gateway
) -> None:
    order_id = send(world, gateway)
    world.cancel(order_id)
    gateway.turn()
    broker.tell(world.account_id, "c1", ReportKind.FILL, execution_id="late", quantity=Decimal(4), price=Decimal(100))
    gateway.turn()
    order = world.order(order_id)
    assert (order["status"], order["filled_quantity"]) == ("canceled", 4)
    assert world.held() == 4
    event = world.sql("SELECT payload FROM order_events WHERE kind = 'fill'")[0]
    assert event["payload"]["alerts"] == ["late_fill"]
    assert world.value("SELECT kind FROM alerts") == "order_filled_late"


def test_14_a_cancel_of_an_order_the_broker_does_not_know(
    world: TradingWorld, broker: ScriptedBroker, gateway: Gateway
) -> None:
    order_id = send(world, gateway)
    broker.orders.clear()
    world.cancel(order_id)
    gateway.turn()
    assert world.kinds(order_id)[-1] == "cancel_rejected"
    assert world.order(order_id)["status"] == "new"


def test_20_partially_filled_then_cancelled_ends_cancelled(
    world: TradingWorld, broker: ScriptedBroker, gateway: Gateway
) -> None:
    order_id = send(world, gateway)
    broker.fill(world.account_id, "c1", "4", "100")
    gateway.turn()
    world.cancel(order_id)
    gateway.turn()
    assert world.order(order_id)["status"] == "canceled"


def test_21_a_lost_answer_is_looked_up_not_sent_again(
    world: TradingWorld, broker: ScriptedBroker, gateway: Gateway
) -> None:
    broker.refuses_duplicates = False
    broker.lose_answer = OutcomeUnknown("the connection broke")
    order_id = send(world, gateway)
    gateway.turn()
    assert broker.submits == 1
    assert world.order(order_id)["status"] == "new"
    assert world.value("SELECT state FROM outbox") == "done"


def test_21_not_found_after_a_lost_send_is_never_sent_again(
    world: TradingWorld, broker: ScriptedBroker, gateway: Gateway
) -> None:
    broker.refuses_duplicates = False
    broker.lose_next = OutcomeUnknown("the connection broke")
    order_id = send(world, gateway)
    for _ in range(3):
        gateway.turn()
    assert broker.submits == 1
    assert world.value("SELECT state FROM outbox") == "unknown"
    assert world.kinds(order_id) == ["submitted", "sent", "outcome_unknown"]
    assert world.order(order_id)["reserved_cash"] > 0  # it may still fill


def test_21_a_broker_that_refuses_duplicates_gets_it_again(
    world: TradingWorld, broker: ScriptedBroker, gateway: Gateway
) -> None:
    broker.lose_next = OutcomeUnknown("the connection broke")
    order_id = send(world, gateway)
    gateway.turn()
    assert broker.submits == 2
    assert len(broker.orders) == 1
    assert world.order(order_id)["status"] == "new"


def test_24_a_broker_that_is_down_is_tried_again(world: TradingWorld, broker: ScriptedBroker, gateway: Gateway) -> None:
    broker.lose_next = Unavailable("nobody answers")
    order_id = send(world, gateway)
    assert world.order(order_id)["status"] == "pending_new"
    gateway.turn()
    assert world.order(order_id)["status"] == "new"


def test_24_a_cancel_waits_for_its_submit(world: TradingWorld, broker: ScriptedBroker, gateway: Gateway) -> None:
    """The broker would not know the order, the cancel would count as refused, and the order would go out after it."""
    broker.lose_next = Unavailable("nobody answers")
    order_id = send(world, gateway)
    world.cancel(order_id)
    broker.lose_next = Unavailable("still nobody")
    gateway.turn()
    gateway.turn()
    assert "cancel_rejected" not in world.kinds(order_id)
    assert world.order(order_id)["status"] == "canceled"


def test_one_accounts_trouble_does_not_stop_the_gateway(
    world: TradingWorld, broker: ScriptedBroker, gateway: Gateway, caplog: pytest.LogCaptureFixture
) -> None:
    broker.lose_next = RuntimeError("a fault of ours")
    with caplog.at_level(logging.ERROR):
        order_id = send(world, gateway)
    assert "needs a person" in caplog.text
    gateway.turn()
    assert world.order(order_id)["status"] == "new"


def test_26_a_report_of_a_strange_order_is_named_and_passed_over(
    world: TradingWorld, broker: ScriptedBroker, gateway: Gateway, caplog: pytest.LogCaptureFixture
) -> None:
    broker.tell(world.account_id, "stranger", ReportKind.ACCEPTED)
    with caplog.at_level(logging.ERROR):
        order_id = send(world, gateway)
    assert "stranger" in caplog.text
    assert world.order(order_id)["status"] == "new"


def test_33_a_repeated_acknowledgement_says_nothing_new(
    world: TradingWorld, broker: ScriptedBroker, gateway: Gateway
) -> None:
    order_id = send(world, gateway)
    broker.tell(world.account_id, "c1", ReportKind.ACCEPTED)
    gateway.turn()
    assert world.kinds(order_id).count("accepted") == 1


def test_50_a_halted_account_still_books_late_fills(
    world: TradingWorld, broker: ScriptedBroker, gateway: Gateway
) -> None:
    send(world, gateway)
    with world.orders.on_account(world.user_id, world.account_id) as desk:
        desk.set_state("halted", "a drill")
    broker.fill(world.account_id, "c1", "10", "100")
    gateway.turn()
    assert world.held() == 10
    world.assert_books_agree()


def test_54_executions_reported_out_of_order_give_the_same_position(
    world: TradingWorld, broker: ScriptedBroker, gateway: Gateway
) -> None:
    """By execution: bought 10 at 100, sold 10 at 120, bought 5 at 90. The second purchase is reported first."""
    for name, side, quantity in (("a", "buy", "10"), ("b", "sell", "10"), ("c", "buy", "5")):
        world.submit(side, quantity, client_order_id=name)
    gateway.turn()
    for name, quantity, price in (("c", "5", "90"), ("b", "10", "120"), ("a", "10", "100")):
        broker.fill(world.account_id, name, quantity, price, execution_id=name)
        gateway.turn()
    position = world.sql("SELECT quantity, average_cost, realised_pnl FROM positions")[0]
    assert list(position.values()) == [Decimal(5), Decimal(90), Decimal(200)]
    world.assert_books_agree()
