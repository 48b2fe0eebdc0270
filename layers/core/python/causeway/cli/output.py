"""What commands print: results to stdout, everything else to stderr; with ``--json`` nothing but JSON on stdout."""

from __future__ import annotations

import csv
import io
import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

import click

from causeway.model.spreadsheet import guarded


def note(text: str) -> None:
    """A remark, on stderr."""
    click.echo(text, err=True)


def counted(number: int, noun: str) -> str:
    """``1 symbol``, ``2 symbols``."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def show_json(value: Any) -> None:
    click.echo(json.dumps(value, indent=2))


def show_csv(columns: Sequence[str], rows: Iterable[Mapping[str, Any]]) -> None:
    """Text that a spreadsheet would run is guarded: see ``model.spreadsheet``."""
    text = io.StringIO()
    writer = csv.DictWriter(text, columns, extrasaction="ignore", lineterminator="\n")
    writer.writeheader()
    writer.writerows({name: guarded(value) for name, value in row.items()} for row in rows)
    click.echo(text.getvalue(), nl=False)


def show_table(
    columns: Mapping[str, str], rows: Sequence[Mapping[str, Any]], *, empty: str, exact: bool = False
) -> None:
    """Rows under headings; ``columns`` maps a field to its heading. ``empty`` is said where there are no rows.

    Numbers have six significant digits, which is enough for estimates; ``exact`` prints every digit, as prices need.
    """
    if not rows:
        note(empty)
        return
    cells = [list(columns.values())] + [[_cell(row.get(field), exact=exact) for field in columns] for row in rows]
    numeric = [all(_is_number(row.get(field)) for row in rows) for field in columns]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    for line in cells:
        aligned = (
            text.rjust(width) if right else text.ljust(width)
            for text, width, right in zip(line, widths, numeric, strict=True)
        )
        click.echo("  ".join(aligned).rstrip())


class Progress:
    """Where a long command stands, on stderr: one line that is rewritten on a terminal, plain lines elsewhere."""

    def __init__(self) -> None:
        self._on_terminal = sys.stderr.isatty()
        self._last = ""

    def update(self, text: str, *, step: str | None = None) -> None:
        """Show ``text``. Off a terminal a line is written only when ``step`` (or the text) is new."""
        key = text if self._on_terminal or step is None else step
        if key == self._last:
            return
        self._last = key
        if self._on_terminal:
            click.echo(f"\r\x1b[K{text}", err=True, nl=False)
        else:
            note(text)

    def end(self) -> None:
        if self._on_terminal and self._last:
            click.echo("", err=True)


def _cell(value: Any, *, exact: bool) -> str:
    if value is None:
        return "-"
    if isinstance(value, float):
        return _plain(value) if exact else f"{value:.6g}"
    if isinstance(value, list):
        return ",".join(map(str, value))
    return str(value)


def _plain(value: float) -> str:
    """Every digit that tells the number from its neighbours, without an exponent; a whole one as an integer."""
    return f"{Decimal(repr(value)):f}".removesuffix(".0")


def _is_number(value: Any) -> bool:
    if value is None:
        return True
    try:
        float(value)
    except (TypeError, ValueError):
        return False
    return not isinstance(value, bool)
