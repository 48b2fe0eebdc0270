"""Analysis jobs and their results: /v1/analysis."""

from __future__ import annotations

from typing import TYPE_CHECKING

from causeway.web.app import build_app
from functions.analysis.routes import compare, details, estimate, jobs, results

if TYPE_CHECKING:
    from fastapi import FastAPI

    from causeway.web.tokens import TokenVerifier
    from functions.analysis.services import Services


def create_app(services: Services, verifier: TokenVerifier) -> FastAPI:
    routers = [jobs.router, results.router, details.router, compare.router, estimate.router]
    return build_app(name="analysis", routers=routers, services=services, verifier=verifier)
