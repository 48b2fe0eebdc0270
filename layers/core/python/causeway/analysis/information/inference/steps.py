"""The tests that the selection algorithm is made of. Two implementations: exact Gaussian nulls, surrogates."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, Protocol

from causeway.analysis.information.inference.embedding import LaggedVariable

Variables = Sequence[LaggedVariable]


class Decision(NamedTuple):
    """A variable, its information in nats, the p of the test that chose it, and whether it passed alpha_step."""

    variable: LaggedVariable
    cmi_nats: float
    p: float
    passed: bool


class StepTests(Protocol):
    """Tests about one target. ``given`` is the conditioning set; ``step`` names the random stream."""

    def strongest(self, candidates: Variables, given: Variables, step: str) -> Decision:
        """The candidate with most information, against the maximum over all candidates of a surrogate."""
        ...

    def weakest(self, variables: Variables, given: Variables, step: str) -> Decision:
        """The variable with least information given the other ones and ``given``, against surrogates' minimum."""
        ...

    def joint(self, variables: Variables, given: Variables, step: str) -> float:
        """p of all variables together given ``given``."""
        ...

    def ranked(self, variables: Variables, given: Variables, step: str) -> list[Decision]:
        """Each variable given the other ones, descending; the r-th against the surrogates' r-th largest."""
        ...

    def link(self, past: Variables, given: Variables, step: str) -> float:
        """p of a link: the best lag of one source given everything selected elsewhere, at full resolution."""
        ...

    def information(self, variables: Variables, given: Variables) -> float:
        """I(variables; target | given) in nats, all variables jointly."""
        ...

    def coefficient(self, variable: LaggedVariable, given: Variables) -> float | None:
        """Standardised linear coefficient of ``variable`` beside ``given``; None where there is none."""
        ...


def others(variables: Variables, left_out: LaggedVariable) -> list[LaggedVariable]:
    """``variables`` without one of them, in order."""
    return [variable for variable in variables if variable != left_out]
