"""Counters of a feed over restarts: what this process counted, and what those before it left beside the clock."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from causeway.model.time import isoformat_z

_LEVEL = "_bytes"  # the ends of names of what is a level, not a count


@dataclass(frozen=True, slots=True)
class FeedTally:
    """``started_at``: when this process began; ``since``: when the first did of which ``earlier`` holds the counts."""

    started_at: datetime
    since: datetime
    earlier: Mapping[str, int] = field(default_factory=dict)

    @classmethod
    def going_on(cls, stored: Mapping[str, Any], feed: str, started_at: datetime) -> FeedTally:
        """After what was stored last, if it is of the same feed."""
        if stored.get("live_feed") != feed or "since" not in stored:
            return cls(started_at, started_at)
        return cls(started_at, datetime.fromisoformat(stored["since"]), dict(stored.get("totals", {})))

    def as_json(self, counts: Mapping[str, int]) -> dict[str, Any]:
        """What is stored beside the clock while this process's counters stand at ``counts``."""
        return {
            "counts": dict(counts),
            "started_at": isoformat_z(self.started_at),
            "totals": self.totals(counts),
            "since": isoformat_z(self.since),
        }

    def totals(self, counts: Mapping[str, int]) -> dict[str, int]:
        """Counters since ``since``; levels are left out."""
        names = [name for name in {**self.earlier, **counts} if not name.endswith(_LEVEL)]
        return {name: self.earlier.get(name, 0) + counts.get(name, 0) for name in names}
