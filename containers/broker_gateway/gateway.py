"""The gateway: carries commands from the outbox to the broker, and the broker's reports into the books.

One turn does, for every account whose lease it holds: settle what is in doubt, claim, send, book. Between turns it
waits for a wake-up or a short time. ``checkpoint`` is called by name between the steps; tests end the process there.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from uuid import UUID

from causeway.errors import NotFound, OutcomeUnknown, Unavailable
from causeway.ports.broker import Broker, BrokerReport
from causeway.ports.events import EventBus
from causeway.trading.reconciliation import Resolution, resolve_lost_submit

if TYPE_CHECKING:
    from causeway.adapters.storage.booking import Books
    from causeway.adapters.storage.gateway_store import Command, GatewayStore, Lease

_log = logging.getLogger(__name__)
_REPORTS_PER_TRANSACTION = 50
_EQUITY_EVERY_S = 5.0

Checkpoint = Callable[[str], None]


def _pass(_name: str) -> None:
    return None


@dataclass
class Gateway:
    """One process's hold on the accounts at one broker. ``pump`` lets a broker that lives here work between turns."""

    store: GatewayStore
    broker: Broker
    events: EventBus
    holder: str
    lease_lost: type[Exception]
    pump: Callable[[], object] = field(default=lambda: None)
    checkpoint: Checkpoint = _pass
    renew_s: float = 0.0
    _renew_at: float = 0.0
    _leases: dict[UUID, Lease] = field(default_factory=dict)
    _equity_at: dict[UUID, tuple[float, object]] = field(default_factory=dict)

    def turn(self) -> int:
        """Everything there is to do now; how many commands were sent and reports booked.

        Raises:
            Unavailable: the database does not answer.
        """
        self._renew()
        sent = self._each(self._send_all)
        self.pump()
        return sent + self._each(self._book_all) + self._each(self._value)

    def stop(self) -> None:
        """Release every lease, so that the next gateway starts at once."""
        while self._leases:
            _, lease = self._leases.popitem()
            self.store.release(lease)

    def _renew(self) -> None:
        if time.monotonic() < self._renew_at:
            return
        self._renew_at = time.monotonic() + self.renew_s
        for account_id in self.store.accounts():
            lease = self.store.take_lease(account_id, self.holder)
            if lease is None:
                self._leases.pop(account_id, None)
            else:
                self._leases[account_id] = lease

    def _each(self, work: Callable[[Lease], int]) -> int:
        done = 0
        for lease in list(self._leases.values()):
            try:
                done += work(lease)
            except self.lease_lost as error:
                _log.warning("%s", error)
                self._leases.pop(lease.account_id, None)
            except Unavailable:
                raise
            except Exception:  # one account's trouble, whatever it is, must not stop the others
                _log.exception("account %s needs a person", lease.account_id)
        return done

    def _send_all(self, lease: Lease) -> int:
        for command in self.store.in_doubt(lease):
            self._settle_doubt(lease, command)
        commands = self.store.claim(lease)
        if commands:
            self.checkpoint("claimed")
        waiting: set[UUID] = set()  # orders whose submit is not answered: their cancel would find no order
        for command in commands:
            order_id = command.stored.order.order_id
            if order_id in waiting or not self.store.intend(lease, command):
                continue
            if not self._send(lease, command):
                waiting.add(order_id)
        return len(commands)

    def _settle_doubt(self, lease: Lease, command: Command) -> None:
        """A command whose answer was lost: ask the broker before anything else."""
        if command.command == "cancel":  # the same cancel twice is one cancel
            self._intend_and_send(lease, command)
            return
        found = self.broker.find(lease.account_id, command.stored.order.request.client_order_id)
        resolution = resolve_lost_submit(found, refuses_duplicates=self.broker.refuses_duplicates)
        _log.info("order %s was in doubt: %s", command.stored.order.order_id, resolution.value)
        if resolution is Resolution.DONE:
            self.store.settle(lease, command)
        elif resolution is Resolution.SEND_AGAIN:
            self._intend_and_send(lease, command)
        else:
            self.store.mark_unknown(lease, command, "the answer to the submit was lost and the broker finds no order")

    def _intend_and_send(self, lease: Lease, command: Command) -> None:
        if self.store.intend(lease, command):
            self._send(lease, command)

    def _send(self, lease: Lease, command: Command) -> bool:
        """Whether the broker answered."""
        self.checkpoint("intended")
        try:
            self._call(lease, command)
        except NotFound as error:
            self.store.cancel_refused(lease, command, error.message)
            return True
        except OutcomeUnknown as error:  # the next turn asks the broker
            _log.warning("order %s: %s", command.stored.order.order_id, error.message)
            return False
        except Unavailable as error:
            self.store.not_sent(lease, command, error.message)
            return False
        self.checkpoint("sent")
        self.store.settle(lease, command)
        return True

    def _call(self, lease: Lease, command: Command) -> None:
        request = command.stored.order.request
        if command.command == "submit":
            self.broker.submit(lease.account_id, request)
        else:
            self.broker.cancel(lease.account_id, request.client_order_id, command.cancel_id)

    def _book_all(self, lease: Lease) -> int:
        booked = 0
        while reports := self.broker.reports(lease.account_id, self.store.cursor(lease), _REPORTS_PER_TRANSACTION):
            self.checkpoint("read")
            booked += self._book(lease, reports)
            if len(reports) < _REPORTS_PER_TRANSACTION:
                break
        return booked

    def _book(self, lease: Lease, reports: list[BrokerReport]) -> int:
        booked = 0
        with self.store.booking(lease) as books:
            for report in reports:
                booked += books.book(report)
                self.checkpoint(f"booking:{report.kind.value}")
            books.move_cursor(reports[-1].cursor)
            if booked:
                books.record_equity()
        self.checkpoint("booked")
        self._tell(lease, books)
        return booked

    def _tell(self, lease: Lease, books: Books) -> None:
        if books.strangers:
            _log.error("account %s: reports of orders that are not ours: %s", lease.account_id, books.strangers)
        if books.last_seq is None:
            return
        account_id = str(lease.account_id)
        self.events.publish(f"orders:{books.user_id}", {"account_id": account_id, "seq": books.last_seq})
        self.events.publish(f"portfolio:{books.user_id}", {"account_id": account_id})

    def _value(self, lease: Lease) -> int:
        """Record the account's value every few seconds while market time moves."""
        last_at, last_market_time = self._equity_at.get(lease.account_id, (-_EQUITY_EVERY_S, None))
        if time.monotonic() - last_at < _EQUITY_EVERY_S:
            return 0
        market_time = self.store.clock().market_time
        if market_time is not None and market_time != last_market_time:
            self.store.record_equity(lease)
        self._equity_at[lease.account_id] = (time.monotonic(), market_time)
        return 0
