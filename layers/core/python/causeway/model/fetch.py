"""Fetches: which bars are wanted from providers of market data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from causeway.model.instrument import AssetClass
from causeway.model.time import BarSize, isoformat_z

UNDER_WAY = frozenset({"queued", "running", "waiting"})  # states of a fetch that has not ended


class Outcome(StrEnum):
    """What became of a symbol. The first two are successes.

    NOTHING: no provider has a bar of the range. UNKNOWN: no provider knows the symbol. REFUSED: every bar that came
    went to quarantine.
    """

    STORED = "stored"
    ALREADY_STORED = "already_stored"
    NOTHING = "nothing"
    UNKNOWN = "unknown"
    REFUSED = "refused"
    FAILED = "failed"


class Repairs(StrEnum):
    """Whether providers are asked what they would repair: NONE, ALSO after the bars, or ONLY, of what is stored."""

    NONE = "none"
    ALSO = "also"
    ONLY = "only"


@dataclass(frozen=True, slots=True)
class FetchSpec:
    """Bars that start in [start, end); ``end`` None: up to the time at which a symbol's turn comes.

    ``providers`` in the order in which they are asked; empty: those of the settings. ``asset_class`` is that of symbols
    which are new; None: as the provider or the symbol says. ``replace`` lets fetched bars replace stored ones that
    differ. ``again`` asks for the whole range, also for what is stored or was answered before. ``check_against``:
    providers whose bars of the same times what comes is held against; where there are two, the second one settles who
    is wrong. ``patient``: a symbol that the other providers do not know waits until one whose plan is used up can be
    asked as well. ``exchange``: the MIC of symbols which are new; empty: as the provider says.
    """

    bar_size: BarSize
    start: datetime
    end: datetime | None = None
    providers: tuple[str, ...] = ()
    extended_hours: bool = False
    asset_class: AssetClass | None = None
    replace: bool = False
    again: bool = False
    check_against: tuple[str, ...] = ()
    patient: bool = False
    repairs: Repairs = Repairs.NONE
    exchange: str = ""

    def as_json(self) -> dict[str, Any]:
        """Plain JSON types, times with Z."""
        return {
            "bar_size": self.bar_size.value,
            "start": isoformat_z(self.start),
            "end": isoformat_z(self.end) if self.end else None,
            "providers": list(self.providers),
            "extended_hours": self.extended_hours,
            "asset_class": self.asset_class.value if self.asset_class else "",
            "replace": self.replace,
            "again": self.again,
            "check_against": list(self.check_against),
            "patient": self.patient,
            "repairs": self.repairs.value,
            "exchange": self.exchange,
        }

    @classmethod
    def from_json(cls, fields: Mapping[str, Any]) -> FetchSpec:
        """The inverse of ``as_json``."""
        return cls(
            bar_size=BarSize(fields["bar_size"]),
            start=datetime.fromisoformat(fields["start"]),
            end=datetime.fromisoformat(fields["end"]) if fields["end"] else None,
            providers=tuple(fields["providers"]),
            extended_hours=fields["extended_hours"],
            asset_class=AssetClass(fields["asset_class"]) if fields["asset_class"] else None,
            replace=fields["replace"],
            again=fields["again"],
            check_against=tuple(fields.get("check_against", ())),
            patient=fields.get("patient", False),
            repairs=Repairs(fields.get("repairs", Repairs.NONE)),
            exchange=fields.get("exchange", ""),
        )
