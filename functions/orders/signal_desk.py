"""Trading a result's signal: from the answer of an analysis to orders on one account, in one transaction."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from causeway.errors import Conflict, InvalidInput
from causeway.model.order import OrderRequest, OrderType, Side
from causeway.risk.halts import halt_refuses, halt_situation, trading_now
from causeway.risk.limits import AccountFacts, Limits
from causeway.risk.quotes import quote_fault
from causeway.trading.rebalancing import Market, PlannedTrade, SignalWeight, plan
from functions.orders import desk as order_desk
from functions.orders import schemas
from functions.orders.views import order_view

if TYPE_CHECKING:
    from causeway.adapters.storage.order_rows import StoredOrder
    from causeway.adapters.storage.order_store import AccountDesk


def trade_signal(desk: AccountDesk, body: schemas.SignalOrdersRequest, limits: Limits) -> schemas.SignalOrders:
    """Plan, and unless it is a preview, place one order per symbol. A repeated prefix returns the orders it made.

    Raises:
        NotFound: the user has no such job.
        Conflict: the job has no answer yet, its signal may not be traded, or the prefix belongs to another signal.
    """
    evaluation, weights = desk.signal(body.job_id)
    _require_tradable(evaluation, weights)
    made = {item.symbol: desk.find(_client_order_id(body, item.symbol)) for item in weights}
    if not body.preview and any(made.values()):
        _require_same_signal(body, made)
        orders = [order_view(order) for order in made.values() if order is not None]
        return schemas.SignalOrders(planned=[], skipped=_not_made(made), orders=orders)
    facts = desk.facts()
    markets = {item.symbol: _market(desk, facts, item.symbol, limits) for item in weights}
    trades, skipped = plan(weights, body.capital, markets)
    orders = [] if body.preview else [_place(desk, body, trade, limits) for trade in trades]
    return schemas.SignalOrders(planned=[_planned(trade) for trade in trades], skipped=skipped, orders=orders)


def _require_tradable(evaluation: dict[str, Any] | None, weights: list[SignalWeight]) -> None:
    if evaluation is None:
        raise Conflict("the analysis has no result yet; wait until its job has succeeded.")
    if not evaluation.get("tradable", False):
        raise Conflict(
            "this signal is not tradable: the analysis found no significant link to forecast from.",
            details={"verdict": str(evaluation.get("verdict", ""))},
        )
    if not weights:
        raise Conflict(
            f"this signal has no weight that is known at the market's time yet; its first one comes after "
            f"{evaluation.get('start', 'that')}. Move the market there (causeway replay --date)."
        )


def _require_same_signal(body: schemas.SignalOrdersRequest, made: dict[str, StoredOrder | None]) -> None:
    if any(order.order.request.job_id != body.job_id for order in made.values() if order is not None):
        raise Conflict(
            f"orders of another signal have the prefix {body.client_order_id_prefix}; choose a new one.",
            details={"field": "client_order_id_prefix"},
        )


def _not_made(made: dict[str, Any]) -> dict[str, str]:
    return {symbol: "nothing was ordered under this prefix" for symbol, order in made.items() if order is None}


def _market(desk: AccountDesk, facts: AccountFacts, symbol: str, limits: Limits) -> Market | str:
    try:
        instrument = desk.tradable(symbol)
    except InvalidInput as error:
        return error.message
    market = desk.market(instrument.instrument_id)
    if halt_refuses(OrderType.MARKET, trading_now(market.heard, market.clock), limits.orders_in_halt):
        return halt_situation(symbol, market.heard, market.clock)
    fault = quote_fault(market.quote, market.clock, now=market.now)
    if market.quote is None or fault is not None:
        return fault or "There is no quote for this symbol."
    key = instrument.instrument_id
    ordered = facts.open_leaves(key, Side.BUY) - facts.open_leaves(key, Side.SELL)
    return Market(market.quote.mid, instrument.lot_size, facts.held(key) + ordered)


def _place(desk: AccountDesk, body: schemas.SignalOrdersRequest, trade: PlannedTrade, limits: Limits) -> schemas.Order:
    request = OrderRequest(
        client_order_id=_client_order_id(body, trade.symbol),
        symbol=trade.symbol,
        side=trade.side,
        quantity=trade.quantity,
        order_type=OrderType.MARKET,
        job_id=body.job_id,
    )
    stored, _ = order_desk.submit(desk, request, limits)
    return order_view(stored)


def _client_order_id(body: schemas.SignalOrdersRequest, symbol: str) -> str:
    return f"{body.client_order_id_prefix}:{symbol}"


def _planned(trade: PlannedTrade) -> schemas.PlannedOrder:
    return schemas.PlannedOrder(
        symbol=trade.symbol,
        side=trade.side.value,
        quantity=trade.quantity,
        weight=trade.weight,
        current_quantity=trade.present,
        reference_price=trade.price,
        notional=(trade.quantity * trade.price).quantize(Decimal("0.01")),
    )
