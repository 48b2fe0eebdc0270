"""Market data: take files in, look at what is stored and at what was not."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, BinaryIO

import click

from causeway.cli.client import Client
from causeway.cli.errors import FAILED, CommandError
from causeway.cli.output import Progress, counted, note, show_csv, show_json, show_table
from causeway.cli.parameters import (
    ASSET_CLASSES,
    BAR_SIZES,
    BARS,
    MIC,
    MOMENT,
    SYMBOLS,
    csv_option,
    currency_named,
    json_option,
    with_client,
)

_COUNTS = ("read", "inserted", "updated", "unchanged", "quarantined")
_BAR = ("time", "open", "high", "low", "close", "volume")
_FIELDS = ("symbol", "time", "clock", *_BAR[1:])


class _Watched:
    """A file that tells how much of it was sent."""

    def __init__(self, file: BinaryIO, size: int, name: str, progress: Progress) -> None:
        self._file, self._size, self._name, self._progress = file, size, name, progress
        self._sent = 0

    def read(self, count: int = -1) -> bytes:
        chunk = self._file.read(count)
        self._sent += len(chunk)
        percent = 100 if not self._size else self._sent * 100 // self._size
        if self._sent >= self._size:
            self._progress.update(f"{self._name}: sent, the server checks every row", step="sent")
        else:
            self._progress.update(f"{self._name}: {percent} % sent", step=str(percent // 25))
        return chunk

    def seek(self, offset: int, whence: int = 0) -> int:
        self._sent = 0
        return self._file.seek(offset, whence)

    def tell(self) -> int:
        return self._file.tell()

    def fileno(self) -> int:
        return self._file.fileno()


@click.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    *BARS,
    type=click.Choice(["auto", *BAR_SIZES.choices]),
    default="auto",
    show_default=True,
    help="Width of the bars; auto reads it off the times.",
)
@click.option(
    "--map",
    "mapping",
    multiple=True,
    metavar="FIELD=COLUMN",
    help="Which column holds a field, such as time=Date; may be given several times.",
)
@click.option(
    "--timezone", help="Zone of times that carry none, and of the days of Unix times, such as America/New_York."
)
@click.option(
    "--stamp",
    type=click.Choice(["start", "end"]),
    default="start",
    show_default=True,
    help="Which moment of a bar intraday times are.",
)
@click.option("--symbol", help="Symbol of every row, for a file without a symbol column.")
@click.option(
    "--asset-class",
    type=ASSET_CLASSES,
    help="Of symbols that are new; by their form where left out (EURUSD=X, ^GSPC), else equity.",
)
@click.option(
    "--currency",
    default="",
    help="Of the file, such as GBP; USD for new symbols where left out. Bars of a symbol with another are kept out.",
)
@click.option("--exchange", default="", type=MIC, help="Of new symbols, such as XLON: causeway symbols exchanges.")
@click.option("--replace", is_flag=True, help="Let the file's bars replace stored ones that differ.")
@json_option
@with_client
def ingest(
    client: Client, files: Sequence[Path], bar_size: str, mapping: Sequence[str], timezone: str | None,
    stamp: str, symbol: str | None, asset_class: str | None, currency: str, exchange: str, replace: bool, as_json: bool,
) -> None:  # fmt: skip
    """Take files of bars in: CSV, gzipped CSV, Parquet or zips of LEAN.

    The column mapping is guessed and shown. Flawed rows are not stored and not changed: they go to quarantine with
    their reasons (causeway quarantine). Taking a file in twice changes nothing. The exit code is 0 when every file
    was understood, 1 when one was refused.

    Example: causeway ingest daily.csv.gz --map time=Date
    """
    fields = {"bar_size": bar_size, "mapping": json.dumps(_mapping(mapping))}
    given = {
        "stamp": stamp,
        "time_zone": timezone,
        "symbol": symbol,
        "asset_class": asset_class,
        "currency": currency_named(currency),
        "exchange": exchange,
    }
    fields |= {name: value for name, value in given.items() if value} | ({"replace": "true"} if replace else {})
    taken, refused = [], 0
    for file in files:
        try:
            taken.append(_take_in(client, file, fields))
        except CommandError as error:
            if error.exit_code != FAILED:
                raise
            refused += 1
            note(f"{file}: {error.message}")
            for line in error.fields:
                note(f"  {line}")
    if as_json:
        show_json(taken)
    if refused:
        raise CommandError(
            f"{refused} of {counted(len(files), 'file')} could not be taken in; nothing of that was stored"
        )


def _mapping(pairs: Sequence[str]) -> dict[str, str]:
    found = dict(pair.partition("=")[::2] for pair in pairs)
    if wrong := [pair for pair in pairs if "=" not in pair]:
        raise click.BadParameter(f"{wrong[0]!r} should read FIELD=COLUMN, such as time=Date", param_hint="--map")
    return found


def _take_in(client: Client, file: Path, fields: dict[str, str]) -> Any:
    progress = Progress()
    with file.open("rb") as content:
        watched = _Watched(content, file.stat().st_size, file.name, progress)
        try:
            found = client.upload("/data/ingestions", file.name, watched, fields)
        finally:
            progress.end()
    note(f"{file.name}: {_understood(found['column_mapping'])}; bars of {found['bar_size']}")
    counts = ", ".join(f"{found[f'rows_{name}']} {name}" for name in _COUNTS)
    note(f"{file.name}: {counted(found['symbols_count'], 'symbol')}, rows: {counts}")
    for one in found["findings"]:
        note(f"  {one['severity']} {one['code']}: {counted(one['rows'], 'row')}, such as: {one['example']}")
    for sentence in found["notes"]:
        note(f"  {sentence}")
    if found["rows_quarantined"]:
        note("  see the reasons with: causeway quarantine")
    return found


def _understood(mapping: Mapping[str, str]) -> str:
    """The columns in the order of a bar, and behind them what was given for every row, which begins with ``=``."""
    fields = sorted(mapping, key=lambda field: _FIELDS.index(field) if field in _FIELDS else len(_FIELDS))
    columns = ", ".join(f"{field}={mapping[field]}" for field in fields if not mapping[field].startswith("="))
    given = (f"{field.replace('_', ' ')} {mapping[field][1:]}" for field in fields if mapping[field].startswith("="))
    return "; ".join([f"columns {columns or '(none)'}", *given])


@click.command()
@click.option("--symbol", help="Only rows of this symbol.")
@click.option("--code", help="Only rows with this reason, such as high_below_low.")
@click.option("--limit", type=click.IntRange(1), default=1000, show_default=True, help="Most rows to show.")
@json_option
@csv_option
@with_client
def quarantine(client: Client, symbol: str | None, code: str | None, limit: int, as_json: bool, as_csv: bool) -> None:
    """List rows of your files that were not stored, newest first, with every reason.

    Example: causeway quarantine --symbol AAPL
    """
    page = min(limit, 1000)
    rows = list(client.pages("/data/quarantine", most=limit, symbol=symbol, code=code, limit=page))
    if as_json:
        show_json(rows)
        return
    flat = [
        row
        | {
            "codes": " ".join(reason["code"] for reason in row["reasons"]),
            "why": "; ".join(reason["message"] for reason in row["reasons"]),
        }
        for row in rows
    ]
    columns = {"row_number": "ROW", "symbol": "SYMBOL", "row_time": "TIME", "codes": "REASON", "why": "FOUND"}
    if as_csv:
        show_csv([*columns, "raw"], [row | {"raw": json.dumps(row["raw"])} for row in flat])
    else:
        narrowed = symbol is not None or code is not None
        show_table(columns, flat, empty=f"no row {'like this ' if narrowed else ''}is in quarantine")


@click.command()
@click.argument("symbol")
@click.option("--start", type=MOMENT, help="First start of a bar.")
@click.option("--end", type=MOMENT, help="Bars start before this moment.")
@click.option(*BARS, type=BAR_SIZES, default="1d", show_default=True, help="Bar size.")
@click.option(
    "--adjustment",
    type=click.Choice(["raw", "split", "total"]),
    default="raw",
    show_default=True,
    help="Raw, for splits, or for splits and dividends.",
)
@json_option
@csv_option
@with_client
def bars(
    client: Client, symbol: str, start: str | None, end: str | None, bar_size: str, adjustment: str, as_json: bool,
    as_csv: bool,
) -> None:  # fmt: skip
    """Print the bars of SYMBOL from --start up to, and without, --end.

    Example: causeway bars AAPL --start 2012-01-03 --end 2012-02-01 --json
    """
    query = {"symbol": symbol, "start": start, "end": end, "bar_size": bar_size, "adjustment": adjustment}
    found = client.get("/data/bars", limit=10_000, **query)
    cursor = found.pop("next_cursor")
    while cursor:
        page = client.get("/data/bars", limit=10_000, cursor=cursor, **query)
        found["bars"] += page["bars"]
        cursor = page["next_cursor"]
    if as_json:
        show_json(found)
    elif as_csv:
        show_csv(_BAR, found["bars"])
    else:
        headings = {name: name.upper() for name in _BAR}
        show_table(headings, found["bars"], empty="no bar is stored in this range", exact=True)


@click.command()
@click.option("--symbols", "wanted", type=SYMBOLS, help="Symbols with commas between them; all where left out.")
@click.option(*BARS, type=BAR_SIZES, default="1d", show_default=True, help="Bar size.")
@json_option
@with_client
def coverage(client: Client, wanted: list[str] | None, bar_size: str, as_json: bool) -> None:
    """Say what is stored of each symbol, and how many sessions are missing.

    Example: causeway coverage --symbols AAPL,MSFT
    """
    if wanted is None:
        wanted = [row["symbol"] for row in client.pages("/data/symbols", most=500, limit=500)]
    rows = client.get("/data/coverage", symbols=",".join(wanted), bar_size=bar_size) if wanted else []
    if as_json:
        show_json(rows)
        return
    columns = {"symbol": "SYMBOL", "start": "FIRST", "end": "LAST", "bars": "BARS", "missing_bars": "MISSING",
               "quarantined": "QUARANTINED"}  # fmt: skip
    show_table(columns, rows, empty="nothing is stored at this bar size")
