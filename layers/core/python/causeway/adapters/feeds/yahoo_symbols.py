"""Symbols and units, ours and Yahoo's.

Ours: ``BRK.B`` for a share class, ``EURUSD`` for a currency pair, ``BTC-USD`` for a crypto pair, ``^GSPC`` for an
index, ``VOD.L`` for a share listed outside the US (Yahoo's suffix of the exchange). Yahoo quotes some exchanges in
a hundredth of the currency (``GBp``: pence); prices are handed over in the currency itself.
"""

from __future__ import annotations

import re

from causeway.market_data.asset_classes import is_currency_pair
from causeway.market_data.source_profiles import MINOR_UNITS

_EXCHANGES_OF_ONE_LETTER = frozenset("FLTV")  # Frankfurt, London, Tokyo, TSX Venture
_CLASS = re.compile(r"([A-Z]+)([.-])([A-Z])")
_MINOR_UNITS = {unit: MINOR_UNITS[unit] for unit in ("GBp", "GBX", "ZAc", "ILA")}  # those that Yahoo writes


def to_yahoo(symbol: str) -> str:
    """Yahoo's spelling of our symbol: ``BRK.B`` to ``BRK-B``, ``EURUSD`` or ``EUR/USD`` to ``EURUSD=X``."""
    symbol = symbol.strip().upper()
    if is_currency_pair(symbol):
        return f"{symbol.replace('/', '')}=X"
    if "/" in symbol:
        return symbol.replace("/", "-")
    share_class = _CLASS.fullmatch(symbol)
    if share_class and share_class[2] == "." and share_class[3] not in _EXCHANGES_OF_ONE_LETTER:
        return f"{share_class[1]}-{share_class[3]}"
    return symbol


def from_yahoo(symbol: str) -> str:
    """Our spelling of Yahoo's symbol; the way back from ``to_yahoo``."""
    share_class = _CLASS.fullmatch(symbol)
    if share_class and share_class[2] == "-":
        return f"{share_class[1]}.{share_class[3]}"
    return symbol.removesuffix("=X")


def major_currency(currency: str) -> tuple[str, int]:
    """The currency, and by how much to divide: ``GBp`` is GBP and 100, ``USD`` is USD and 1."""
    return _MINOR_UNITS.get(currency, (currency, 1))
