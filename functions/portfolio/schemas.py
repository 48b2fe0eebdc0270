"""Wire shapes of /v1/portfolio."""

from __future__ import annotations

from typing import Literal
from uuid import UUID

from causeway.web.wire import Amount, Moment, Wire


class Account(Wire):
    id: UUID
    broker: Literal["paper", "alpaca", "ibkr"]
    name: str
    currency: str
    state: Literal["active", "reducing", "halted"]
    state_reason: str
    gateway_alive: bool


class Position(Wire):
    """``quantity`` is signed; ``mark`` is the mid of the last quote, null where there is none."""

    symbol: str
    quantity: Amount
    average_cost: Amount
    mark: Amount | None
    market_value: Amount | None
    unrealised_pnl: Amount | None
    realised_pnl: Amount
    fees: Amount
    weight: float | None
    updated_at: Moment


class Summary(Wire):
    """Cash is the sum of the ledger; equity = cash + positions at mark; buying power = cash - reserved.

    ``day_pnl`` is since the market day (UTC) began. A position without a quote counts at its average cost.
    ``drawdown`` is a fraction of the highest equity so far, zero or negative.
    """

    account: Account
    cash: Amount
    reserved: Amount
    buying_power: Amount
    positions_value: Amount
    equity: Amount
    gross_exposure: Amount
    net_exposure: Amount
    day_pnl: Amount
    unrealised_pnl: Amount
    realised_pnl: Amount
    fees: Amount
    drawdown: float
    market_time: Moment | None


class EquityPoint(Wire):
    market_time: Moment
    wall_time: Moment
    cash: Amount
    positions_value: Amount
    equity: Amount


class Execution(Wire):
    execution_id: str
    order_id: UUID
    symbol: str
    side: Literal["buy", "sell"]
    quantity: Amount
    price: Amount
    fee: Amount
    market_time: Moment
    wall_time: Moment
