"""What a symbol that is new is: as somebody says, by the form of the symbol, or an equity.

Source: Yahoo's help, "Symbols and data feeds" (``EURUSD=X``, ``^GSPC``, ``ES=F``, ``BTC-USD``); Alpaca's pairs
(``BTC/USD``).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from causeway.market_data.exchanges import Listing, named_some
from causeway.model.instrument import AssetClass

# fmt: off
CURRENCIES = frozenset({
    "AED", "ARS", "AUD", "BRL", "CAD", "CHF", "CLP", "CNH", "CNY", "COP", "CZK", "DKK", "EGP", "EUR", "GBP", "HKD",
    "HUF", "IDR", "ILS", "INR", "ISK", "JPY", "KRW", "MXN", "MYR", "NOK", "NZD", "PEN", "PHP", "PLN", "QAR", "RON",
    "RUB", "SAR", "SEK", "SGD", "THB", "TRY", "TWD", "UAH", "USD", "VND", "XAG", "XAU", "ZAR",
})
# fmt: on
_COINS_ARE_QUOTED_IN = frozenset({"USD", "EUR", "GBP", "JPY", "KRW", "AUD", "CAD", "CHF", "INR", "USDT", "USDC", "BTC"})
_PAIR = re.compile(r"([A-Z0-9]+)[-/]([A-Z]+)")


@dataclass(frozen=True, slots=True)
class Kind:
    """A class, and whether nobody said it: ``by_form`` of the symbol, or ``assumed`` where that says nothing."""

    asset_class: AssetClass
    by_form: bool = False
    assumed: bool = False


def kind_of(symbol: str, *said: AssetClass | None) -> Kind:
    """Of a symbol that is new: the first that was said, by the user and then the provider; else by its form."""
    for one in said:
        if one is not None:
            return Kind(one)
    form = class_by_form(symbol)
    return Kind(AssetClass.EQUITY, assumed=True) if form is None else Kind(form, by_form=True)


def class_by_form(symbol: str) -> AssetClass | None:
    """What the form of a symbol says; None where it says nothing, as with ``AAPL`` or the share class ``BRK-B``."""
    symbol = symbol.strip().upper()
    if symbol.startswith("^"):
        return AssetClass.INDEX
    if symbol.endswith("=F"):
        return AssetClass.FUTURE
    if symbol.endswith("=X") or is_currency_pair(symbol):
        return AssetClass.FX
    pair = _PAIR.fullmatch(symbol)
    is_coin = pair is not None and pair[1] not in CURRENCIES and pair[2] in _COINS_ARE_QUOTED_IN
    return AssetClass.CRYPTO if is_coin else None


def is_currency_pair(symbol: str) -> bool:
    """Whether it is two currencies, as ``EURUSD`` or ``EUR/USD``."""
    pair = symbol.replace("/", "")
    return len(pair) == 6 and {pair[:3], pair[3:]} <= CURRENCIES


def notes_on_new(symbols: Sequence[str], kind: Kind, listing: Listing) -> list[str]:
    """What is said of new symbols whose class or sessions nobody named."""
    correct = f"correct with: causeway symbols set {symbols[0]}"
    notes = []
    if kind.by_form:
        assumed = f"class {kind.asset_class} assumed for {named_some(symbols)} by the form of the symbol"
        notes.append(f"{assumed}; {correct} --asset-class CLASS")
    if listing.assumed:
        no_equity = ", or --asset-class CLASS where it is no equity" if kind.assumed else ""
        assumed = f"sessions of {listing.calendar} assumed for {named_some(symbols)}"
        notes.append(f"{assumed}; {correct} --exchange MIC{no_equity}")
    return notes
