"""Wake-ups after a commit. They may be lost; the events themselves are in PostgreSQL."""

from __future__ import annotations

from typing import TYPE_CHECKING

from causeway.ports.events import EventBus

if TYPE_CHECKING:
    from causeway.adapters.storage.order_store import AccountDesk


def tell(events: EventBus, desk: AccountDesk) -> None:
    """Say that the account has new order events, where it has."""
    if desk.last_seq is not None:
        message = {"account_id": str(desk.account_id), "seq": desk.last_seq}
        events.publish(f"orders:{desk.user_id}", message)
