"""What the routes of this function are given."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from causeway.risk.limits import Limits
from causeway.trading.matching import FeeSchedule

if TYPE_CHECKING:
    from causeway.adapters.storage.order_store import OrderStore
    from causeway.ports.events import EventBus


@dataclass(frozen=True, slots=True)
class Services:
    """``fees`` estimates what the paper broker charges."""

    orders: OrderStore
    events: EventBus
    limits: Limits = field(default_factory=Limits)
    fees: FeeSchedule = field(default_factory=FeeSchedule)
