"""Recorded answers of a vendor, replayed by path and query.

A directory holds bodies and an ``index.jsonl`` with one line per answer: ``url`` (host and scheme do not matter),
``file`` (relative to the directory) or ``body``, and optionally ``status`` and ``content_type``. Files named
``*.json`` or ``*.csv`` without a line in the index answer queries whose values, in order and joined by ``_``, begin
with their name, as ``GLOBAL_QUOTE_MSFT.json`` does ``?function=GLOBAL_QUOTE&symbol=MSFT``.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from causeway.errors import InvalidInput
from causeway.simulators.http_faults import Answer

_IDENTIFYING = ("function", "symbol", "interval", "from_symbol", "to_symbol", "keywords")


@dataclass(frozen=True, slots=True)
class _Recorded:
    path: str
    query: Mapping[str, str]
    answer: Answer


class Recordings:
    """What was recorded in one directory; read once.

    Raises:
        InvalidInput: the directory holds nothing to replay.
    """

    def __init__(self, directory: Path) -> None:
        index = directory / "index.jsonl"
        lines = [json.loads(line) for line in index.read_text().splitlines() if line.strip()] if index.is_file() else []
        self._indexed = [_recorded(directory, line) for line in lines if line.get("url")]
        listed = {line.get("file") for line in lines}
        self._named = {
            path.stem.upper(): _file_answer(path)
            for path in sorted(directory.glob("*"))
            if path.suffix in {".json", ".csv"} and path.name not in listed
        }
        if not self._indexed and not self._named:
            raise InvalidInput(f"{directory} holds no recording; expected index.jsonl, or *.json and *.csv files.")

    def find(self, path: str, query: Mapping[str, str]) -> Answer | None:
        """The recording of the same path that has most of the query in common, then the nearest in time, or None."""
        same = [one for one in self._indexed if one.path == path and not _contradicts(one.query, query)]
        if same:
            return max(
                same, key=lambda one: (len(one.query.items() & query.items()), _nearness(one.query, query))
            ).answer
        values = "_".join(query[name] for name in _IDENTIFYING if name in query).upper()
        short = "_".join(part for part in (query.get("function"), query.get("interval"), query.get("symbol")) if part)
        return self._named.get(values) or self._named.get(short.upper())


def _contradicts(recorded: Mapping[str, str], asked: Mapping[str, str]) -> bool:
    """Another series was asked for, not only another range of the same one."""
    return any(recorded[name] != asked[name] for name in _IDENTIFYING if name in recorded and name in asked)


def _nearness(recorded: Mapping[str, str], asked: Mapping[str, str]) -> float:
    """Of the starts of two ranges in seconds, where both have one."""
    try:
        return -abs(float(recorded["period1"]) - float(asked["period1"]))
    except (KeyError, ValueError):
        return -math.inf


def _recorded(directory: Path, line: Mapping[str, Any]) -> _Recorded:
    url = urlsplit(line["url"])
    body = line["body"] if "body" in line else (directory / line["file"]).read_bytes()
    if not isinstance(body, bytes):
        body = (body if isinstance(body, str) else json.dumps(body)).encode()
    answer = Answer(body, int(line.get("status") or 200), line.get("content_type") or "application/json")
    return _Recorded(unquote(url.path), dict(parse_qsl(url.query)), answer)


def _file_answer(path: Path) -> Answer:
    kind = "application/json" if path.suffix == ".json" else "application/x-download"
    return Answer(path.read_bytes(), content_type=kind)
