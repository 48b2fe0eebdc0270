"""``causeway``: the platform from the shell. Everything goes through the HTTP interface but the last group."""

from __future__ import annotations

from typing import Any

import click

from causeway.cli import (
    account,
    alerts,
    analysis,
    compare,
    data,
    dataset,
    demo,
    fetch,
    identity,
    installation,
    quality,
    replay,
    simulate,
    symbols,
    trading,
)
from causeway.cli.client import Client
from causeway.cli.credentials import CredentialFile
from causeway.cli.errors import INTERRUPTED, UNAVAILABLE, CommandError
from causeway.cli.manual import HELP_NAMES
from causeway.cli.output import note
from causeway.errors import CausewayError, Unavailable

_SECTIONS: dict[str, tuple[click.Command, ...]] = {
    "Sign-in": (account.login, account.logout, account.whoami),
    "Market data": (
        data.ingest, fetch.fetch, fetch.fetches, data.quarantine, symbols.symbols, data.bars, data.coverage,
        quality.quality, quality.repairs, dataset.export_bars, dataset.import_bars, replay.replay, demo.demo,
        alerts.alerts,
    ),
    "Analysis": (analysis.analyse, analysis.analyses, analysis.result, compare.compare, analysis.cancel),
    "Trading": (trading.order, trading.orders, trading.positions, trading.portfolio),
    "This machine's installation": (
        installation.doctor, installation.backup, installation.restore, installation.admin, identity.identity,
        simulate.simulate,
    ),
}  # fmt: skip


class Commands(click.Group):
    """Commands by section; errors become messages on stderr and exit codes."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except CommandError as error:
            note(f"causeway: {error.message}")
            for line in error.fields:
                note(f"  {line}")
            ctx.exit(error.exit_code)
        except CausewayError as error:
            note(f"causeway: {error.message}")
            ctx.exit(UNAVAILABLE if isinstance(error, Unavailable) else 1)
        except KeyboardInterrupt:
            note("causeway: interrupted")
            ctx.exit(INTERRUPTED)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002 - click's
        for section, commands in _SECTIONS.items():
            with formatter.section(section):
                formatter.write_dl([(command.name or "", command.get_short_help_str(80)) for command in commands])


@click.group(cls=Commands, context_settings={"help_option_names": HELP_NAMES, "max_content_width": 120})
@click.version_option(package_name="causeway")
@click.pass_context
def cli(ctx: click.Context) -> None:
    """Causeway: which series drive which, signals that were honestly evaluated, and trading under risk control.

    \b
    causeway login --email admin@localhost
    causeway ingest daily.csv.gz
    causeway analyse --symbols A,B,C --start 2005-01-01 --train-end 2011-01-01 --end 2013-01-01 --wait
    causeway order buy AAPL 10 --type limit --limit 520.50

    Results go to stdout, everything else to stderr; --json prints JSON and nothing else.
    Exit codes: 0 done, 1 refused or failed, 2 wrong usage, 3 not signed in, 4 server does not answer, 130 interrupted.
    """
    if ctx.obj is None:
        ctx.obj = Client(CredentialFile())
    ctx.call_on_close(ctx.obj.close)


for _commands in _SECTIONS.values():
    for _command in _commands:
        cli.add_command(_command)


def main() -> None:
    """Entry of the ``causeway`` script."""
    cli(prog_name="causeway")


if __name__ == "__main__":
    main()
