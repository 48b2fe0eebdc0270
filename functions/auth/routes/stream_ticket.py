"""A ticket for the WebSocket: for clients that can send neither a cookie nor a header with its handshake."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Request

from causeway.model.identity import Identity
from causeway.web.auth import Principal, require, session_of
from causeway.web.services import services_of
from causeway.web.tokens import hash_secret, new_ticket
from functions.auth.schemas import StreamTicket
from functions.auth.services import Services

router = APIRouter()
_TTL_S = 30.0


@router.post("/stream-ticket", status_code=201)
def stream_ticket(
    services: Annotated[Services, Depends(services_of(Services))],
    principal: Annotated[Principal, Depends(require("viewer"))],
    request: Request,
) -> StreamTicket:
    """Works once, for 30 seconds; the stream ends with the sign-in that asked for it."""
    ticket = new_ticket()
    expires_at = services.tickets.add(
        hash_secret(ticket),
        Identity(principal.user_id, principal.email, principal.role),
        session_of(request).expires_at,
        ttl_s=_TTL_S,
    )
    return StreamTicket(ticket=ticket, expires_at=expires_at)
