"""A FastAPI app as a Lambda handler for API Gateway HTTP APIs (payload format 2.0)."""

from __future__ import annotations

import asyncio
import atexit
import os
from collections.abc import Callable
from functools import cache
from typing import TYPE_CHECKING, Any

from causeway.settings import LogSettings
from causeway.web.access_log import configure_logging

if TYPE_CHECKING:
    from fastapi import FastAPI
    from mangum import Mangum

Handler = Callable[[dict[str, Any], Any], dict[str, Any]]


def http_handler(create: Callable[[], FastAPI]) -> Handler:
    """A handler whose app is made by ``create`` on the first request and kept for the life of the process."""

    @cache
    def adapter() -> Mangum:
        from mangum import Mangum

        if "AWS_LAMBDA_FUNCTION_NAME" in os.environ:  # elsewhere, whoever started the process decides on its logs
            configure_logging(LogSettings().log_level)
        return Mangum(create(), lifespan="off")

    def handle(event: dict[str, Any], context: Any) -> dict[str, Any]:
        asyncio.set_event_loop(_loop())  # Mangum asks for the thread's loop, and newer Pythons make none
        return adapter()(event, context)

    return handle


@cache
def _loop() -> asyncio.AbstractEventLoop:
    loop = asyncio.new_event_loop()
    atexit.register(loop.close)
    return loop
