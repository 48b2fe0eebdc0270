"""``causeway symbols``, and ``ingest --currency`` and ``--exchange``, against the functions served on loopback."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.functions.cli.conftest import Shell

pytestmark = pytest.mark.postgres


@pytest.fixture
def stored(shell: Shell, tmp_path: Path) -> Shell:
    """Boxing Day of 2024 was a session in New York and none in London."""
    shell.login()
    days = ("2024-12-24,10,12,9,11,100", "2024-12-26,10,12,9,11.5,100")
    path = tmp_path / "bars.csv"
    path.write_text("symbol,date,open,high,low,close,volume\n" + "".join(f"VOD,{day}\n" for day in days))
    found = shell.run("ingest", path)
    assert found.exit_code == 0, found.output
    assert "sessions of XNYS assumed for VOD; correct with: causeway symbols set VOD --exchange MIC" in found.stderr
    return shell


def test_a_symbol_is_shown_corrected_and_shown(stored: Shell) -> None:
    assert stored.json("symbols", "show", "VOD")["calendar"] == "XNYS"
    done = stored.run("symbols", "set", "VOD", "--currency", "gbp", "--exchange", "xlon", "--name", "Vodafone")
    assert done.exit_code == 0, done.output
    for line in ("VOD: currency USD -> GBP", "VOD: exchange not known -> XLON", "VOD: sessions of XNYS -> XLON"):
        assert line in done.stderr
    assert "none was converted" in done.stderr
    shown = stored.run("symbols", "show", "VOD").stdout
    assert "sessions of XLON" in " ".join(shown.split())
    assert [row["exchange"] for row in stored.json("symbols", "--query", "Vodafone")] == ["XLON"]


def test_correcting_it_to_what_it_is_changes_nothing(stored: Shell) -> None:
    assert "nothing was changed" in stored.run("symbols", "set", "VOD", "--currency", "USD").stderr


def test_a_wrong_exchange_says_how_to_list_the_known_ones(stored: Shell) -> None:
    done = stored.run("symbols", "set", "VOD", "--exchange", "NYSE")
    assert (done.exit_code, "causeway symbols exchanges" in done.stderr) == (1, True)
    assert {"mic": "XLON", "calendar": "XLON"} in stored.json("symbols", "exchanges")
    fetched = stored.run("fetch", "--symbols", "NEW", "--start", "2024-01-01", "--exchange", "NYSE")
    assert (fetched.exit_code, "causeway symbols exchanges" in fetched.stderr) == (1, True)


@pytest.mark.parametrize("name", ["LSE", "London"])
def test_what_is_no_mic_is_wrong_usage(stored: Shell, tmp_path: Path, name: str) -> None:
    for command in (["symbols", "set", "VOD"], ["fetch", "--symbols", "NEW"], ["ingest", tmp_path / "bars.csv"]):
        done = stored.run(*command, "--exchange", name)
        assert (done.exit_code, "causeway symbols exchanges" in done.output) == (2, True), done.output


def test_nothing_to_correct_is_wrong_usage(stored: Shell) -> None:
    assert stored.run("symbols", "set", "VOD").exit_code == 2


def test_a_file_in_another_currency_is_kept_out_with_what_to_do(stored: Shell, tmp_path: Path) -> None:
    path = tmp_path / "more.csv"
    path.write_text("symbol,date,open,high,low,close,volume\nVOD,2024-12-27,10,12,9,11,100\n")
    found = stored.run("ingest", path, "--currency", "GBP")
    assert "0 inserted" in found.stderr
    assert "error other_currency" in found.stderr
    assert "causeway symbols set SYMBOL --currency GBP" in found.stderr
    assert "1 inserted" in stored.run("ingest", path).stderr


def test_a_currency_and_a_coin_need_no_class_and_are_not_told_to_name_an_exchange(shell: Shell, tmp_path: Path) -> None:
    """30 March 2024 was a Saturday: coins are traded, currencies are not."""
    shell.login()
    path = tmp_path / "pairs.csv"
    days = ("2024-03-28", "2024-03-30")
    rows = [f"{symbol},{day},10,12,9,11,100\n" for symbol in ("EURUSD=X", "BTC-USD") for day in days]
    path.write_text("symbol,date,open,high,low,close,volume\n" + "".join(rows))
    found = shell.run("ingest", path)
    assert "class fx assumed for EURUSD=X by the form of the symbol; correct with: causeway symbols set" in found.stderr
    assert "--exchange" not in found.stderr
    shown = {name: shell.json("symbols", "show", name) for name in ("EURUSD=X", "BTC-USD")}
    assert {name: (one["asset_class"], one["calendar"]) for name, one in shown.items()} == {
        "EURUSD=X": ("fx", "24/5"),
        "BTC-USD": ("crypto", "24/7"),
    }
