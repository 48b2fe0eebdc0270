"""Positions: signed quantity at average cost."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Position:
    """``quantity`` is signed: negative is short. ``average_cost`` is per unit and excludes fees."""

    account_id: UUID
    instrument_id: int
    quantity: Decimal
    average_cost: Decimal
    realised_pnl: Decimal
