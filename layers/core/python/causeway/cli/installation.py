"""Commands on this machine's installation: they need its state directory, not a sign-in."""

from __future__ import annotations

import sys
from dataclasses import asdict
from pathlib import Path

import click

from causeway.cli.errors import CommandError
from causeway.cli.output import note, show_json
from causeway.cli.parameters import json_option

state_option = click.option(
    "--state-dir", type=click.Path(file_okay=False, path_type=Path), envvar="CAUSEWAY_STATE_DIR", default=".causeway",
    show_default=True, help="The installation's directory.",
)  # fmt: skip


@click.group()
def admin() -> None:
    """Look after the users of this machine's installation.

    Example: causeway admin reset-password admin@localhost
    """


@admin.command("reset-password")
@click.argument("email", default="admin@localhost")
@state_option
def reset_password(email: str, state_dir: Path) -> None:
    """Give a user a new random password, printed once; ends every sign-in and revokes every API key.

    Example: causeway admin reset-password ada@example.com
    """
    from causeway.cli.wiring import identity_store

    with identity_store(state_dir) as store:
        password = store.reset_password(email)
    note(f"new password of {email}; it is shown only now:")
    click.echo(password)


@admin.command("create-user")
@click.argument("email")
@click.option(
    "--role", type=click.Choice(["viewer", "analyst", "trader", "admin"]), default="trader", show_default=True
)
@click.option("--password-stdin", is_flag=True, help="Read the password from stdin; a random one is printed otherwise.")
@state_option
def create_user(email: str, role: str, password_stdin: bool, state_dir: Path) -> None:
    """Add a user with a paper account.

    Example: causeway admin create-user ada@example.com --role trader
    """
    import secrets

    from causeway.cli.wiring import identity_store

    password = sys.stdin.readline().rstrip("\n") if password_stdin else secrets.token_urlsafe(15)
    with identity_store(state_dir) as store:
        store.create(email, password, role)
    note(f"{email} may sign in as {role}")
    if not password_stdin:
        note("the password, shown only now:")
        click.echo(password)


@click.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@state_option
def backup(file: Path, state_dir: Path) -> None:
    """Write everything that this installation stores to FILE; it may run meanwhile.

    Example: causeway backup causeway-2026-01-31.tar.gz
    """
    from causeway.cli.wiring import backup_to

    note(backup_to(state_dir, file))


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--overwrite", is_flag=True, help="Replace an installation that already has users.")
@state_option
def restore(file: Path, overwrite: bool, state_dir: Path) -> None:
    """Put a backup back; stop the installation first (make down).

    The archive is checked as a whole before anything is replaced.

    Example: causeway restore causeway-2026-01-31.tar.gz --overwrite
    """
    from causeway.cli.wiring import restore_from

    note(restore_from(state_dir, file, overwrite=overwrite))


@click.command()
@state_option
@json_option
def doctor(state_dir: Path, as_json: bool) -> None:
    """Say what is wrong with this machine's installation, and how to mend it.

    The exit code is 0 when every check passes, 1 otherwise.

    Example: causeway doctor
    """
    from causeway.cli.wiring import examine

    findings = examine(state_dir)
    if as_json:
        show_json([asdict(finding) for finding in findings])
    else:
        for finding in findings:
            click.echo(f"{'ok  ' if finding.ok else 'BAD '} {finding.check}: {finding.message}")
            if finding.mend:
                click.echo(f"       {finding.mend}")
    if wrong := sum(not finding.ok for finding in findings):
        raise CommandError(f"{wrong} of {len(findings)} checks failed")
