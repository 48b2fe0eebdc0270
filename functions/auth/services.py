"""What the routes of this function are given."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from causeway.adapters.storage.identity_store import IdentityStore
    from causeway.adapters.storage.ticket_store import TicketStore
    from causeway.web.rate_limit import RateLimiter
    from functions.auth.sign_in import SignIns


@dataclass(frozen=True, slots=True)
class Services:
    identities: IdentityStore
    sign_ins: SignIns
    tickets: TicketStore
    limiter: RateLimiter | None = None
