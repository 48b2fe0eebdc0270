"""Tickers over time, as the operator of an installation maintains them."""

from __future__ import annotations

import csv
from pathlib import Path

import click

from causeway.cli.installation import state_option
from causeway.cli.output import note, show_json
from causeway.cli.parameters import json_option


@click.group()
def identity() -> None:
    """Which company a ticker meant, and when.

    Example: causeway identity import tickers.csv
    """


@identity.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@json_option
@state_option
def import_(file: Path, as_json: bool, state_dir: Path) -> None:
    """Take in a table of tickers over time. The installation must be running.

    FILE is a CSV of company, date, ticker in the manner of LEAN's map files: a company's first row is its first day,
    each later row the last day of a ticker; 2050-12-31 means still. Bars that are stored under a ticker go to the
    company that had it. A day that two companies name is the later one's. All or nothing, and again it changes nothing.

    Example: causeway identity import tickers.csv
    """
    from causeway.cli.wiring import import_symbol_history
    from causeway.market_data.symbol_history import read_map_rows

    with file.open(newline="", encoding="utf-8") as text:
        rows = [cells for cells in csv.reader(text) if cells and not _is_header(cells)]
    done = import_symbol_history(state_dir, read_map_rows(rows), file.name)
    if as_json:
        show_json(done)
        return
    note(
        f"{done['companies']} companies, {done['new_instruments']} of them new; {done['symbols_changed']} tickers "
        f"changed, {done['bars_moved']} bars and {done['actions_moved']} corporate actions given to their company"
    )
    for sentence in done["findings"]:
        note(sentence)


def _is_header(cells: list[str]) -> bool:
    return len(cells) > 1 and not any(letter.isdigit() for letter in cells[1])
