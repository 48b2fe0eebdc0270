"""Whatever the order in which a broker's reports arrive, and however often: one final state, one ledger."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from causeway.model.fill import Execution
from causeway.model.order import OrderEventKind, Side
from causeway.model.position import Position
from causeway.ports.broker import BrokerReport, ReportKind
from causeway.trading.order_manager import OrderState, Transition, apply, replay
from causeway.trading.position_manager import ledger_entries, rebuilt

START = datetime(2024, 1, 3, 15, tzinfo=UTC)
ACCOUNT = UUID(int=1)
FLAT = Position(ACCOUNT, 7, Decimal(0), Decimal(0), Decimal(0))
prices = st.decimals(min_value=Decimal("0.01"), max_value=Decimal(10_000), places=2)
quantities = st.integers(min_value=1, max_value=40).map(Decimal)


def report(number: int, kind: ReportKind, quantity: Decimal = Decimal(0), price: Decimal = Decimal(0)) -> BrokerReport:
    moment = START + timedelta(seconds=number)
    return BrokerReport(
        report_id=str(number),
        kind=kind,
        client_order_id="c1",
        broker_order_id="b1",
        market_time=moment,
        wall_time=moment,
        execution_id=f"e{number:03d}",
        quantity=quantity,
        price=price,
        cancel_id="x1" if kind in {ReportKind.CANCELED, ReportKind.CANCEL_REJECTED} else "",
    )


@st.composite
def histories(draw: st.DrawFn) -> list[BrokerReport]:
    """What a broker says of one order of 100: accepted, fills (an overfill too), perhaps a refusal and an end."""
    reports = [report(0, ReportKind.ACCEPTED)]
    for quantity, price in draw(st.lists(st.tuples(quantities, prices), max_size=5)):
        reports.append(report(len(reports), ReportKind.FILL, quantity, price))
    ends = [ReportKind.CANCEL_REJECTED, ReportKind.CANCELED, ReportKind.EXPIRED]
    for kind in draw(st.lists(st.sampled_from(ends), unique=True, max_size=2)):
        reports.append(report(len(reports), kind))
    return reports


@st.composite
def retellings(draw: st.DrawFn) -> tuple[list[BrokerReport], list[BrokerReport]]:
    """A history, and the same reports shuffled with some told twice."""
    history = draw(histories())
    repeated = draw(st.lists(st.sampled_from(history), max_size=6))
    return history, draw(st.permutations(history + repeated))


def execution(told: BrokerReport) -> Execution:
    return Execution(
        broker="paper",
        account_id=ACCOUNT,
        execution_id=told.execution_id,
        order_id=UUID(int=2),
        instrument_id=7,
        side=Side.BUY,
        quantity=told.quantity,
        price=told.price,
        fee=Decimal(1),
        market_time=told.market_time,
        wall_time=told.wall_time,
    )


def booked(reports: list[BrokerReport]) -> tuple[OrderState, list[Execution]]:
    """The final state, and the executions in the order in which they were booked."""
    state = OrderState(Decimal(100), cancels_requested=frozenset({"x1"}))
    executions = []
    for told in reports:
        outcome: Transition = apply(state, told)
        if outcome.event is OrderEventKind.FILL:
            executions.append(execution(told))
        state = outcome.after
    return state, executions


@given(retellings())
def test_the_end_is_the_same(told: tuple[list[BrokerReport], list[BrokerReport]]) -> None:
    history, retold = told
    once, executions = booked(history)
    again, reexecuted = booked(retold)
    assert again == once
    assert (again.status, again.filled_quantity, again.average_fill_price) == (
        once.status,
        once.filled_quantity,
        once.average_fill_price,
    )
    cash = [sum(entry.amount for item in items for entry in ledger_entries(item)) for items in (executions, reexecuted)]
    assert cash[0] == cash[1]
    assert rebuilt(FLAT, executions) == rebuilt(FLAT, reexecuted)


@given(histories())
def test_filled_quantity_never_goes_down_and_an_end_is_never_left(history: list[BrokerReport]) -> None:
    state = OrderState(Decimal(100))
    for told in history:
        after = apply(state, told).after
        assert after.filled_quantity >= state.filled_quantity
        assert after.status.is_terminal or not state.status.is_terminal
        state = after


@given(histories())
def test_telling_everything_again_is_no_news(history: list[BrokerReport]) -> None:
    state = replay(OrderState(Decimal(100)), history)
    assert [apply(state, told).event for told in history] == [None] * len(history)
