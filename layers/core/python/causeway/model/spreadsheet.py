"""Cells of CSV that a spreadsheet would run: a formula in a symbol, a name or a message that somebody else wrote.

A text cell that begins with ``=``, ``+``, ``-``, ``@``, a tab, a carriage return or an apostrophe gets an apostrophe in
front, unless the whole of it is a number. One apostrophe taken off in front of these characters gives the cell back.

Source: OWASP, "CSV Injection"; the apostrophe of an existing cell is doubled so that the way back is exact.
"""

from __future__ import annotations

import re
from typing import Any

_FORMULA = re.compile(r"[=+\-@\t\r']")
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")


def guarded(cell: Any) -> Any:
    """The cell as a spreadsheet shows it and does not run it; what is no text stays as it is."""
    if isinstance(cell, str) and _FORMULA.match(cell) and not _NUMBER.fullmatch(cell):
        return f"'{cell}"
    return cell


def unguarded(text: str) -> str:
    """The inverse of ``guarded``; text that it would never write stays as it is."""
    return text[1:] if text.startswith("'") and _FORMULA.match(text[1:]) else text
