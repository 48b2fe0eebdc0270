"""From weights to trades."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from causeway.trading.rebalancing import Market, PlannedTrade, SignalWeight, plan

MOMENT = datetime(2024, 1, 3, tzinfo=UTC)


def planned(weight: float, *, held: str = "0", lot: str = "1") -> tuple[list[PlannedTrade], dict[str, str]]:
    market = Market(Decimal(100), Decimal(lot), Decimal(held))
    return plan([SignalWeight("AAPL", weight, MOMENT)], Decimal(10_000), {"AAPL": market})


@pytest.mark.parametrize(
    ("weight", "held", "lot", "side", "quantity"),
    [
        (0.259, "0", "1", "buy", "25"),
        (-0.259, "0", "1", "sell", "25"),  # towards zero on both sides
        (0.259, "20", "1", "buy", "5"),
        (0.1, "20", "1", "sell", "10"),
        (0.0, "20", "1", "sell", "20"),
        (-0.1, "20", "1", "sell", "30"),
        (0.259, "0", "10", "buy", "20"),
        (0.259, "0", "0.1", "buy", "25.9"),
    ],
)
def test_the_account_moves_to_the_target(weight: float, held: str, lot: str, side: str, quantity: str) -> None:
    trades, skipped = planned(weight, held=held, lot=lot)
    assert skipped == {}
    assert [(trade.side.value, trade.quantity) for trade in trades] == [(side, Decimal(quantity))]


def test_nothing_to_do_is_said() -> None:
    assert "less than one lot" in planned(0.001)[1]["AAPL"]
    assert "already holds" in planned(0.2, held="20")[1]["AAPL"]
    assert "not a number" in planned(float("nan"))[1]["AAPL"]
    _, skipped = plan([SignalWeight("IBM", 1.0, MOMENT)], Decimal(1), {"IBM": "no quote"})
    assert skipped == {"IBM": "no quote"}


def test_trades_that_free_buying_power_come_first() -> None:
    markets = {"A": Market(Decimal(1), Decimal(1), Decimal(0)), "B": Market(Decimal(1), Decimal(1), Decimal(50))}
    wishes = [SignalWeight("A", 1.0, MOMENT), SignalWeight("B", 0.0, MOMENT)]
    trades, _ = plan(wishes, Decimal(100), markets)
    assert [trade.symbol for trade in trades] == ["B", "A"]
