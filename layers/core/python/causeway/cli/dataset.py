"""Bars out to a Parquet dataset, and back in. Both go through the server, a page or a part at a time."""

from __future__ import annotations

import gzip
import io
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from itertools import groupby, islice
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from causeway.cli import wiring
from causeway.cli.client import Client
from causeway.cli.dataset_names import Names
from causeway.cli.errors import CommandError
from causeway.cli.output import Progress, counted, note, show_json
from causeway.cli.parameters import BAR_SIZES, BARS, MOMENT, SYMBOLS, json_option, with_client

if TYPE_CHECKING:
    from causeway.model.bar import BarColumns

_ARROW = "application/vnd.apache.arrow.stream"
_PAGE_BARS, _ARROW_BARS = 10_000, 50_000
_PART_ROWS = 50_000  # of one upload
_NAMED = 5  # symbols in a message
_SYMBOLS_AT_ONCE = 200  # of one question
_ACTIONS = 10_000  # of one request
_PRICES = ("open", "high", "low", "close", "volume")
_FACTS = ("asset_class", "currency", "exchange")  # of symbols that are new where they are imported
_COUNTS = ("read", "inserted", "updated", "unchanged", "quarantined")


class _Pace:
    """Progress in rows, with rate and time left where the total is known."""

    def __init__(self, verb: str, total: int) -> None:
        self._verb, self._total, self._began = verb, total, time.monotonic()
        self._shown, self.rows = Progress(), 0

    def add(self, rows: int, symbol: str, what: str) -> None:
        """So many more rows, the last of ``symbol``; ``what`` says what has been done."""
        self.rows += rows
        rate = self.rows / max(time.monotonic() - self._began, 1e-3)
        text, step = f"{self._verb} {what}; {self.rows} bars in all, {rate:.0f} a second", symbol
        if self._total:
            share = min(100, self.rows * 100 // self._total)
            text += f", {share} %, {max(0, self._total - self.rows) / rate:.0f} s left"
            step = str(share // 10)
        self._shown.update(text, step=step)

    def end(self) -> None:
        self._shown.end()


@click.command(name="export")
@click.option("--symbols", "wanted", type=SYMBOLS, help="Symbols with commas between them; all where left out.")
@click.option(*BARS, type=BAR_SIZES, default="1d", show_default=True, help="Bar size.")
@click.option("--start", type=MOMENT, help="First start of a bar.")
@click.option("--end", type=MOMENT, help="Bars start before this moment.")
@click.option("--to", "target", required=True, metavar="DIR|s3://BUCKET/PREFIX", help="Where the files go.")
@json_option
@with_client
def export_bars(
    client: Client, wanted: list[str] | None, bar_size: str, start: str | None, end: str | None, target: str,
    as_json: bool,
) -> None:  # fmt: skip
    """Write stored bars as Parquet files by symbol and year, with a manifest and the corporate actions.

    What was exported to the same place before is replaced once everything is written; interrupted, it stays.

    Example: causeway export --symbols AAPL,MSFT --bars 1d --start 2012-01-01 --to bars
    """
    known = {row["symbol"]: row for row in client.pages("/data/symbols", limit=500)}
    chosen = list(dict.fromkeys(wanted if wanted is not None else known))
    stored = _of_all(client, "/data/coverage", chosen, bar_size=bar_size)
    pace = _Pace("exported", sum(row["bars"] for row in stored) if start is None and end is None else 0)
    writer, actions = wiring.dataset_writer(target, bar_size), list[dict[str, Any]]()
    try:
        for symbol in chosen:
            own = 0
            for page in _pages(client, symbol=symbol, bar_size=bar_size, start=start, end=end):
                writer.add(symbol, page)
                own += len(page)
                pace.add(len(page), symbol, f"{own} bars of {symbol}")
            actions += client.get("/data/corporate-actions", symbol=symbol)
    finally:
        pace.end()
    if not pace.rows:
        raise CommandError(_nothing(chosen, bar_size, (start, end), stored, target))
    manifest = writer.finish(
        symbols=[{"symbol": symbol} | known.get(symbol, {}) for symbol in chosen],
        actions=actions,
        created_at=datetime.now(UTC),
        validity=_of_all(client, "/data/validity", chosen),
        span=(_moment(start), _moment(end)),
    )
    held = len({file.symbol for file in manifest.files})
    done = {"to": target, "symbols": held, "files": len(manifest.files), "bars": manifest.rows,
            "corporate_actions": len(actions)}  # fmt: skip
    if as_json:
        show_json(done)
    else:
        files = counted(len(manifest.files), "file")
        note(f"{target}: {counted(manifest.rows, 'bar')} of {counted(held, 'symbol')} in {files}")


@click.command(name="import")
@click.argument("source", metavar="DIR|s3://BUCKET/PREFIX")
@click.option("--replace", is_flag=True, help="Let the export's bars and actions replace stored ones that differ.")
@json_option
@with_client
def import_bars(client: Client, source: str, replace: bool, as_json: bool) -> None:
    """Take in what causeway export wrote, through the same checks as any file.

    Every file's hash is checked before anything is sent. Importing twice changes nothing. Names that symbols had
    earlier are applied, too, if you are an admin.

    Example: causeway import bars
    """
    export = wiring.Dataset(source)
    note(f"{source}: {counted(sum(1 for _ in export.verify()), 'file')} as written")
    counts: Counter[str] = Counter()
    pace = _Pace("imported", export.manifest.rows)
    names = Names.of_export(export.manifest.symbols, export.manifest.validity)
    names.ask(client)
    fields = {"bar_size": export.manifest.bar_size} | ({"replace": "true"} if replace else {})
    try:
        for part in _parts(export, names):
            filename = f"{part.named}-{export.manifest.bar_size}.csv.gz"
            taken = client.upload("/data/ingestions", filename, io.BytesIO(part.content), fields | part.facts)
            counts.update({name: taken[f"rows_{name}"] for name in _COUNTS})
            pace.add(part.rows, part.last, f"up to {part.last}")
    finally:
        pace.end()
    done = dict(counts) | {
        "corporate_actions_changed": _send_actions(client, export.actions(), replace=replace),
        "symbols_changed": _send_names(client, names),
    }
    if as_json:
        show_json(done)
    else:
        note(f"{source}: rows: {', '.join(f'{counts[name]} {name}' for name in _COUNTS)}")
        if counts["quarantined"]:
            note("  see the reasons with: causeway quarantine")


def _of_all(client: Client, path: str, symbols: Sequence[str], **query: Any) -> list[dict[str, Any]]:
    """A list for any number of symbols, asked for in parts."""
    parts = [symbols[first : first + _SYMBOLS_AT_ONCE] for first in range(0, len(symbols), _SYMBOLS_AT_ONCE)]
    return [row for part in parts for row in client.get(path, symbols=",".join(part), **query)]


def _nothing(
    symbols: Sequence[str], bar_size: str, span: tuple[str | None, str | None],
    stored: Sequence[dict[str, Any]], target: str,
) -> str:  # fmt: skip
    """Why there is nothing to export, and what to do."""
    names = ", ".join(symbols[:_NAMED]) + (f" and {len(symbols) - _NAMED} more" if len(symbols) > _NAMED else "")
    asked = f"{bar_size} bars of {names or 'no symbol'}"
    asked += "".join(f" {word} {at}" for word, at in zip(("from", "before"), span, strict=True) if at)
    held = [row for row in stored if row["bars"]]
    there = f"no {bar_size} bar of these symbols is stored"
    if held:
        first, last = min(row["start"] for row in held), max(row["end"] for row in held)
        there = f"stored are {sum(row['bars'] for row in held)} between {first} and {last}"
    return (
        f"no bar was found, and nothing was written to {target}. Asked for: {asked}; {there}. "
        f"See what there is with: causeway coverage --bars {bar_size}"
    )


def _pages(client: Client, **query: Any) -> Iterator[BarColumns]:
    """As Arrow where the server offers it, else as JSON."""
    asked = {**query, "adjustment": "raw"}
    first = client.page("/data/bars", _ARROW, limit=_ARROW_BARS, **asked)
    return _json_pages(client, **asked) if first is None else _arrow_pages(client, first, **asked)


def _arrow_pages(client: Client, page: tuple[bytes, str | None] | None, **query: Any) -> Iterator[BarColumns]:
    while page is not None:
        content, cursor = page
        bars = wiring.bars_of_arrow(content)
        if len(bars):
            yield bars
        page = client.page("/data/bars", _ARROW, limit=_ARROW_BARS, cursor=cursor, **query) if cursor else None


def _json_pages(client: Client, **query: Any) -> Iterator[BarColumns]:
    cursor = None
    while True:
        page = client.get("/data/bars", limit=_PAGE_BARS, cursor=cursor, **query)
        if page["bars"]:
            yield _columns(page["bars"])
        cursor = page["next_cursor"]
        if cursor is None:
            return


def _columns(bars: Sequence[dict[str, Any]]) -> BarColumns:
    import numpy as np

    from causeway.model.bar import BarColumns

    times = np.array([one["time"].removesuffix("Z") for one in bars], dtype="datetime64[us]")
    return BarColumns(times.astype(np.int64), *(np.array([one[name] for one in bars], float) for name in _PRICES))


class _Part(NamedTuple):
    """Gzipped CSV, what is known of its symbols, and the first and last of them. Series stand one after the other."""

    facts: dict[str, str]
    content: bytes
    rows: int
    first: str
    last: str

    @property
    def named(self) -> str:
        """What a list of files calls it: "AAPL", or "AAPL-MSFT" from the first symbol to the last."""
        name = self.first if self.first == self.last else f"{self.first}-{self.last}"
        return "".join(sign if sign.isascii() and (sign.isalnum() or sign in ".-_") else "_" for sign in name)


def _parts(export: wiring.Dataset, names: Names) -> Iterator[_Part]:
    about = {one["symbol"]: tuple(one.get(fact, "") for fact in _FACTS) for one in export.manifest.symbols}
    nothing = ("",) * len(_FACTS)
    ordered = sorted(export.manifest.files, key=lambda file: (about.get(file.symbol, nothing), file.symbol, file.first))
    for known, files in groupby(ordered, key=lambda file: about.get(file.symbol, nothing)):
        facts = {fact: value for fact, value in zip(_FACTS, known, strict=True) if value}
        rows = ((file.symbol, line) for file in files for line in _lines(file.symbol, export.bars(file), names))
        while part := list(islice(rows, _PART_ROWS)):
            yield _Part(facts, _as_csv([line for _, line in part]), len(part), part[0][0], part[-1][0])


def _lines(symbol: str, bars: BarColumns, names: Names) -> Iterator[str]:
    """Every digit of every number, so that the server reads the same bits."""
    for called, part in names.parts(symbol, bars):
        times = part.time_us.astype("datetime64[us]").astype(str).tolist()
        name = '"' + called.replace('"', '""') + '"'
        for at, *prices in zip(times, *(getattr(part, one).tolist() for one in _PRICES), strict=True):
            yield f"{name},{at}Z,{','.join(map(repr, prices))}\n"


def _as_csv(lines: Sequence[str]) -> bytes:
    return gzip.compress(f"symbol,time,{','.join(_PRICES)}\n{''.join(lines)}".encode(), compresslevel=1, mtime=0)


def _send_actions(client: Client, actions: Sequence[dict[str, Any]], *, replace: bool) -> int:
    parts = [actions[first : first + _ACTIONS] for first in range(0, len(actions), _ACTIONS)]
    return sum(
        client.post("/data/corporate-actions", {"source": "import", "actions": list(part), "replace": replace})[
            "changed"
        ]
        for part in parts
    )


def _send_names(client: Client, names: Names) -> int:
    """How many symbols changed what they mean. What is refused is said, and the bars stay."""
    rows = names.map_rows()
    if not rows:
        return 0
    try:
        return int(client.post("/data/identity", {"source": "import", "rows": rows})["symbols_changed"])
    except CommandError as error:
        companies = ", ".join(dict.fromkeys(row["company"] for row in rows))
        note(f"  the names of {companies} over time are not applied: {error.message}")
        return 0


def _moment(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)
