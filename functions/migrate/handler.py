"""Lambda entry of deployments: invoked with ``{"phase": "pre"}`` before new code is rolled out, ``post`` after."""

from __future__ import annotations

from typing import Any

from functions.migrate.wiring import deployment


def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """Apply migrations of the phase, keep login roles and signing key in step with their secrets."""
    return deployment().run(event)
