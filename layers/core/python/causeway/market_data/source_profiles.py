"""How a source writes its bars: clock, stamp, units. One named profile per source, applied to whole columns.

A zone is an IANA name: ``America/New_York`` changes its clocks, ``Etc/GMT+5`` is fixed at UTC-05:00 (the sign is
POSIX's). Currencies in minor units, such as pence, become the major one.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

import numpy as np
from numpy.typing import NDArray

from causeway.errors import InvalidInput
from causeway.market_data.normalizer import wall_to_utc, zone_named
from causeway.market_data.schedule import DAY_US
from causeway.market_data.written_times import NO_TIME, Stamp
from causeway.model.bar import BarColumns
from causeway.model.time import BarSize

# Quoted unit: (currency, units in one of it). Yahoo writes GBp, ZAc and ILA, others GBX.
MINOR_UNITS = {
    "GBp": ("GBP", 100),
    "GBX": ("GBP", 100),
    "ZAc": ("ZAR", 100),
    "ZAX": ("ZAR", 100),
    "ILA": ("ILS", 100),
    "ILX": ("ILS", 100),
    "EUX": ("EUR", 100),
    "USX": ("USD", 100),
}


def currency_meant(text: str) -> str:
    """``usd`` is USD; ``GBp`` stays, which is pence."""
    return text if text in MINOR_UNITS else text.upper()


@dataclass(frozen=True, slots=True)
class SourceProfile:
    """``price_divisor``: what the source's prices are divided by; ``volume_multiplier``: units in one of its volume."""

    zone: str
    stamp: Stamp = Stamp.START
    price_divisor: float = 1
    volume_multiplier: float = 1


PROFILES = {
    "lean-equity": SourceProfile("America/New_York", price_divisor=10_000),
    "lean-fxcm": SourceProfile("Etc/GMT+5"),
    "lean-oanda": SourceProfile("UTC"),
    "lean-coinbase": SourceProfile("UTC"),
    "iqfeed": SourceProfile("America/New_York"),
}


def profile_named(name: str) -> SourceProfile:
    """The profile of a source.

    Raises:
        InvalidInput: there is none of that name.
    """
    if name not in PROFILES:
        raise InvalidInput(f"no source profile {name!r}; expected one of {', '.join(PROFILES)}.")
    return PROFILES[name]


def major_currency(unit: str) -> tuple[str, float]:
    """Currency of a quoted unit, and what prices in that unit are divided by: ``GBp`` to ``("GBP", 100.0)``.

    A code of three capitals is taken as the currency it names.

    Raises:
        InvalidInput: it is no currency's code.
    """
    if unit in MINOR_UNITS:
        currency, parts = MINOR_UNITS[unit]
        return currency, float(parts)
    if len(unit) == 3 and unit.isascii() and unit.isalpha() and unit.isupper():
        return unit, 1.0
    raise InvalidInput(
        f"the currency {unit!r} is not known; expected an ISO code such as GBP, or one of {', '.join(MINOR_UNITS)}.",
        details={"field": "currency"},
    )


def normalise(
    bars: BarColumns, bar_size: BarSize, profile: SourceProfile, *, unit: str = ""
) -> tuple[BarColumns, NDArray[np.bool_]]:
    """Bars whose ``time_us`` is the source's local time, as written, to UTC starts and plain units.

    Second comes which of the given rows were kept (n_given,): a local time that happened twice or never names no
    moment and its row is left out, for the caller to report. Daily bars keep their date, as 00:00 UTC.

    Raises:
        InvalidInput: the zone or ``unit`` (a currency as quoted, such as GBp) is not known.
    """
    divisor = profile.price_divisor * (major_currency(unit)[1] if unit else 1.0)
    if bar_size is BarSize.DAY_1:
        time_us = _dates(bars.time_us, profile.stamp)
    else:
        time_us = wall_to_utc(bars.time_us, zone_named(profile.zone))
        if profile.stamp is Stamp.END:
            known = time_us != NO_TIME
            time_us[known] -= bar_size.width // timedelta(microseconds=1)
    kept = time_us != NO_TIME
    volume = bars.volume[kept] * profile.volume_multiplier
    return BarColumns.of(time_us[kept], bars.prices()[kept] / divisor, volume), kept


def _dates(wall_us: NDArray[np.int64], stamp: Stamp) -> NDArray[np.int64]:
    """The date of a bar; one that ends at midnight belongs to the day before."""
    within = wall_us - 1 if stamp is Stamp.END else wall_us
    return np.asarray(within - within % DAY_US)
