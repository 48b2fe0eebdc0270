"""Wire shapes of what is known of an instrument."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from causeway.web.wire import Wire

AssetClassName = Literal["equity", "etf", "fx", "crypto", "future", "index", "synthetic"]


class Exchange(Wire):
    """``calendar`` names the sessions that it keeps: its own, or those of the market it belongs to."""

    mic: str
    calendar: str


class InstrumentFacts(Wire):
    """``exchange`` is a MIC; empty: not known, and the sessions of ``calendar`` are assumed. ``time_zone``
    is the calendar's, by its IANA name. ``revision`` counts corrections."""

    symbol: str
    instrument_id: int
    name: str
    exchange: str
    asset_class: AssetClassName
    currency: str
    calendar: str
    time_zone: str
    revision: int


class Correction(Wire):
    """Facts to change; null or left out: as it is. An empty ``exchange``: not known. ``revision``: the one you read."""

    revision: int = Field(ge=1)
    name: str | None = Field(default=None, max_length=200, pattern=r"^[^\x00]*$")
    exchange: str | None = Field(default=None, max_length=4, pattern=r"^[A-Za-z0-9]*$")
    asset_class: AssetClassName | None = None
    currency: str | None = Field(default=None, min_length=3, max_length=5, pattern=r"^[A-Za-z]*$")


class FactChange(Wire):
    field: str
    before: str
    after: str


class InstrumentCorrected(Wire):
    """The facts now, what changed (nothing where all was so before), and a sentence for each thing that follows."""

    facts: InstrumentFacts
    changes: list[FactChange]
    consequences: list[str]
