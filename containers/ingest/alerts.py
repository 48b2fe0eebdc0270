"""What the owner of a fetch should know of it: providers that failed, bars that did not come, rows kept out.

An alert never stops a fetch: one that cannot be stored now waits for the next beat.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from uuid import UUID

from causeway.errors import CausewayError
from causeway.model.alert import Alert, ingestion_failed, provider_failed, quarantine_high, series_behind
from containers.ingest.tables import Fetch

_log = logging.getLogger(__name__)
Tell = Callable[[UUID, Alert], object]  # as ``AlertStore.raise_for``


def nobody(_user_id: UUID, _alert: Alert) -> None:
    """Where no alerts are wanted."""


class FetchAlerts:
    """Of one fetch. ``failed`` is called by threads that fetch, the rest by the one that watches them."""

    def __init__(self, fetch: Fetch, tell: Tell, quarantine_share: float) -> None:
        self._user_id: UUID = fetch["user_id"]
        self._schedule, self._session = fetch["schedule"], fetch["session"]
        self._what = f"{self._schedule} {self._session}" if self._schedule else f"fetch {fetch['name'] or fetch['id']}"
        self._tell, self._share = tell, quarantine_share
        self._failed: dict[str, CausewayError] = {}  # one assignment, so threads need no lock

    def failed(self, provider: str, error: CausewayError) -> None:
        """A provider could not answer."""
        self._failed[provider] = error

    def send(self) -> None:
        """Tell of the providers that failed since."""
        for provider, error in list(self._failed.items()):
            alert = provider_failed(provider, error)
            if alert is None or self._sent(alert):
                self._failed.pop(provider, None)

    def ended(self, *, failed: bool, reason: str, totals: Fetch, behind: Sequence[str]) -> None:
        """The fetch is over: tell of what is missing.

        That there is no such symbol, or no bar of the range, is the answer to a user's question: the fetch shows it,
        and nobody is alarmed. A schedule that brings nothing any more is critical.
        """
        self.send()
        found = [
            self._failure(reason, totals) if failed else None,
            series_behind(self._schedule, self._session, behind, totals["total"]) if behind else None,
            quarantine_high(self._what, totals["quarantined"], totals["rows"], self._share),
        ]
        for alert in found:
            if alert is not None:
                self._sent(alert)

    def _failure(self, reason: str, totals: Fetch) -> Alert | None:
        whole = totals["failed"] in {0, totals["total"]}  # none failed by itself: the fetch as such did
        if self._schedule:
            return ingestion_failed(self._what, reason, critical=whole)
        answered = totals["failed"] and totals["failed"] == totals["not_there"]
        return None if answered else ingestion_failed(self._what, reason, critical=False)

    def _sent(self, alert: Alert) -> bool:
        try:
            self._tell(self._user_id, alert)
        except CausewayError as error:
            _log.warning("the alert %r is not stored: %s", alert.text, error.message)
            return False
        return True
