"""A TCP server of lines on loopback, a thread for each connection, that can be told to break in every way."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable
from contextlib import suppress

from causeway.simulators.faults import Fault, Faults

GARBAGE = b"\x00\xff\xfe,,\x1b[2J garbage \x80\x81\r\n"
_PIECE = 3


class LineConnection:
    """One client. Safe to send to from any thread."""

    def __init__(self, client: socket.socket) -> None:
        self._client = client
        self._lock = threading.Lock()
        self.muted = False

    def send(self, *lines: str, pieces: bool = False) -> None:
        """Send lines, in one packet or in small pieces; a client that is gone is no error."""
        data = "".join(f"{line}\r\n" for line in lines).encode("latin-1")
        width = _PIECE if pieces else max(len(data), 1)
        for at in range(0, len(data), width):
            self.send_bytes(data[at : at + width])

    def send_bytes(self, data: bytes) -> None:
        """Send as it is, unless muted."""
        if not self.muted:
            with self._lock, suppress(OSError):
                self._client.sendall(data)

    def close(self) -> None:
        """End the connection at once."""
        with suppress(OSError):
            self._client.shutdown(socket.SHUT_RDWR)
        with suppress(OSError):
            self._client.close()


class LineServer:
    """Listens on 127.0.0.1; ``on_line`` hears each line, ``on_open`` and ``on_close`` a client's coming and going."""

    def __init__(
        self,
        port: int,
        on_line: Callable[[LineConnection, str], None],
        on_open: Callable[[LineConnection], None] = lambda _connection: None,
        on_close: Callable[[LineConnection], None] = lambda _connection: None,
    ) -> None:
        self._on_line, self._on_open, self._on_close = on_line, on_open, on_close
        self._socket = socket.create_server(("127.0.0.1", port))
        self.port: int = self._socket.getsockname()[1]
        self._connections: set[LineConnection] = set()
        self._lock = threading.Lock()
        self._closed = False
        threading.Thread(target=self._accept, name=f"simulator-{self.port}", daemon=True).start()

    @property
    def connections(self) -> list[LineConnection]:
        with self._lock:
            return list(self._connections)

    def drop(self) -> None:
        """End every connection."""
        for connection in self.connections:
            connection.close()

    def close(self) -> None:
        """Stop listening and end every connection."""
        self._closed = True
        with suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        self.drop()

    def _accept(self) -> None:
        while not self._closed:
            try:
                client, _ = self._socket.accept()
            except OSError:
                return
            client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            threading.Thread(
                target=self._serve, args=(client,), name=f"simulator-{self.port}-client", daemon=True
            ).start()

    def _serve(self, client: socket.socket) -> None:
        connection = LineConnection(client)
        with self._lock:
            self._connections.add(connection)
        self._on_open(connection)
        with suppress(OSError), client.makefile("r", encoding="latin-1", newline="\n") as file:
            for line in file:
                self._on_line(connection, line.rstrip("\r\n"))
        with self._lock:
            self._connections.discard(connection)
        connection.close()
        self._on_close(connection)


def send_with_faults(connection: LineConnection, lines: list[str], faults: Faults) -> None:
    """Send an answer, whole or broken as ``faults`` say: closed before it, cut within, in pieces, as garbage, never."""
    fault = faults.take(Fault.REFUSE, Fault.CUT, Fault.SPLIT, Fault.GARBAGE, Fault.SILENCE)
    if fault is Fault.REFUSE:
        connection.close()
    elif fault is Fault.CUT:
        text = "\r\n".join(lines)
        connection.send_bytes(text[: len(text) // 2].encode("latin-1"))
        connection.close()
    elif fault is Fault.GARBAGE:
        connection.send_bytes(GARBAGE)
    elif fault is not Fault.SILENCE:
        connection.send(*lines, pieces=fault is Fault.SPLIT)
