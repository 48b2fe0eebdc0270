"""Positions at average cost, against an account worked out by hand."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from uuid import UUID

import pytest

from causeway.model.fill import Execution
from causeway.model.order import Side
from causeway.model.position import Position
from causeway.trading.position_manager import LedgerEntry, booked, ledger_entries, rebuilt

ACCOUNT = UUID(int=1)
FLAT = Position(ACCOUNT, 7, Decimal(0), Decimal(0), Decimal(0))
START = datetime(2024, 1, 3, 15, tzinfo=UTC)


def trade(side: str, quantity: str, price: str, *, fee: str = "0", minute: int = 0) -> Execution:
    moment = START + timedelta(minutes=minute)
    return Execution(
        broker="paper",
        account_id=ACCOUNT,
        execution_id=f"{minute:04d}",
        order_id=UUID(int=2),
        instrument_id=7,
        side=Side(side),
        quantity=Decimal(quantity),
        price=Decimal(price),
        fee=Decimal(fee),
        market_time=moment,
        wall_time=moment,
    )


@pytest.mark.parametrize(
    ("trades", "quantity", "cost", "realised"),
    [
        ([("buy", "10", "100")], "10", "100", "0"),
        ([("buy", "10", "100"), ("buy", "30", "104")], "40", "103", "0"),
        ([("buy", "10", "100"), ("sell", "4", "110")], "6", "100", "40"),
        ([("buy", "10", "100"), ("sell", "10", "90")], "0", "0", "-100"),
        ([("buy", "10", "100"), ("sell", "15", "110")], "-5", "110", "100"),  # through zero
        ([("sell", "10", "100"), ("sell", "10", "90")], "-20", "95", "0"),
        ([("sell", "10", "100"), ("buy", "4", "90")], "-6", "100", "40"),
        ([("sell", "10", "100"), ("buy", "12", "105")], "2", "105", "-50"),
    ],
)
def test_a_position_at_average_cost(
    trades: list[tuple[str, str, str]], quantity: str, cost: str, realised: str
) -> None:
    position = FLAT
    for minute, (side, units, price) in enumerate(trades):
        position = booked(position, trade(side, units, price, minute=minute))
    assert position == Position(ACCOUNT, 7, Decimal(quantity), Decimal(cost), Decimal(realised))


def test_a_rebuilt_position_does_not_depend_on_the_order_of_reports() -> None:
    executions = [
        trade("buy", "10", "100", minute=0),
        trade("sell", "10", "120", minute=1),
        trade("buy", "5", "90", minute=2),
    ]
    assert rebuilt(FLAT, reversed(executions)) == rebuilt(FLAT, executions)
    assert rebuilt(FLAT, executions).realised_pnl == 200


def test_cash_moves_by_trade_and_fee() -> None:
    assert ledger_entries(trade("buy", "10", "100", fee="1.25")) == [
        LedgerEntry("trade", Decimal(-1000), "paper:0000"),
        LedgerEntry("fee", Decimal("-1.25"), "paper:0000"),
    ]
    assert ledger_entries(trade("sell", "10", "100")) == [LedgerEntry("trade", Decimal(1000), "paper:0000")]
