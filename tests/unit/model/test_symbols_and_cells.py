"""How symbols are written, and cells that a spreadsheet would run."""

from __future__ import annotations

import csv
import io
import json
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from causeway.cli.output import show_csv
from causeway.model.spreadsheet import guarded, unguarded
from causeway.model.symbol import SYMBOL_PATTERN, is_symbol

FORMULAS = ("=1+1", "+SUM(A1)", "-2+3+cmd|' /C calc'!A0", "@SUM(A1)", "\t=1", "\r=1", "@ES#")
VENDORS = {
    "Yahoo": ("^GSPC", "EURUSD=X", "ES=F", "BTC-USD", "M&M.NS", "J&KBANK.NS", "0P000071W8.TO", "000001.SS"),
    "IQFeed": ("@ES#", "QCL#", "EURUSD.FXCM", "SPX.XO"),
    "Alpaca": ("BTC/USD", "BRK.B"),
    "Alpha Vantage": ("TSCO.LON", "600104.SHH"),
    "Nasdaq Trader": (
        "BAC-A",
        "ABC+",
        "ABC=",
        "ABC^",
        "ABC#",
        "ABC$",
        "ABC.A*",
        "ABC!",
        "ABC@",
    ),
}
FRONTEND = Path(__file__).parents[3] / "frontend/src/features/data/fetch-draft.ts"


@pytest.mark.parametrize("vendor", VENDORS)
def test_what_vendors_write_is_a_symbol(vendor: str) -> None:
    for symbol in VENDORS[vendor]:
        assert is_symbol(symbol), symbol
        assert re.search(SYMBOL_PATTERN, symbol), symbol


@pytest.mark.parametrize(
    "text",
    ["", "..", ".A", "/A", "-A", "=A", "+A", "A B", "A,B", "A%", "A\nB", "A'", 'A"', "A;B", "A\\B", "a", "A" * 33],
)
def test_what_could_be_a_path_an_option_or_a_formula_is_none(text: str) -> None:
    assert not is_symbol(text)


def test_the_web_form_takes_the_same_symbols() -> None:
    [pattern] = re.findall(r"const SYMBOL = /(.*)/;", FRONTEND.read_text())
    takes = re.compile(pattern.replace("^[", "[", 1).removesuffix("$"))
    signs = [chr(code) for code in range(32, 127)]
    for sign in signs:
        for text in (f"{sign}A", f"A{sign}"):
            assert bool(takes.fullmatch(text)) is is_symbol(text), json.dumps(text)


@pytest.mark.parametrize("cell", FORMULAS)
def test_a_formula_gets_an_apostrophe(cell: str) -> None:
    """OWASP, CSV Injection: = + - @, tab and carriage return at the start."""
    assert guarded(cell) == f"'{cell}"


@pytest.mark.parametrize("cell", ["AAPL", "^GSPC", "EURUSD=X", "-1.5", "+3", "-2e-05", "", -1.5, None, 3])
def test_numbers_and_other_cells_stay(cell: object) -> None:
    assert guarded(cell) == cell


@given(st.text(max_size=12) | st.from_regex(r"'*[=+@-].*"))
def test_the_way_back_is_exact(cell: str) -> None:
    assert unguarded(guarded(cell)) == cell


def test_commands_print_guarded_cells(capsys: pytest.CaptureFixture[str]) -> None:
    show_csv(["symbol", "change"], [{"symbol": "@ES#", "change": -0.5}, {"symbol": "=1+1", "change": "-0.5"}])
    rows = list(csv.reader(io.StringIO(capsys.readouterr().out)))
    assert rows == [["symbol", "change"], ["'@ES#", "-0.5"], ["'=1+1", "-0.5"]]
