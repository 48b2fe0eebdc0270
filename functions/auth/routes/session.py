"""Sign in, renew, sign out."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response

from causeway.errors import InvalidInput
from causeway.model.identity import Identity
from causeway.web.auth import Principal, client_address, open_route, origin_of, require, session_of
from causeway.web.services import services_of
from causeway.web.tokens import parse_cookies
from functions.auth.cookies import clear_cookies, set_cookies
from functions.auth.schemas import LoginRequest, LoginResponse, RefreshRequest, User
from functions.auth.services import Services
from functions.auth.sign_in import Grant

router = APIRouter()
Given = Annotated[Services, Depends(services_of(Services))]


@router.post("/login", dependencies=[Depends(open_route)])
def login(body: LoginRequest, services: Given, request: Request, response: Response) -> LoginResponse:
    """Exchange a password for cookies (a browser) or tokens (a program)."""
    client = request.headers.get("user-agent", "")[:200]
    grant = services.sign_ins.sign_in(body.email, body.password, address=client_address(request), client=client)
    if body.mode == "bearer":
        return _answer(grant, with_tokens=True)
    set_cookies(response, origin_of(request), grant, refresh_ttl_s=services.sign_ins.refresh_ttl_s)
    return _answer(grant, with_tokens=False)


@router.post("/refresh", dependencies=[Depends(open_route)])
def refresh(services: Given, request: Request, response: Response, body: RefreshRequest | None = None) -> LoginResponse:
    """Exchange the refresh token, from the body or the cookie, for new ones. Each works once."""
    if body is not None and body.refresh_token is not None:
        return _answer(services.sign_ins.renew(body.refresh_token), with_tokens=True)
    origin = origin_of(request)
    grant = services.sign_ins.renew(parse_cookies(request.headers.get("cookie")).get(origin.refresh_cookie))
    set_cookies(response, origin, grant, refresh_ttl_s=services.sign_ins.refresh_ttl_s)
    return _answer(grant, with_tokens=False)


@router.post("/logout", status_code=204)
def logout(
    services: Given, principal: Annotated[Principal, Depends(require("viewer"))], request: Request, response: Response
) -> None:
    """End this sign-in: its refresh token works no more, and a browser forgets its cookies."""
    sign_in_id = session_of(request).sign_in_id
    if sign_in_id is None:
        raise InvalidInput("an API key has no sign-in to end; revoke it with DELETE /v1/auth/api-keys/{id}")
    services.sign_ins.sign_out(Identity(principal.user_id, principal.email, principal.role), sign_in_id)
    clear_cookies(response, origin_of(request))


def _answer(grant: Grant, *, with_tokens: bool) -> LoginResponse:
    user = User(id=grant.user.user_id, email=grant.user.email, role=grant.user.role.value)
    return LoginResponse(
        user=user,
        csrf_token=grant.access.csrf,
        expires_at=grant.access.expires_at,
        access_token=grant.access.text if with_tokens else None,
        refresh_token=grant.refresh_token if with_tokens else None,
    )
