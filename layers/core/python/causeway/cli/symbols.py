"""Symbols: which are stored, what is known of them, and its correction."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import click

from causeway.cli.client import Client
from causeway.cli.output import note, show_json, show_table
from causeway.cli.parameters import ASSET_CLASSES, MIC, currency_named, json_option, with_client

_COLUMNS = {
    "symbol": "SYMBOL",
    "asset_class": "CLASS",
    "currency": "CURRENCY",
    "exchange": "EXCHANGE",
    "bar_sizes": "BARS",
    "name": "NAME",
}


@click.group(invoke_without_command=True)
@click.option("--query", help="Only symbols or names that hold this text.")
@click.option("--limit", type=click.IntRange(1), default=500, show_default=True, help="Most symbols to show.")
@json_option
@click.pass_context
def symbols(context: click.Context, query: str | None, limit: int, as_json: bool) -> None:
    """List the symbols that have stored data; show or correct what is known of one.

    Example: causeway symbols --query AA
    """
    if context.invoked_subcommand is not None:
        return
    client: Client = context.obj
    rows = list(client.pages("/data/symbols", most=limit, query=query, limit=min(limit, 500)))
    if as_json:
        show_json(rows)
        return
    none_stored = "no symbol is stored; take a file in with: causeway ingest FILE"
    show_table(_COLUMNS, rows, empty=f"no symbol matches {query!r}" if query else none_stored)


@symbols.command("show")
@click.argument("symbol")
@json_option
@with_client
def show_symbol(client: Client, symbol: str, as_json: bool) -> None:
    """Show what is known of SYMBOL: name, class, currency, exchange, and whose sessions it keeps.

    Example: causeway symbols show VOD.L
    """
    found = client.get(_path(symbol))
    if as_json:
        show_json(found)
        return
    shown = found | {"exchange": found["exchange"] or "not known"}
    for field in ("symbol", "name", "asset_class", "currency", "exchange", "calendar", "time_zone"):
        label = {"asset_class": "class", "calendar": "sessions of", "time_zone": "time zone"}.get(field, field)
        click.echo(f"{label:12}{shown[field] or '-'}")


@symbols.command("set")
@click.argument("symbol")
@click.option("--currency", help="Of its prices and dividends, such as GBP.")
@click.option("--exchange", type=MIC, help='Where it trades, such as XLON; "" where that is not known.')
@click.option("--name", help="What it is called.")
@click.option("--asset-class", type=ASSET_CLASSES, help="What it is.")
@json_option
@with_client
def set_facts(client: Client, symbol: str, as_json: bool, **given: str | None) -> None:
    """Correct what is known of SYMBOL. What is left out stays.

    No stored bar changes: prices are not converted. Missing sessions, quality and days made of finer bars follow the
    exchange's sessions at once. The correction is in the audit log. Where somebody else corrected the symbol in
    between, nothing is changed and it is said.

    Example: causeway symbols set VOD.L --currency GBP --exchange XLON
    """
    wanted = {field: value for field, value in given.items() if value is not None}
    if not wanted:
        raise click.UsageError("name what to correct: --currency, --exchange, --name or --asset-class")
    if "currency" in wanted:
        wanted["currency"] = currency_named(wanted["currency"])
    revision = client.get(_path(symbol))["revision"]
    done = client.patch(_path(symbol), {"revision": revision, **wanted})
    if as_json:
        show_json(done)
        return
    _say(done)


@symbols.command("exchanges")
@json_option
@with_client
def list_exchanges(client: Client, as_json: bool) -> None:
    """List the exchanges that can be named, by MIC, and whose sessions each keeps.

    Example: causeway symbols exchanges
    """
    rows = client.get("/data/exchanges")
    if as_json:
        show_json(rows)
    else:
        show_table({"mic": "MIC", "calendar": "SESSIONS OF"}, rows, empty="no exchange is known")


def _say(done: dict[str, Any]) -> None:
    symbol = done["facts"]["symbol"]
    if not done["changes"]:
        note(f"{symbol}: all of this was so before; nothing was changed")
    for one in done["changes"]:
        label = {"asset_class": "class", "calendar": "sessions of", "time_zone": "time zone"}.get(
            one["field"], one["field"]
        )
        note(f"{symbol}: {label} {one['before'] or 'not known'} -> {one['after'] or 'not known'}")
    for sentence in done["consequences"]:
        note(f"  {sentence}")


def _path(symbol: str) -> str:
    return f"/data/symbols/{quote(symbol, safe='')}"
