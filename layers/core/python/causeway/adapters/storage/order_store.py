"""Orders as the HTTP functions see them: one account at a time, locked, as one user under row-level security.

Everything that a submit or a cancel writes (order, risk decision, reservation, event, outbox row, audit row) is written
through one ``AccountDesk`` and commits together.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from causeway.adapters.storage.database import Database, Row, Transaction
from causeway.adapters.storage.order_rows import (
    StoredEvent,
    StoredOrder,
    append_event,
    clock,
    jsonb,
    last_heard,
    load_state,
    quote,
    stored_event,
    stored_order,
    write_audit,
    write_state,
)
from causeway.errors import InvalidInput, NotFound
from causeway.model.instrument import AssetClass
from causeway.model.market_clock import MarketClock
from causeway.model.order import OrderEventKind, OrderRequest, OrderStatus, Side
from causeway.model.time import now_utc
from causeway.risk.halts import LastHeard
from causeway.risk.limits import AccountFacts, AccountState, Holding, MarketFacts, OpenOrder, RiskDecision, Tradable
from causeway.trading.order_manager import request_cancel
from causeway.trading.rebalancing import SignalWeight


class AccountDesk:
    """One locked account inside one transaction. ``last_seq`` is the newest event written here, or None."""

    def __init__(self, transaction: Transaction, row: Row, *, actor: str) -> None:
        self._transaction = transaction
        self._actor = actor
        self._state: AccountState = row["state"]
        self._state_reason: str = row["state_reason"]
        self.account_id: UUID = row["id"]
        self.user_id: UUID = row["user_id"]
        self.last_seq: int | None = None
        self.now: datetime = now_utc()
        self.clock: MarketClock = clock(transaction)

    def facts(self) -> AccountFacts:
        """Cash, positions and open orders as they stand under the lock."""
        account = {"account_id": self.account_id}
        cash = self._transaction.one("account_cash", **account) or {}
        holdings = self._transaction.all("account_holdings", **account)
        return AccountFacts(
            state=self._state,
            state_reason=self._state_reason,
            cash=cash["cash"],
            holdings=tuple(Holding(**row) for row in holdings),
            open_orders=tuple(_open_order(row) for row in self._transaction.all("account_open_orders", **account)),
        )

    def tradable(self, symbol: str) -> Tradable:
        """What the ticker names now.

        Raises:
            InvalidInput: no instrument has this ticker.
        """
        row = self._transaction.one("tradable_by_symbol", symbol=symbol.upper())
        if row is None:
            raise InvalidInput(
                f"symbol must name a known instrument; found {symbol!r}. GET /v1/data/symbols lists what is known.",
                details={"field": "symbol"},
            )
        return Tradable(**{**row, "asset_class": AssetClass(row["asset_class"])})

    def market(self, instrument_id: int) -> MarketFacts:
        row = self._transaction.one("quote_of_instrument", instrument_id=instrument_id)
        heard = self._transaction.one("last_heard_of_instrument", instrument_id=instrument_id)
        return MarketFacts(
            self.clock,
            None if row is None else quote(row),
            self.now,
            None if heard is None else last_heard(heard),
        )

    def find(self, client_order_id: str) -> StoredOrder | None:
        """The order of this account that has this client order id."""
        row = self._transaction.one("order_by_client_id", account_id=self.account_id, client_order_id=client_order_id)
        return None if row is None else stored_order(row)

    def require_job(self, job_id: UUID) -> None:
        """Raises InvalidInput: the user has no such analysis."""
        if self._transaction.one("job_visible", job_id=job_id) is None:
            raise InvalidInput(f"job_id must name one of your analyses; found {job_id}.", details={"field": "job_id"})

    def store(self, request: OrderRequest, instrument: Tradable, decision: RiskDecision) -> StoredOrder:
        """Write the order; where it is allowed, with its outbox row."""
        order_id = uuid4()
        status = OrderStatus.PENDING_NEW if decision.allowed else OrderStatus.DENIED
        self._insert(order_id, request, instrument, decision, status)
        stored = self.get(order_id)
        kind = OrderEventKind.SUBMITTED if decision.allowed else OrderEventKind.DENIED
        payload = {"client_order_id": request.client_order_id, "reason": decision.reason}
        self._append(stored, kind, status, f"{kind.value}:{order_id}", payload)
        if decision.allowed:
            self._command(stored, "submit")
        return stored

    def get(self, order_id: UUID) -> StoredOrder:
        """Raises NotFound: no such order, or not for this user."""
        return _order(self._transaction, order_id)

    def request_cancel(self, stored: StoredOrder) -> bool:
        """Ask the gateway to cancel; False where the order has ended or a cancel is already on its way."""
        state = load_state(self._transaction, stored.order)
        if state.status.is_terminal or state.cancel_is_pending:
            return False
        cancel_id = str(self._command(stored, "cancel"))
        after = request_cancel(state, cancel_id)
        kind = OrderEventKind.CANCEL_REQUESTED
        self._append(stored, kind, after.status, f"cancel:{cancel_id}", {"cancel_id": cancel_id})
        write_state(self._transaction, stored, after, wall_time=self.now)
        return True

    def open_orders(self) -> list[StoredOrder]:
        rows = self._transaction.all("account_open_orders", account_id=self.account_id)
        return [self.get(row["id"]) for row in rows]

    def set_state(self, state: AccountState, reason: str) -> None:
        """Halt, reduce or release the account."""
        self._transaction.run("account_set_state", account_id=self.account_id, state=state, reason=reason)
        detail = {"state": state, "reason": reason, "before": self._state}
        write_audit(
            self._transaction,
            self.account_id,
            self.user_id,
            actor=self._actor,
            action="account.state",
            subject=str(self.account_id),
            detail=detail,
        )
        self._state, self._state_reason = state, reason

    def signal(self, job_id: UUID) -> tuple[dict[str, Any] | None, list[SignalWeight]]:
        """The evaluation of the job's answer (None until it succeeded) and the weights last known at market time.

        Raises:
            NotFound: the user has no such job.
        """
        row = self._transaction.one("signal_of_job", job_id=job_id)
        if row is None:
            raise NotFound(f"no analysis {job_id} of yours is known; GET /v1/analysis/jobs lists them.")
        if row["evaluation"] is None:
            return None, []
        weights = self._transaction.all(
            "signal_latest_weights", result_id=row["result_id"], market_time=self.clock.market_time
        )
        return row["evaluation"], [SignalWeight(item["symbol"], item["weight"], item["time"]) for item in weights]

    def _insert(
        self, order_id: UUID, request: OrderRequest, instrument: Tradable, decision: RiskDecision, status: OrderStatus
    ) -> None:
        reserved = decision.reservation.amount if decision.allowed else 0
        price = decision.reference_price
        self._transaction.run(
            "order_insert",
            id=order_id,
            user_id=self.user_id,
            account_id=self.account_id,
            client_order_id=request.client_order_id,
            instrument_id=instrument.instrument_id,
            symbol=instrument.symbol,
            side=request.side.value,
            quantity=request.quantity,
            order_type=request.order_type.value,
            time_in_force=request.time_in_force.value,
            limit_price=request.limit_price,
            job_id=request.job_id,
            status=status.value,
            reserved_cash=reserved,
            risk_decision=jsonb(
                {
                    "checks": [asdict(check) for check in decision.checks],
                    "reserved": str(reserved),
                    "reference_price": None if price is None else str(price),
                }
            ),
            reason=decision.reason,
            wall_time=self.now,
            market_time=self.clock.market_time,
        )

    def _command(self, stored: StoredOrder, command: str) -> int:
        row = self._transaction.one(
            "outbox_insert",
            account_id=self.account_id,
            user_id=self.user_id,
            order_id=stored.order.order_id,
            command=command,
        )
        return int((row or {})["id"])

    def _append(
        self, stored: StoredOrder, kind: OrderEventKind, status: OrderStatus, event_id: str, payload: dict[str, Any]
    ) -> None:
        self.last_seq = append_event(
            self._transaction,
            stored.order,
            kind,
            status,
            source=self._actor,
            source_event_id=event_id,
            wall_time=self.now,
            market_time=self.clock.market_time,
            payload=payload,
        )


class OrderStore:
    """Orders of one user at a time. The database role is causeway_app."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @contextmanager
    def on_account(self, user_id: UUID, account_id: UUID | None, *, actor: str = "user") -> Iterator[AccountDesk]:
        """Lock one account for a change. A user with one account need not name it.

        Raises:
            NotFound: no such account, or not for this user.
            InvalidInput: the user has several accounts and named none.
        """
        with self._database.transaction(user_id=user_id) as transaction:
            chosen = account_id or _only_account(transaction)
            row = transaction.one("account_lock", account_id=chosen)
            if row is None:
                raise NotFound(f"no account {chosen} of yours is known; GET /v1/portfolio/accounts lists them.")
            yield AccountDesk(transaction, row, actor=actor)

    def get(self, user_id: UUID, order_id: UUID) -> tuple[StoredOrder, list[StoredEvent]]:
        """An order with everything that happened to it. Raises NotFound."""
        with self._database.transaction(user_id=user_id) as transaction:
            stored = _order(transaction, order_id)
            rows = transaction.all("order_events_of", order_id=order_id)
            return stored, [stored_event(row, stored.order.account_id) for row in rows]

    def page(
        self,
        user_id: UUID,
        *,
        open_only: bool,
        symbol: str | None,
        before: tuple[datetime, UUID] | None,
        limit: int,
    ) -> list[StoredOrder]:
        """Orders, newest first, older than ``before`` (submission time, id)."""
        with self._database.transaction(user_id=user_id) as transaction:
            rows = transaction.all(
                "order_page",
                open_only=open_only,
                symbol=symbol,
                before_time=before[0] if before else None,
                before_id=before[1] if before else None,
                limit=limit,
            )
        return [stored_order(row) for row in rows]

    def heard(self, symbols: Sequence[str]) -> tuple[MarketClock, dict[str, LastHeard | None]]:
        """The clock, and what was heard last of trading in each symbol; one that is not known is left out."""
        with self._database.transaction() as transaction:
            rows = transaction.all("last_heard_of_symbols", symbols=list(symbols))
            return clock(transaction), {row["symbol"]: last_heard(row) for row in rows}


def _order(transaction: Transaction, order_id: UUID) -> StoredOrder:
    row = transaction.one("order_by_id", order_id=order_id)
    if row is None:
        raise NotFound(f"no order {order_id} of yours is known; GET /v1/orders lists them.")
    return stored_order(row)


def _only_account(transaction: Transaction) -> UUID:
    rows = transaction.all("accounts_of_user")
    if not rows:
        raise NotFound("you have no trading account yet; an administrator opens one.")
    if len(rows) > 1:
        raise InvalidInput(
            f"account_id must be given by a user with several accounts; found {len(rows)} accounts.",
            details={"field": "account_id"},
        )
    found: UUID = rows[0]["id"]
    return found


def _open_order(row: Row) -> OpenOrder:
    leaves = row["quantity"] - row["filled_quantity"]
    return OpenOrder(row["instrument_id"], Side(row["side"]), leaves, row["reserved_cash"], row["price"])
