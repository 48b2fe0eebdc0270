"""The web app's files: headers, deep links, what is not there, what is not built."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from local.web_app import WebApp


@dataclass
class Client:
    """Sends requests to the app in this process."""

    app: WebApp

    def get(self, path: str, headers: dict[str, str] | None = None) -> httpx.Response:
        return self.send("GET", path, headers)

    def send(self, method: str, path: str, headers: dict[str, str] | None = None) -> httpx.Response:
        async def answer() -> httpx.Response:
            transport = httpx.ASGITransport(self.app)
            async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
                return await client.request(method, path, headers=headers)

        return asyncio.run(answer())


@pytest.fixture
def client(tmp_path: Path) -> Client:
    dist = tmp_path / "dist"
    (dist / "assets").mkdir(parents=True)
    (dist / "index.html").write_text("<!doctype html><title>app</title>")
    (dist / "assets" / "app-1234.js").write_text("1")
    (tmp_path / "secret.txt").write_text("secret")
    return Client(WebApp(dist))


@pytest.mark.parametrize("path", ["/", "/analysis", "/analysis/6f1c", "/trading?symbol=AAPL"])
def test_every_page_of_the_app_is_its_index(client: Client, path: str) -> None:
    answer = client.get(path, headers={"accept": "text/html"})
    assert (answer.status_code, answer.text) == (200, "<!doctype html><title>app</title>")
    assert answer.headers["cache-control"] == "no-cache"


def test_an_asset_is_kept_for_ever_because_its_name_changes(client: Client) -> None:
    answer = client.get("/assets/app-1234.js")
    assert (answer.status_code, answer.text) == (200, "1")
    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"


@pytest.mark.parametrize("path", ["/assets/app-0000.js", "/favicon.ico", "/..%2fsecret.txt", "/%2e%2e/secret.txt"])
def test_a_missing_file_is_404_and_not_the_index(client: Client, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 404
    assert "secret" not in answer.text


def test_the_policy_forbids_everything_that_is_not_ours(client: Client) -> None:
    policy = client.get("/").headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy


def test_only_reading_is_allowed(client: Client) -> None:
    answer = client.send("POST", "/")
    assert (answer.status_code, answer.headers["allow"]) == (405, "GET, HEAD")


def test_without_a_build_a_page_says_what_to_run(tmp_path: Path) -> None:
    answer = Client(WebApp(tmp_path / "none")).get("/")
    assert answer.status_code == 503
    assert "python3 -m scripts.webapp" in answer.text
