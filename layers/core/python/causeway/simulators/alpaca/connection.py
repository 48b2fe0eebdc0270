"""A connection of the ``websockets`` server that can be told to break below the protocol."""

from __future__ import annotations

import socket
from contextlib import suppress

from websockets.sync.server import ServerConnection

from causeway.simulators.faults import Fault, Faults

_PIECE = 7


class AlpacaConnection(ServerConnection):
    """Everything that it sends goes through ``send_data``, pongs too."""

    faults: Faults
    in_pieces = False
    http_fault: Fault | None = None
    streams = False

    def send_data(self) -> None:
        """Send what the protocol wants sent, unless a fault is to happen."""
        if self.streams and self.faults.take(Fault.SILENCE):
            list(self.protocol.data_to_send())
        elif self.http_fault in (Fault.REFUSE, Fault.CUT):
            data = b"".join(self.protocol.data_to_send())
            with suppress(OSError):
                self.socket.sendall(b"" if self.http_fault is Fault.REFUSE else data[: len(data) * 2 // 3])
            self.cut()
        elif self.in_pieces or self.http_fault is Fault.SPLIT:
            data = b"".join(self.protocol.data_to_send())
            for at in range(0, len(data), _PIECE):
                self.socket.sendall(data[at : at + _PIECE])
        else:
            super().send_data()

    def cut(self) -> None:
        """End it below the protocol."""
        with suppress(OSError):
            self.socket.shutdown(socket.SHUT_RDWR)
