"""Lambda entry of schedules: EventBridge Scheduler sends ``{"schedule": "us-daily"}`` at the schedule's time."""

from __future__ import annotations

from typing import Any

from functions.ingest.wiring import planner


def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """Check the calendar, queue the fetch, start its container; the container does the work."""
    return planner().run(event)
