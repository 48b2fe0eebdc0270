"""A file's rows to bars and findings: pure, so that the same rows always give the same answer."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from causeway.errors import InvalidInput
from causeway.market_data.among_stored import Around, judged_among, spans_of
from causeway.market_data.columns import ColumnMapping
from causeway.market_data.file_series import check_file_series
from causeway.market_data.findings import Finding, Findings
from causeway.market_data.midnight_days import Sessions, days_of_exchanges
from causeway.market_data.normalizer import (
    FIELDS,
    ParsedRows,
    Progress,
    bar_starts,
    parse_rows,
    session_starts,
    zone_named,
)
from causeway.market_data.outliers import check_outliers
from causeway.market_data.quote_checks import check_quotes
from causeway.market_data.validator import (
    check_bars,
    check_duplicates,
    check_order,
    check_sessions,
    check_times,
    usable_rows,
)
from causeway.market_data.written_times import NO_TIME, Stamp
from causeway.model.bar import BarColumns
from causeway.model.instrument import AssetClass
from causeway.model.time import BarSize

_DAY_US = 86_400_000_000
DEFAULT_CURRENCY = "USD"  # of a symbol that is new, where nobody says
_MOST_DAYS_APART = 4  # Thursday to Monday over a holiday


@dataclass(frozen=True, slots=True)
class IngestionRequest:
    """How to read a file. ``bar_size`` None: guess it. ``symbol``: of a file without a symbol column.

    ``asset_class``, ``currency`` and ``exchange`` (a MIC) are those of symbols that are new; ``calendar`` is the
    calendar that a provider names. Empty or None: not said. Of a stored symbol they must not say anything else than
    what is stored. ``stamp``: what intraday times say of a bar.
    """

    filename: str
    source: str = "upload"
    bar_size: BarSize | None = None
    asset_class: AssetClass | None = None
    mapping: Mapping[str, str] = field(default_factory=dict)
    symbol: str | None = None
    time_zone: str | None = None
    replace: bool = False
    currency: str = ""
    exchange: str = ""
    calendar: str = ""
    stamp: Stamp = Stamp.START

    def reading(self) -> dict[str, str]:
        """What beside the columns says how times are read, written as ``ColumnMapping.shown`` writes a symbol."""
        zone = {} if self.time_zone is None else {"time_zone": f"={self.time_zone}"}
        return zone if self.stamp is Stamp.START else zone | {"stamp": f"={self.stamp.value}"}


def _all_alike(_symbols: Sequence[str]) -> Mapping[str, str]:
    return {}


@dataclass(frozen=True, slots=True)
class CheckOptions:
    """``bar_size`` None means: guess from the spacing. ``calendar`` is an exchange calendar's name.

    ``stamp``: which moment of a bar intraday times are; days keep their date.
    ``calendars``: given the symbols, the calendars of those that have another.
    """

    now: datetime
    bar_size: BarSize | None = None
    time_zone: str | None = None
    calendar: str = "XNYS"
    stamp: Stamp = Stamp.START
    calendars: Callable[[Sequence[str]], Mapping[str, str]] = _all_alike


@dataclass(frozen=True, slots=True)
class CheckedRows:
    """What may be stored (``accepted``, row indices), what is a repeat of it, and all findings by row index.

    ``notes`` say how times were read where the file did not say.
    """

    bar_size: BarSize
    parsed: ParsedRows
    time_us: NDArray[np.int64]
    accepted: NDArray[np.int64]
    repeats: NDArray[np.int64]
    findings: Findings
    notes: Sequence[str] = ()

    def quarantined(self) -> dict[int, list[Finding]]:
        """Row number in the file to every finding, for rows with an error."""
        return {int(self.parsed.row_number[row]): self.findings.by_row[row] for row in self.findings.error_rows()}

    def judged_again(self) -> CheckedRows:
        """Without the rows in which an error was found since."""
        return replace(self, accepted=np.setdiff1d(self.accepted, self.findings.error_rows(), assume_unique=True))


def check_rows(
    rows: Iterable[tuple[int, Sequence[str]]],
    mapping: ColumnMapping,
    options: CheckOptions,
    sessions: Sessions,
    progress: Progress | None = None,
    *,
    around: Around | None = None,
) -> CheckedRows:
    """Read and check every row. ``sessions(calendar, first, last)`` gives session days since 1970.

    ``around`` gives stored bars, by which the file's rows are judged too; nothing is said of those themselves.

    Raises:
        InvalidInput: no row, no readable time, an intraday file without a zone, an unknown zone, an unclear bar size,
            or days as midnights of the exchange in UTC that its sessions do not explain.
    """
    if options.time_zone is not None:
        zone_named(options.time_zone)
    findings = Findings()
    parsed = parse_rows(rows, mapping, findings, progress)
    _require_times(parsed, findings)
    bar_size = options.bar_size or guess_bar_size(parsed)
    notes: Sequence[str] = ()
    if bar_size is BarSize.DAY_1:
        time_us, notes = _days(parsed, options, sessions, findings)
    else:
        time_us = _intraday_times(parsed, bar_size, options, findings)
    neighbours = around(bar_size, spans_of(parsed, time_us)) if around else {}
    judged = judged_among(parsed, time_us, findings, neighbours)
    every = _check_series(judged.parsed, judged.time_us, bar_size, options, sessions, judged.findings)
    repeats = judged.mine(every)
    judged.hand_back(findings)
    if mapping.position["volume"] < 0:
        for row in range(len(parsed)):
            findings.add(row, "no_volume", "the file has no volume column; volume is stored as 0")
    accepted = np.setdiff1d(usable_rows(time_us, findings), repeats, assume_unique=True)
    return CheckedRows(bar_size, parsed, time_us, accepted, repeats, findings, notes)


def check_columns(
    symbol: str,
    bars: BarColumns,
    bar_size: BarSize,
    options: CheckOptions,
    sessions: Sessions,
    *,
    around: tuple[BarColumns, BarColumns] | None = None,
) -> CheckedRows:
    """The same checks of bars of one symbol that came as columns, stamped with their start; rows count from 1.

    ``around``: bars before and after these, by which they are judged too; nothing is said of those themselves.
    """
    before, after = around or (BarColumns.together([]), BarColumns.together([]))
    every = _parsed(symbol, [before, bars, after])
    findings = Findings()
    for row, at in zip(*np.nonzero(~np.isfinite(every.values)), strict=True):
        findings.add(int(row), "not_finite", f"{FIELDS[at]} is {every.values[row, at]}")
    repeats = _check_series(every, every.wall_us, bar_size, options, sessions, findings)
    first, end = len(before), len(before) + len(bars)
    own = Findings({row - first: found for row, found in findings.by_row.items() if first <= row < end})
    mine = repeats[(repeats >= first) & (repeats < end)] - first
    parsed = _parsed(symbol, [bars])
    accepted = np.setdiff1d(usable_rows(bars.time_us, own), mine, assume_unique=True)
    return CheckedRows(bar_size, parsed, bars.time_us, accepted, mine, own)


def _parsed(symbol: str, parts: Sequence[BarColumns]) -> ParsedRows:
    """Bars of one symbol, one part after the other."""
    times = np.concatenate([part.time_us for part in parts])
    columns = [np.stack([getattr(part, name) for name in FIELDS], axis=1) for part in parts]
    return ParsedRows(
        row_number=np.arange(1, len(times) + 1),
        symbols=(symbol,),
        symbol_id=np.zeros(len(times), dtype=np.int32),
        wall_us=times,
        offset_us=np.zeros(len(times), dtype=np.int64),
        values=np.concatenate(columns),
    )


def _check_series(
    parsed: ParsedRows,
    time_us: NDArray[np.int64],
    bar_size: BarSize,
    options: CheckOptions,
    sessions: Sessions,
    findings: Findings,
) -> NDArray[np.int64]:
    """Every check of what was read; rows that repeat another."""
    check_bars(parsed.values, findings)
    if parsed.quotes is not None:
        check_quotes(parsed.quotes[:, 0], parsed.quotes[:, 1], findings)
    check_times(time_us, options.now, findings)
    check_order(parsed, time_us, findings)
    repeats = check_duplicates(parsed, time_us, findings)
    if bar_size is BarSize.DAY_1:
        _check_days(parsed, time_us, options, sessions, findings)
    check_file_series(parsed, time_us, bar_size, findings)
    return repeats


def guess_bar_size(parsed: ParsedRows) -> BarSize:
    """The most frequent distance between neighbouring bars of a symbol; dates are daily bars by default.

    Raises:
        InvalidInput: it is no supported bar size, or there are too few rows to tell.
    """
    known = parsed.wall_us != NO_TIME
    order = np.lexsort((parsed.wall_us[known], parsed.symbol_id[known]))
    wall, symbol = parsed.wall_us[known][order], parsed.symbol_id[known][order]
    steps = np.diff(wall)[np.diff(symbol) == 0]
    distances, counts = np.unique(steps[steps > 0], return_counts=True)
    dates_only = bool((wall % _DAY_US == 0).all())
    usual_us = int(distances[np.argmax(counts)]) if distances.size else 0
    if dates_only and (usual_us <= _MOST_DAYS_APART * _DAY_US or steps.size < 3):
        return BarSize.DAY_1
    for bar_size in BarSize:
        if bar_size.width == timedelta(microseconds=usual_us) and not dates_only:
            return bar_size
    usual_s = usual_us / 1e6
    raise InvalidInput(
        f"the bar size is not clear: the usual distance between rows is {usual_s:g} s. "
        f"Name it with bar_size, one of {', '.join(BarSize)}.",
        details={"field": "bar_size", "usual_distance_s": usual_s},
    )


def _require_times(parsed: ParsedRows, findings: Findings) -> None:
    if len(parsed) == 0:
        raise InvalidInput("the file has a header and no rows; expected at least one bar.")
    if (parsed.wall_us == NO_TIME).all():
        raise InvalidInput(
            f"none of the {len(parsed)} rows has a readable time: {_first_time(findings)}, or Unix time. Write the "
            "year first and hours from 0 to 23, or name another column as the time.",
            details={"field": "time"},
        )


def _first_time(findings: Findings) -> str:
    found = (one for row in sorted(findings.by_row) for one in findings.by_row[row])
    return next((one.message for one in found if one.code == "bad_time"), "time is empty; expected such as 2024-01-31")


def _days(
    parsed: ParsedRows, options: CheckOptions, sessions: Sessions, findings: Findings
) -> tuple[NDArray[np.int64], Sequence[str]]:
    """Where no zone is given, times in UTC may be days of the exchange's."""
    days = session_starts(parsed, options.time_zone)
    if options.time_zone is not None or not (days != parsed.wall_us).any():
        return days, ()
    known = Findings({row: list(found) for row, found in findings.by_row.items()})
    check_times(days, options.now, known)
    return days_of_exchanges(parsed, days, usable_rows(days, known), _calendars(parsed, options), sessions)


