"""Sign-in and roles as FastAPI dependencies. Every route has either ``require(role)`` or ``open_route``.

@router.get("/positions")
def positions(principal: Annotated[Principal, Depends(require("viewer"))]) -> list[Position]: ...

@router.get("/health", dependencies=[Depends(open_route)])
"""

from __future__ import annotations

from typing import Literal

from fastapi import Request

from causeway.errors import Denied
from causeway.model.identity import Role
from causeway.web.origin import PublicOrigin
from causeway.web.query_names import check_query_names
from causeway.web.tokens import Principal, Session, TokenVerifier, parse_cookies

__all__ = [
    "Guard",
    "OpenRoute",
    "Principal",
    "Session",
    "TokenVerifier",
    "client_address",
    "open_route",
    "origin_of",
    "require",
    "session_of",
]

RoleName = Literal["viewer", "analyst", "trader", "admin"]
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


class Guard:
    """The dependency that lets a role in. ``role`` is what the route walk reads."""

    def __init__(self, role: Role) -> None:
        self.role = role

    def __call__(self, request: Request) -> Principal:
        session = session_of(request)
        principal = session.principal
        request.state.user_id = principal.user_id
        if request.method not in SAFE_METHODS:
            headers = request.headers
            _verifier(request).check_unsafe(session, origin=headers.get("origin"), csrf=headers.get("x-csrf-token"))
        if not principal.role.includes(self.role):
            raise Denied(
                f"this needs the role {self.role.value} or more; you have {principal.role.value}",
                details={"required": self.role.value, "found": principal.role.value},
            )
        request.app.state.rate_limiter.check(f"user:{principal.user_id}")
        check_query_names(request)
        return principal


class OpenRoute:
    """The dependency of a route that needs no sign-in. Pages of other sites still may not post to it."""

    role = None

    def __call__(self, request: Request) -> None:
        if request.method not in SAFE_METHODS:
            origin_of(request).check_origin(request.headers.get("origin"))
            request.app.state.rate_limiter.check(f"address:{client_address(request)}")


open_route = OpenRoute()


def require(role: RoleName | Role) -> Guard:
    """A dependency that gives the Principal, or answers 401 (nobody), 403 (a lesser role, no CSRF token)."""
    return Guard(Role(role))


def session_of(request: Request) -> Session:
    """Who sent the request, with the CSRF token and end of his access token.

    Raises:
        NotAuthenticated: nobody is signed in.
    """
    cookies = parse_cookies(request.headers.get("cookie"))
    return _verifier(request).authenticate(request.headers.get("authorization"), cookies)


def client_address(request: Request) -> str:
    """The client's address, as far as trusted proxies tell it."""
    peer = request.client.host if request.client else "unknown"
    return origin_of(request).client_address(peer, request.headers.get("x-forwarded-for"))


def origin_of(request: Request) -> PublicOrigin:
    """The address that browsers use for this app."""
    return _verifier(request).origin


def _verifier(request: Request) -> TokenVerifier:
    verifier: TokenVerifier = request.app.state.verifier
    return verifier
