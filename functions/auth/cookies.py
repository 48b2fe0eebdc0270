"""The two cookies of a browser's sign-in: httpOnly, SameSite=Strict, and with https Secure under a __Host- name."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from fastapi import Response

    from causeway.web.origin import PublicOrigin
    from functions.auth.sign_in import Grant


def set_cookies(response: Response, origin: PublicOrigin, grant: Grant, *, refresh_ttl_s: int) -> None:
    """Both cookies live as long as the refresh token; the access token in its cookie says itself when it ends."""
    for name, value in [(origin.access_cookie, grant.access.text), (origin.refresh_cookie, grant.refresh_token)]:
        response.set_cookie(
            name, value, max_age=refresh_ttl_s, path="/", secure=origin.is_secure, httponly=True, samesite="strict"
        )


def clear_cookies(response: Response, origin: PublicOrigin) -> None:
    """Let the browser forget both."""
    for name in (origin.access_cookie, origin.refresh_cookie):
        response.set_cookie(name, "", max_age=0, path="/", secure=origin.is_secure, httponly=True, samesite="strict")
