"""What can be wrong with a row of market data, by code.

An *error* sends the row to quarantine with every reason that was found; nothing of it is stored as a bar. A
*warning* lets the row be stored and is reported with the ingestion. No value is ever changed to make it pass.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import chain
from typing import Any


class Severity(StrEnum):
    ERROR = "error"
    WARNING = "warning"


_E, _W = Severity.ERROR, Severity.WARNING

# code: (severity, what is checked). docs/operations/data-quality.md shows this table; a test keeps the two equal.
CODES: dict[str, tuple[Severity, str]] = {
    "missing_field": (_E, "a required field is empty (or NA, N/A, null, None, -)"),
    "not_a_number": (_E, "a price or volume is not a plain decimal number"),
    "not_finite": (_E, "a price or volume is NaN or infinite"),
    "bad_symbol": (_E, "the symbol is not 1 to 32 letters, digits or . _ : / ^ = + - & # @ $ * !"),
    "bad_time": (_E, "the time is neither ISO 8601 nor a Unix time"),
    "no_time_zone": (_E, "the time has no zone while other rows of the file have one"),
    "ambiguous_time": (_E, "the local time happened twice or never, because clocks were changed"),
    "non_positive_price": (_E, "a price is zero or negative"),
    "high_below_low": (_E, "high is below low"),
    "open_outside_range": (_E, "open is outside low to high"),
    "close_outside_range": (_E, "close is outside low to high"),
    "implausible_range": (_E, "high is more than 1,000,000 times low"),
    "negative_volume": (_E, "volume is negative"),
    "implausible_volume": (_E, "volume is above 1e15"),
    "in_future": (_E, "the bar starts after now"),
    "too_old": (_E, "the bar starts before 1900"),
    "conflicting_duplicate": (_E, "symbol and time stand several times in the file with different values"),
    "repeated_bar": (_E, "daily: the prices are those of a later bar of the same symbol"),
    "spike": (_E, "daily: the whole bar, or up to 5 together, lie far off both neighbours, and the next is back"),
    "symbol_not_valid": (_E, "the symbol belonged to no instrument at that time"),
    "conflicts_with_stored": (_E, "another value is stored for that bar, and replacing was not asked for"),
    "other_price_basis": (_E, "the prices of this symbol are those stored times one factor: an adjusted series?"),
    "duplicate_row": (_W, "symbol and time stand several times in the file with equal values"),
    "out_of_order": (_W, "the row is earlier than the row before it of the same symbol"),
    "not_a_session": (_W, "daily: the exchange's calendar has no session on that day"),
    "same_as_earlier_bar": (_W, "daily: an earlier bar had these prices and went to quarantine"),
    "isolated_bar": (_W, "daily: like a spike, but less far off; it may be real"),
    "last_bar_apart": (_W, "daily: the last bar lies over 8 usual days and 5 % off the one before; the next will tell"),
    "large_move": (_W, "the close moved over 25 % and over 8 usual moves of a bar; a split that is not recorded?"),
    "lone_price": (
        _W,
        "a price lies over 12 usual moves and 2 % (daily: 8 and 5 %) beyond both neighbours, and the next is back",
    ),
    "level_shift": (
        _W,
        "the level shifts by over 15 % (intraday: 5 %) and later back by as much: another currency or basis?",
    ),
    "stale_run": (
        _W,
        "daily: 5 bars in a row have equal prices; 3 with telling prices or no volume (intraday: 10, 5 and 3)",
    ),
    "repeated_stretch": (_W, "intraday: 4 bars or more in a row have the prices and volumes of 4 at an earlier time"),
    "volume_spike": (
        _W,
        "the volume is over 100 times the usual, of the days around or of this time on other days, or (intraday) over "
        "10 times that of any other bar",
    ),
    "volume_drop": (_W, "daily: the volume is under a hundredth of the usual, or 0 although the price moved"),
    "unit_error": (
        _E,
        "prices are 10, 100, 1,000 or 10,000 times (or that part of) those before and after: another unit or currency",
    ),
    "unit_shift": (_W, "prices become 100 times (or more) or 1/100 of those before and stay there: another unit"),
    "split_not_applied": (_E, "split-adjusted: bars near a split lack its adjustment"),
    "split_applied_twice": (_E, "split-adjusted: bars near a split were adjusted for it twice"),
    "unrecorded_split": (
        _W,
        "the price level shifts by a simple ratio, volume the other way, and no split is recorded",
    ),
    "dividend_not_applied": (_E, "the adjusted series lacks the step of a dividend"),
    "dividend_applied_twice": (_E, "the adjusted series steps twice for a dividend"),
    "dividend_unit": (_E, "a dividend, or its step, is 100 times too large or too small"),
    "dividend_misapplied": (_E, "the adjusted series steps by another amount than the dividend"),
    "dividend_not_in_price": (_W, "a dividend of over 5 usual moves shows in no price: wrong amount, or wrong date?"),
    "dividend_not_split": (
        _W,
        "a dividend on the day of a split is recorded for the shares before it, or divided twice",
    ),
    "duplicate_dividend": (_E, "the same dividend stands twice within a few days"),
    "conflicting_action": (_W, "a split or dividend is recorded with two values; the one that was stored first stays"),
    "crossed_quote": (_E, "a quote's ask is below its bid"),
    "wide_quote": (_W, "a quote's ask is over 20 % above its bid"),
    "contradicted": (_E, "another source has another price, and a third source agrees with that one"),
    "sources_differ": (_W, "another source has another price, and no third source settles which is right"),
    "missing_sessions": (_W, "the exchange's calendar has sessions of which no bar is stored"),
    "clock_shifted": (
        _W,
        "intraday: the volume would lie in the exchange's sessions if all bars were some hours later",
    ),
    "missing_bars": (_W, "intraday: bars are missing within a session"),
    "no_volume": (_W, "the file has no volume column; volume is stored as 0"),
    "other_currency": (_E, "the provider, or --currency, names another currency than the instrument is stored with"),
    "provider_repair": (_W, "fetched: the provider's own repair would give a split or dividend another value"),
    "hole": (_W, "fetched: the provider lists the bar without values; nothing is stored for it"),
}


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing found in one row. ``message`` says what was found and what was expected."""

    code: str
    message: str

    @property
    def severity(self) -> Severity:
        return CODES[self.code][0]

    def as_json(self) -> dict[str, str]:
        return {"code": self.code, "severity": self.severity.value, "message": self.message}


