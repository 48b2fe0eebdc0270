"""Wire shapes of /v1/alerts."""

from __future__ import annotations

from pydantic import Field

from causeway.model.alert import Severity
from causeway.web.wire import Moment, Page, Wire


class Alert(Wire):
    """``id`` numbers your alerts from 1 on without gaps; ``kind`` and ``subject`` say what it is about.

    ``resolved_at``: when it was over by itself, as a gap that history filled; null where nobody can say, or not yet.
    """

    id: int
    kind: str
    subject: str
    severity: Severity
    text: str
    created_at: Moment
    acknowledged: bool
    resolved_at: Moment | None


class AlertPage(Page[Alert]):
    """``unseen`` counts all alerts that you have not acknowledged and that are not over, whatever this page holds."""

    unseen: int


class SeenUpTo(Wire):
    """Acknowledge every alert up to and with this one."""

    id: int = Field(ge=1, lt=2**63)


class Acknowledged(Wire):
    """How many were new to you, and how many are left."""

    acknowledged: int
    unseen: int
