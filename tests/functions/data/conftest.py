"""A signed-in user at the gateway of /v1/data."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

import pytest

from causeway.web.lambda_handler import http_handler
from functions.data.app import create_app
from functions.data.services import Services
from tests.fixtures.databases import Databases
from tests.fixtures.gateway import Answer, Gateway, Keys
from tests.fixtures.market_data import data_services

MAX_BODY_BYTES = 100_000


@dataclass
class Client:
    """A signed-in user at the gateway."""

    gateway: Gateway
    headers: dict[str, str]

    def get(self, path: str, *, accept: str | None = None, **query: object) -> Answer:
        headers = {**self.headers, "accept": accept} if accept else self.headers
        return self.gateway.get(f"/v1/data/{path}", headers, **query)

    def post(self, path: str, body: object) -> Answer:
        return self.gateway.post(f"/v1/data/{path}", body, self.headers)

    def upload(self, data: str | bytes, *, filename: str = "bars.csv", **fields: str) -> Answer:
        """A multipart form, as RFC 7578 has it."""
        mark = "causeway-test-boundary"
        content = data.encode() if isinstance(data, str) else data
        parts = [
            f'--{mark}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
            for name, value in fields.items()
        ]
        head = f'--{mark}\r\nContent-Disposition: form-data; name="file"; filename="{filename}"\r\n\r\n'.encode()
        body = b"".join(parts) + head + content + f"\r\n--{mark}--\r\n".encode()
        headers = {**self.headers, "content-type": f"multipart/form-data; boundary={mark}"}
        return self.gateway.post("/v1/data/ingestions", body, headers)


@pytest.fixture
def services(databases: Databases) -> Services:
    return data_services(databases.app)


@pytest.fixture
def gateway(services: Services, keys: Keys) -> Gateway:
    return Gateway(http_handler(lambda: create_app(services, keys.verifier(), max_body_bytes=MAX_BODY_BYTES)))


@pytest.fixture
def analyst(gateway: Gateway, keys: Keys, user_factory: Callable[..., UUID]) -> Client:
    return Client(gateway, keys.bearer(user_factory("analyst"), "analyst"))


@pytest.fixture
def viewer(gateway: Gateway, keys: Keys, user_factory: Callable[..., UUID]) -> Client:
    return Client(gateway, keys.bearer(user_factory("viewer"), "viewer"))