@dataclass(slots=True)
class Findings:
    """Findings by row index. Only rows with a finding take memory."""

    by_row: dict[int, list[Finding]] = field(default_factory=dict)

    def add(self, row: int, code: str, message: str) -> None:
        self.by_row.setdefault(row, []).append(Finding(code, message))

    def has_error(self, row: int) -> bool:
        return any(finding.severity is Severity.ERROR for finding in self.by_row.get(row, ()))

    def error_rows(self) -> list[int]:
        """Rows with at least one error, ascending."""
        return sorted(row for row in self.by_row if self.has_error(row))

    def error_codes(self) -> Counter[str]:
        """Rows by error; a row with several errors counts for each."""
        errors = ({one.code for one in found if one.severity is Severity.ERROR} for found in self.by_row.values())
        return Counter(chain.from_iterable(errors))


def summarise(by_row: Iterable[Iterable[Finding]]) -> list[dict[str, Any]]:
    """Per code: in how many rows it was found, and the first message. Errors first, then by count."""
    counts: Counter[str] = Counter()
    examples: dict[str, str] = {}
    for findings in by_row:
        counts.update({finding.code for finding in findings})
        for finding in findings:
            examples.setdefault(finding.code, finding.message)
    ordered = sorted(counts, key=lambda code: (CODES[code][0].value, -counts[code], code))
    return [
        {"code": code, "severity": CODES[code][0].value, "rows": counts[code], "example": examples[code]}
        for code in ordered
    ]
