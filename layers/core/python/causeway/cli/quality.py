"""Quality of what is stored: gaps, findings, and repairs that a user accepts or rejects."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby
from typing import Any

import click

from causeway.cli.client import Client
from causeway.cli.errors import CommandError
from causeway.cli.fetch import fail_unless_succeeded, follow, remark
from causeway.cli.output import counted, note, show_json, show_table
from causeway.cli.parameters import BAR_SIZES, BARS, IDENTIFIER, MOMENT, PROVIDERS, json_option, with_client

_FINDINGS = {"code": "FINDING", "severity": "SEVERITY", "rows": "BARS", "first": "FIRST", "last": "LAST",
             "example": "THE FIRST ONE"}  # fmt: skip
_REPAIRS = {"id": "ID", "symbol": "SYMBOL", "what": "OF", "time": "TIME", "code": "FLAW", "stored": "CLOSE OR VALUE",
            "proposed": "PROPOSED", "state": "STATE", "reason": "REASON"}  # fmt: skip
_SHOWN = 20
_LEGEND = "█ complete  ▓ up to a tenth missing  ▒ up to half  ░ more  · nothing stored"


@click.command()
@click.argument("symbol")
@click.option(*BARS, type=BAR_SIZES, default="1d", show_default=True, help="Bar size.")
@click.option("--start", type=MOMENT, help="Default: the first stored bar.")
@click.option("--end", type=MOMENT, help="Default: behind the last stored bar.")
@click.option(
    "--against",
    type=click.Choice(PROVIDERS),
    help="Compare with this provider's bars, kept by: causeway fetch --check-against PROVIDER",
)
@json_option
@with_client
def quality(client: Client, symbol: str, as_json: bool, **asked: str | None) -> None:
    """Say what is missing of SYMBOL, month by month, and what the checks found in it.

    Facts only, there is no score. Nothing is changed.

    Example: causeway quality AAPL
    """
    found = client.get(f"/data/quality/{_safe(symbol)}", **asked)
    if as_json:
        show_json(found)
        return
    for line in _lines(found):
        click.echo(line)
    click.echo()
    show_table(_FINDINGS, found["findings"], empty="the checks found nothing")


@click.group()
def repairs() -> None:
    """Repairs of bars, splits and dividends: look for them, list, accept, reject. Nothing is changed before.

    Example: causeway repairs list
    """


@repairs.command("find")
@click.argument("symbol")
@click.option(*BARS, type=BAR_SIZES, default="1d", show_default=True, help="Bar size.")
@click.option(
    "--by",
    type=click.Choice(["checks", "yahoo"]),
    default="checks",
    show_default=True,
    help="The checks of what is stored, or what yfinance's repair of Yahoo's bars would change.",
)
@click.option("--start", type=MOMENT, help="With --by yahoo; default: the first stored bar.")
@click.option("--end", type=MOMENT, help="With --by yahoo; default: behind the last stored bar.")
@with_client
def find_repairs(client: Client, symbol: str, bar_size: str, by: str, start: str | None, end: str | None) -> None:
    """Propose a repair for every flaw of SYMBOL that says what the value should be.

    Bars may be stored or in quarantine; dividends are judged by daily bars.

    With --by yahoo the server asks Yahoo, which takes a while: the progress is shown, and Ctrl-C cancels it. Only bars
    that are stored as Yahoo serves them get a proposal.

    Example: causeway repairs find VOD

    causeway repairs find VOD.L --by yahoo --start 2024-01-01
    """
    if by == "yahoo":
        _find_by_yahoo(client, symbol.strip().upper(), bar_size, start, end)
        return
    if start is not None or end is not None:
        raise click.UsageError("--start and --end go with --by yahoo; the checks look at everything that is stored")
    found = client.post(f"/data/quality/{_safe(symbol)}/repairs?bar_size={bar_size}")
    open_ones = f"causeway repairs list --symbol {symbol.strip().upper()}"
    if found["proposed"]:
        note(f"{counted(found['proposed'], 'new repair')} proposed; look at what is open with: {open_ones}")
    else:
        note(f"nothing new is proposed; what is open already: {open_ones}")


def _find_by_yahoo(client: Client, symbol: str, bar_size: str, start: str | None, end: str | None) -> None:
    since = start or client.get(f"/data/coverage/{_safe(symbol)}", bar_size=bar_size)["start"]
    asked = {"symbols": [symbol], "bar_size": bar_size, "start": since, "providers": ["yahoo"], "repairs": "only"}
    body = asked | ({} if end is None else {"end": end})
    found = follow(client, lambda: client.post("/data/fetches", body))
    for one in found["symbols"]:
        note(f"{one['symbol']}: {remark(one)}")
    fail_unless_succeeded(found)
    if found["repairs"]:
        note(f"look at them with: causeway repairs list --symbol {symbol}")


@repairs.command("list")
@click.option("--symbol", help="Only repairs of this symbol.")
@click.option(
    "--state",
    type=click.Choice(["proposed", "accepted", "rejected", "all"]),
    default="proposed",
    show_default=True,
)
@click.option("--limit", type=click.IntRange(1), default=500, show_default=True, help="Most repairs to show.")
@json_option
@with_client
def list_repairs(client: Client, symbol: str | None, state: str, limit: int, as_json: bool) -> None:
    """List repairs, newest first.

    Example: causeway repairs list --symbol VOD
    """
    wanted = None if state == "all" else state
    rows = list(client.pages("/data/repairs", most=limit, symbol=symbol, state=wanted, limit=min(limit, 500)))
    if as_json:
        show_json(rows)
        return
    none = "no repair is there; look for some with: causeway repairs find SYMBOL"
    if state in {"accepted", "rejected"}:
        none = f"no repair was {state}"
    show_table(_REPAIRS, [_told(row) for row in rows], empty=none, exact=True)


def _told(row: Mapping[str, Any]) -> dict[str, Any]:
    """Of a bar its close; of a split or dividend its value and ex-date."""
    found, proposed = row["found"] or {}, row["proposed"]
    if row["kind"] == "bar":
        return {**row, "what": row["bar_size"], "stored": found.get("close"), "proposed": proposed["close"]}
    becomes = "taken out" if proposed["value"] is None else proposed["value"]
    told = {"what": row["kind"], "time": row["time"][:10], "stored": found["value"], "proposed": becomes}
    return {**row, **told}


@repairs.command("accept")
@click.argument("repair_ids", metavar="[ID]...", type=IDENTIFIER, nargs=-1)
@click.option("--symbol", help="Every repair of this symbol that is proposed, at most 1,000.")
@click.option("--remark", default="", help="Why; kept in the audit log.")
@click.option("--yes", is_flag=True, help="Ask nothing.")
@with_client
def accept_repairs(client: Client, repair_ids: tuple[str, ...], symbol: str | None, remark: str, yes: bool) -> None:
    """Write what repairs ID propose, all or none; the source of it then says so.

    Example: causeway repairs accept 0b7c1f2e-1111-4222-8333-444455556666 --remark pence

    causeway repairs accept --symbol VOD
    """
    if bool(repair_ids) == bool(symbol):
        raise click.UsageError("name repairs by ID, or a symbol with --symbol")
    rows = [] if repair_ids else _proposed(client, symbol)
    ids = list(repair_ids) or [str(one["id"]) for one in rows]
    if not ids:
        note(f"no repair of {symbol} is proposed; look for some with: causeway repairs find {symbol}")
        return
    if not yes:
        show_before_asking(rows)
        _confirm(f"{counted(len(ids), 'repair')} will be written as proposed. Go on?")
    done = client.post("/data/repairs/accept", {"ids": ids, "remark": remark})
    note(f"{counted(done['accepted'], 'repair')} written")


def _confirm(question: str) -> None:
    """Raises CommandError where nobody agrees."""
    try:
        agreed = click.confirm(question)
    except click.Abort:
        click.echo("", err=True)
        raise CommandError("nothing was written: nobody answered. Without a terminal, agree with --yes") from None
    if not agreed:
        raise CommandError("nothing was written")


def show_before_asking(rows: Sequence[Mapping[str, Any]]) -> None:
    """What will be written, before one agrees."""
    if rows:
        show_table(_REPAIRS, [_told(row) for row in rows[:_SHOWN]], empty="", exact=True)
    if len(rows) > _SHOWN:
        note(f"and {len(rows) - _SHOWN:,} more; see all with: causeway repairs list --symbol {rows[0]['symbol']}")


def _proposed(client: Client, symbol: str | None) -> list[Mapping[str, Any]]:
    return list(client.pages("/data/repairs", most=1000, symbol=symbol, state="proposed", limit=1000))


@repairs.command("reject")
@click.argument("repair_id", metavar="ID", type=IDENTIFIER)
@click.option("--remark", default="", help="Why; kept in the audit log.")
@with_client
def reject_repair(client: Client, repair_id: str, remark: str) -> None:
    """Put repair ID away; the bar or action stays as it is.

    Example: causeway repairs reject 0b7c1f2e-1111-4222-8333-444455556666
    """
    client.post(f"/data/repairs/{repair_id}/reject", {"remark": remark})
    note("the proposal was rejected; nothing was changed")


def picture(months: Iterable[Mapping[str, Any]]) -> list[str]:
    """A line for each year, a sign for each month: how full it is; a blank before the first and after the last."""
    lines = ["      JFMAMJJASOND  missing"]
    for year, mine in groupby(months, key=lambda month: str(month["month"])[:4]):
        found = {int(month["month"][5:]): month for month in mine}
        signs = "".join(_sign(found[number]) if number in found else " " for number in range(1, 13))
        missing = sum(month["missing_bars"] for month in found.values())
        lines.append(f"{year}  {signs}  {missing or ''}".rstrip())
    return lines


def _sign(month: Mapping[str, Any]) -> str:
    expected, missing = month["expected_bars"], month["missing_bars"]
    if missing == 0:
        return "█"
    if missing >= expected:
        return "·"
    if missing * 10 <= expected:
        return "▓"
    return "▒" if missing * 2 <= expected else "░"


def _lines(found: Mapping[str, Any]) -> list[str]:
    sources = ", ".join(f"{name} {bars:,}" for name, bars in found["sources"].items())
    held_back = found["quarantined_rows"]
    lines = [
        f"{found['symbol']}, bars of {found['bar_size']}, {found['start'][:10]} to {found['end'][:10]}, "
        f"sessions of {found['calendar']}",
        f"{counted(found['bars'], 'bar')} stored ({sources}); {_missing(found)}",
    ]
    lines.extend(
        f"{one['differing']} of {one['bars']} bars of {one['source']} have other prices" for one in found["compared"]
    )
    if found["bars_outside_sessions"]:
        lines.append(f"outside the calendar's sessions: {counted(found['bars_outside_sessions'], 'bar')}")
    if held_back:
        lines.append(
            f"in quarantine: {counted(held_back, 'row')}; see them with: causeway quarantine --symbol {found['symbol']}"
        )
    return [*lines, "", *picture(found["months"]), _LEGEND]


def _missing(found: Mapping[str, Any]) -> str:
    """Of daily bars each session has one; of finer ones a session can lack some, or all."""
    without = f"{found['sessions_without_bars']:,} of {counted(found['sessions'], 'session')}"
    if found["bar_size"] == "1d":
        return f"{without} are missing"
    lacking = f"{found['missing_bars']:,} of {found['expected_bars']:,} expected are missing"
    return f"{lacking}; {without} without any"


def _safe(symbol: str) -> str:
    from urllib.parse import quote

    return quote(symbol, safe="")
