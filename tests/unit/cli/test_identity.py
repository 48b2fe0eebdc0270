"""``causeway identity import``: a file that cannot be is refused before anything is touched."""

from __future__ import annotations

from pathlib import Path

from click.testing import CliRunner

from causeway.cli.main import cli


def run(tmp_path: Path, text: str) -> tuple[int, str]:
    file = tmp_path / "tickers.csv"
    file.write_text(text)
    state = tmp_path / "nowhere"
    found = CliRunner().invoke(cli, ["identity", "import", str(file), "--state-dir", str(state)])
    return found.exit_code, found.stderr


def test_a_row_that_cannot_be_read(tmp_path: Path) -> None:
    code, said = run(tmp_path, "company,last_date,ticker\nGOOGL,2004-08-19,GOOG\nGOOGL,someday1,GOOG\n")
    assert code == 1
    assert "row 2 of the map is 'GOOGL,someday1,GOOG'" in said


def test_two_companies_with_one_ticker(tmp_path: Path) -> None:
    rows = ["A,2001-01-02,X", "A,2050-12-31,X", "B,2005-01-03,X", "B,2006-01-03,X"]
    code, said = run(tmp_path, "\n".join(rows))
    assert code == 1
    assert "expected one company a day" in said


def test_without_an_installation(tmp_path: Path) -> None:
    code, said = run(tmp_path, "GOOGL,2004-08-19,GOOG\nGOOGL,2050-12-31,GOOGL\n")
    assert code != 0
    assert "nowhere" in said
