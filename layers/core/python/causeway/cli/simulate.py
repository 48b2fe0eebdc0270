"""Serve a vendor's wire on this machine, to try everything without an account."""

from __future__ import annotations

import errno
import os
import threading
from collections.abc import Collection, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import click

from causeway.cli.errors import CommandError
from causeway.cli.output import note
from causeway.simulators import DEMO_SYMBOLS
from causeway.simulators.faults import Fault, Faults, Flaw
from causeway.simulators.halts import PlannedHalt
from causeway.simulators.registry import FAULTS_OF, FLAWED, HALTING, VENDORS, Halting, Streaming, open_simulator


@click.command()
@click.argument("vendor", type=click.Choice(VENDORS))
@click.option("--port", type=click.IntRange(0, 65532), default=0, help="Port to listen on; 0 takes a free one.")
@click.option("--symbols", default=",".join(DEMO_SYMBOLS), show_default=True, help="What the vendor knows.")
@click.option("--seed", type=int, default=0, show_default=True, help="Of the made prices.")
@click.option(
    "--fault",
    "faults",
    multiple=True,
    metavar="FAULT[=TIMES]",
    help=f"Go wrong so many times: {', '.join(Fault)}, where the vendor can. May be given several times.",
)
@click.option(
    "--halt",
    "halts",
    multiple=True,
    metavar="SYMBOL@AFTER[:FOR]",
    help="Halt SYMBOL, AFTER seconds after it is first watched, FOR seconds long (alpaca). May be given several times.",
)
@click.option(
    "--flaw",
    "flaws",
    multiple=True,
    type=click.Choice([str(one) for one in Flaw]),
    help="Of the daily bars, all the time (yahoo): prices 100 times too large, 8 to 21 March; 30 days before a split "
    "without it; no close, 15 to 17 May. May be given several times.",
)
@click.option(
    "--recordings",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Directory of recorded answers, given before made ones (yahoo, alphavantage).",
)
@click.option(
    "--rate",
    type=click.FloatRange(min=0, max=10_000),
    default=5.0,
    show_default=True,
    help="Trades a second among the watched symbols, where the vendor streams.",
)
def simulate(
    vendor: str, port: int, symbols: str, seed: int, faults: tuple[str, ...], halts: tuple[str, ...],
    flaws: tuple[str, ...], recordings: Path | None, rate: float,
) -> None:  # fmt: skip
    """Serve VENDOR's interface on 127.0.0.1 with made prices until Ctrl-C.

    Prints the settings with which Causeway talks to it instead of to the real vendor.

    Example: causeway simulate yahoo --fault throttle=2

    A stock is halted half a minute after the live feed began to watch it: causeway simulate alpaca --halt AAPL@30:60
    """
    from causeway.simulators.market import SimulatedMarket

    names = tuple(name.strip().upper() for name in symbols.split(",") if name.strip())
    if not names:
        raise click.BadParameter("expected symbols with commas between them, such as AAPL,MSFT", param_hint="--symbols")
    if flaws and vendor not in FLAWED:
        raise click.BadParameter(f"the simulated {vendor} has none; {', '.join(FLAWED)} has", param_hint="--flaw")
    script = Faults(Flaw(one) for one in flaws)
    for one in faults:
        script.add(*_fault(vendor, one))
    planned = [_halt(vendor, one, names) for one in halts]
    market = SimulatedMarket(seed=seed, symbols=names)
    with ExitStack() as opened:
        with _listening(vendor, port):
            simulator = opened.enter_context(open_simulator(vendor, market, script, port=port, recordings=recordings))
        if rate and isinstance(simulator, Streaming):
            simulator.stream(rate)
        if isinstance(simulator, Halting):
            for halt in planned:
                simulator.plan_halt(halt)
        note(f"a simulated {vendor} is ready; Ctrl-C ends it. To use it:")
        for setting, value in simulator.settings.items():
            click.echo(f"export {setting}={value}")
        threading.Event().wait()


@contextmanager
def _listening(vendor: str, port: int) -> Iterator[None]:
    """Says which port could not be had."""
    try:
        yield
    except OSError as error:
        if error.errno not in (errno.EADDRINUSE, errno.EACCES):
            raise
        ports = f"ports {port} to {port + 3}" if vendor == "iqfeed" else f"port {port}"
        raise CommandError(
            f"the simulated {vendor} cannot listen on {ports} of 127.0.0.1: {os.strerror(error.errno)}. "
            "Give another --port, or leave it out for a free one."
        ) from error


def _fault(vendor: str, text: str) -> tuple[Fault, int]:
    """``throttle=2`` as fault and times."""
    name, equals, times = text.partition("=")
    known = [fault for fault in Fault if fault in FAULTS_OF[vendor]]
    if name not in known:
        expected = f"expected a fault that the simulated {vendor} can have: {', '.join(known)}"
        raise click.BadParameter(f"{expected}; found {name!r}", param_hint="--fault")
    if equals and not (times.isdigit() and int(times) > 0):
        raise click.BadParameter(f"expected how often, such as {name}=2; found {text!r}", param_hint="--fault")
    return Fault(name), int(times or 1)


def _halt(vendor: str, text: str, symbols: Collection[str]) -> PlannedHalt:
    """``AAPL@30:60`` of a symbol that the vendor knows."""
    if vendor not in HALTING:
        raise click.BadParameter(f"{vendor} tells of no halts; {', '.join(HALTING)} does", param_hint="--halt")
    try:
        halt = PlannedHalt.parse(text)
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="--halt") from error
    if halt.symbol not in symbols:
        known = ", ".join(symbols)
        raise click.BadParameter(f"expected one of --symbols ({known}); found {halt.symbol!r}", param_hint="--halt")
    return halt
