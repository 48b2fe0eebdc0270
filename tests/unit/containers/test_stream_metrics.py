"""Counters of the stream as a scraper and as CloudWatch read them."""

from __future__ import annotations

import json
from datetime import UTC, datetime

from containers.stream.metrics import MetricLines, exposition

AT = datetime(2026, 3, 2, 15, 0, tzinfo=UTC)


def test_the_text_for_a_scraper() -> None:
    """Prometheus text format: a line per sample, a type before the first of its name, a newline at the end."""
    text = exposition({"quotes": 7, "conflated": 2}, 0.25, {"connections": 3})
    samples = [line for line in text.splitlines() if not line.startswith("#")]
    assert samples == [
        'causeway_feed{name="conflated"} 2',
        'causeway_feed{name="quotes"} 7',
        "causeway_feed_age_seconds 0.250",
        'causeway_stream{name="connections"} 3',
    ]
    assert text.count("# TYPE ") == 3
    assert text.endswith("\n")


def test_a_line_for_cloudwatch_holds_what_was_counted_since_the_line_before() -> None:
    """The embedded metric format: _aws.Timestamp in milliseconds, metrics named in a directive, values at the root."""
    lines = MetricLines()
    lines.line({"quotes": 100, "spool_bars_bytes": 50}, AT)
    line = json.loads(lines.line({"quotes": 130, "spool_bars_bytes": 40, "jump": 1}, AT))
    assert (line["quotes"], line["spool_bars_bytes"], line["jump"]) == (30, 40, 1)
    assert line["_aws"]["Timestamp"] == 1_772_463_600_000
    (directive,) = line["_aws"]["CloudWatchMetrics"]
    assert directive["Namespace"] == "Causeway/Feed"
    assert {"Name": "spool_bars_bytes", "Unit": "Bytes"} in directive["Metrics"]
    assert {metric["Name"] for metric in directive["Metrics"]} == set(line) - {"_aws"}
