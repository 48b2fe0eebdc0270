"""What the routes of this function are given."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from causeway.adapters.storage.portfolio_store import PortfolioStore
    from causeway.web.rate_limit import RateLimiter


@dataclass(frozen=True, slots=True)
class Services:
    portfolio: PortfolioStore
    limiter: RateLimiter | None = None
