"""Two analyses side by side."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import click

from causeway.cli.client import Client
from causeway.cli.output import note, show_csv, show_json, show_table
from causeway.cli.parameters import IDENTIFIER, csv_option, json_option, with_client

_FOUND = {"both": "A and B", "a": "A only", "b": "B only", "neither": "neither"}
_SIDE = ("te_nats", "lag_bars", "q")
_LINKS = {
    "source": "SOURCE", "target": "TARGET", "found_in": "FOUND IN", "changed": "CHANGED", "te_nats_a": "TE A",
    "te_nats_b": "TE B", "te_ratio": "B/A", "lag_bars_a": "LAG A", "lag_bars_b": "LAG B", "q_a": "Q A", "q_b": "Q B",
}  # fmt: skip
_QUESTION = {"field": "QUESTION", "a": "A", "b": "B"}
_CSV = (
    "source", "target", "found", "asked", "changes", "te_nats_a", "te_nats_b", "te_ratio", "lag_bars_a", "lag_bars_b",
    "q_a", "q_b", "coefficient_a", "coefficient_b",
)  # fmt: skip
_DATA = {
    "same": "The data is the same.",
    "changed": "The data is not the same, though the same bars were asked for.",
    "other": "The questions ask for other bars.",
}


@click.command()
@click.argument("first", metavar="A", type=IDENTIFIER)
@click.argument("second", metavar="B", type=IDENTIFIER)
@json_option
@csv_option
@with_client
def compare(client: Client, first: str, second: str, as_json: bool, as_csv: bool) -> None:
    """Compare two finished analyses, A and B: what was asked differently, and which links both found.

    A link is found where its q lies below alpha of its own analysis. --json holds a, b, question, overlap, links and
    notes; --csv holds the links.

    Example: causeway compare 0b7c... 91d2...
    """
    found = client.get("/analysis/compare", a=first, b=second)
    if as_json:
        show_json(found)
    elif as_csv:
        show_csv(_CSV, _flat(found["links"]))
    else:
        _show(found)


def _show(found: Any) -> None:
    for side in ("a", "b"):
        note(f"{side.upper()}: {found[side]['job_id']}  {found[side]['name']}".rstrip())
    show_table(_QUESTION, found["question"], empty="both ask the same question")
    click.echo()
    show_table(_LINKS, list(_flat(found["links"])), empty="neither kept a link")
    for text in found["notes"]:
        note(f"note: {text}")
    click.echo(f"\n{_overlap(found['overlap'])}\n{_DATA[found['data']]}")


def _overlap(overlap: Any) -> str:
    counted = f"A found {overlap['found_a']} links, B {overlap['found_b']}, of {overlap['pairs']} that both asked about"
    if overlap["jaccard"] is None:
        return f"{counted}."
    lags = "" if overlap["same_lag"] is None else f", {overlap['same_lag']} of them at the same lag"
    return (
        f"{counted}; {overlap['shared']} shared{lags}.\n"
        f"Overlap (Jaccard) {overlap['jaccard']:.2f}; chance alone would share {overlap['expected_shared']:.2g}."
    )


def _flat(links: Any) -> Iterator[dict[str, Any]]:
    """Links with the numbers of both sides in columns; ``None`` where a side did not keep the link."""
    for link in links:
        sides = {
            f"{name}_{side}": (link[side] or {}).get(name) for side in ("a", "b") for name in (*_SIDE, "coefficient")
        }
        yield {
            **link,
            **sides,
            "changes": " ".join(link["changes"]),
            "changed": _changed(link),
            "found_in": _FOUND[link["found"]],
        }


def _changed(link: Any) -> str:
    if link["asked"] != "both":
        return f"asked in {_FOUND[link['asked']]}"
    return ", ".join(link["changes"])
