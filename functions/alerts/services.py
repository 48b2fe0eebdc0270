"""What the routes of this function are given."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from causeway.adapters.storage.alert_store import AlertStore


@dataclass(frozen=True, slots=True)
class Services:
    alerts: AlertStore
