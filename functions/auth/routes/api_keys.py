"""API keys: for programs, with a role of at most the user's own."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends

from causeway.errors import Denied, InvalidInput
from causeway.model.identity import Identity, Role
from causeway.model.time import now_utc
from causeway.web.auth import Principal, require
from causeway.web.services import services_of
from causeway.web.tokens import hash_secret, new_api_key
from functions.auth.schemas import ApiKey, ApiKeyCreated, ApiKeyRequest
from functions.auth.services import Services

router = APIRouter(prefix="/api-keys")
Given = Annotated[Services, Depends(services_of(Services))]
Viewer = Annotated[Principal, Depends(require("viewer"))]
SHOWN_CHARACTERS = 9


@router.get("")
def list_api_keys(services: Given, viewer: Viewer) -> list[ApiKey]:
    """The user's keys, without their secrets."""
    return [ApiKey.model_validate(row) for row in services.identities.api_keys(viewer.user_id)]


@router.post("", status_code=201)
def create_api_key(body: ApiKeyRequest, services: Given, viewer: Viewer) -> ApiKeyCreated:
    """A new key. This answer is the only place where it is ever shown."""
    user = _signed_in(viewer)
    role = Role(body.role)
    if not viewer.role.includes(role):
        raise Denied(f"a key may have your role, {viewer.role.value}, or less; found {role.value}")
    if body.expires_at is not None and body.expires_at <= now_utc():
        raise InvalidInput("expires_at must lie in the future", details={"field": "expires_at"})
    key = new_api_key()
    row = services.identities.create_api_key(
        user,
        name=body.name,
        role=role,
        prefix=key[:SHOWN_CHARACTERS],
        key_hash=hash_secret(key),
        expires_at=body.expires_at,
    )
    return ApiKeyCreated(key=key, **row)


@router.delete("/{key_id}", status_code=204)
def revoke_api_key(key_id: UUID, services: Given, viewer: Viewer) -> None:
    """End a key at once."""
    services.identities.revoke_api_key(_signed_in(viewer), key_id)


def _signed_in(principal: Principal) -> Identity:
    """A stolen key must not be able to make itself a successor."""
    if principal.method == "api_key":
        raise Denied("an API key may not manage API keys; sign in with the password")
    return Identity(principal.user_id, principal.email, principal.role)
