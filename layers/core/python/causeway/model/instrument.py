"""Instruments. Identity is the ``instrument_id``: tickers are renamed and reused, the id is not."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class AssetClass(StrEnum):
    EQUITY = "equity"
    ETF = "etf"
    FX = "fx"
    CRYPTO = "crypto"
    FUTURE = "future"
    INDEX = "index"
    SYNTHETIC = "synthetic"


@dataclass(frozen=True, slots=True)
class Instrument:
    """One tradable or observable thing, with the ticker that is current now."""

    instrument_id: int
    symbol: str
    name: str
    exchange: str
    asset_class: AssetClass
    currency: str = "USD"
