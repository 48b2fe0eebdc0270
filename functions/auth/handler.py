"""Lambda entry of /v1/auth. Nothing is connected before the first request."""

from __future__ import annotations

from causeway.web.lambda_handler import http_handler
from functions.auth.app import create_app
from functions.auth.wiring import services, verifier

handler = http_handler(lambda: create_app(services(), verifier()))
