"""Bars from providers: ask, watch, cancel, try again."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import click
from click.core import ParameterSource

from causeway.cli.client import Client
from causeway.cli.errors import INTERRUPTED, CommandError, ServerUnavailableError
from causeway.cli.interrupts import held_interrupts
from causeway.cli.output import Progress, counted, note, show_json, show_table
from causeway.cli.parameters import (
    BAR_SIZES,
    BARS,
    IDENTIFIER,
    MIC,
    MOMENT,
    PROVIDERS,
    SYMBOLS,
    json_option,
    with_client,
)

_POLL_S = 0.5
_UNDER_WAY = {"queued", "running", "waiting"}
_MOST_SHOWN = 20  # symbols that succeeded; those that failed are all shown


class ProviderList(click.ParamType[list[str]]):
    """Providers with commas between them, in order."""

    name = "A,B,..."

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> list[str]:
        names = [name.strip().lower() for name in str(value).split(",") if name.strip()]
        if unknown := [name for name in names if name not in PROVIDERS]:
            self.fail(f"{unknown[0]!r} is no provider; expected one of {', '.join(PROVIDERS)}", param, ctx)
        return names


@click.command()
@click.option("--symbols", type=SYMBOLS, help="Symbols with commas between them; all that are stored where left out.")
@click.option(*BARS, type=BAR_SIZES, default="1d", show_default=True, help="Bar size.")
@click.option("--start", type=MOMENT, help="First start of a bar.")
@click.option("--end", type=MOMENT, help="Bars start before this; up to now where left out.")
@click.option("--providers", type=ProviderList(), help="In this order; those of the server's settings where left out.")
@click.option(
    "--check-against",
    type=ProviderList(),
    help="Hold the bars against those of this provider; a second one, behind a comma, settles who is wrong.",
)
@click.option("--extended-hours", is_flag=True, help="Also before and after the regular session.")
@click.option(
    "--asset-class",
    type=click.Choice(["equity", "etf", "fx", "crypto", "future", "index"]),
    help="Of symbols that are new; else as the provider or their form (EURUSD=X) says, else equity.",
)
@click.option("--exchange", type=MIC, help="Of symbols that are new, such as XLON; else as the provider says.")
@click.option("--replace", is_flag=True, help="Let fetched bars replace stored ones that differ.")
@click.option("--again", is_flag=True, help="Ask for the whole range, also for what is stored.")
@click.option("--patient", is_flag=True, help="An unknown symbol waits for a provider whose plan is used up, too.")
@click.option("--repairs", is_flag=True, help="Also propose what the provider's own repair would change (yahoo).")
@click.option("--retry", type=IDENTIFIER, help="Ask again for what failed in this fetch; nothing else is needed then.")
@click.option("--name", default="", help="A name to know it by.")
@click.option("--wait", is_flag=True, help="Show progress until it is done; Ctrl-C cancels it on the server.")
@json_option
@with_client
def fetch(client: Client, wait: bool, as_json: bool, retry: str | None, repairs: bool, **asked: Any) -> None:
    """Fetch bars from providers, with splits and dividends.

    Only sessions that are missing are asked for, so the same fetch again is cheap. --wait says of each symbol what was
    stored, was stored already, or why nothing was. One symbol's failure stops no other; --retry asks for it again. A
    provider's plan is waited for, until its next day if need be. The exit code is 0 when every symbol has bars of the
    range now, 1 otherwise.

    Example: causeway fetch --symbols AAPL,MSFT --bars 1d --start 2020-01-01 --wait
    """
    if retry is not None:
        _check_alone()
    if retry is None and asked["start"] is None:
        raise click.UsageError("--start is missing, such as --start 2020-01-01")
    if retry is None and asked["end"] is not None and asked["end"] <= asked["start"]:
        raise click.UsageError(f"--end must be after --start; found {asked['start']} to {asked['end']}")
    body = {name: value for name, value in asked.items() if value is not None}
    body |= {"repairs": "also"} if repairs else {}
    asking = (
        partial(client.post, f"/data/fetches/{retry}/retry") if retry else partial(client.post, "/data/fetches", body)
    )
    found = follow(client, asking) if wait else asking()
    if as_json:
        show_json(found)
    elif not wait:
        click.echo(found["id"])
    if wait:
        _say_how_it_ended(found)


def _check_alone() -> None:
    """--retry asks for the same once more: whoever gives another option expects something else."""
    context = click.get_current_context()
    given = {name for name in context.params if context.get_parameter_source(name) is ParameterSource.COMMANDLINE}
    if more := sorted(given - {"retry", "wait", "as_json"}):
        names = ", ".join(f"--{name.replace('bar_size', 'bars').replace('_', '-')}" for name in more)
        raise click.UsageError(f"--retry asks for the same as before; leave out {names}, or start a new fetch")


def follow(client: Client, asking: Callable[[], Any]) -> Mapping[str, Any]:
    """The fetch that ``asking`` begins, as it ended; its progress is shown, and Ctrl-C cancels it on the server.

    Raises:
        CommandError: it was cancelled so.
    """
    progress = Progress()
    with held_interrupts() as held:
        found: Mapping[str, Any] = asking()
    try:
        if held.pressed:
            raise KeyboardInterrupt
        while found["state"] in _UNDER_WAY:
            progress.update(_line(found), step=_step(found))
            time.sleep(_POLL_S)
            found = client.get(f"/data/fetches/{found['id']}")
    except KeyboardInterrupt:
        progress.end()
        raise CommandError(_cancelled(client, found["id"]), exit_code=INTERRUPTED) from None
    progress.update(_line(found))
    progress.end()
    ended: Mapping[str, Any] = client.get(f"/data/fetches/{found['id']}")
    return ended


def _step(found: Mapping[str, Any]) -> str:
    """What must be new for a line where lines cannot be rewritten: state, tenth, reason of a wait; not its seconds."""
    waits, _, why = found["message"].partition(": ")
    return f"{found['state']} {int(found['progress'] * 10)} {why if waits.startswith('waiting') else ''}"


def _line(found: Mapping[str, Any]) -> str:
    """Symbols, rows, rate, time left, and what is waited for."""
    ended = found["symbols_done"] + found["symbols_failed"]
    parts = [f"{ended}/{counted(found['symbols_total'], 'symbol')}", counted(found["rows_read"], "row")]
    if found["state"] == "waiting":
        return ", ".join(
            [*parts, f"waiting until {found['waits_until'][:16].replace('T', ' ')} UTC: {found['message']}"]
        )
    if found["state"] == "running" and found["rows_per_s"]:
        parts.append(f"{found['rows_per_s']:,.0f} rows/s")
    if found["eta_s"] is not None:
        parts.append(f"{_duration(found['eta_s'])} left")
    parts.append(_counted_failures(found))
    return ", ".join(parts)


def _counted_failures(found: Mapping[str, Any]) -> str:
    """The message without the reason of a symbol that is listed with it."""
    message = str(found["message"])
    for symbol in found.get("symbols", ()):
        message = message.removesuffix(f": {(symbol['error'] or {}).get('message', '')}")
    return message


def _duration(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"


def _cancelled(client: Client, fetch_id: str) -> str:
    try:
        state = client.post(f"/data/fetches/{fetch_id}/cancel")["state"]
    except ServerUnavailableError:
        return f"interrupted; the server did not answer, so fetch {fetch_id} may go on: causeway fetches --cancel ID"
    except CommandError as error:
        return f"interrupted; fetch {fetch_id} could not be cancelled: {error.message}"
    return f"interrupted; fetch {fetch_id} is {state if state == 'cancelled' else 'being cancelled'} on the server"


def _say_how_it_ended(found: Mapping[str, Any]) -> None:
    _say_of_symbols(found)
    counts = ", ".join(
        f"{found[f'rows_{name}']} {name}" for name in ("read", "inserted", "updated", "unchanged", "quarantined")
    )
    note(f"rows: {counts}; {counted(found['holes'], 'hole')}")
    fail_unless_succeeded(found)


def _say_of_symbols(found: Mapping[str, Any]) -> None:
    well = [one for one in found["symbols"] if one["error"] is None]
    for one in [*well[:_MOST_SHOWN], *(one for one in found["symbols"] if one["error"] is not None)]:
        note(f"{one['symbol']}: {remark(one)}")
    if len(well) > _MOST_SHOWN:
        note(f"{counted(len(well) - _MOST_SHOWN, 'more symbol')}: causeway fetches {found['id']}")


def fail_unless_succeeded(found: Mapping[str, Any]) -> None:
    """Raises CommandError with what failed, and how to try again."""
    if found["state"] != "succeeded":
        again = f". Again: causeway fetch --retry {found['id']}" if _may_mend(found) else ""
        raise CommandError(f"the fetch {_ENDED.get(found['state'], found['state'])}: {_counted_failures(found)}{again}")


def _may_mend(found: Mapping[str, Any]) -> bool:
    """Whether asking once more may help: not for what nobody has, and not for what a key or a plan does not cover."""
    return any(
        one["state"] == "cancelled" or (one["outcome"] == "failed" and one["error"]["code"] in _PASSING)
        for one in found["symbols"]
    )


_PASSING = {"too_many", "unavailable", "error"}  # what ends by itself
_ENDED = {"partly": "succeeded partly", "cancelled": "was cancelled"}


def remark(symbol: Mapping[str, Any]) -> str:
    """What became of a symbol, or where it stands."""
    said = [(symbol["error"] or {}).get("message", ""), symbol["message"]]
    return "; ".join(part for part in said if part) or str(symbol["state"])


@click.command()
@click.argument("fetch_id", metavar="[ID]", type=IDENTIFIER, required=False)
@click.option("--cancel", is_flag=True, help="Cancel the fetch ID.")
@click.option("--limit", type=click.IntRange(1), default=50, show_default=True, help="Most fetches to show.")
@json_option
@with_client
def fetches(client: Client, fetch_id: str | None, cancel: bool, limit: int, as_json: bool) -> None:
    """List your fetches, newest first, or the symbols of one.

    Example: causeway fetches
    """
    if cancel and fetch_id is None:
        raise click.UsageError("--cancel needs the ID of a fetch")
    if fetch_id is None:
        _list(client, limit, as_json=as_json)
        return
    if cancel:
        client.post(f"/data/fetches/{fetch_id}/cancel")
    found = client.get(f"/data/fetches/{fetch_id}")
    if as_json:
        show_json(found)
        return
    note(f"{found['state']}: {_line(found)}")
    rows = [one | {"why": remark(one), "came": one["outcome"].replace("_", " ")} for one in found["symbols"]]
    columns = {"symbol": "SYMBOL", "state": "STATE", "came": "OUTCOME", "rows_read": "READ", "rows_inserted": "NEW",
               "rows_quarantined": "QUARANTINED", "sources": "FROM", "why": "REMARK"}  # fmt: skip
    show_table(columns, rows, empty="no symbol")


def _first_symbols(row: Mapping[str, Any]) -> str:
    more = row["symbols_total"] - len(row["first_symbols"])
    return ",".join(row["first_symbols"]) + (f" and {more:,} more" if more else "")


def _list(client: Client, limit: int, *, as_json: bool) -> None:
    rows = list(client.pages("/data/fetches", most=limit, limit=min(limit, 200)))
    if as_json:
        show_json(rows)
        return
    flat = [
        row
        | {
            "bars": row["spec"]["bar_size"],
            "done": f"{row['progress']:.0%}",
            "asked_by": row["schedule"] or row["name"],
            "named": _first_symbols(row),
        }
        for row in rows
    ]
    columns = {"id": "ID", "state": "STATE", "done": "DONE", "bars": "BARS", "named": "SYMBOLS",
               "rows_inserted": "NEW", "created_at": "CREATED", "asked_by": "NAME"}  # fmt: skip
    show_table(columns, flat, empty="no fetch yet; ask with: causeway fetch --symbols A,B --start 2020-01-01")
