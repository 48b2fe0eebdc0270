"""Sign in and out."""

from __future__ import annotations

import os
import sys

import click

from causeway.cli.client import DEFAULT_SERVER, Client
from causeway.cli.output import note, show_json
from causeway.cli.parameters import json_option, with_client


@click.command()
@click.option(
    "--server", envvar="CAUSEWAY_SERVER", default=DEFAULT_SERVER, show_default=True, help="Address of the server."
)
@click.option("--email", help="Your e-mail address; asked for where it is left out.")
@click.option("--password-stdin", is_flag=True, help="Read the password from the first line of stdin.")
@with_client
def login(client: Client, server: str, email: str | None, password_stdin: bool) -> None:
    """Sign in, and keep the tokens in a file that only you can read.

    The password is asked for, or comes from CAUSEWAY_PASSWORD, or from stdin.

    Example: causeway login --email admin@localhost
    """
    email = email or click.prompt("E-mail", err=True)
    if password_stdin:
        password = sys.stdin.readline().rstrip("\n")
    else:
        password = os.environ.get("CAUSEWAY_PASSWORD") or click.prompt("Password", hide_input=True, err=True)
    found = client.login(server, email, password)
    note(f"signed in at {server} as {found['user']['email']} ({found['user']['role']})")


@click.command()
@with_client
def logout(client: Client) -> None:
    """End your sign-in and forget its tokens.

    Example: causeway logout
    """
    note("signed out" if client.logout() else "nobody was signed in")


@click.command()
@json_option
@with_client
def whoami(client: Client, as_json: bool) -> None:
    """Say who is signed in.

    Example: causeway whoami
    """
    user = client.get("/auth/me")["user"]
    if as_json:
        show_json(user)
    else:
        click.echo(f"{user['email']} ({user['role']})")
