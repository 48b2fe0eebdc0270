"""Ctrl-C while the server is asked to begin something."""

from __future__ import annotations

import os
import signal
import threading
from typing import Any

import pytest

from causeway.cli.errors import INTERRUPTED, CommandError
from causeway.cli.fetch import follow
from causeway.cli.interrupts import held_interrupts

FETCH = {"id": "7", "state": "queued"}


def press() -> None:
    os.kill(os.getpid(), signal.SIGINT)


def test_it_is_noted_and_counts_as_before_once_the_block_is_over() -> None:
    before = signal.getsignal(signal.SIGINT)
    with held_interrupts() as held:
        assert not held.pressed
        press()
        assert held.pressed
    assert signal.getsignal(signal.SIGINT) is before


def test_pressed_twice_it_ends_the_wait() -> None:
    with held_interrupts() as held:
        press()
        with pytest.raises(KeyboardInterrupt):
            press()
    assert held.pressed


def test_in_another_thread_nothing_is_held() -> None:
    handlers: list[Any] = []

    def hold() -> None:
        with held_interrupts():
            handlers.append(signal.getsignal(signal.SIGINT))

    thread = threading.Thread(target=hold)
    thread.start()
    thread.join()
    assert handlers == [signal.getsignal(signal.SIGINT)]


class Server:
    """Begins a fetch, and notes what else it is asked."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def begin(self) -> dict[str, str]:
        press()
        return FETCH

    def post(self, path: str) -> dict[str, str]:
        self.asked.append(path)
        return FETCH | {"state": "cancelled"}


def test_a_fetch_that_was_just_begun_is_cancelled() -> None:
    server = Server()
    with pytest.raises(CommandError, match="fetch 7 is cancelled on the server") as raised:
        follow(server, server.begin)  # type: ignore[arg-type]  # two methods of a client
    assert raised.value.exit_code == INTERRUPTED
    assert server.asked == ["/data/fetches/7/cancel"]
