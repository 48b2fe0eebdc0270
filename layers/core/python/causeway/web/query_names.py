"""A query parameter that a route does not know is refused: a misspelt filter would silently filter nothing."""

from __future__ import annotations

from collections.abc import Iterator

from fastapi import Request
from fastapi.dependencies.models import Dependant

from causeway.errors import InvalidInput

_SHOWN = 60


def check_query_names(request: Request) -> None:
    """Compare the parameters of a request with those that its route takes.

    Raises:
        InvalidInput: there is one that the route does not take; those that it does take are named.
    """
    if not request.query_params:
        return
    known = sorted(set(_names(request.scope["route"].dependant)))
    unknown = [name for name in dict.fromkeys(request.query_params.keys()) if name not in known]
    if unknown:
        takes = f"takes the query parameters {', '.join(known)}" if known else "takes no query parameter"
        raise InvalidInput(
            f"{request.url.path} {takes}; found {unknown[0][:_SHOWN]!r}. Correct its name or leave it out.",
            details={"field": unknown[0][:_SHOWN], "known": known},
        )


def _names(dependant: Dependant) -> Iterator[str]:
    yield from (field.alias for field in dependant.query_params)
    for child in dependant.dependencies:
        yield from _names(child)
