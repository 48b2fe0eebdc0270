"""Lambda entry of /v1/orders. Nothing is connected before the first request."""

from __future__ import annotations

from causeway.web.lambda_handler import http_handler
from functions.orders.app import create_app
from functions.orders.wiring import services, verifier

handler = http_handler(lambda: create_app(services(), verifier()))
