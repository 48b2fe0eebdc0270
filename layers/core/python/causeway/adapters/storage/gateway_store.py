"""What the gateway stores: leases, the outbox, and the booking of broker reports. The role is causeway_service.

Every write is made under a lease check that holds the lease row until commit, so a gateway that lost its lease
(its epoch is old, or its time is up) changes nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from causeway.adapters.storage.booking import Books
from causeway.adapters.storage.database import Database, Row, Transaction
from causeway.adapters.storage.order_rows import StoredOrder, append_event, clock, load_state, stored_order
from causeway.errors import Conflict, CorruptData
from causeway.model.market_clock import MarketClock
from causeway.model.order import OrderEventKind
from causeway.model.time import now_utc


class LeaseLost(Conflict):
    """Another gateway holds the account, or our time is up: stop touching it."""


@dataclass(frozen=True, slots=True)
class Lease:
    """The right to act for one account. ``epoch`` grows with each new holder."""

    account_id: UUID
    holder: str
    epoch: int


@dataclass(frozen=True, slots=True)
class Command:
    """An outbox row that this gateway claimed, with its order."""

    outbox_id: int
    command: str
    stored: StoredOrder

    @property
    def cancel_id(self) -> str:
        """Identity of a cancel on its way to the broker."""
        return str(self.outbox_id)


class GatewayStore:
    """Leases, outbox and books of the accounts at one broker."""

    def __init__(self, database: Database, *, broker: str, lease_ttl_s: float) -> None:
        self._database = database
        self._broker = broker
        self._lease_ttl_s = lease_ttl_s

    def accounts(self) -> list[UUID]:
        """Every account at this broker."""
        with self._database.transaction() as transaction:
            return [row["id"] for row in transaction.all("gateway_accounts", broker=self._broker)]

    def take_lease(self, account_id: UUID, holder: str) -> Lease | None:
        """Take or renew the lease; None while another holder's is running."""
        with self._database.transaction() as transaction:
            row = transaction.one("lease_take", account_id=account_id, holder=holder, ttl_s=self._lease_ttl_s)
        return None if row is None else Lease(account_id, holder, row["epoch"])

    def release(self, lease: Lease) -> None:
        """End the lease now, so that the next gateway need not wait."""
        with self._database.transaction() as transaction:
            transaction.run("lease_release", account_id=lease.account_id, holder=lease.holder, epoch=lease.epoch)

    def claim(self, lease: Lease, limit: int = 100) -> list[Command]:
        """Claim ready commands; with them come those of this epoch that were not sent yet. Oldest first."""
        with self._held(lease) as transaction:
            account = {"account_id": lease.account_id, "epoch": lease.epoch}
            transaction.all("outbox_claim", limit=limit, **account)
            return [_command(transaction, row) for row in transaction.all("outbox_claimed", **account)]

    def in_doubt(self, lease: Lease) -> list[Command]:
        """Commands whose sending was intended and whose answer was not recorded."""
        with self._held(lease) as transaction:
            rows = transaction.all("outbox_in_doubt", account_id=lease.account_id)
            return [_command(transaction, row) for row in rows]

    def intend(self, lease: Lease, command: Command) -> bool:
        """Record, before the broker is called, that it will be; the lease is checked in the same transaction.

        False where there is nothing to send: the order has ended, or its cancel overtook the submit and it ends here.

        Raises:
            LeaseLost: this gateway may not send.
        """
        with self._held(lease) as transaction:
            transaction.one("account_lock", account_id=lease.account_id)
            state = load_state(transaction, command.stored.order)
            if state.status.is_terminal:
                transaction.run("outbox_settle", id=command.outbox_id, state="done", error="")
                return False
            if command.command == "submit" and state.cancel_is_pending and not _was_sent(transaction, command):
                Books(transaction, lease.account_id, self._broker).end_unsent(command.stored)
                transaction.run("outbox_settle", id=command.outbox_id, state="done", error="")
                return False
            row = transaction.one("outbox_intend", id=command.outbox_id, epoch=lease.epoch)
            if row is None:
                return False
            self._note(transaction, command, OrderEventKind.SENT, f"sent:{command.outbox_id}:{row['attempts']}")
            return True

    def settle(self, lease: Lease, command: Command) -> None:
        """The broker has it."""
        with self._held(lease) as transaction:
            transaction.run("outbox_settle", id=command.outbox_id, state="done", error="")

    def not_sent(self, lease: Lease, command: Command, error: str) -> None:
        """The broker certainly does not have it: this epoch sends it again later."""
        with self._held(lease) as transaction:
            transaction.run("outbox_not_sent", id=command.outbox_id, epoch=lease.epoch, error=error)

    def mark_unknown(self, lease: Lease, command: Command, error: str) -> None:
        """Nobody can tell; the command is never sent again by itself."""
        with self._held(lease) as transaction:
            transaction.one("account_lock", account_id=lease.account_id)
            transaction.run("outbox_settle", id=command.outbox_id, state="unknown", error=error)
            self._note(transaction, command, OrderEventKind.OUTCOME_UNKNOWN, f"unknown:{command.outbox_id}", error)

    def cancel_refused(self, lease: Lease, command: Command, reason: str) -> None:
        """The broker knows no such order, so its cancel is answered here."""
        with self._held(lease) as transaction:
            transaction.one("account_lock", account_id=lease.account_id)
            books = Books(transaction, lease.account_id, self._broker)
            books.refuse_cancel(command.stored, command.cancel_id, reason)
            transaction.run("outbox_settle", id=command.outbox_id, state="done", error=reason)

    @contextmanager
    def booking(self, lease: Lease) -> Iterator[Books]:
        """Books of the account, locked, to be written in one transaction."""
        with self._held(lease) as transaction:
            transaction.one("account_lock", account_id=lease.account_id)
            yield Books(transaction, lease.account_id, self._broker)

    def cursor(self, lease: Lease) -> str:
        """How far the broker's reports are booked; empty before the first."""
        with self._database.transaction() as transaction:
            row = transaction.one("cursor_read", account_id=lease.account_id)
        return "" if row is None else str(row["cursor"])

    def record_equity(self, lease: Lease) -> None:
        """Note the account's value at the present market time, where there is one."""
        with self._held(lease) as transaction:
            now = clock(transaction)
            if now.market_time is not None:
                transaction.run("equity_record", account_id=lease.account_id, market_time=now.market_time)

    def clock(self) -> MarketClock:
        with self._database.transaction() as transaction:
            return clock(transaction)

    @contextmanager
    def _held(self, lease: Lease) -> Iterator[Transaction]:
        with self._database.transaction() as transaction:
            values: dict[str, Any] = {"account_id": lease.account_id, "holder": lease.holder, "epoch": lease.epoch}
            if transaction.one("lease_check", **values) is None:
                raise LeaseLost(
                    f"epoch {lease.epoch} of account {lease.account_id} is over; another gateway may act for it now."
                )
            yield transaction

    def _note(
        self, transaction: Transaction, command: Command, kind: OrderEventKind, event_id: str, reason: str = ""
    ) -> None:
        stored = command.stored
        wall_time: datetime = now_utc()
        append_event(
            transaction,
            stored.order,
            kind,
            load_state(transaction, stored.order).status,
            source="gateway",
            source_event_id=event_id,
            wall_time=wall_time,
            market_time=clock(transaction).market_time,
            payload={"command": command.command, "reason": reason} if reason else {"command": command.command},
        )


def _command(transaction: Transaction, row: Row) -> Command:
    order = transaction.one("order_by_id", order_id=row["order_id"])
    if order is None:
        raise CorruptData(f"outbox row {row['id']} names order {row['order_id']}, which does not exist.")
    return Command(row["id"], row["command"], stored_order(order))


def _was_sent(transaction: Transaction, command: Command) -> bool:
    events = transaction.all("order_events_of", order_id=command.stored.order.order_id)
    return any(row["kind"] == OrderEventKind.SENT for row in events)
