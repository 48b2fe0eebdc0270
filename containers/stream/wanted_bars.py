"""Bars that are wanted of history, in a file beside the spool: a process that is killed does not forget them."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from causeway.model.time import BarSize, isoformat_z

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Wanted:
    """Bars of ``symbol`` that start in [start, end), both on the grid; ``start`` None: after the last stored one."""

    symbol: str
    start: datetime | None
    end: datetime
    not_before: datetime
    give_up: datetime
    size: BarSize = BarSize.MINUTE_1

    @property
    def key(self) -> tuple[str, datetime | None, datetime, BarSize]:
        return self.symbol, self.start, self.end, self.size

    @property
    def is_fine(self) -> bool:
        """Whether minutes stand in where it does not come."""
        return self.size is BarSize.SECOND_1


class WantedFile:
    """The list on disk."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def write(self, wanted: Iterable[Wanted]) -> None:
        """Replace it in one step; a disk that does not take it is no reason to stop."""
        rows = [
            (one.symbol, None if one.start is None else isoformat_z(one.start), isoformat_z(one.end), one.size.value)
            for one in wanted
        ]
        draft = self._path.with_suffix(".draft")
        try:
            draft.write_text(json.dumps(rows))
            draft.replace(self._path)
        except OSError as error:
            _log.warning("what is wanted of history is not on disk: %s", error)

    def read(self, now: datetime, budget: timedelta) -> list[Wanted]:
        """What was written last, each with the whole budget anew; without a size it is a minute, as of old."""
        try:
            rows: list[list[Any]] = json.loads(self._path.read_text())
        except (FileNotFoundError, ValueError):
            return []
        at = datetime.fromisoformat
        return [
            Wanted(symbol, at(start) if start else None, at(end), now, now + budget, BarSize(*size or ("1m",)))
            for symbol, start, end, *size in rows
        ]
