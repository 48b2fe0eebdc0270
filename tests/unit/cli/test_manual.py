"""docs/operations/cli.md lists every command with its options."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import click

from causeway.cli.main import cli
from causeway.cli.manual import manual

PAGE = Path(__file__).parents[3] / "docs/operations/cli.md"


def commands(group: click.Group = cli, path: str = "causeway") -> Iterator[tuple[str, click.Command]]:
    """Every command and group below ``group``, with its full name."""
    for name, command in group.commands.items():
        yield f"{path} {name}", command
        if isinstance(command, click.Group):
            yield from commands(command, f"{path} {name}")


def test_the_page_is_what_the_commands_say_of_themselves() -> None:
    expected = manual()
    assert PAGE.read_text(encoding="utf-8") == expected, (
        "write it anew: python -m causeway.cli.manual > docs/operations/cli.md"
    )


def test_the_page_has_every_command() -> None:
    headings = [
        line.removeprefix("## ") for line in PAGE.read_text(encoding="utf-8").splitlines() if line.startswith("## ")
    ]
    assert sorted(headings) == sorted(path for path, _ in commands())
