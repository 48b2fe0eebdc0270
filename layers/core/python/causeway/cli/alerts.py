"""Alerts: what you should know."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import click

from causeway.cli.client import Client
from causeway.cli.output import note, show_json, show_table
from causeway.cli.parameters import json_option, with_client

_COLUMNS = {"id": "ID", "created_at": "AT", "severity": "SEVERITY", "kind": "KIND", "seen": "SEEN", "text": "TEXT"}


@click.command()
@click.option("--severity", type=click.Choice(["info", "warning", "critical"]), help="Only alerts of this severity.")
@click.option("--unseen", is_flag=True, help="Only alerts that you have not acknowledged and that are not over.")
@click.option("--acknowledge", type=click.IntRange(1), metavar="ID", help="Say that you have seen this alert.")
@click.option("--up-to", type=click.IntRange(1), metavar="ID", help="Say that you have seen all up to this alert.")
@click.option("--limit", type=click.IntRange(1), default=50, show_default=True, help="Most alerts to show.")
@json_option
@with_client
def alerts(
    client: Client, severity: str | None, unseen: bool, acknowledge: int | None, up_to: int | None, limit: int,
    as_json: bool,
) -> None:  # fmt: skip
    """List your alerts, newest first, or acknowledge some: feeds that are down, fetches that failed, rows kept out.

    Example: causeway alerts --unseen
    """
    if acknowledge is not None and up_to is not None:
        raise click.UsageError("--acknowledge takes one alert and --up-to all before it: give one of them")
    if acknowledge is not None:
        client.post(f"/alerts/{acknowledge}/acknowledge")
        note(f"alert {acknowledge} is acknowledged")
    elif up_to is not None:
        done = client.post("/alerts/acknowledge", {"id": up_to})
        note(f"{done['acknowledged']} alerts were acknowledged; {done['unseen']} are left")
    else:
        _list(client, severity, unseen, limit, as_json=as_json)


def _list(client: Client, severity: str | None, unseen: bool, limit: int, *, as_json: bool) -> None:
    query = {"severity": severity, "unseen": "true" if unseen else None, "limit": min(limit, 500)}
    rows = list(client.pages("/alerts", most=limit, **query))
    if as_json:
        show_json(rows)
        return
    shown = [row | {"seen": _seen(row)} for row in rows]
    narrowed = severity is not None or unseen
    show_table(_COLUMNS, shown, empty="no such alert" if narrowed else "no alert yet")


def _seen(row: Mapping[str, Any]) -> str:
    return "over" if row["resolved_at"] else "yes" if row["acknowledged"] else ""
