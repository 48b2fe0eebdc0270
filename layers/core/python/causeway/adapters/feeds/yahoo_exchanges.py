"""What Yahoo says that something is, and where it is listed, as a MIC: by the symbol's suffix, the exchange's code, or
its time zone.

Source: Yahoo's charts (``exchangeName``, ``exchangeTimezoneName``, ``instrumentType``); the codes as yfinance lists
them by country (``EQUITY_SCREENER_EQ_MAP``), and those of Yahoo's indices.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from causeway.market_data.exchanges import exchange_of_symbol, known_exchanges
from causeway.model.instrument import AssetClass

_NO_EXCHANGE = frozenset({"CURRENCY", "CRYPTOCURRENCY", "FUTURE", "OPTION"})
_CLASSES = {
    "EQUITY": AssetClass.EQUITY,
    "ETF": AssetClass.ETF,
    "MUTUALFUND": AssetClass.EQUITY,
    "INDEX": AssetClass.INDEX,
    "CURRENCY": AssetClass.FX,
    "CRYPTOCURRENCY": AssetClass.CRYPTO,
    "FUTURE": AssetClass.FUTURE,
}
# fmt: off
_CODES = {
    "NMS": "XNAS", "NGM": "XNAS", "NCM": "XNAS", "NIM": "XNAS", "NYQ": "XNYS", "SNP": "XNYS", "DJI": "XNYS",
    "ASE": "XASE", "PCX": "ARCX", "BTS": "BATS", "PNK": "OOTC", "OEM": "OOTC", "OQB": "OOTC", "OQX": "OOTC",
    "WCB": "XCBO", "LSE": "XLON", "FGI": "XLON", "IOB": "ILSE", "AQS": "AQXE", "GER": "XETR", "FRA": "XFRA",
    "BER": "XBER", "DUS": "XDUS", "HAM": "XHAM", "HAN": "XHAN", "MUN": "XMUN", "STU": "XSTU", "PAR": "XPAR",
    "AMS": "XAMS", "BRU": "XBRU", "LIS": "XLIS", "ISE": "XDUB", "MIL": "MTAA", "MCE": "BMEX", "MAD": "XMAD",
    "EBS": "XSWX", "VIE": "XVIE", "CPH": "XCSE", "STO": "XSTO", "HEL": "XHEL", "OSL": "XOSL", "ICE": "XICE",
    "TAL": "XTAL", "RIS": "XRIS", "LIT": "XLIT", "WSE": "XWAR", "PRA": "XPRA", "BUD": "XBUD", "IST": "XIST",
    "SAU": "XSAU", "JNB": "XJSE", "JPX": "XTKS", "TYO": "XTKS", "OSA": "XTKS", "HKG": "XHKG", "SHH": "XSHG",
    "SHZ": "XSHE", "TAI": "XTAI", "TWO": "ROCO", "KSC": "XKRX", "KOE": "KQKS", "NSI": "XNSE", "BSE": "XBOM",
    "SES": "XSES", "SET": "XBKK", "JKT": "XIDX", "KLS": "XKLS", "PHS": "XPHS", "ASX": "XASX", "NZE": "XNZE",
    "TOR": "XTSE", "VAN": "XTSX", "NEO": "NEOE", "CNQ": "CNSX", "SAO": "BVMF", "BUE": "XBUE", "MEX": "XMEX",
    "SGO": "XSGO", "BVC": "XBOG",
}
_ZONES = {
    "America/New_York": "XNYS", "America/Toronto": "XTSE", "America/Sao_Paulo": "BVMF", "America/Mexico_City": "XMEX",
    "Europe/London": "XLON", "Europe/Dublin": "XDUB", "Europe/Berlin": "XETR", "Europe/Paris": "XPAR",
    "Europe/Amsterdam": "XAMS", "Europe/Brussels": "XBRU", "Europe/Lisbon": "XLIS", "Europe/Madrid": "XMAD",
    "Europe/Rome": "XMIL", "Europe/Zurich": "XSWX", "Europe/Vienna": "XWBO", "Europe/Copenhagen": "XCSE",
    "Europe/Stockholm": "XSTO", "Europe/Helsinki": "XHEL", "Europe/Oslo": "XOSL", "Europe/Warsaw": "XWAR",
    "Europe/Prague": "XPRA", "Europe/Budapest": "XBUD", "Europe/Istanbul": "XIST", "Africa/Johannesburg": "XJSE",
    "Asia/Tokyo": "XTKS", "Asia/Hong_Kong": "XHKG", "Asia/Shanghai": "XSHG", "Asia/Taipei": "XTAI",
    "Asia/Seoul": "XKRX", "Asia/Kolkata": "XBOM", "Asia/Calcutta": "XBOM", "Asia/Singapore": "XSES",
    "Asia/Bangkok": "XBKK", "Asia/Jakarta": "XIDX", "Australia/Sydney": "XASX", "Pacific/Auckland": "XNZE",
}
# fmt: on


def class_said(meta: Mapping[str, Any]) -> AssetClass | None:
    """None where Yahoo says nothing, or something that has no class here, such as an option."""
    return _CLASSES.get(_instrument_type(meta))


def _instrument_type(meta: Mapping[str, Any]) -> str:
    return str(meta.get("instrumentType") or "").upper()


def listed_on(symbol: str, meta: Mapping[str, Any]) -> tuple[str, str]:
    """MIC, and the calendar whose sessions it keeps. The MIC is empty where the time zone alone says where it trades.

    Both are empty for currencies, coins and futures, and where nothing that is known is said.
    """
    if _instrument_type(meta) in _NO_EXCHANGE:
        return "", ""
    mic = exchange_of_symbol(symbol) or _CODES.get(str(meta.get("exchangeName") or "").upper(), "")
    by_zone = _ZONES.get(str(meta.get("exchangeTimezoneName") or ""), "")
    return mic, known_exchanges().get(mic or by_zone, "")
