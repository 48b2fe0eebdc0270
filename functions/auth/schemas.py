"""Wire shapes of /v1/auth."""

from __future__ import annotations

from typing import Literal
from uuid import UUID

from pydantic import Field

from causeway.web.wire import Moment, Wire

Role = Literal["viewer", "analyst", "trader", "admin"]


class LoginRequest(Wire):
    email: str = Field(max_length=254)
    password: str = Field(max_length=1024)
    mode: Literal["cookie", "bearer"] = "cookie"


class User(Wire):
    id: UUID
    email: str
    role: Role


class LoginResponse(Wire):
    """``access_token`` and ``refresh_token`` are present only with mode bearer; cookies carry them otherwise.

    ``csrf_token`` goes into the X-CSRF-Token header of every state-changing request made with cookies.
    """

    user: User
    csrf_token: str
    expires_at: Moment
    access_token: str | None = None
    refresh_token: str | None = None


class RefreshRequest(Wire):
    """Empty body with cookies; programs send the refresh token."""

    refresh_token: str | None = None


class StreamTicket(Wire):
    """Opens one WebSocket as ``/v1/stream?ticket=``, once, until ``expires_at``."""

    ticket: str
    expires_at: Moment


class Me(Wire):
    user: User
    csrf_token: str
    expires_at: Moment | None


class ApiKeyRequest(Wire):
    name: str = Field(min_length=1, max_length=64)
    role: Role
    expires_at: Moment | None = None


class ApiKey(Wire):
    id: UUID
    name: str
    prefix: str
    role: Role
    created_at: Moment
    expires_at: Moment | None
    last_used_at: Moment | None


class ApiKeyCreated(ApiKey):
    """``key`` is shown once; only its hash is stored."""

    key: str


class PasswordChange(Wire):
    current_password: str = Field(max_length=1024)
    new_password: str = Field(min_length=12, max_length=1024)
