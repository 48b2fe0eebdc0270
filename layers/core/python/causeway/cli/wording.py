"""What the server says of its routes, in the words of the command line."""

from __future__ import annotations

import re

_ROUTE = re.compile(r"\b(?:GET|POST|DELETE) /v1((?:/[a-z-]+(?![0-9a-z-]))+)(/[0-9a-f-]{36}|/\{id\})?")
_COMMANDS = {
    "/alerts": "causeway alerts",
    "/analysis/jobs": "causeway analyses",
    "/auth/api-keys": "causeway api-keys",
    "/data/fetches": "causeway fetches",
    "/data/symbols": "causeway symbols",
    "/orders": "causeway orders",
    "/portfolio/accounts": "causeway portfolio",
}


def of_commands(message: str) -> str:
    """``message`` with the command that does the same in place of each route; a route without one stays."""
    said = _ROUTE.sub(_command, message)
    return said.replace("list them first.", "list them with: causeway symbols")


def _command(found: re.Match[str]) -> str:
    command = _COMMANDS.get(found[1].rstrip("/"))
    return found[0] if command is None else f"`{command}`"
