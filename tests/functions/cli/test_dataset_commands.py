"""causeway export and causeway import against the real functions."""

from __future__ import annotations

import json
import random
from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest

from causeway.cli.client import Client
from tests.functions.cli.conftest import Shell

pytestmark = [pytest.mark.postgres]
COLUMNS = "instrument_id, bar_size, time, open, high, low, close, volume"


def ingested(shell: Shell, folder: Path, *, days: int = 400) -> None:
    """Daily bars of two symbols from 2011-11 on with 17 digits, minutes of one, and a split."""
    dice, lines = random.Random(7), ["symbol,time,open,high,low,close,volume"]
    for symbol in ("AAPL", "BRK/B"):
        for day in (date(2011, 11, 1) + timedelta(n) for n in range(days)):
            if day.weekday() < 5:
                low, *middle, high = sorted(100 + dice.random() for _ in range(4))
                volume = dice.randrange(1000, 9000)
                lines.append(f"{symbol},{day},{middle[0]!r},{high!r},{low!r},{middle[1]!r},{volume}")
    (folder / "daily.csv").write_text("\n".join(lines))
    minutes = [f"AAPL,2012-12-31T15:{n:02}:00Z,100.1,100.7,100.05,100.3,{n + 1}" for n in range(60)]
    (folder / "minutes.csv").write_text("\n".join([lines[0], *minutes]))
    for name in ("daily.csv", "minutes.csv"):
        assert shell.json("ingest", folder / name)[0]["rows_quarantined"] == 0
    execute(shell, "INSERT INTO corporate_actions (instrument_id, kind, ex_date, value, source) "
                   "SELECT instrument_id, 'split', '2012-06-01', 7.000000000000000001, 'test' FROM symbols "
                   "WHERE symbol = 'AAPL'")  # fmt: skip


def execute(shell: Shell, statement: str) -> list[tuple[Any, ...]]:
    with psycopg.connect(shell.databases.owner_url, autocommit=True) as connection:
        cursor = connection.execute(statement.encode())
        return cursor.fetchall() if cursor.description else []


def stored_bars(shell: Shell) -> list[tuple[Any, ...]]:
    return execute(shell, f"SELECT {COLUMNS} FROM market_data ORDER BY 1, 2, 3")


def stored_actions(shell: Shell) -> list[tuple[Any, ...]]:
    return execute(shell, "SELECT instrument_id, kind, ex_date, value FROM corporate_actions ORDER BY 1, 2, 3")


def keys(folder: Path) -> Sequence[str]:
    return [file["key"] for file in json.loads((folder / "manifest.json").read_text())["files"]]


def test_what_was_exported_and_lost_comes_back_bit_for_bit(signed_in: Shell, tmp_path: Path) -> None:
    ingested(signed_in, tmp_path)
    bars, actions = stored_bars(signed_in), stored_actions(signed_in)
    for size in ("1d", "1m"):
        signed_in.json("export", "--bars", size, "--to", tmp_path / size)
    execute(signed_in, "DELETE FROM market_data")
    execute(signed_in, "DELETE FROM corporate_actions")
    done = [signed_in.json("import", tmp_path / size) for size in ("1d", "1m")]
    assert [one["quarantined"] for one in done] == [0, 0]
    assert sum(one["inserted"] for one in done) == len(bars)
    assert stored_bars(signed_in) == bars
    assert stored_actions(signed_in) == actions


def test_importing_what_is_there_changes_nothing(signed_in: Shell, tmp_path: Path) -> None:
    ingested(signed_in, tmp_path)
    bars = stored_bars(signed_in)
    exported = signed_in.json("export", "--to", tmp_path / "export")
    done = signed_in.json("import", tmp_path / "export")
    assert (done["unchanged"], done["inserted"], done["updated"]) == (exported["bars"], 0, 0)
    assert done["corporate_actions_changed"] == 0
    assert stored_bars(signed_in) == bars


def test_what_was_imported_is_listed_by_its_symbols_and_bar_size(signed_in: Shell, tmp_path: Path) -> None:
    ingested(signed_in, tmp_path, days=10)
    for size in ("1d", "1m"):
        signed_in.json("export", "--bars", size, "--to", tmp_path / size)
        signed_in.json("import", tmp_path / size)
    listed = {name for (name,) in execute(signed_in, "SELECT filename FROM ingestions")}
    assert listed == {"daily.csv", "minutes.csv", "AAPL-BRK_B-1d.csv.gz", "AAPL-1m.csv.gz"}


