"""The built web app as static files under a strict content security policy, or a page that says what to run."""

from __future__ import annotations

from pathlib import Path

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_POLICY = "; ".join(
    [
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "font-src 'self'",
        "connect-src 'self'",
        "manifest-src 'self'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
        "require-trusted-types-for 'script'",
        "trusted-types 'none'",
    ]
)
_HEADERS = {
    "Content-Security-Policy": _POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=()",
}
_NOT_BUILT = """<!doctype html><html lang="en"><meta charset="utf-8"><title>Causeway</title>
<h1>The web app is not built</h1>
<p>The API runs: its description is at <a href="/docs">/docs</a>.</p>
<p>To build the web app, run in the project's directory:</p>
<pre>python3 -m scripts.webapp</pre>
<p>Then load this page again. If the build failed during <code>make up</code>, its log is .causeway/logs/webapp.log.</p>
</html>"""


class WebApp:
    """Serves ``dist``: files by name, and index.html for every page of the app, so that a link can be reloaded."""

    def __init__(self, dist: Path) -> None:
        self._dist = dist
        self._files = StaticFiles(directory=dist, check_dir=False)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers.update(_HEADERS)
                headers["Cache-Control"] = _cache_control(scope["path"])
            await send(message)

        await self._app_for(scope)(scope, receive, send_with_headers)

    def _app_for(self, scope: Scope) -> ASGIApp:
        if scope["method"] not in {"GET", "HEAD"}:
            return PlainTextResponse("Method not allowed", status_code=405, headers={"Allow": "GET, HEAD"})
        if not (self._dist / "index.html").exists():
            return HTMLResponse(_NOT_BUILT, status_code=503)
        if self._is_file(scope["path"]):
            return self._files
        return self._page(scope["path"], Headers(scope=scope))

    def _is_file(self, path: str) -> bool:
        wanted = (self._dist / path.lstrip("/")).resolve()
        return wanted.is_file() and wanted.is_relative_to(self._dist.resolve())

    def _page(self, path: str, headers: Headers) -> Response:
        accepted = headers.get("accept", "*/*")
        names_a_file = "." in path.rpartition("/")[2]
        if names_a_file or not ("text/html" in accepted or "*/*" in accepted):
            return PlainTextResponse("Not found", status_code=404)
        return HTMLResponse((self._dist / "index.html").read_text(encoding="utf-8"))


def _cache_control(path: str) -> str:
    """Built assets carry a hash of their content in their names; everything else is asked for anew."""
    return "public, max-age=31536000, immutable" if path.startswith("/assets/") else "no-cache"
