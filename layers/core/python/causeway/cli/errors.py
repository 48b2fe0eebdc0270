"""What goes wrong on the command line, and the exit code that says so.

0 done; 1 refused or failed; 2 wrong usage; 3 not signed in; 4 the server does not answer; 130 interrupted.
"""

from __future__ import annotations

from collections.abc import Sequence

FAILED, NOT_SIGNED_IN, UNAVAILABLE, INTERRUPTED = 1, 3, 4, 130


class CommandError(Exception):
    """Ends a command: ``message`` goes to stderr with ``fields`` below it."""

    def __init__(self, message: str, *, exit_code: int = FAILED, fields: Sequence[str] = ()) -> None:
        super().__init__(message)
        self.message = message
        self.exit_code = exit_code
        self.fields = tuple(fields)


class NotSignedInError(CommandError):
    def __init__(self, message: str = "sign in first: causeway login") -> None:
        super().__init__(message, exit_code=NOT_SIGNED_IN)


class ServerUnavailableError(CommandError):
    def __init__(self, message: str) -> None:
        super().__init__(message, exit_code=UNAVAILABLE)
