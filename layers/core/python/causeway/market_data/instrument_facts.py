"""Correcting what is known of an instrument, and what follows from it. Pure: the store only writes what comes out.

No stored bar changes. What is computed on read follows at once: sessions that are missing, quality, days made of finer
bars, and the time zone in which a split takes effect.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace

from causeway.errors import InvalidInput
from causeway.market_data.exchanges import ON_EXCHANGES, calendar_for
from causeway.market_data.source_profiles import MINOR_UNITS, currency_meant
from causeway.model.instrument import AssetClass

FIELDS = ("name", "exchange", "asset_class", "currency")
_CURRENCY = re.compile(r"[A-Z]{3,5}")


@dataclass(frozen=True, slots=True)
class Facts:
    """``exchange`` is a MIC, empty where it is not known; ``calendar`` says whose sessions are kept all the same.

    ``revision`` counts corrections.
    """

    symbol: str
    instrument_id: int
    name: str
    exchange: str
    asset_class: AssetClass
    currency: str
    calendar: str
    revision: int

    def said(self) -> str:
        """In a line."""
        return (
            f"currency {self.currency}, exchange {self.exchange or 'not known'}, sessions of {self.calendar}, "
            f"class {self.asset_class}, name {self.name or 'none'}"
        )


@dataclass(frozen=True, slots=True)
class Change:
    """Of one field."""

    field: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Corrected:
    """The facts as they are now, what changed, and a sentence for each thing that follows."""

    facts: Facts
    changes: tuple[Change, ...]
    consequences: tuple[str, ...]


def corrected(before: Facts, given: Mapping[str, str]) -> Corrected:
    """``before`` with what is in ``given``, of ``FIELDS``. The calendar follows the exchange, or the class.

    Raises:
        InvalidInput: the exchange or the class is not known, they do not go together, or the currency is none.
    """
    asset_class = AssetClass(given.get("asset_class", before.asset_class))
    exchange = given.get("exchange", before.exchange).strip().upper()
    if asset_class not in ON_EXCHANGES and asset_class is not before.asset_class:
        exchange = given.get("exchange", "").strip().upper()
    after = replace(
        before,
        name=given.get("name", before.name).strip(),
        exchange=exchange,
        asset_class=asset_class,
        currency=_currency(given.get("currency", before.currency)),
        calendar=_calendar(before, asset_class, exchange, named="exchange" in given),
    )
    fields = (*FIELDS, "calendar")
    changes = tuple(
        Change(one, str(getattr(before, one)), str(getattr(after, one)))
        for one in fields
        if getattr(before, one) != getattr(after, one)
    )
    if not changes:
        return Corrected(before, (), ())
    after = replace(after, revision=before.revision + 1)
    return Corrected(after, changes, tuple(_consequences(before, after)))


def _calendar(before: Facts, asset_class: AssetClass, exchange: str, *, named: bool) -> str:
    """An exchange that is not known leaves the sessions as they were, unless that was asked for."""
    both_on_exchanges = {asset_class, before.asset_class} <= ON_EXCHANGES
    if not named and (asset_class is before.asset_class or both_on_exchanges):
        return before.calendar
    return calendar_for(asset_class, exchange)


def _currency(currency: str) -> str:
    named = currency_meant(currency.strip())
    if named in MINOR_UNITS:
        major, _ = MINOR_UNITS[named]
        raise InvalidInput(
            f"{named} is a part of {major}; prices are stored in the currency itself. Name {major}.",
            details={"field": "currency"},
        )
    if not _CURRENCY.fullmatch(named):
        raise InvalidInput(f"expected a currency such as GBP; found {currency[:20]!r}.", details={"field": "currency"})
    return named


def _consequences(before: Facts, after: Facts) -> list[str]:
    found = []
    if after.calendar != before.calendar:
        found.append(
            f"missing sessions, quality and days made of finer bars follow the sessions of {after.calendar} from now on"
        )
    if after.currency != before.currency:
        found.append(
            f"stored prices and dividends stay as they are and are read as {after.currency}; none was converted"
        )
        found.append(f"what is fetched or taken in in {before.currency} goes to quarantine from now on")
    if after.asset_class is not before.asset_class:
        found.append(f"checks, fetches and days made of finer bars treat it as {after.asset_class} from now on")
    return found
