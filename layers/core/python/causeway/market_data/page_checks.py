"""What bars of a provider are held against when they arrive: stored bars around, other providers, the currency."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from causeway.market_data.findings import Findings
from causeway.market_data.ingestion import CheckedRows, CheckOptions, check_columns
from causeway.market_data.midnight_days import Sessions
from causeway.market_data.second_source import check_others
from causeway.market_data.source_profiles import MINOR_UNITS
from causeway.model.bar import BarColumns
from causeway.model.time import BarSize


def check_page(
    symbol: str,
    bars: BarColumns,
    bar_size: BarSize,
    options: CheckOptions,
    sessions: Sessions,
    *,
    around: tuple[BarColumns, BarColumns],
    others: Mapping[str, BarColumns],
    currencies: tuple[str, str],
) -> CheckedRows:
    """``check_columns`` among stored bars, with other providers' bars by name, and with the provider's and the
    instrument's currency; either is empty where it is not known."""
    checked = check_columns(symbol, bars, bar_size, options, sessions, around=around)
    _check_others(checked, bars, others)
    check_currency(*currencies, rows=range(len(bars)), findings=checked.findings)
    return checked.judged_again()


def _check_others(checked: CheckedRows, bars: BarColumns, others: Mapping[str, BarColumns]) -> None:
    """Rows that are right by themselves, each time once."""
    rows = checked.accepted
    found = Findings()
    check_others(bars.rows(rows), others, found)
    for row, whats in found.by_row.items():
        for one in whats:
            checked.findings.add(int(rows[row]), one.code, one.message)


def check_currency(quoted: str, stored: str, *, rows: Iterable[int], findings: Findings) -> None:
    """An error on each of ``rows`` where another currency is quoted, or hundredths of one. Empty: not said."""
    wrong = None
    if quoted in MINOR_UNITS:
        whole = MINOR_UNITS[quoted][0]
        wrong = (
            f"quoted in {quoted}, hundredths of {whole}; prices are stored in the currency itself. Divide them by 100, "
            f"and take them in as {whole}"
        )
    elif quoted and stored and quoted != stored:
        wrong = (
            f"quoted in {quoted}, while the instrument is stored with {stored}: another listing? Take it in under a "
            "symbol of its own; or, where what is stored is wrong: causeway symbols set SYMBOL --currency " + quoted
        )
    if wrong is not None:
        for row in rows:
            findings.add(int(row), "other_currency", wrong)
