"""Answers that never end, over a real socket."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager

import pytest

from causeway.adapters.feeds.http_session import HttpSession
from causeway.errors import Unavailable


@contextmanager
def dripping(piece: bytes, every_s: float) -> Iterator[str]:
    """A server that says a piece of its one answer now and then, until nobody listens."""
    over = threading.Event()

    def answer(server: socket.socket) -> None:
        connection, _ = server.accept()
        with connection:
            connection.recv(1 << 16)
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000000\r\n\r\n")
            try:
                while not over.wait(every_s):
                    connection.sendall(piece)
            except OSError:
                return

    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = threading.Thread(target=answer, args=(server,))
        thread.start()
        yield f"http://127.0.0.1:{server.getsockname()[1]}"
        over.set()
        thread.join()


def test_an_answer_that_drips_is_given_up_though_no_wait_is_long() -> None:
    with (
        dripping(b"x", 0.02) as url,
        closing(HttpSession("Slow Data", url, timeout_s=5.0, longest_s=0.2)) as session,
        pytest.raises(Unavailable, match=r"not whole after 0\.2 s"),
    ):
        session.get("/", {})


def test_an_answer_without_end_is_given_up() -> None:
    with (
        dripping(b"x" * 65_536, 0.0) as url,
        closing(HttpSession("Big", url, most_bytes=1_000_000)) as session,
        pytest.raises(Unavailable, match="more than 1,000,000 bytes"),
    ):
        session.get("/", {})
