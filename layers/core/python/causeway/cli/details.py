"""What is known about an answer beyond p and q, as tables."""

from __future__ import annotations

from typing import Any

import click

from causeway.cli.output import show_csv, show_json, show_table

_LINKS = {
    "source": "SOURCE", "target": "TARGET", "effective_lag": "EFFECTIVE LAG", "strongest": "STRONGEST (95 %)",
    "time": "STABLE IN TIME", "assets": "STABLE IN SERIES", "linear": "LINEAR", "linear_coefficient": "COEFFICIENT",
    "needs": "NEEDS",
}  # fmt: skip
_TARGETS = {
    "target": "TARGET", "own_lags": "OWN LAGS", "ais_nats": "OWN PAST (NATS)", "te_nats": "SOURCES ADD (NATS)",
    "omnibus_p": "P OF ALL", "visible": "WEAKEST VISIBLE (NATS)",
}  # fmt: skip
_WINDOWS = {
    "start": "FIRST BAR", "end": "LAST BAR", "source": "SOURCE", "target": "TARGET", "lag_bars": "LAG",
    "te_nats": "TE (NATS)", "p": "P", "q": "Q",
}  # fmt: skip


def show_details(details: Any, *, as_json: bool, as_csv: bool) -> None:
    """Links, then targets; as CSV the links alone."""
    links = [_flat(link) for link in details["links"]]
    if as_json:
        show_json(details)
    elif as_csv:
        show_csv(list(_LINKS), links)
    else:
        show_table(_LINKS, links, empty="no details of links are stored")
        click.echo()
        targets = [target | {"visible": target["power"]["detectable_te_nats"]} for target in details["targets"]]
        show_table(_TARGETS, targets, empty="no details of targets are stored")


def show_windows(found: Any, *, as_json: bool, as_csv: bool) -> None:
    """Every link of every window, oldest window first."""
    windows = found["windows"]
    rows = [{"start": one["start"], "end": one["end"]} | link for one in windows for link in one["links"]]
    if as_json:
        show_json(found)
    elif as_csv:
        show_csv([*_WINDOWS], rows)
    else:
        shown = [row | {"shown": "significant" if row["significant"] else ""} for row in rows]
        none = f"no link was kept in any of {len(windows)} windows" if windows else "no windows were asked for"
        show_table({**_WINDOWS, "shown": ""}, shown, empty=none)


def _flat(link: Any) -> dict[str, Any]:
    between = link["lag_interval"]
    return {
        **link,
        "strongest": f"{between['low']}-{between['high']}" if between else None,
        "time": _share(link["stability_time"]),
        "assets": _share(link["stability_assets"]),
        "linear": _share(link["linear_share"]),
        "needs": ",".join(link["needs"]) or None,
    }


def _share(value: float | None) -> str | None:
    return None if value is None else f"{value:.0%}"
