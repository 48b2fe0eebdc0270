"""The administration port: whether IQConnect is connected, and as whom."""

from __future__ import annotations

import time
from contextlib import closing
from dataclasses import dataclass

from causeway.adapters.feeds.iqfeed import PROTOCOL
from causeway.adapters.feeds.line_socket import LineSocket
from causeway.errors import Unavailable

_FIELDS = 14


@dataclass(frozen=True, slots=True)
class AdminStats:
    """What IQConnect says of itself, once a second."""

    connected: bool
    version: str
    login: str
    symbols: int
    most_symbols: int
    seconds_since_update: int


def read_stats(host: str, port: int, *, timeout_s: float = 5.0) -> AdminStats:
    """The next S,STATS line.

    Raises:
        Unavailable: nothing listens there, or no such line comes within ``timeout_s``.
    """
    deadline = time.monotonic() + timeout_s
    with closing(LineSocket("IQConnect", host, port, connect_timeout_s=timeout_s)) as socket:
        socket.send(PROTOCOL)
        while time.monotonic() < deadline:
            for line in socket.read(0.1):
                if line.startswith("S,STATS,"):
                    return parse_stats(line)
    raise Unavailable(f"IQConnect's administration port said nothing of its state within {timeout_s:g} s")


def parse_stats(line: str) -> AdminStats:
    """``S,STATS,server,port,most symbols,symbols,clients,seconds,...,status,version,login,...``.

    Raises:
        Unavailable: the line is no such line.
    """
    fields = line.split(",")[1:]
    if len(fields) < _FIELDS:
        raise Unavailable(f"expected S,STATS with {_FIELDS} fields or more; found {line[:80]!r}")
    numbers = [int(text) if text.isdigit() else 0 for text in fields]
    return AdminStats(
        connected=fields[11] == "Connected",
        version=fields[12],
        login=fields[13],
        symbols=numbers[4],
        most_symbols=numbers[3],
        seconds_since_update=numbers[6],
    )
