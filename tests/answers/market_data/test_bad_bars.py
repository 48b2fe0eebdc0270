"""Errors in a public data set that another vintage of it and a third source settle.

Data: five years of daily bars of 48 US stocks (CNuge/kaggle-code), which hold real errors. The lists below were found
by comparing closes with an older vintage of the same set and with QuantConnect's LEAN data, not by our own checks.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, datetime
from pathlib import Path

import pytest

from causeway.adapters.feeds.csv_files import open_table
from causeway.market_data.columns import map_columns
from causeway.market_data.ingestion import CheckedRows, CheckOptions, check_rows
from causeway.market_data.sessions import session_days

IMPOSSIBLE = {
    ("SPG", "2014-05-28"): "close_outside_range",
    ("DHR", "2014-11-06"): "open_outside_range",
    ("O", "2014-08-27"): "close_outside_range",
    ("O", "2014-11-06"): "open_outside_range",
}
MISSING = {
    ("DHR", "2015-07-17"), ("O", "2015-07-17"), ("DHR", "2016-01-12"), ("O", "2016-01-12"),
    ("REGN", "2015-06-09"), ("BHF", "2017-07-26"),
}  # fmt: skip
WRONG_BY_OTHER_SOURCES = {
    ("AAPL", "2017-08-01"), ("AMZN", "2017-08-01"), ("KO", "2017-08-01"), ("DHR", "2017-08-01"), ("O", "2017-08-01"),
    ("O", "2013-12-20"), ("JPM", "2014-11-28"), ("XOM", "2014-07-28"), ("KO", "2014-08-01"), ("KO", "2014-10-29"),
    ("DHR", "2014-10-07"), ("DHR", "2014-10-16"), ("DHR", "2014-10-30"), ("O", "2014-10-16"), ("O", "2014-10-29"),
    ("O", "2014-10-30"),
}  # fmt: skip
# Wrong by 0.3 to 2.3 % inside a plausible bar: one file alone cannot show it. A second vintage does.
NOT_VISIBLE = {("GE", "2016-06-15"), ("DHR", "2013-12-20"), ("DHR", "2014-10-14"), ("O", "2014-05-28")}


def checked_file(path: Path) -> CheckedRows:
    table = open_table(path)
    options = CheckOptions(now=datetime(2024, 1, 1, tzinfo=UTC))
    return check_rows(table.rows(), map_columns(table.header), options, session_days)


def quarantined(checked: CheckedRows) -> dict[tuple[str, str], set[str]]:
    found: dict[tuple[str, str], set[str]] = defaultdict(set)
    for row in checked.findings.error_rows():
        symbol = checked.parsed.symbols[checked.parsed.symbol_id[row]]
        day = datetime.fromtimestamp(checked.time_us[row] / 1e6, UTC).date().isoformat()
        found[symbol, day] |= {finding.code for finding in checked.findings.by_row[row]}
    return found


@pytest.fixture(scope="module")
def found(test_data: Path) -> dict[tuple[str, str], set[str]]:
    return quarantined(checked_file(test_data / "daily/sp500_48sym_ohlcv_2013-2018.csv.gz"))


def test_impossible_bars_are_found(found: dict[tuple[str, str], set[str]]) -> None:
    assert {key: code for key, code in IMPOSSIBLE.items() if code in found.get(key, set())} == IMPOSSIBLE


def test_missing_values_are_found(found: dict[tuple[str, str], set[str]]) -> None:
    assert {key for key, codes in found.items() if "missing_field" in codes} == MISSING


def test_bars_that_other_sources_contradict_are_found(found: dict[tuple[str, str], set[str]]) -> None:
    assert {key for key in WRONG_BY_OTHER_SOURCES if not found.get(key, set()) & {"repeated_bar", "spike"}} == set()


def test_what_one_file_cannot_show_is_not_claimed(found: dict[tuple[str, str], set[str]]) -> None:
    assert found.keys() & NOT_VISIBLE == set()


def test_few_bars_are_taken_for_errors_that_other_sources_confirm(
    found: dict[tuple[str, str], set[str]], test_data: Path
) -> None:
    """Where the older vintage covers a quarantined bar, it must disagree with it, by a price or a missing one."""
    flagged, confirmed = set[tuple[str, str]](), set[tuple[str, str]]()
    ours = closes(test_data / "daily/sp500_48sym_ohlcv_2013-2018.csv.gz")
    for key, (_, close) in closes(test_data / "daily/sp500_12sym_ohlcv_2012-2017_other_vintage.csv.gz").items():
        if found.get(key, set()) & {"repeated_bar", "spike"}:
            flagged.add(key)
            if abs(float(ours[key][1]) / float(close) - 1) > 0.001:
                confirmed.add(key)
    assert len(flagged) >= 14
    assert len(confirmed) >= 0.8 * len(flagged), sorted(flagged - confirmed)


def closes(path: Path) -> dict[tuple[str, str], tuple[str, str]]:
    return {(cells[0], cells[1]): (cells[2], cells[5]) for _, cells in open_table(path).rows()}


def test_misprints_of_ten_times_in_a_public_source(test_data: Path) -> None:
    """60,000 raw bars with splits, crashes, bankruptcies and reused tickers lose three, and nothing else.

    Lows of a tenth. The bundle that comes with zipline has both of Apple's days, and the lows are 240.349 and 324.84.
    """
    found = quarantined(checked_file(test_data / "daily/lean_us_raw_ohlcv_16tickers_1998-2021.csv.gz"))
    assert found == {
        ("AAPL", "2010-08-31"): {"unit_error"},
        ("AAPL", "2011-01-03"): {"unit_error"},
        ("GOOG", "2007-12-18"): {"unit_error"},
    }
    other = {
        (cells[0], cells[1][:10]): cells[4]
        for _, cells in open_table(test_data / "daily/zipline_bundle_6sym_raw_ohlcv_2004-2014.csv.gz").rows()
    }
    assert (other["AAPL", "2010-08-31"], other["AAPL", "2011-01-03"]) == ("240.349", "324.84")


def test_a_clean_source_loses_no_bar(test_data: Path) -> None:
    assert quarantined(checked_file(test_data / "daily/zipline_bundle_6sym_raw_ohlcv_2004-2014.csv.gz")) == {}
