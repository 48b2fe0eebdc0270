"""Who is signed in, and his password."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response

from causeway.errors import Denied, InvalidInput, NotAuthenticated
from causeway.web.auth import Principal, client_address, origin_of, require, session_of
from causeway.web.services import services_of
from functions.auth.cookies import clear_cookies
from functions.auth.schemas import Me, PasswordChange, User
from functions.auth.services import Services

router = APIRouter()
Given = Annotated[Services, Depends(services_of(Services))]
Viewer = Annotated[Principal, Depends(require("viewer"))]


@router.get("/me")
def get_me(viewer: Viewer, request: Request) -> Me:
    """The user, and what a page needs after it was loaded anew: the CSRF token and when to renew."""
    session = session_of(request)
    user = User(id=viewer.user_id, email=viewer.email, role=viewer.role.value)
    return Me(user=user, csrf_token=session.csrf, expires_at=session.expires_at)


@router.post("/password", status_code=204)
def change_password(
    body: PasswordChange, services: Given, viewer: Viewer, request: Request, response: Response
) -> None:
    """Set another password and end every sign-in of the user, this one too."""
    if viewer.method == "api_key":
        raise Denied("an API key may not change the password; sign in with the password")
    try:
        user = services.sign_ins.check_password(viewer.email, body.current_password, address=client_address(request))
    except NotAuthenticated as error:
        raise InvalidInput("the current password is wrong", details={"field": "current_password"}) from error
    services.identities.change_password(user, body.new_password)
    clear_cookies(response, origin_of(request))
