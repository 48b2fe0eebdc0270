"""Ctrl-C while the server is asked to begin something: it counts once the answer says what is to be cancelled."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType


class Held:
    """Whether Ctrl-C was pressed. Pressed once more, it ends the wait for the answer too."""

    def __init__(self) -> None:
        self.pressed = False

    def __call__(self, _signal: int, _frame: FrameType | None) -> None:
        if self.pressed:
            raise KeyboardInterrupt
        self.pressed = True


@contextmanager
def held_interrupts() -> Iterator[Held]:
    """Ctrl-C is noted instead of raised. Outside the main thread, where Python delivers no signal, nothing changes."""
    held = Held()
    if threading.current_thread() is not threading.main_thread():
        yield held
        return
    before = signal.signal(signal.SIGINT, held)
    try:
        yield held
    finally:
        signal.signal(signal.SIGINT, before)
