"""``python -m causeway.cli.manual``: the manual page of the command line, from its own help texts."""

from __future__ import annotations

from collections.abc import Iterator

import click

HELP_NAMES = ["-h", "--help"]
_WIDTH = 110
_HEAD = """# The command line

`causeway` does from the shell what the web app does. Written by `python -m causeway.cli.manual`; a test keeps it so.

- Results go to stdout, everything else to stderr. With `--json` there is JSON on stdout and nothing else.
- Tokens lie in `$CAUSEWAY_CREDENTIALS`, or in `causeway/credentials.json` under `$XDG_CONFIG_HOME` or `~/.config`
  (mode 0600).
- `CAUSEWAY_API_KEY` (with `CAUSEWAY_SERVER`) goes before a sign-in; `docs/contracts/http.md` shows how to make a key.
- Dates are `2012-01-03` (midnight UTC) or ISO 8601 with a zone.

| exit code | meaning |
|---|---|
| 0 | done |
| 1 | refused or failed; the reason is on stderr |
| 2 | wrong usage |
| 3 | not signed in |
| 4 | the server does not answer |
| 130 | interrupted; a job that was waited for is cancelled |
"""


def manual() -> str:
    """The page, in Markdown."""
    from causeway.cli.main import cli

    parts = [f"\n## {path}\n\n```\n{text}\n```\n" for path, text in _helps(cli, "causeway", None)]
    return _HEAD + "".join(parts)


def _helps(group: click.Group, path: str, parent: click.Context | None) -> Iterator[tuple[str, str]]:
    context = _context(group, path, parent)
    for name, command in group.commands.items():
        yield f"{path} {name}", command.get_help(_context(command, name, context))
        if isinstance(command, click.Group):
            yield from _helps(command, f"{path} {name}", context)


def _context(command: click.Command, path: str, parent: click.Context | None) -> click.Context:
    return click.Context(
        command,
        info_name=path.rpartition(" ")[2],
        parent=parent,
        terminal_width=_WIDTH,
        max_content_width=_WIDTH,
        help_option_names=HELP_NAMES,
    )


if __name__ == "__main__":
    click.echo(manual(), nl=False)
