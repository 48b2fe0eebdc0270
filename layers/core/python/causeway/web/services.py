"""How a route reaches what its function was wired with.

@router.get("/accounts")
def accounts(services: Annotated[Services, Depends(services_of(Services))]) -> list[Account]: ...
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from fastapi import Request

ServicesT = TypeVar("ServicesT")


def services_of(kind: type[ServicesT]) -> Callable[[Request], ServicesT]:
    """A dependency that gives ``app.state.services``, which must be a ``kind``."""

    def get(request: Request) -> ServicesT:
        services = request.app.state.services
        if not isinstance(services, kind):
            raise TypeError(f"this app was built with {type(services).__name__}; its routes need {kind.__name__}")
        return services

    return get
