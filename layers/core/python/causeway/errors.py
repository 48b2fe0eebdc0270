"""The error tree, by what the caller can do about it.

    CausewayError
    ├── InvalidInput      mend the request and send it again
    ├── NotAuthenticated  sign in, or renew the token
    ├── Denied            ask somebody with the right to do this
    ├── NotFound          check the name or the identifier
    ├── Conflict          the state moved on: read it again, then decide
    ├── TooMany           wait retry_after_s, then send the same request
    ├── Unavailable       a part is down: wait retry_after_s, then send the same request
    ├── OutcomeUnknown    it may or may not have happened: reconcile first, never send again blindly
    └── CorruptData       stop: stored data contradicts itself, a person must look

A message says what was expected, what was found and what to do.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_WAIT_S = 1.0


class CausewayError(Exception):
    """Base of every error that this package raises on purpose.

    ``code`` is the stable name on the wire; ``details`` holds machine-readable facts (field, limit, value). A message
    may quote what another server said: it holds no NUL and no half of a surrogate pair, which no table takes.
    """

    code = "error"

    def __init__(self, message: str, *, details: Mapping[str, Any] | None = None) -> None:
        self.message = message.encode(errors="replace").decode().replace("\x00", "?")
        super().__init__(self.message)
        self.details: dict[str, Any] = dict(details or {})


class InvalidInput(CausewayError):
    """The request cannot be carried out as written; the message names the field."""

    code = "invalid_input"


class NotAuthenticated(CausewayError):
    """Nobody is signed in, or the token is wrong, expired or revoked."""

    code = "not_authenticated"


class Denied(CausewayError):
    """The caller is known and may not do this."""

    code = "denied"


class NotFound(CausewayError):
    """The thing does not exist, or not for this caller."""

    code = "not_found"


class Conflict(CausewayError):
    """The request contradicts the present state, such as a reused client_order_id with other terms."""

    code = "conflict"


class _Retryable(CausewayError):
    """``says_when``: whether whoever failed named the wait; otherwise ``retry_after_s`` is a guess."""

    def __init__(
        self, message: str, *, retry_after_s: float | None = None, details: Mapping[str, Any] | None = None
    ) -> None:
        super().__init__(message, details=details)
        self.says_when = retry_after_s is not None
        self.retry_after_s = _WAIT_S if retry_after_s is None else retry_after_s


class TooMany(_Retryable):
    """A rate limit or a throttle; ``retry_after_s`` says when to come back."""

    code = "too_many"


class Unavailable(_Retryable):
    """A database, broker or provider does not answer; the message says so where a change may be stored all the same."""

    code = "unavailable"


class OutcomeUnknown(CausewayError):
    """A command was sent and its answer was lost. Look it up; do not send it again."""

    code = "outcome_unknown"


class CorruptData(CausewayError):
    """Stored facts contradict one another."""

    code = "corrupt_data"