def test_a_range_of_some_symbols(signed_in: Shell, tmp_path: Path) -> None:
    ingested(signed_in, tmp_path)
    target = tmp_path / "export"
    arguments = ("--symbols", "BRK/B", "--start", "2012-01-03", "--end", "2012-01-06", "--to", target)
    done = signed_in.json("export", *arguments)
    assert (done["symbols"], done["files"], done["bars"], done["corporate_actions"]) == (1, 1, 3, 0)
    assert keys(target)[0].startswith("bars/bar_size=1d/symbol=BRK%2FB/year=2012/")


def test_a_changed_byte_stops_the_import_before_anything_is_sent(signed_in: Shell, tmp_path: Path) -> None:
    ingested(signed_in, tmp_path)
    signed_in.json("export", "--to", tmp_path / "export")
    last = tmp_path / "export" / keys(tmp_path / "export")[-1]
    data = bytearray(last.read_bytes())
    data[-20] ^= 1
    last.write_bytes(data)
    execute(signed_in, "DELETE FROM market_data")
    found = signed_in.run("import", tmp_path / "export")
    assert (found.exit_code, found.stdout) == (1, "")
    assert last.name in found.stderr
    assert stored_bars(signed_in) == []


def test_an_unknown_symbol_leaves_no_export(signed_in: Shell, tmp_path: Path) -> None:
    found = signed_in.run("export", "--symbols", "NONE", "--to", tmp_path / "export")
    assert found.exit_code == 1
    assert "no instrument has the symbol" in found.stderr
    assert not (tmp_path / "export" / "manifest.json").exists()


def test_a_directory_that_does_not_exist_is_named(signed_in: Shell, tmp_path: Path) -> None:
    found = signed_in.run("import", tmp_path / "nowhere")
    assert (found.exit_code, found.stdout) == (1, "")
    assert f"{tmp_path / 'nowhere'} does not exist" in found.stderr


def test_a_directory_without_a_manifest_is_no_export(signed_in: Shell, tmp_path: Path) -> None:
    assert "an export was not finished" in signed_in.run("import", tmp_path).stderr


def test_an_export_of_nothing_is_refused_and_leaves_the_earlier_one(signed_in: Shell, tmp_path: Path) -> None:
    ingested(signed_in, tmp_path)
    target = tmp_path / "export"
    signed_in.json("export", "--to", target)
    before = {file: file.read_bytes() for file in target.rglob("*") if file.is_file()}
    found = signed_in.run("export", "--symbols", "AAPL", "--start", "2030-01-01", "--to", target)
    assert (found.exit_code, found.stdout) == (1, "")
    assert "nothing was written" in found.stderr
    assert "1d bars of AAPL from 2030-01-01" in found.stderr
    assert "between 2011-11-01T00:00:00Z and" in found.stderr
    assert {file: file.read_bytes() for file in target.rglob("*") if file.is_file()} == before


def test_an_export_of_nothing_makes_no_directory(signed_in: Shell, tmp_path: Path) -> None:
    ingested(signed_in, tmp_path)
    found = signed_in.run("export", "--symbols", "BRK/B", "--bars", "1m", "--to", tmp_path / "export")
    assert found.exit_code == 1
    assert "no 1m bar of these symbols is stored" in found.stderr
    assert not (tmp_path / "export").exists()


def test_progress_says_the_bars_of_each_symbol_and_the_end_counts_those_that_had_some(
    signed_in: Shell, tmp_path: Path
) -> None:
    ingested(signed_in, tmp_path)
    found = signed_in.run("export", "--start", "2012-01-03", "--end", "2012-01-06", "--to", tmp_path / "export")
    assert "exported 3 bars of AAPL; 3 bars in all" in found.stderr
    assert "exported 3 bars of BRK/B; 6 bars in all" in found.stderr
    minutes = signed_in.run("export", "--bars", "1m", "--to", tmp_path / "minutes")
    assert minutes.stderr.splitlines()[-1].endswith("60 bars of 1 symbol in 1 file")


def test_the_manifest_says_when_which_symbol_meant_what(signed_in: Shell, tmp_path: Path) -> None:
    """AAPL was called AAQ before 2012 (made up), and AAQ means another company since."""
    ingested(signed_in, tmp_path, days=100)
    execute(signed_in, "UPDATE symbols SET valid_from = '2012-01-01Z' WHERE symbol = 'AAPL'")
    execute(signed_in, "INSERT INTO instruments (asset_class) VALUES ('equity')")
    execute(signed_in, "INSERT INTO symbols SELECT 'AAQ', instrument_id, '-infinity', '2012-01-01Z' FROM symbols "
                       "WHERE symbol = 'AAPL'")  # fmt: skip
    execute(signed_in, "INSERT INTO symbols SELECT 'AAQ', max(id), '2012-01-01Z', 'infinity' FROM instruments")
    signed_in.json("export", "--symbols", "AAPL", "--to", tmp_path / "export")
    manifest = json.loads((tmp_path / "export" / "manifest.json").read_text())
    assert [(one["symbol"], one["valid_from"], one["valid_to"]) for one in manifest["validity"]] == [
        ("AAQ", None, "2012-01-01T00:00:00Z"),
        ("AAPL", "2012-01-01T00:00:00Z", None),
    ]
    assert {one["instrument_id"] for one in manifest["validity"]} == {manifest["symbols"][0]["instrument_id"]}


