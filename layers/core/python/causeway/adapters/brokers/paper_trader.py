"""The paper venue: a broker that fills orders from the quotes that the platform sees, real or replayed.

It keeps a book of its own (paper_orders, paper_reports), apart from our orders, as a venue outside would. Each command
is one transaction and is idempotent: an order by its client order id, a cancel by its cancel id. Reports of an account
commit in the order of their ids, so a reader's cursor skips none. Fills follow ``causeway.trading.matching``. While an
instrument is halted, or may be, its orders wait; then each meets a quote of after the halt, as if it came new.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from causeway.adapters.storage.database import Database, Row, Transaction
from causeway.adapters.storage.order_rows import clock, last_heard, quote
from causeway.errors import NotFound
from causeway.model.market_clock import MarketClock
from causeway.model.order import OrderRequest, OrderStatus, Side, TimeInForce
from causeway.model.tick import Quote
from causeway.model.time import now_utc
from causeway.ports.broker import BrokerOrder, BrokerReport, ReportKind
from causeway.risk.halts import LastHeard, Trading, trading_now
from causeway.risk.quotes import quote_fault
from causeway.trading.matching import Match, MatchingRules, WorkingOrder, fee_of_fill, is_marketable, match

_NEW_YORK = ZoneInfo("America/New_York")
_CLOSE_HOUR = 16
_WHY_NOTHING = {
    Trading.HALTED: "nothing trades in a halt",
    Trading.UNKNOWN: "nothing trades while a halt is possible",
}


def session_end(accepted: datetime) -> datetime:
    """When a DAY order accepted at this market time expires: the next 16:00 in New York, weekends skipped.

    Holidays and half days are not known here; an order of such a day ends at the next 16:00 that market time passes.
    """
    local = accepted.astimezone(_NEW_YORK)
    end = local.replace(hour=_CLOSE_HOUR, minute=0, second=0, microsecond=0)
    while end <= local or end.weekday() >= 5:
        end += timedelta(days=1)
    return end


class PaperTrader:
    """The paper broker. ``refuses_duplicates`` holds for ever: its table has a unique key on the client order id."""

    name = "paper"
    refuses_duplicates = True

    def __init__(
        self,
        database: Database,
        rules: MatchingRules | None = None,
        *,
        now: Callable[[], datetime] = now_utc,
    ) -> None:
        self._database = database
        self._rules = rules or MatchingRules()
        self._now = now

    def submit(self, account_id: UUID, request: OrderRequest) -> BrokerOrder:
        """Take the order into the book, once; an unknown symbol is rejected by a report."""
        with self._database.transaction() as transaction:
            transaction.one("paper_lock", account_id=account_id)
            market_time = clock(transaction).market_time or self._now()
            known = transaction.one("paper_symbol_known", symbol=request.symbol) is not None
            status = OrderStatus.NEW if known else OrderStatus.REJECTED
            accepted = transaction.one("paper_accept", **_terms(account_id, request, status, market_time))
            if accepted is not None:
                kind = ReportKind.ACCEPTED if known else ReportKind.REJECTED
                reason = "" if known else f"{request.symbol} is not listed here"
                _report(transaction, accepted["broker_order_id"], kind, market_time, reason=reason)
            return _found(transaction, account_id, request.client_order_id)

    def cancel(self, account_id: UUID, client_order_id: str, cancel_id: str) -> None:
        """Cancel what is left, once per ``cancel_id``. An order that has ended answers with a rejection.

        Raises:
            NotFound: the book has no such order.
        """
        with self._database.transaction() as transaction:
            transaction.one("paper_lock", account_id=account_id)
            order = _found(transaction, account_id, client_order_id)
            if transaction.one("paper_cancel_known", account_id=account_id, cancel_id=cancel_id) is not None:
                return
            market_time = clock(transaction).market_time or self._now()
            order_id = UUID(order.broker_order_id)
            if order.status.is_terminal:
                reason = f"the order is already {order.status.value}"
                _report(
                    transaction, order_id, ReportKind.CANCEL_REJECTED, market_time, reason=reason, cancel_id=cancel_id
                )
                return
            _end(transaction, order_id, ReportKind.CANCELED, market_time, "canceled on request", cancel_id=cancel_id)

    def find(self, account_id: UUID, client_order_id: str) -> BrokerOrder | None:
        with self._database.transaction() as transaction:
            row = transaction.one("paper_order", account_id=account_id, client_order_id=client_order_id)
        return None if row is None else _broker_order(row)

    def reports(self, account_id: UUID, after: str, limit: int) -> list[BrokerReport]:
        with self._database.transaction() as transaction:
            rows = transaction.all("paper_reports_after", account_id=account_id, after=int(after or 0), limit=limit)
        return [_broker_report(row) for row in rows]

    def match(self) -> int:
        """Look at the market once for every open order: fill, expire, cancel. How many orders changed."""
        with self._database.transaction() as transaction:
            busy = [row["account_id"] for row in transaction.all("paper_busy_accounts")]
        return sum(self._match_account(account_id) for account_id in busy)

    def _match_account(self, account_id: UUID) -> int:
        with self._database.transaction() as transaction:
            transaction.one("paper_lock", account_id=account_id)
            floor = _Floor(transaction, self._rules, clock(transaction), self._now(), {})
            return sum(floor.look(row) for row in transaction.all("paper_working", account_id=account_id))


@dataclass(frozen=True, slots=True)
class _Floor:
    """One look at the market for the orders of one account, in time priority.

    ``taken`` counts what fills of this look took of a quote, by symbol and side.
    """

    transaction: Transaction
    rules: MatchingRules
    clock: MarketClock
    now: datetime
    taken: dict[tuple[str, str], Decimal]

    def look(self, row: Row) -> int:
        """Bring one order up to the present market; 1 where something changed."""
        market_time = self.clock.market_time
        if market_time is None:
            return 0
        if row["time_in_force"] == TimeInForce.DAY and _is_over(row["accepted_market_time"], market_time):
            return _end(self.transaction, row["broker_order_id"], ReportKind.EXPIRED, market_time, "the session ended")
        heard = last_heard(row)
        trading = trading_now(heard, self.clock)
        waits = trading.may_be_halted
        filled = self._hold(row) if waits else self._fill(row, heard, market_time)
        rest = row["quantity"] - row["filled_quantity"] - filled
        if row["time_in_force"] == TimeInForce.IOC and rest > 0:
            reason = f"immediate or cancel: {_WHY_NOTHING[trading] if waits else 'no more was on offer'}"
            return _end(self.transaction, row["broker_order_id"], ReportKind.CANCELED, market_time, reason)
        return int(filled > 0)

    def _hold(self, row: Row) -> Decimal:
        """A price that it waited at counts no more: after the halt it meets the market of that moment."""
        if row["rested"]:
            self._rest(row, None)
        return Decimal(0)

    def _rest(self, row: Row, since: datetime | None) -> None:
        values = {"rested": since is not None, "since": since}
        self.transaction.run("paper_rest", broker_order_id=row["broker_order_id"], **values)

    def _fill(self, row: Row, heard: LastHeard | None, market_time: datetime) -> Decimal:
        market = None if row["bid"] is None else quote(row)
        if market is None or quote_fault(market, self.clock, now=self.now) is not None:
            return Decimal(0)
        if self._is_old(market.market_time, heard):
            return Decimal(0)
        since = row["rested_at"]
        order = _working(row, rested=row["rested"] and (since is None or not self._is_old(since, heard)))
        if not is_marketable(order, market):
            if not order.rested:
                self._rest(row, market_time)
            return Decimal(0)
        key = (row["symbol"], row["side"])
        fill = match(order, market, self.rules, taken=row["taken"] + self.taken.get(key, Decimal(0)))
        if fill is None:
            return Decimal(0)
        self.taken[key] = self.taken.get(key, Decimal(0)) + fill.quantity
        self._book(row, fill, market, market_time)
        return fill.quantity

    def _is_old(self, at: datetime, heard: LastHeard | None) -> bool:
        """Whether it lies before the moment from which trading is known to go on."""
        if not self.clock.tells_halts or heard is None or heard.known_at is None:
            return False
        return at < heard.known_at

    def _book(self, row: Row, fill: Match, market: Quote, market_time: datetime) -> None:
        fee = fee_of_fill(self.rules, filled=row["filled_quantity"], value=row["filled_value"], fill=fill)
        values = {"quantity": fill.quantity, "price": fill.price}
        self.transaction.run("paper_fill", broker_order_id=row["broker_order_id"], **values)
        _report(
            self.transaction,
            row["broker_order_id"],
            ReportKind.FILL,
            market_time,
            fee=fee,
            quote_received_at=market.received_at,
            **values,
        )


def _is_over(accepted: datetime, market_time: datetime) -> bool:
    """Past the session's end, or the market was set back to an earlier day."""
    earlier_day = market_time.astimezone(_NEW_YORK).date() < accepted.astimezone(_NEW_YORK).date()
    return earlier_day or market_time >= session_end(accepted)


