"""One thing has one name in every command."""

from __future__ import annotations

from collections.abc import Iterator

import click

from causeway.cli.main import cli
from causeway.cli.parameters import BARS


def _commands(group: click.Group) -> Iterator[click.Command]:
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None
        yield from _commands(command) if isinstance(command, click.Group) else (command,)


def test_the_size_of_bars_is_asked_for_by_both_of_its_names_everywhere() -> None:
    found = [option for command in _commands(cli) for option in command.params if option.name == "bar_size"]
    assert len(found) > 5
    assert {tuple(option.opts) for option in found} == {BARS[:2]}