def test_a_server_without_arrow_is_asked_for_json_and_the_files_are_the_same(
    signed_in: Shell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ingested(signed_in, tmp_path)
    asked: list[str] = []
    page = Client.page

    def watched(client: Client, path: str, accept: str, **query: Any) -> tuple[bytes, str | None] | None:
        asked.append(accept)
        return page(client, path, accept, **query)

    with monkeypatch.context() as patch:
        patch.setattr(Client, "page", watched)
        signed_in.json("export", "--to", tmp_path / "arrow")
    assert set(asked) == {"application/vnd.apache.arrow.stream"}
    monkeypatch.setattr(Client, "page", lambda *_, **__: None)
    signed_in.json("export", "--to", tmp_path / "json")
    assert keys(tmp_path / "arrow") == keys(tmp_path / "json")  # named by their bytes


def test_currency_and_exchange_come_along_and_so_do_symbols_like_formulas(signed_in: Shell, tmp_path: Path) -> None:
    symbols = ("@ES#", "^GSPC", "EURUSD=X", "M&M.NS")
    rows = "".join(f"{symbol},2024-12-24,10,12,9,11,100\n" for symbol in symbols)
    file = tmp_path / "daily.csv"
    file.write_text("symbol,date,open,high,low,close,volume\n" + rows)
    signed_in.json("ingest", file, "--currency", "GBP", "--exchange", "XLON", "--asset-class", "equity")
    signed_in.json("export", "--bars", "1d", "--to", tmp_path / "out")
    execute(signed_in, "TRUNCATE symbols, instruments, market_data, bar_coverage CASCADE")
    assert signed_in.json("import", tmp_path / "out")["inserted"] == len(symbols)
    found = {row["symbol"]: (row["currency"], row["exchange"]) for row in signed_in.json("symbols")}
    assert found == dict.fromkeys(symbols, ("GBP", "XLON"))


def renamed(shell: Shell, folder: Path) -> None:
    """AAPL was called AAQ before 2012 (made up); exported and then forgotten."""
    ingested(shell, folder, days=100)
    execute(shell, "UPDATE symbols SET valid_from = '2012-01-01Z' WHERE symbol = 'AAPL'")
    execute(shell, "INSERT INTO symbols SELECT 'AAQ', instrument_id, '-infinity', '2012-01-01Z' FROM symbols "
                   "WHERE symbol = 'AAPL'")  # fmt: skip
    shell.json("export", "--to", folder / "export")
    for table in ("market_data", "bar_coverage", "symbols"):
        execute(shell, f"DELETE FROM {table}")


def names(shell: Shell) -> list[tuple[Any, ...]]:
    return execute(
        shell,
        "SELECT symbol, CASE WHEN valid_from = '-infinity' THEN NULL ELSE valid_from::date::text END, "
        "valid_to = 'infinity' FROM symbols ORDER BY 1, 2",
    )


def test_names_of_earlier_days_come_back_with_the_bars(signed_in: Shell, tmp_path: Path) -> None:
    renamed(signed_in, tmp_path)
    execute(signed_in, "UPDATE users SET role = 'admin'")
    signed_in.login()
    done = signed_in.json("import", tmp_path / "export")
    assert (done["quarantined"], done["symbols_changed"] > 0) == (0, True)
    assert {("AAPL", "2012-01-01", True), ("AAQ", None, False), ("BRK/B", None, True)} < {*names(signed_in)}
    assert execute(signed_in, "SELECT count(DISTINCT instrument_id) FROM symbols") == [(2,)]
    bars = stored_bars(signed_in)
    again = signed_in.json("import", tmp_path / "export")
    assert (again["unchanged"], again["quarantined"], again["symbols_changed"]) == (len(bars), 0, 0)
    assert stored_bars(signed_in) == bars


def test_somebody_who_may_not_change_names_is_told(signed_in: Shell, tmp_path: Path) -> None:
    renamed(signed_in, tmp_path)
    done = signed_in.run("import", tmp_path / "export")
    assert done.exit_code == 0
    assert "names of AAPL over time are not applied" in done.stderr
    assert names(signed_in) == [("AAPL", None, True), ("BRK/B", None, True)]
