"""The order state machine: what is known of an order, and what each new fact makes of it.

An order's state is a set of facts that only grows: accepted, rejected, canceled, expired, cancels asked for and
refused, executions by id. The status is a function of that set, so facts may come twice or in any order: the end is
the same.

Source: FIX 4.4 volume 4, order state change matrices. One difference on purpose: FIX reports an order that filled
completely under a pending cancel as Pending Cancel until the cancel is refused; here it is Filled at once, because
nothing is left that could be cancelled and nothing may stay reserved.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from enum import StrEnum
from types import MappingProxyType

from causeway.model.order import OrderEventKind, OrderStatus
from causeway.ports.broker import BrokerReport, ReportKind

ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class Fill:
    """What counts of an execution for an order's state."""

    quantity: Decimal
    price: Decimal


@dataclass(frozen=True, slots=True)
class OrderState:
    """Everything known of one order. ``ended`` holds the definitive ends that the broker named."""

    quantity: Decimal
    denied: bool = False
    accepted: bool = False
    ended: frozenset[ReportKind] = frozenset()
    cancels_requested: frozenset[str] = frozenset()
    cancels_rejected: frozenset[str] = frozenset()
    fills: Mapping[str, Fill] = field(default_factory=lambda: MappingProxyType({}))

    @property
    def filled_quantity(self) -> Decimal:
        return sum((fill.quantity for fill in self.fills.values()), ZERO)

    @property
    def average_fill_price(self) -> Decimal | None:
        """Quantity-weighted price of every fill; None before the first."""
        filled = self.filled_quantity
        if not filled:
            return None
        return sum((fill.quantity * fill.price for fill in self.fills.values()), ZERO) / filled

    @property
    def status(self) -> OrderStatus:
        """Fills decide first, then a definitive end, then what is pending."""
        if self.denied:
            return OrderStatus.DENIED
        if self.filled_quantity >= self.quantity:
            return OrderStatus.FILLED
        return self._end() or self._open()

    @property
    def cancel_is_pending(self) -> bool:
        """A cancel was asked for and not answered."""
        return bool(self.cancels_requested - self.cancels_rejected) and not self.status.is_terminal

    def _end(self) -> OrderStatus | None:
        if ReportKind.CANCELED in self.ended:
            return OrderStatus.CANCELED
        if ReportKind.EXPIRED in self.ended:
            return OrderStatus.EXPIRED
        if ReportKind.REJECTED in self.ended:
            return OrderStatus.REJECTED
        return None

    def _open(self) -> OrderStatus:
        if self.cancels_requested - self.cancels_rejected:
            return OrderStatus.PENDING_CANCEL
        if self.fills:
            return OrderStatus.PARTIALLY_FILLED
        return OrderStatus.NEW if self.accepted else OrderStatus.PENDING_NEW


class Irregularity(StrEnum):
    """Facts that are booked but should not have happened."""

    OVERFILL = "overfill"  # more was executed than ordered
    LATE_FILL = "late_fill"  # executed after the broker said the order had ended


@dataclass(frozen=True, slots=True)
class Transition:
    """What one report changed. ``event`` is None when the report said nothing new."""

    after: OrderState
    event: OrderEventKind | None
    irregularities: tuple[Irregularity, ...] = ()


def apply(state: OrderState, report: BrokerReport) -> Transition:
    """The state after a broker's report; a fact known already changes nothing."""
    if report.kind is ReportKind.FILL:
        return _fill(state, report)
    after = _grown(state, report)
    return Transition(after, None if after == state else OrderEventKind(report.kind.value))


def replay(state: OrderState, reports: Iterable[BrokerReport]) -> OrderState:
    """The state after many reports."""
    for report in reports:
        state = apply(state, report).after
    return state


def request_cancel(state: OrderState, cancel_id: str) -> OrderState:
    """The state after we asked the broker to cancel."""
    return replace(state, cancels_requested=state.cancels_requested | {cancel_id})


def reserved_after(state: OrderState, reserved_at_submit: Decimal) -> Decimal:
    """Buying power still held: in proportion to what may still fill, nothing once the order has ended."""
    if state.status.is_terminal:
        return ZERO
    return reserved_at_submit * (state.quantity - state.filled_quantity) / state.quantity


def _fill(state: OrderState, report: BrokerReport) -> Transition:
    if report.execution_id in state.fills:
        return Transition(state, None)
    fills = {**state.fills, report.execution_id: Fill(report.quantity, report.price)}
    after = replace(state, fills=MappingProxyType(fills))
    found = []
    if after.filled_quantity > state.quantity:
        found.append(Irregularity.OVERFILL)
    if state.ended:
        found.append(Irregularity.LATE_FILL)
    return Transition(after, OrderEventKind.FILL, tuple(found))


def _grown(state: OrderState, report: BrokerReport) -> OrderState:
    if report.kind is ReportKind.ACCEPTED:
        return replace(state, accepted=True)
    if report.kind is ReportKind.CANCEL_REJECTED:
        return replace(state, cancels_rejected=state.cancels_rejected | {report.cancel_id})
    return replace(state, ended=state.ended | {report.kind})
