"""Lambda entry of /v1/analysis, and of the state machine's short stages. Nothing is connected before the first request.

An event with ``stage`` comes from the state machine (infra/statemachines/analysis.asl.json); every other one from
API Gateway, which cannot send that key at the top level.
"""

from __future__ import annotations

from typing import Any

from causeway.web.lambda_handler import http_handler
from functions.analysis.app import create_app
from functions.analysis.stage_tasks import run_stage
from functions.analysis.wiring import runs, services, verifier

_http = http_handler(lambda: create_app(services(), verifier()))


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    if "stage" in event and "requestContext" not in event:
        return run_stage(event, runs())
    return _http(event, context)
