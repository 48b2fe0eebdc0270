"""The replay of stored bars as a live market."""

from __future__ import annotations

import time
from typing import Any

import click

from causeway.cli.client import Client
from causeway.cli.errors import CommandError
from causeway.cli.output import note, show_json
from causeway.cli.parameters import SYMBOLS, json_option, with_client

_PATIENCE_S = 6.0
_POLL_S = 0.25


@click.command()
@click.option(
    "--date", "day", metavar="DATE", help="First day, such as 2012-03-01; goes on from where it stands if left out."
)
@click.option(
    "--speed",
    type=click.FloatRange(0, 23_400, min_open=True),
    help="Market seconds per second; 390 replays a day in a minute. Kept as it is if left out.",
)
@click.option("--symbols", type=SYMBOLS, help="Only these symbols; those of before if left out.")
@click.option("--stop", is_flag=True, help="Close the market where it stands.")
@json_option
@with_client
def replay(
    client: Client, day: str | None, speed: float | None, symbols: list[str] | None, stop: bool, as_json: bool
) -> None:
    """Replay stored bars as live quotes, for every user of this server.

    Closed hours are skipped. Without options it starts a stopped replay again where it stood.

    Example: causeway replay --date 2012-03-01 --speed 390
    """
    if stop and (day or speed or symbols):
        raise click.UsageError("--stop stands alone")
    before = client.get("/data/clock")
    body = {"action": "stop" if stop else "start", "day": day, "speed": speed, "symbols": symbols or []}
    client.post("/data/replay", body)
    clock = _obeyed(client, before, stop=stop)
    if as_json:
        show_json(clock)
    else:
        note(f"market: {clock['mode']}, time {clock['market_time'] or '-'}, speed {clock['speed']:g}")


def _obeyed(client: Client, before: Any, *, stop: bool) -> Any:
    """The clock once the feed has taken the request up."""
    wanted = "closed" if stop else "replay"
    for _ in range(int(_PATIENCE_S / _POLL_S)):
        clock = client.get("/data/clock")
        if clock["mode"] == wanted and clock["updated_at"] != before["updated_at"]:
            return clock
        time.sleep(_POLL_S)
    raise CommandError(
        f"the request is stored, but the feed did not take it up within {_PATIENCE_S:.0f} s. Is it running? See: "
        "causeway doctor"
    )
