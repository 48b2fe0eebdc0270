"""Symbols, bars, quotes, files taken in and what went to quarantine: /v1/data."""

from __future__ import annotations

from typing import TYPE_CHECKING

from functions.data.routes import (
    bars,
    corporate_actions,
    fetches,
    identity,
    ingestions,
    instruments,
    market,
    quality,
    repairs,
    replay,
    symbols,
)

if TYPE_CHECKING:
    pass

_ROUTES = (
    symbols,
    instruments,
    bars,
    market,
    replay,
    ingestions,
    corporate_actions,
    quality,
    repairs,
    fetches,
    identity,
)