def _working(row: Row, *, rested: bool) -> WorkingOrder:
    leaves = row["quantity"] - row["filled_quantity"]
    return WorkingOrder(Side(row["side"]), leaves, row["limit_price"], rested)


def _terms(account_id: UUID, request: OrderRequest, status: OrderStatus, market_time: datetime) -> dict[str, Any]:
    return {
        "account_id": account_id,
        "client_order_id": request.client_order_id,
        "symbol": request.symbol,
        "side": request.side.value,
        "quantity": request.quantity,
        "order_type": request.order_type.value,
        "time_in_force": request.time_in_force.value,
        "limit_price": request.limit_price,
        "status": status.value,
        "market_time": market_time,
    }


def _report(
    transaction: Transaction, broker_order_id: UUID, kind: ReportKind, market_time: datetime, **values: Any
) -> None:
    blank = {"quantity": None, "price": None, "fee": None, "cancel_id": None, "quote_received_at": None, "reason": ""}
    transaction.run(
        "paper_report",
        broker_order_id=broker_order_id,
        kind=kind.value,
        market_time=market_time,
        **{**blank, **values},
    )


def _end(
    transaction: Transaction,
    broker_order_id: UUID,
    kind: ReportKind,
    market_time: datetime,
    reason: str,
    *,
    cancel_id: str | None = None,
) -> int:
    transaction.run("paper_end", broker_order_id=broker_order_id, status=kind.value, reason=reason)
    _report(transaction, broker_order_id, kind, market_time, reason=reason, cancel_id=cancel_id)
    return 1


def _found(transaction: Transaction, account_id: UUID, client_order_id: str) -> BrokerOrder:
    row = transaction.one("paper_order", account_id=account_id, client_order_id=client_order_id)
    if row is None:
        raise NotFound(f"the paper broker has no order {client_order_id} of this account.")
    return _broker_order(row)


def _broker_order(row: Row) -> BrokerOrder:
    status = OrderStatus(row["status"])
    return BrokerOrder(row["client_order_id"], str(row["broker_order_id"]), status, row["filled_quantity"])


def _broker_report(row: Row) -> BrokerReport:
    kind = ReportKind(row["kind"])
    return BrokerReport(
        report_id=str(row["id"]),
        kind=kind,
        client_order_id=row["client_order_id"],
        broker_order_id=str(row["broker_order_id"]),
        market_time=row["market_time"],
        wall_time=row["wall_time"],
        cursor=str(row["id"]),
        execution_id=f"{row['id']:012d}" if kind is ReportKind.FILL else "",
        quantity=row["quantity"] or Decimal(0),
        price=row["price"] or Decimal(0),
        fee=row["fee"] or Decimal(0),
        cancel_id=row["cancel_id"] or "",
        reason=row["reason"],
    )
