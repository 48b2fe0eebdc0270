"""What to do with a command whose answer was lost: the broker is asked first, and only then it is decided.

The reasons stand in docs/decisions/0002-when-a-lost-order-may-be-sent-again.md.
"""

from __future__ import annotations

from enum import StrEnum

from causeway.ports.broker import BrokerOrder


class Resolution(StrEnum):
    DONE = "done"  # the broker has it: nothing to send, its reports tell the rest
    SEND_AGAIN = "send_again"  # the broker refuses duplicates, so sending twice makes one order
    UNKNOWN = "unknown"  # neither here nor there: a person or a later report decides, never a second send


def resolve_lost_submit(found: BrokerOrder | None, *, refuses_duplicates: bool) -> Resolution:
    """What to do about a submit that may or may not have reached the broker."""
    if found is not None:
        return Resolution.DONE
    return Resolution.SEND_AGAIN if refuses_duplicates else Resolution.UNKNOWN
