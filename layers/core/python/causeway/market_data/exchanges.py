"""Exchanges by their MIC, and whose sessions each keeps: its own calendar, or that of the market it belongs to.

Source: ISO 10383 (MIC); exchange_calendars (which calendars there are); Yahoo's list of exchanges and suffixes,
"Exchanges and data providers on Yahoo Finance", as yfinance keeps it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from causeway.errors import InvalidInput
from causeway.market_data.sessions import CALENDAR_OF
from causeway.model.instrument import AssetClass

ON_EXCHANGES = frozenset({AssetClass.EQUITY, AssetClass.ETF, AssetClass.INDEX})
# Calendars that exchange_calendars up to 4.13.2 cannot make with pandas 3: Orthodox Easter, and special days of XTAE.
UNMADE = frozenset({"ASEX", "XBEL", "XBSE", "XCYS", "XTAE"})
_MAY_HAVE_ONE = ON_EXCHANGES | {AssetClass.FUTURE}
# fmt: off
_SESSIONS_OF = {
    "XNAS": "XNYS", "XASE": "XNYS", "ARCX": "XNYS", "BATS": "XNYS", "IEXG": "XNYS", "OOTC": "XNYS", "XCBO": "XNYS",
    "XTSX": "XTSE", "NEOE": "XTSE", "CNSX": "XTSE", "XCNQ": "XTSE", "AQXE": "XLON", "ILSE": "XLON", "XBER": "XFRA",
    "XHAN": "XFRA", "XMUN": "XFRA", "MTAA": "XMIL", "BMEX": "XMAD", "XVIE": "XWBO", "XSHE": "XSHG",
    "XNSE": "XNSE", "ROCO": "XTAI", "KQKS": "XKRX", "XKOS": "XKRX", "MISX": "XMOS", "XCME": "CMES", "XCBT": "CMES",
    "XNYM": "CMES", "XCEC": "CMES", "IFUS": "IEPA",
}
_SUFFIXES = {
    "L": "XLON", "IL": "ILSE", "AQ": "AQXE", "T": "XTKS", "DE": "XETR", "F": "XFRA", "BE": "XBER",
    "DU": "XDUS", "HM": "XHAM", "HA": "XHAN", "MU": "XMUN", "SG": "XSTU", "PA": "XPAR", "AS": "XAMS", "BR": "XBRU",
    "LS": "XLIS", "IR": "XDUB", "MI": "MTAA", "MC": "BMEX", "SW": "XSWX", "VI": "XVIE", "CO": "XCSE", "ST": "XSTO",
    "HE": "XHEL", "OL": "XOSL", "IC": "XICE", "TL": "XTAL", "RG": "XRIS", "VS": "XLIT", "WA": "XWAR", "PR": "XPRA",
    "BD": "XBUD", "IS": "XIST", "SR": "XSAU", "JO": "XJSE", "HK": "XHKG",
    "SS": "XSHG", "SZ": "XSHE", "TW": "XTAI", "TWO": "ROCO", "KS": "XKRX", "KQ": "KQKS", "NS": "XNSE", "BO": "XBOM",
    "SI": "XSES", "BK": "XBKK", "JK": "XIDX", "KL": "XKLS", "PS": "XPHS", "AX": "XASX", "NZ": "XNZE", "TO": "XTSE",
    "V": "XTSX", "NE": "NEOE", "CN": "CNSX", "SA": "BVMF", "BA": "XBUE", "MX": "XMEX", "SN": "XSGO", "CL": "XBOG",
    "LON": "XLON", "DEX": "XETR", "FRK": "XFRA", "TRT": "XTSE", "TRV": "XTSX", "BSE": "XBOM", "SHH": "XSHG",
    "SHZ": "XSHE", "PAR": "XPAR", "AMS": "XAMS", "BRU": "XBRU", "LIS": "XLIS",
}
_BY_CURRENCY = {
    "USD": "XNYS", "GBP": "XLON", "EUR": "XETR", "JPY": "XTKS", "CHF": "XSWX", "CAD": "XTSE", "AUD": "XASX",
    "HKD": "XHKG", "CNY": "XSHG", "INR": "XBOM", "KRW": "XKRX", "TWD": "XTAI", "SGD": "XSES", "SEK": "XSTO",
    "NOK": "XOSL", "DKK": "XCSE", "PLN": "XWAR", "CZK": "XPRA", "HUF": "XBUD", "TRY": "XIST",
    "ZAR": "XJSE", "BRL": "BVMF", "MXN": "XMEX", "NZD": "XNZE", "THB": "XBKK", "IDR": "XIDX", "MYR": "XKLS",
}
# fmt: on


def sessions_of(exchange: str) -> str:
    """The name of the exchange calendar whose sessions an exchange keeps.

    Raises:
        InvalidInput: no calendar is known for this MIC.
    """
    mic = exchange.strip().upper()
    if mic not in known_exchanges():
        raise InvalidInput(
            f"no sessions are known of the exchange {exchange[:20]!r}; expected a MIC such as XNYS, XLON or XTKS. "
            "List those known with: causeway symbols exchanges",
            details={"field": "exchange"},
        )
    return known_exchanges()[mic]


@cache
def known_exchanges() -> dict[str, str]:
    """Every MIC that can be named, with the calendar whose sessions it keeps, ascending."""
    import exchange_calendars

    names = exchange_calendars.get_calendar_names(include_aliases=False)
    own = {name: name for name in names if _is_mic(name) and name not in UNMADE}
    return dict(sorted({**own, **_SESSIONS_OF}.items()))


def _is_mic(name: str) -> bool:
    return len(name) == 4 and name.isalpha() and name.isupper()


def calendar_for(asset_class: AssetClass, exchange: str, symbol: str = "") -> str:
    """The calendar of an instrument; ``exchange`` is a MIC, or empty where it is not known.
    ``symbol`` is named in errors.

    Raises:
        InvalidInput: the MIC is not known, or such instruments trade on no exchange.
    """
    if not exchange:
        return CALENDAR_OF[asset_class]
    if asset_class not in _MAY_HAVE_ONE:
        what = f"{symbol} as an instrument" if symbol else "an instrument"
        raise InvalidInput(
            f"{what} of the class {asset_class} keeps {CALENDAR_OF[asset_class]} and no exchange's sessions; "
            f"found the exchange {exchange[:20]!r}. Leave it out, or correct the class.",
            details={"field": "exchange"},
        )
    return sessions_of(exchange)


def check_exchange(asset_class: AssetClass | None, exchange: str) -> None:
    """Raises InvalidInput as ``calendar_for``; of a class that is not known yet, where the MIC is not known."""
    if asset_class is not None:
        calendar_for(asset_class, exchange)
    elif exchange:
        sessions_of(exchange)


def exchange_of_symbol(symbol: str) -> str:
    """The MIC that the suffix of a symbol names, in Yahoo's or Alpha Vantage's way: ``VOD.L`` and ``TSCO.LON`` are
    XLON.

    Empty without such a suffix, and where no sessions are known of the exchange. ``BRK.B`` has none: a share class.
    """
    _, point, suffix = symbol.strip().upper().rpartition(".")
    mic = _SUFFIXES.get(suffix, "") if point else ""
    return mic if mic in known_exchanges() else ""


def calendar_by_currency(currency: str) -> str:
    """The main exchange of a currency: an assumption, to be said as one. XNYS where there is none for it."""
    return _BY_CURRENCY.get(currency, CALENDAR_OF[AssetClass.EQUITY])


@dataclass(frozen=True, slots=True)
class Listing:
    """Where an instrument trades: ``exchange`` is a MIC, empty where it is not known; ``assumed``: nobody said it."""

    exchange: str
    calendar: str
    assumed: bool = False


def listing_of(
    symbol: str, asset_class: AssetClass, *, exchange: str = "", calendar: str = "", currency: str = ""
) -> Listing:
    """Of a symbol that is new: by the exchange that was named, by the ``calendar`` of a provider (with its
    ``exchange``), by the symbol's suffix, or assumed by the currency.

    Raises:
        InvalidInput: the MIC is not known, or such instruments trade on no exchange.
    """
    if exchange or asset_class not in ON_EXCHANGES:
        return Listing(exchange.strip().upper(), calendar_for(asset_class, exchange, symbol))
    if calendar:
        return Listing("", calendar)
    if mic := exchange_of_symbol(symbol):
        return Listing(mic, sessions_of(mic))
    return Listing("", calendar_by_currency(currency), assumed=True)


def check_stored(symbol: str, stored: Listing, exchange: str) -> None:
    """Raises InvalidInput where ``exchange`` was named, and the symbol is stored with another one."""
    mic = exchange.strip().upper()
    if not mic or (sessions_of(mic) == stored.calendar and stored.exchange in ("", mic)):
        return
    known = stored.exchange or f"the sessions of {stored.calendar}"
    raise InvalidInput(
        f"{symbol} is stored with {known}; found the exchange {exchange}, which is for symbols that are new. Leave it "
        f"out, or correct the instrument first: causeway symbols set {symbol} --exchange {exchange}",
        details={"field": "exchange", "symbol": symbol},
    )


def note_currency(symbols: Sequence[str], listing: Listing, currency: str) -> str:
    """What is said of symbols whose ``currency`` nobody named, where their exchange trades in another; else empty."""
    if listing.assumed or not listing.exchange or listing.calendar == calendar_by_currency(currency):
        return ""
    return (
        f"currency {currency} assumed for {named_some(symbols)}, of {listing.exchange}; correct with: causeway symbols "
        f"set {symbols[0]} --currency CODE, or name it with --currency"
    )


def named_some(symbols: Sequence[str]) -> str:
    """The first three, and how many more there are."""
    return ", ".join(symbols[:3]) + (f" and {len(symbols) - 3} more" if len(symbols) > 3 else "")