def _calendars(parsed: ParsedRows, options: CheckOptions) -> NDArray[np.str_]:
    """Of each row."""
    others = options.calendars([symbol for symbol in parsed.symbols if symbol])
    return np.array([others.get(symbol, options.calendar) for symbol in parsed.symbols])[parsed.symbol_id]


def _intraday_times(
    parsed: ParsedRows, bar_size: BarSize, options: CheckOptions, findings: Findings
) -> NDArray[np.int64]:
    known = parsed.wall_us[parsed.wall_us != NO_TIME]
    if known.size > 1 and (known % _DAY_US == 0).all():
        raise InvalidInput(
            f"bar_size is {bar_size.value}, but every time in the file is a date without a clock time. "
            "Send bar_size=1d, or a file with clock times.",
            details={"field": "bar_size"},
        )
    return bar_starts(parsed, bar_size, options.time_zone, options.stamp, findings)


def _check_days(
    parsed: ParsedRows, time_us: NDArray[np.int64], options: CheckOptions, sessions: Sessions, findings: Findings
) -> None:
    usable = usable_rows(time_us, findings)
    names = _calendars(parsed, options)[usable]
    for calendar in np.unique(names).tolist():
        rows = usable[names == calendar]
        first, last = (_date(time_us[rows].min()), _date(time_us[rows].max()))
        days = np.where(np.isin(np.arange(len(parsed)), rows), time_us, NO_TIME)
        check_sessions(days, sessions(calendar, first, last), calendar, findings)
    check_outliers(parsed, time_us, findings)


def _date(time_us: np.int64) -> date:
    return date.fromordinal(date(1970, 1, 1).toordinal() + int(time_us // _DAY_US))
