"""What a new installation gets: an admin, a paper account, demo data, the first two analyses.

Each step is recorded when it is done, per database, and can be repeated without harm: a start that was interrupted
resumes where it stopped, and nothing that a user changed later is done again. A database that has an admin though no
start of this directory is recorded was restored from a backup: nothing is added to it.
"""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from urllib.parse import urlsplit

from causeway.errors import CausewayError
from local.http_client import ApiClient
from local.state import State, write_private
from local.wiring import DEMO_STOCKS, FirstContent, Installation, access_token

ADMIN_EMAIL = "admin@localhost"
PAPER_CASH = Decimal(1_000_000)
_ANALYSIS_TIMEOUT_S = 600.0
_POLL_S = 0.3
_RESTORED = "restored from a backup"
# FB's history is too short for this range: the result names it, it does not shorten the others' overlap.
_REAL_DATA_QUESTION = {
    "name": "Log-volatility of AAPL, MSFT, IBM, GOOG, FB",
    "spec": {
        "symbols": list(DEMO_STOCKS),
        "measure": "log-volatility",
        "estimator": "gaussian",
        "bar_size": "1d",
        "start": "2004-09-01T00:00:00Z",
        "train_end": "2010-12-31T00:00:00Z",
        "end": "2013-03-02T00:00:00Z",
    },
}

Tick = Callable[[], None]


@dataclass
class StartReport:
    """What the person at the terminal is told. ``admin_password`` is set only when it was just made."""

    admin_email: str
    admin_password: str | None = None
    replay: dict[str, str] = field(default_factory=dict)


class FirstStart:
    """Runs the steps that this database has not had."""

    def __init__(self, state: State, installation: Installation, *, demo: bool = True) -> None:
        self._state = state
        self._demo = demo
        self._installation = installation
        self._file = state.directory / "first-start.json"
        self._key = _database_key(installation)
        self._content = FirstContent(installation, ADMIN_EMAIL)

    def run(self, tick: Tick) -> StartReport:
        """Do what is missing; ``tick`` is called while an analysis is awaited."""
        report = StartReport(ADMIN_EMAIL)
        if not self._is_restored():
            self._fill(report, tick)
        if self._demo:
            report.replay = self._content.replay_settings()
        return report

    def _fill(self, report: StartReport, tick: Tick) -> None:
        self._step("first admin", lambda: self._admin(report))
        if not self._demo:
            return
        self._step("demo data", self._content.load_demo_data)
        self._step("known market", self._content.store_known_market)
        known = _known_market_question(self._content.known_market_symbols())
        self._step("analysis of the known market", lambda: self._analyse(known, tick))
        self._step("analysis of real data", lambda: self._analyse(_REAL_DATA_QUESTION, tick))

    def _step(self, name: str, work: Callable[[], str | None]) -> None:
        if name in self._done():
            return
        print(f"· {name} ...", flush=True)
        began = time.monotonic()
        note = work()
        self._record(name)
        print(f"· {name}: done in {time.monotonic() - began:.1f} s{f' ({note})' if note else ''}", flush=True)

    def _admin(self, report: StartReport) -> str:
        report.admin_password = self._content.create_admin(PAPER_CASH)
        if report.admin_password is None:
            return f"{ADMIN_EMAIL} exists"
        return f"{ADMIN_EMAIL}, password {report.admin_password}"

    def _analyse(self, question: dict[str, Any], tick: Tick) -> str:
        client = self._client()
        job = client.post("/v1/analysis/jobs", question)
        shown = ""
        deadline = time.monotonic() + _ANALYSIS_TIMEOUT_S
        while job["state"] in {"queued", "running"}:
            if time.monotonic() > deadline:
                raise CausewayError(
                    f"{question['name']} is not done after {_ANALYSIS_TIMEOUT_S:.0f} s; see logs/jobs.log"
                )
            line = f"  {job['stage']:10} {job['progress']:4.0%}  {job['message']}"
            if line != shown:
                print(line, flush=True)
                shown = line
            tick()
            time.sleep(_POLL_S)
            job = client.get(f"/v1/analysis/jobs/{job['id']}")
        if job["state"] != "succeeded":
            error = job["error"] or {}
            raise CausewayError(f"{question['name']} {job['state']}: {error.get('message', '')}; see logs/jobs.log")
        return self._outcome(client, job["id"])

    def _outcome(self, client: ApiClient, job_id: str) -> str:
        result = client.get(f"/v1/analysis/jobs/{job_id}/result")
        found = sum(link["significant"] for link in result["links"])
        return f"{found} significant links, {result['evaluation']['verdict'].replace('_', ' ')}"

    def _client(self) -> ApiClient:
        """Speaks for the admin; the token is signed with the installation's own key."""
        private_key, _ = self._state.signing_keys()
        return ApiClient(self._installation.url, access_token(self._installation, private_key, ADMIN_EMAIL))

    def _done(self) -> dict[str, str]:
        found: dict[str, str] = self._records().get(self._key, {})
        return found

    def _is_restored(self) -> bool:
        """Decided once, before the first step, so that an interrupted start is never taken for a restored backup."""
        records = self._records()
        if self._key not in records:
            records[self._key] = {_RESTORED: _now()} if self._content.has_admin() else {}
            self._write(records)
        return _RESTORED in records[self._key]

    def _records(self) -> dict[str, Any]:
        try:
            found: dict[str, Any] = json.loads(self._file.read_text())
        except (FileNotFoundError, ValueError):
            return {}
        return found

    def _record(self, name: str) -> None:
        records = self._records()
        records.setdefault(self._key, {})[name] = _now()
        self._write(records)

    def _write(self, records: dict[str, Any]) -> None:
        write_private(self._file, json.dumps(records, indent=2).encode())


def _now() -> str:
    return datetime.now(UTC).isoformat()


def _known_market_question(symbols: Sequence[str]) -> dict[str, Any]:
    return {
        "name": "The known market: links found beside the truth",
        "spec": {
            "symbols": list(symbols),
            "measure": "returns",
            "estimator": "gaussian",
            "bar_size": "1d",
            "start": "2005-01-01T00:00:00Z",
            "train_end": "2011-12-31T00:00:00Z",
            "end": "2013-03-02T00:00:00Z",
        },
    }


def _database_key(installation: Installation) -> str:
    """Which database the records speak of: the embedded one, or a server of the user's by its address and name."""
    if installation.is_embedded:
        return "embedded"
    parts = urlsplit(installation.owner_database_url)
    return hashlib.sha256(f"{parts.hostname}:{parts.port}{parts.path}".encode()).hexdigest()[:16]
