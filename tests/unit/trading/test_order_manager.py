"""The order state machine, case by case of FIX 4.4 volume 4 (order state change matrices), as far as it has no replace.

The difference that ``order_manager`` names: a complete fill under a pending cancel is Filled at once.
"""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from causeway.model.order import OrderEventKind, OrderStatus
from causeway.ports.broker import BrokerReport, ReportKind
from causeway.trading.order_manager import Irregularity, OrderState, apply, replay, request_cancel, reserved_after

MOMENT = datetime(2024, 1, 3, 17, tzinfo=UTC)
NEW_ORDER = OrderState(Decimal(10))


def report(kind: str, quantity: str = "0", price: str = "0", *, execution: str = "", cancel: str = "") -> BrokerReport:
    return BrokerReport(
        report_id=f"{kind}{execution}{cancel}",
        kind=ReportKind(kind),
        client_order_id="c1",
        broker_order_id="b1",
        market_time=MOMENT,
        wall_time=MOMENT,
        execution_id=execution,
        quantity=Decimal(quantity),
        price=Decimal(price),
        cancel_id=cancel,
    )


ACCEPTED, REJECTED, CANCELED, EXPIRED = (report(kind) for kind in ("accepted", "rejected", "canceled", "expired"))
FOUR, SIX = report("fill", "4", "100", execution="e1"), report("fill", "6", "101", execution="e2")


@pytest.mark.parametrize(
    ("reports", "status"),
    [
        ([], OrderStatus.PENDING_NEW),
        ([ACCEPTED], OrderStatus.NEW),
        ([REJECTED], OrderStatus.REJECTED),
        ([ACCEPTED, FOUR], OrderStatus.PARTIALLY_FILLED),
        ([FOUR], OrderStatus.PARTIALLY_FILLED),  # before the acknowledgement
        ([ACCEPTED, FOUR, SIX], OrderStatus.FILLED),
        ([ACCEPTED, FOUR, CANCELED], OrderStatus.CANCELED),
        ([ACCEPTED, CANCELED, FOUR], OrderStatus.CANCELED),  # late, still booked
        ([ACCEPTED, CANCELED, FOUR, SIX], OrderStatus.FILLED),  # all of it, late
        ([ACCEPTED, FOUR, EXPIRED], OrderStatus.EXPIRED),
        ([FOUR, SIX, ACCEPTED, CANCELED], OrderStatus.FILLED),
    ],
)
def test_status_follows_from_the_facts(reports: list[BrokerReport], status: OrderStatus) -> None:
    assert replay(NEW_ORDER, reports).status is status


def test_a_denied_order_stays_denied() -> None:
    assert OrderState(Decimal(10), denied=True).status is OrderStatus.DENIED


def test_average_price_weighs_by_quantity() -> None:
    state = replay(NEW_ORDER, [FOUR, SIX])
    assert (state.filled_quantity, state.average_fill_price) == (Decimal(10), Decimal("100.6"))
    assert NEW_ORDER.average_fill_price is None


@pytest.mark.parametrize("repeated", [ACCEPTED, FOUR, CANCELED, EXPIRED])
def test_a_known_fact_is_no_event(repeated: BrokerReport) -> None:
    known = apply(NEW_ORDER, repeated)
    again = apply(known.after, repeated)
    assert known.event is OrderEventKind(repeated.kind.value)
    assert again.event is None
    assert again.after == known.after


def test_a_cancel_is_pending_until_it_is_answered() -> None:
    asked = request_cancel(replay(NEW_ORDER, [ACCEPTED]), "x1")
    assert asked.status is OrderStatus.PENDING_CANCEL
    assert replay(asked, [FOUR]).status is OrderStatus.PENDING_CANCEL
    refused = replay(asked, [report("cancel_rejected", cancel="x1")])
    assert refused.status is OrderStatus.NEW
    assert request_cancel(refused, "x2").status is OrderStatus.PENDING_CANCEL


def test_a_complete_fill_ends_a_pending_cancel() -> None:
    asked = request_cancel(replay(NEW_ORDER, [ACCEPTED, FOUR]), "x1")
    assert replay(asked, [SIX]).status is OrderStatus.FILLED


def test_an_old_refusal_does_not_answer_a_new_cancel() -> None:
    asked = request_cancel(NEW_ORDER, "x2")
    assert replay(asked, [report("cancel_rejected", cancel="x1")]).cancel_is_pending


def test_an_overfill_is_counted_and_named() -> None:
    outcome = apply(replay(NEW_ORDER, [FOUR, SIX]), report("fill", "1", "100", execution="e3"))
    assert outcome.after.filled_quantity == 11
    assert outcome.irregularities == (Irregularity.OVERFILL,)


def test_a_late_fill_is_counted_and_named() -> None:
    assert apply(replay(NEW_ORDER, [CANCELED]), FOUR).irregularities == (Irregularity.LATE_FILL,)


def test_the_reservation_follows_what_may_still_fill() -> None:
    reserved = Decimal(1000)
    assert reserved_after(NEW_ORDER, reserved) == 1000
    assert reserved_after(replay(NEW_ORDER, [FOUR]), reserved) == 600
    assert reserved_after(replay(NEW_ORDER, [FOUR, CANCELED]), reserved) == 0
