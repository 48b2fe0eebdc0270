"""Lines over TCP: split across packets or several in one, bounded, read in short waits so that a cancel is heard."""

from __future__ import annotations

import socket
import time
from contextlib import suppress

from causeway.errors import Unavailable

MOST_LINE = 1 << 16  # bytes; without a bound, bytes that hold no line end would fill the memory
_SHOWN = 200


class LineSocket:
    """One connection; for one thread. ``peer`` names it in messages, ``heard_at`` is monotonic.

    Raises:
        Unavailable: nothing listens there.
    """

    def __init__(self, peer: str, host: str, port: int, *, connect_timeout_s: float = 5.0) -> None:
        self._peer = peer
        try:
            self._socket = socket.create_connection((host, port), connect_timeout_s)
        except OSError as error:
            raise Unavailable(f"{peer} does not answer at {host}:{port} ({error}). Is it running?") from error
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._splitter = LineSplitter()
        self.heard_at = time.monotonic()

    def send(self, *lines: str) -> None:
        """Send whole lines.

        Raises:
            Unavailable: the connection is gone.
        """
        self._socket.settimeout(5.0)
        try:
            self._socket.sendall("".join(f"{line}\r\n" for line in lines).encode("latin-1"))
        except OSError as error:
            raise Unavailable(f"{self._peer} is gone: {error}") from error

    def read(self, timeout_s: float) -> list[str]:
        """The whole lines that came, without their ends; empty where nothing came within ``timeout_s``.

        Raises:
            Unavailable: the connection was closed or reset.
        """
        self._socket.settimeout(max(timeout_s, 0.001))
        try:
            data = self._socket.recv(1 << 16)
        except TimeoutError:
            return []
        except OSError as error:
            raise Unavailable(f"the connection to {self._peer} broke: {error}") from error
        if not data:
            where = " in the middle of a line" if self._splitter.unfinished else ""
            raise Unavailable(f"{self._peer} closed the connection{where}")
        self.heard_at = time.monotonic()
        return self._splitter.feed(data)

    def silent_s(self) -> float:
        """Seconds since anything was heard."""
        return time.monotonic() - self.heard_at

    def close(self) -> None:
        """Close it; more than once does no harm."""
        with suppress(OSError):
            self._socket.close()


class LineSplitter:
    """Bytes to lines. Of a line that is too long the beginning is handed over as a line, and the rest is dropped."""

    def __init__(self) -> None:
        self._rest = b""
        self._skipping = False

    @property
    def unfinished(self) -> bool:
        return bool(self._rest) or self._skipping

    def feed(self, data: bytes) -> list[str]:
        """The lines that ``data`` completes, without line ends; any byte is a character (Latin-1)."""
        *whole, self._rest = (self._rest + data).split(b"\n")
        if self._skipping and whole:
            whole, self._skipping = whole[1:], False
        if self._skipping:
            self._rest = b""
        elif len(self._rest) > MOST_LINE:
            whole.append(self._rest[:_SHOWN])
            self._rest, self._skipping = b"", True
        return [line.removesuffix(b"\r").decode("latin-1") for line in whole]
