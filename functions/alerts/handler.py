"""Lambda entry of /v1/alerts. Nothing is connected before the first request."""

from __future__ import annotations

from causeway.web.lambda_handler import http_handler
from functions.alerts.app import create_app
from functions.alerts.wiring import services, verifier

handler = http_handler(lambda: create_app(services(), verifier()))
