"""Counters of the stream as text for a scraper, and as a line of log that CloudWatch takes metrics from.

Sources: the Prometheus text exposition format 0.0.4; CloudWatch's embedded metric format.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

NAMESPACE = "Causeway/Feed"
_LEVEL = "_bytes"  # the ends of names of what is a level, not a count
_MOST_METRICS = 100  # of one line


def exposition(feed: Mapping[str, Any], age_s: float, own: Mapping[str, int]) -> str:
    """Counters of the feed, how old they are, and the server's own; ``feed`` is empty where none runs."""
    lines = [
        "# HELP causeway_feed Counters of the live feed since it started, by name; docs/operations/streaming.md.",
        "# TYPE causeway_feed gauge",
        *(f'causeway_feed{{name="{name}"}} {value}' for name, value in sorted(feed.items())),
        "# HELP causeway_feed_age_seconds Time since the feed moved the market's clock.",
        "# TYPE causeway_feed_age_seconds gauge",
        f"causeway_feed_age_seconds {age_s:.3f}",
        "# HELP causeway_stream Counters of this WebSocket server since it started, by name.",
        "# TYPE causeway_stream gauge",
        *(f'causeway_stream{{name="{name}"}} {value}' for name, value in sorted(own.items())),
    ]
    return "\n".join(lines) + "\n"


class MetricLines:
    """Lines in the embedded metric format: what was counted since the line before, and levels as they are."""

    def __init__(self) -> None:
        self._before: dict[str, int] = {}

    def line(self, counts: Mapping[str, int], at: datetime) -> str:
        """One line of JSON, to be written to standard output alone."""
        since = {
            name: value if name.endswith(_LEVEL) else value - self._before.get(name, 0)
            for name, value in sorted(counts.items())[:_MOST_METRICS]
        }
        self._before = dict(counts)
        metrics = [{"Name": name, "Unit": "Bytes" if name.endswith(_LEVEL) else "Count"} for name in since]
        directive = {"Namespace": NAMESPACE, "Dimensions": [[]], "Metrics": metrics}
        stamp = int(at.timestamp() * 1000)
        return json.dumps({"_aws": {"Timestamp": stamp, "CloudWatchMetrics": [directive]}, **since})
