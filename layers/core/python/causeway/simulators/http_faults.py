"""An HTTP answer with a fault: closed before it, cut in the middle, in small pieces, garbage, or never."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from causeway.simulators.faults import Fault

if TYPE_CHECKING:
    from starlette.types import Receive, Scope, Send

_PIECE_BYTES = 41
_LONGEST_SILENCE_S = 60.0
_GARBAGE = b"\x00\xff\xfe<<no message>>\x1b"
TRANSPORT_FAULTS = (Fault.REFUSE, Fault.SILENCE, Fault.SERVER_ERROR, Fault.CUT, Fault.SPLIT, Fault.GARBAGE)


@dataclass(frozen=True, slots=True)
class Answer:
    """What a vendor answers when all is well, or when it says no in its own words."""

    body: bytes
    status: int = 200
    content_type: str = "application/json"
    headers: tuple[tuple[str, str], ...] = ()

    @classmethod
    def text(cls, text: str, status: int = 200, content_type: str = "text/plain") -> Answer:
        """A short answer for people."""
        return cls(text.encode(), status, content_type)


async def send_answer(answer: Answer, fault: Fault | None, scope: Scope, receive: Receive, send: Send) -> None:
    """Send ``answer``, broken as ``fault`` says; a fault that is no matter of transport changes nothing."""
    if fault is Fault.REFUSE:
        scope["state"]["transport"].abort()
        return
    if fault is Fault.SILENCE:
        await _say_nothing(receive)
        return
    if fault is Fault.SERVER_ERROR:
        answer = Answer.text("upstream connect error", status=503)
    elif fault is Fault.GARBAGE:
        answer = Answer(_GARBAGE, content_type=answer.content_type)
    await _send_head(answer, send)
    if fault is Fault.CUT:
        await send({"type": "http.response.body", "body": answer.body[: len(answer.body) // 2], "more_body": True})
        scope["state"]["transport"].close()
        return
    pieces = _pieces(answer.body) if fault is Fault.SPLIT else [answer.body]
    for piece in pieces:
        await send({"type": "http.response.body", "body": piece, "more_body": True})
        await asyncio.sleep(0)
    await send({"type": "http.response.body", "body": b"", "more_body": False})


def breakable_protocol() -> type[asyncio.Protocol]:
    """uvicorn's protocol, with the transport in the request's state so that an app can break the connection."""
    from uvicorn.protocols.http.h11_impl import H11Protocol

    class BreakableProtocol(H11Protocol):
        def connection_made(self, transport: Any) -> None:
            super().connection_made(transport)
            self.app_state = {**self.app_state, "transport": transport}

    return BreakableProtocol


async def _send_head(answer: Answer, send: Send) -> None:
    headers = [
        (b"content-type", answer.content_type.encode()),
        (b"content-length", str(len(answer.body)).encode()),
        *((name.lower().encode(), value.encode()) for name, value in answer.headers),
    ]
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})


async def _say_nothing(receive: Receive) -> None:
    """Until the caller gives up."""
    async with asyncio.timeout(_LONGEST_SILENCE_S):
        while (await receive())["type"] != "http.disconnect":
            pass


def _pieces(body: bytes) -> list[bytes]:
    return [body[at : at + _PIECE_BYTES] for at in range(0, len(body), _PIECE_BYTES)]
