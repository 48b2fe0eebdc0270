"""Which of the offered media types a client takes, by its Accept header."""

from __future__ import annotations

import re
from collections.abc import Sequence

from causeway.errors import InvalidInput

_QUALITY = re.compile(r"q=(0(\.\d{0,3})?|1(\.0{0,3})?)")


class NotAcceptable(InvalidInput):
    """Nothing that is offered is in the client's Accept header: 406, with the list of what is."""

    code = "not_acceptable"


def choose(accept: str | None, offered: Sequence[str]) -> str:
    """The media type of ``offered`` that the client likes best; among equals the first that is offered.

    Without a header everything is taken. A type that is named counts before a wildcard that holds it, and of parameters
    only ``q`` counts.

    Raises:
        NotAcceptable: the client takes none of them.
    Source: RFC 9110, section 12.5.1.
    """
    wanted = [_read(part) for part in (accept or "*/*").split(",") if part.strip()] or [("*/*", 1.0)]
    weights = [_weight(one, wanted) for one in offered]
    best = max(weights, default=0.0)
    if best <= 0:
        raise NotAcceptable(
            f"Accept must name one of {', '.join(offered)}; found {(accept or '')[:100]!r}.",
            details={"header": "Accept", "offered": list(offered)},
        )
    return offered[weights.index(best)]


def _read(part: str) -> tuple[str, float]:
    name, *parameters = (piece.strip().lower() for piece in part.split(";"))
    found = [match for one in parameters if (match := _QUALITY.fullmatch(one))]
    return name, float(found[0][1]) if found else 1.0


def _weight(offered: str, wanted: Sequence[tuple[str, float]]) -> float:
    """What the most specific range that holds ``offered`` says."""
    family = offered.partition("/")[0]
    for name in (offered, f"{family}/*", "*/*"):
        held = [weight for one, weight in wanted if one == name]
        if held:
            return max(held)
    return 0.0
