"""Data to try things with."""

from __future__ import annotations

import click

from causeway.cli.client import Client
from causeway.cli.errors import CommandError
from causeway.cli.output import note, show_json, show_table
from causeway.cli.parameters import json_option, with_client


@click.group()
def demo() -> None:
    """Store data to try things with.

    Example: causeway demo known --seed 7
    """


@demo.command()
@click.option(
    "--seed", type=click.IntRange(0), default=0, show_default=True, help="Another seed gives other symbols and links."
)
@click.option("--series", type=click.IntRange(2, 50), default=10, show_default=True)
@click.option(
    "--length", type=click.IntRange(30, 20_000), default=2000, show_default=True, help="Daily bars per series."
)
@click.option(
    "--links", type=click.IntRange(0), default=6, show_default=True, help="How many links; one is not linear."
)
@json_option
@with_client
def known(client: Client, seed: int, series: int, length: int, links: int, as_json: bool) -> None:
    """Store a synthetic market whose links are known, and print the truth.

    --json prints {"symbols": [...], "links": [{"source", "target", "lag_bars"}]}.

    Example: causeway demo known --seed 7 --json
    """
    from causeway.cli.wiring import known_market_file

    market, content = known_market_file(seed=seed, n_series=series, n_bars=length, n_links=links)
    fields = {"bar_size": "1d", "asset_class": "synthetic", "source": "known_market"}
    stored = client.upload("/data/ingestions", f"known-market-{seed}.csv", content, fields)
    if stored["rows_quarantined"]:
        raise CommandError(
            f"{stored['rows_quarantined']} of {stored['rows_read']} bars went to quarantine: other bars are stored for "
            f"{market.symbols[0]} to {market.symbols[-1]}, so the truth of this market is not that of the stored one. "
            "See them with 'causeway quarantine', or choose another seed"
        )
    note(f"{stored['rows_inserted']} bars stored, {stored['rows_unchanged']} were there")
    truth = market.truth_as_json()
    if as_json:
        show_json(truth)
        return
    show_table({"source": "SOURCE", "target": "TARGET", "lag_bars": "LAG"}, truth["links"], empty="no links")
    note(f"symbols: {','.join(truth['symbols'])}")
