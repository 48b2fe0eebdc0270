"""A broker, as the gateway sees it. Implementations: the paper venue, and the scripted broker of the contract suite.

Commands go out with our own ``client_order_id``; everything that happened comes back as reports, read from a cursor.
A report may come twice, late or out of order; it never vanishes. The contract suite is ``tests/contract/broker``.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Protocol
from uuid import UUID

from causeway.model.order import OrderRequest, OrderStatus


class ReportKind(StrEnum):
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    FILL = "fill"
    CANCELED = "canceled"
    CANCEL_REJECTED = "cancel_rejected"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True)
class BrokerReport:
    """One thing the broker says happened to an order.

    ``report_id`` is unique per account at this broker. A fill carries ``execution_id``, ``quantity``, ``price`` and
    ``fee``; an answer to a cancel carries our ``cancel_id``. ``wall_time`` is when it happened at the broker, not when
    we heard of it. ``cursor`` is where to read on after this report.
    """

    report_id: str
    kind: ReportKind
    client_order_id: str
    broker_order_id: str
    market_time: datetime
    wall_time: datetime
    cursor: str = ""
    execution_id: str = ""
    quantity: Decimal = Decimal(0)
    price: Decimal = Decimal(0)
    fee: Decimal = Decimal(0)
    cancel_id: str = ""
    reason: str = ""

    @property
    def event_id(self) -> str:
        """What makes the event unique: the execution for a fill, however often and wherever it is reported."""
        return f"execution:{self.execution_id}" if self.kind is ReportKind.FILL else f"report:{self.report_id}"


@dataclass(frozen=True, slots=True)
class BrokerOrder:
    """An order as the broker holds it now."""

    client_order_id: str
    broker_order_id: str
    status: OrderStatus
    filled_quantity: Decimal


class Broker(Protocol):
    """Sends commands and reads reports.

    ``refuses_duplicates`` promises that two submits with one ``client_order_id`` make one order, for as long as the
    broker keeps the order. Only then may a lost submit be sent again (docs/decisions/0002).
    """

    name: str
    refuses_duplicates: bool

    def submit(self, account_id: UUID, request: OrderRequest) -> BrokerOrder:
        """Hand in an order. A refusal is a report, not an exception.

        Raises:
            Unavailable: the order certainly did not reach the broker.
            OutcomeUnknown: it may or may not have; look it up.
        """
        ...

    def cancel(self, account_id: UUID, client_order_id: str, cancel_id: str) -> None:
        """Ask for a cancel; sending the same ``cancel_id`` again changes nothing. The answer is a report.

        Raises:
            NotFound: the broker has no such order.
            Unavailable, OutcomeUnknown: as for submit.
        """
        ...

    def find(self, account_id: UUID, client_order_id: str) -> BrokerOrder | None:
        """The order as it stands, or None where the broker has none."""
        ...

    def reports(self, account_id: UUID, after: str, limit: int) -> list[BrokerReport]:
        """Reports after the cursor (empty: from the first), in the order in which they became known."""
        ...
