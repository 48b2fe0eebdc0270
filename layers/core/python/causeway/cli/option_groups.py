"""Commands with many options: ``--help`` lists them under headings."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import click

CommandT = TypeVar("CommandT", bound=Callable[..., Any])
_OTHERS = "Options"


class GroupedOption(click.Option):
    """An option under a heading."""

    def __init__(self, *arguments: Any, heading: str = _OTHERS, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.heading = heading


class GroupedCommand(click.Command):
    """Lists options by heading, in the order in which headings first appear; those without one come last."""

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the options' part of the help."""
        headings: dict[str, list[tuple[str, str]]] = {}
        for parameter in self.get_params(ctx):
            record = parameter.get_help_record(ctx)
            if record is not None:
                headings.setdefault(getattr(parameter, "heading", _OTHERS), []).append(record)
        rest = headings.pop(_OTHERS, [])
        for heading, records in [*headings.items(), *([(_OTHERS, rest)] if rest else [])]:
            with formatter.section(heading):
                formatter.write_dl(records)


def under(heading: str) -> Callable[..., Callable[[CommandT], CommandT]]:
    """``click.option`` whose options stand under ``heading``."""

    def option(*names: str, **attributes: Any) -> Callable[[CommandT], CommandT]:
        return click.option(*names, cls=GroupedOption, heading=heading, **attributes)

    return option
