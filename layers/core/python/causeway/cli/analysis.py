"""Analyses: ask, wait, read the answer."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial
from typing import Any

import click

from causeway.cli.client import Client
from causeway.cli.details import show_details, show_windows
from causeway.cli.errors import INTERRUPTED, CommandError, ServerUnavailableError
from causeway.cli.estimate import estimate_text
from causeway.cli.inference_options import inference_options, split
from causeway.cli.interrupts import held_interrupts
from causeway.cli.option_groups import GroupedCommand, under
from causeway.cli.output import Progress, note, show_json, show_table
from causeway.cli.parameters import BAR_SIZES, BARS, IDENTIFIER, MOMENT, SYMBOLS, csv_option, json_option, with_client
from causeway.errors import CausewayError
from causeway.model.inference import Estimator

_POLL_S = 0.5
_LINKS = {
    "source": "SOURCE", "target": "TARGET", "lag_bars": "LAG", "te_nats": "TE (NATS)", "coefficient": "COEFFICIENT",
    "p": "P", "q": "Q", "stable": "STABLE", "shown": "",
}  # fmt: skip


_data, _estimation, _search = under("Data"), under("Estimation"), under("Search")
_chance, _signal = under("Chance: what a link must beat"), under("Signal and its evaluation")


@click.command(cls=GroupedCommand)
@_data("--symbols", type=SYMBOLS, required=True, help="Two or more symbols with commas between them.")
@_data(
    "--measure",
    type=click.Choice(["returns", "log-volatility"]),
    default="returns",
    show_default=True,
    help="What is computed from bars. Volatility spills over far more than returns do.",
)
@_data(*BARS, type=BAR_SIZES, default="1d", show_default=True, help="Bar size.")
@_data("--start", type=MOMENT, required=True, help="First bar.")
@_data("--train-end", type=MOMENT, required=True, help="Links and coefficients use bars that end by then.")
@_data("--end", type=MOMENT, required=True, help="End of the evaluation.")
@_estimation(
    "--estimator",
    type=click.Choice([kind.value for kind in Estimator]),
    default="gaussian",
    show_default=True,
    help="gaussian: linear, exact, fast; copula: monotone, heavy tails; ksg: any dependence, slow; discrete, ordinal: "
    "symbols.",
)
@_search("--max-lag", type=click.IntRange(1, 50), default=5, show_default=True, help="Longest lag, in bars.")
@_chance(
    "--alpha",
    type=click.FloatRange(0, 1, min_open=True, max_open=True),
    default=0.05,
    show_default=True,
    help="A link counts when q is below.",
)
@_chance("--permutations", type=click.IntRange(20, 10_000), default=200, show_default=True, help="Per sampled test.")
@inference_options
@_signal("--horizon", type=click.IntRange(1, 50), default=1, show_default=True, help="Bars ahead that are forecast.")
@_signal("--cost-bps", type=click.FloatRange(0), default=5.0, show_default=True, help="Cost per unit of turnover.")
@click.option("--seed", type=click.IntRange(0), default=1, show_default=True, help="The same seed, the same answer.")
@click.option("--name", default="", help="A name to know it by.")
@click.option("--estimate-only", is_flag=True, help="Print what it would cost and could show; ask nothing.")
@click.option("--wait", is_flag=True, help="Wait for the answer and print it; Ctrl-C cancels the job on the server.")
@json_option
@with_client
def analyse(
    client: Client, wait: bool, as_json: bool, name: str, permutations: int, estimate_only: bool, **given: Any
) -> None:
    """Ask which of some series drive which, and how a signal made of it would have done.

    What it will cost and can show is said first. Without --wait the job's id is printed at once; read on with:
    causeway result ID.

    Example: causeway analyse --symbols AAPL,MSFT,IBM,GOOG --measure log-volatility --start 2005-01-01
    --train-end 2011-01-01 --end 2013-03-01 --wait
    """
    spec, inference = split(given)
    question = spec | {"n_permutations": permutations, "inference": inference}
    estimate = client.post("/analysis/estimate", {"spec": question})
    if estimate_only:
        _show_estimate(estimate, given["estimator"], as_json=as_json)
        return
    note(estimate_text(estimate, given["estimator"]))
    asking = partial(client.post, "/analysis/jobs", {"name": name, "spec": question})
    if wait:
        _show_result(client, _wait(client, asking), as_json=as_json, as_csv=False)
        return
    job = asking()
    if as_json:
        show_json(job)
    else:
        click.echo(job["id"])


def _show_estimate(estimate: Any, estimator: str, *, as_json: bool) -> None:
    if as_json:
        show_json(estimate)
    else:
        click.echo(estimate_text(estimate, estimator))


def _wait(client: Client, asking: Callable[[], Any]) -> str:
    """Follow the job that ``asking`` begins to its end; its id. An interrupt cancels it on the server."""
    with held_interrupts() as held:
        job = asking()
    note(f"job {job['id']}")
    progress = Progress()
    try:
        if held.pressed:
            raise KeyboardInterrupt
        while job["state"] in {"queued", "running"}:
            percent = int(job["progress"] * 100)
            left = f", about {job['eta_s']:.0f} s left" if job["eta_s"] else ""
            text = f"{job['stage']}: {percent} %{left}  {job['message']}".rstrip()
            progress.update(text, step=f"{job['stage']} {percent // 10}")
            time.sleep(_POLL_S)
            job = client.get(f"/analysis/jobs/{job['id']}")
    except KeyboardInterrupt:
        progress.end()
        raise CommandError(_cancelled(client, job["id"]), exit_code=INTERRUPTED) from None
    progress.end()
    if job["state"] == "failed":
        error = job["error"] or {"message": "no reason was given", "stage": job["stage"]}
        raise CommandError(f"the analysis failed in {error['stage']}: {error['message']}")
    if job["state"] == "cancelled":
        raise CommandError("the analysis was cancelled")
    return str(job["id"])


def _cancelled(client: Client, job_id: str) -> str:
    try:
        state = client.post(f"/analysis/jobs/{job_id}/cancel")["state"]
    except ServerUnavailableError:
        return f"interrupted; the server did not answer, so job {job_id} may go on: causeway cancel {job_id}"
    except CommandError as error:
        return f"interrupted; job {job_id} could not be cancelled: {error.message}"
    return f"interrupted; job {job_id} is {state if state == 'cancelled' else 'being cancelled'} on the server"


@click.command()
@click.option("--state", type=click.Choice(["queued", "running", "succeeded", "failed", "cancelled"]))
@click.option("--limit", type=click.IntRange(1), default=50, show_default=True, help="Most jobs to show.")
@json_option
@with_client
def analyses(client: Client, state: str | None, limit: int, as_json: bool) -> None:
    """List your analyses, newest first.

    Example: causeway analyses --state running
    """
    rows = list(client.pages("/analysis/jobs", most=limit, state=state, limit=min(limit, 200)))
    if as_json:
        show_json(rows)
        return
    flat = [row | {"symbols": len(row["spec"]["symbols"]), "measure": row["spec"]["measure"],
                   "done": f"{row['progress']:.0%}"} for row in rows]  # fmt: skip
    columns = {"id": "ID", "state": "STATE", "done": "DONE", "measure": "MEASURE", "symbols": "SERIES",
               "created_at": "CREATED", "name": "NAME"}  # fmt: skip
    show_table(columns, flat, empty="no analysis yet; ask with: causeway analyse")


@click.command()
@click.argument("job_id", metavar="ID", type=IDENTIFIER)
@click.option("--details", is_flag=True, help="What is known beyond p and q: lags, stability, linearity, power.")
@click.option("--windows", is_flag=True, help="The links of each window, where --window-bars asked for some.")
@click.option("--format", "other_format", type=click.Choice(["idtxl"]), default=None,
              help="idtxl: JSON with the fields of IDTxl's results and its settings dict.")  # fmt: skip
@json_option
@csv_option
@with_client
def result(
    client: Client, job_id: str, details: bool, windows: bool, other_format: str | None, as_json: bool, as_csv: bool
) -> None:
    """Print the answer of an analysis: its links and the evaluation of its signal.

    --json holds links (source, target, lag_bars, te_nats, p, q), evaluation, spec, seed, data_hash and code_version;
    --csv holds the links. With --details instead what is known beyond p and q, per link and per target;
    with --windows the links of each window.

    Example: causeway result 0b7c... --json
    """
    if other_format is not None:
        answer, known = client.get(f"/analysis/jobs/{job_id}/result"), client.get(f"/analysis/jobs/{job_id}/details")
        click.echo(_as_idtxl(answer, known))
    elif details:
        show_details(client.get(f"/analysis/jobs/{job_id}/details"), as_json=as_json, as_csv=as_csv)
    elif windows:
        show_windows(client.get(f"/analysis/jobs/{job_id}/windows"), as_json=as_json, as_csv=as_csv)
    else:
        _show_result(client, job_id, as_json=as_json, as_csv=as_csv)


def _as_idtxl(answer: Any, details: Any) -> str:
    from causeway.cli.idtxl_format import idtxl_text

    try:
        return idtxl_text(answer, details)
    except CausewayError as error:
        raise CommandError(f"this answer has no form in IDTxl: {error.message}") from None


def _show_result(client: Client, job_id: str, *, as_json: bool, as_csv: bool) -> None:
    if as_csv:
        click.echo(client.text(f"/analysis/jobs/{job_id}/links.csv"), nl=False)
        return
    found = client.get(f"/analysis/jobs/{job_id}/result")
    if as_json:
        show_json(found)
        return
    links = [link | {"shown": "significant" if link["significant"] else "", "stable": _stability(link)}
             for link in found["links"]]  # fmt: skip
    show_table(_LINKS, links, empty="no link was kept")
    for excluded in found["excluded"]:
        note(f"left out: {excluded['symbol']}: {excluded['reason']}")
    for warning in found["warnings"]:
        note(f"note: {warning}")
    click.echo(_verdict(found))
    if found["spec"]["inference"]["window_bars"]:
        note(f"the links of each window: causeway result {job_id} --windows")


def _stability(link: Any) -> str | None:
    """The lower share of resamples of time and of series that found a link again."""
    shares = [link[name] for name in ("stability_time", "stability_assets") if link[name] is not None]
    return f"{min(shares):.0%}" if shares else None


def _verdict(found: Any) -> str:
    outcome, alpha = found["evaluation"], found["spec"]["alpha"]
    significant = sum(link["significant"] for link in found["links"])
    counted = f"{significant} of {len(found['links'])} links have q < {alpha}"
    head = f"{counted}; {found['samples']} samples, seed {found['seed']}."
    if outcome["verdict"] == "no_links":
        return f"{head}\nNo significant link: there is nothing to trade."
    interval = outcome["sharpe_interval_95"]
    spread = f" (95 %: {interval['low']:.2f} to {interval['high']:.2f})" if interval else ""
    sharpe = "-" if outcome["sharpe"] is None else f"{outcome['sharpe']:.2f}"
    verdict = "differs from zero" if outcome["verdict"] == "distinguishable" else "cannot be told from zero"
    return (
        f"{head}\nOut of sample, after costs: total return {outcome['total_return']:.2%}, Sharpe {sharpe}{spread}: it "
        f"{verdict}. Largest drawdown {abs(outcome['max_drawdown']):.2%}."
    )


@click.command()
@click.argument("job_id", metavar="ID", type=IDENTIFIER)
@json_option
@with_client
def cancel(client: Client, job_id: str, as_json: bool) -> None:
    """Cancel a queued or running analysis.

    Example: causeway cancel 0b7c...
    """
    job = client.post(f"/analysis/jobs/{job_id}/cancel")
    if as_json:
        show_json(job)
    else:
        note(f"job {job_id}: {job['state']}" + ("; it stops within seconds" if job["state"] == "running" else ""))
