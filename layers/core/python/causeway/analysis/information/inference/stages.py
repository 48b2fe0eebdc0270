"""How far a target is: stages of steps, steps of surrogates, told as one rising fraction."""

from __future__ import annotations

from collections.abc import Callable

_LEAST = 0.002  # smaller advances are not told


class Stages:
    """Turns what happens inside a target into fractions of it; hears of every batch, and may stop it.

    ``tell`` hears ascending fractions, if anyone listens; ``pulse`` is called at every change and between batches, and
    may raise.
    A stage whose number of steps is unknown approaches its end by halves.
    """

    def __init__(self, tell: Callable[[float], None] | None, pulse: Callable[[], None]) -> None:
        self.pulse = pulse
        self._tell = tell
        self._low = self._high = self._told = 0.0
        self._steps: int | None = None
        self._done = 0

    def enter(self, end: float, n_steps: int | None = None) -> None:
        """A stage begins where the last one ended, and reaches to ``end``."""
        self._low, self._high = self._high, end
        self._steps, self._done = n_steps, 0
        self._advance(0.0)

    def within(self, fraction: float) -> None:
        """The running step is done to this fraction."""
        self._advance(min(fraction, 1.0))

    def step_done(self) -> None:
        """The running step is over."""
        self._done += 1
        self._advance(0.0)

    def _advance(self, fraction: float) -> None:
        self.pulse()
        if self._tell is None:
            return
        steps = self._done + fraction
        share = 1 - 0.5**steps if self._steps is None else steps / max(self._steps, 1)
        reached = self._low + (self._high - self._low) * min(share, 1.0)
        if reached >= self._told + _LEAST:
            self._told = reached
            self._tell(reached)
