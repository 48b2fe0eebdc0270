"""Parameters that several routes take."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Query

from causeway.errors import InvalidInput
from causeway.web.auth import Principal, require
from causeway.web.services import services_of
from functions.data.services import Services

NO_NUL = r"^[^\x00]*$"  # PostgreSQL has no text with a NUL character
MAX_SYMBOLS = 500

Given = Annotated[Services, Depends(services_of(Services))]
Viewer = Annotated[Principal, Depends(require("viewer"))]
Analyst = Annotated[Principal, Depends(require("analyst"))]
Admin = Annotated[Principal, Depends(require("admin"))]
Trader = Annotated[Principal, Depends(require("trader"))]
OneSymbol = Annotated[str, Query(min_length=1, max_length=32, pattern=NO_NUL)]
SymbolList = Annotated[str, Query(max_length=10_000, pattern=NO_NUL, description="Symbols with commas between them.")]
Filter = Annotated[str | None, Query(max_length=64, pattern=NO_NUL)]


def split_symbols(text: str, *, most: int = MAX_SYMBOLS) -> list[str]:
    """``a, b`` to ``["A", "B"]``.

    Raises:
        InvalidInput: there is none, or more than ``most``.
    """
    names = [part.strip().upper() for part in text.split(",") if part.strip()]
    if not 1 <= len(names) <= most:
        raise InvalidInput(
            f"symbols must hold 1 to {most} symbols with commas between them; found {len(names)}.",
            details={"field": "symbols"},
        )
    return names
