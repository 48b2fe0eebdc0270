"""The HTTP interface for commands: adds the token, renews it, and turns errors into messages and exit codes."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from causeway.cli.credentials import CredentialFile, Credentials
from causeway.cli.errors import CommandError, NotSignedInError, ServerUnavailableError
from causeway.cli.wording import of_commands

if TYPE_CHECKING:
    import httpx

DEFAULT_SERVER = "http://127.0.0.1:8080"
_RENEW_BEFORE_S = 30.0
_TIMEOUT_S = 60.0
_UPLOAD_TIMEOUT_S = 900.0
_NOT_ACCEPTABLE = 406
_ANOTHER_SERVER = "is a Causeway server there? Name another with: causeway login --server URL"
Json = Any


class Client:
    """Speaks to one server as whoever is signed in. ``CAUSEWAY_API_KEY`` goes before a sign-in."""

    def __init__(self, credentials: CredentialFile) -> None:
        self._file = credentials
        self._http: httpx.Client | None = None

    def login(self, server: str, email: str, password: str) -> Json:
        """Sign in and keep the tokens."""
        server = server.rstrip("/")
        body = {"email": email, "password": password, "mode": "bearer"}
        answer = self._send(server, "POST", "/v1/auth/login", {}, json=body)
        found = _checked(answer)
        self._keep(server, found)
        return found

    def logout(self) -> bool:
        """End the sign-in on the server and here; False when there was none."""
        known = self._file.load()
        if known is None:
            return False
        try:
            self.post("/auth/logout")
        except CommandError:
            pass  # the tokens are forgotten here in any case; on the server they run out
        finally:
            self._file.remove()
        return True

    def get(self, path: str, **query: Any) -> Json:
        """The JSON at ``/v1`` + ``path``; parameters that are None are left out."""
        return _checked(self._authorized("GET", path, params=_given(query)))

    def page(self, path: str, accept: str, **query: Any) -> tuple[bytes, str | None] | None:
        """A page in the form ``accept`` and the cursor of the next; None where the server does not offer the form."""
        answer = self._authorized("GET", path, params=_given(query), headers={"Accept": accept})
        if answer.status_code == _NOT_ACCEPTABLE:
            return None
        _raise_for_error(answer)
        return answer.content, answer.headers.get("X-Next-Cursor")

    def text(self, path: str, **query: Any) -> str:
        """The same, as text."""
        answer = self._authorized("GET", path, params=_given(query))
        _raise_for_error(answer)
        return str(answer.text)

    def post(self, path: str, body: Json = None) -> Json:
        return _checked(self._authorized("POST", path, json=body))

    def patch(self, path: str, body: Json) -> Json:
        return _checked(self._authorized("PATCH", path, json=body))

    def upload(self, path: str, filename: str, content: Any, fields: Mapping[str, str]) -> Json:
        """Send a file as a form."""
        answer = self._authorized(
            "POST", path, files={"file": (filename, content)}, data=dict(fields), timeout=_UPLOAD_TIMEOUT_S
        )
        return _checked(answer)

    def pages(self, path: str, *, most: int | None = None, **query: Any) -> Iterator[Json]:
        """Items of every page, at most ``most``."""
        seen, cursor = 0, None
        while True:
            page = self.get(path, cursor=cursor, **query)
            for item in page["items"]:
                yield item
                seen += 1
                if most is not None and seen >= most:
                    return
            cursor = page["next_cursor"]
            if cursor is None:
                return

    def close(self) -> None:
        if self._http is not None:
            self._http.close()

    def _authorized(self, method: str, path: str, **options: Any) -> httpx.Response:
        more: Mapping[str, str] = options.pop("headers", {})
        if key := os.environ.get("CAUSEWAY_API_KEY"):
            server = os.environ.get("CAUSEWAY_SERVER", DEFAULT_SERVER).rstrip("/")
            return self._send(server, method, f"/v1{path}", {**_bearer(key), **more}, **options)
        known = self._file.load()
        if known is None:
            raise NotSignedInError
        if known.seconds_left() < _RENEW_BEFORE_S:
            known = self._renew(known)
        answer = self._send(known.server, method, f"/v1{path}", {**_bearer(known.access_token), **more}, **options)
        if answer.status_code == 401 and "files" not in options:  # a file was read to its end: it cannot be sent again
            known = self._renew(known)
            answer = self._send(known.server, method, f"/v1{path}", {**_bearer(known.access_token), **more}, **options)
        return answer

    def _renew(self, stale: Credentials) -> Credentials:
        with self._file.locked():
            known = self._file.load()
            if known is None:
                raise NotSignedInError
            if known.access_token != stale.access_token and known.seconds_left() >= _RENEW_BEFORE_S:
                return known  # another process was quicker
            body = {"refresh_token": known.refresh_token}
            answer = self._send(known.server, "POST", "/v1/auth/refresh", {}, json=body)
            if answer.status_code == 401:
                self._file.remove()
                raise NotSignedInError("your sign-in has ended; sign in again: causeway login")
            return self._keep(known.server, _checked(answer))

    def _keep(self, server: str, answer: Json) -> Credentials:
        kept = Credentials(
            server, answer["user"]["email"], answer["access_token"], answer["refresh_token"], answer["expires_at"]
        )
        self._file.save(kept)
        return kept

    def _send(
        self,
        server: str,
        method: str,
        path: str,
        headers: Mapping[str, str],
        *,
        timeout: float = _TIMEOUT_S,
        **options: Any,
    ) -> httpx.Response:
        import httpx

        if self._http is None:
            self._http = httpx.Client()
        try:
            return self._http.request(method, f"{server}{path}", headers=dict(headers), timeout=timeout, **options)
        except (httpx.TransportError, httpx.InvalidURL) as error:
            raise ServerUnavailableError(
                f"{server} does not answer ({error}). Is it running? Start it with 'make up', or name another "
                "with: causeway login --server URL"
            ) from error


def _bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}", "User-Agent": "causeway-cli"}


def _given(query: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in query.items() if value is not None}


def _checked(answer: httpx.Response) -> Json:
    _raise_for_error(answer)
    try:
        return answer.json() if answer.content else None
    except ValueError:
        raise ServerUnavailableError(f"{answer.url} answered something else than JSON; {_ANOTHER_SERVER}") from None


def _raise_for_error(answer: httpx.Response) -> None:
    if answer.is_success:
        return
    try:
        error = answer.json()["error"]
        message, fields = of_commands(error["message"]), [of_commands(line) for line in _fields(error)]
    except (ValueError, KeyError, TypeError):
        found = f"unexpected answer {answer.status_code} from {answer.url}"
        raise ServerUnavailableError(f"{found}; {_ANOTHER_SERVER}") from None
    if answer.status_code == 401:
        raise NotSignedInError(message)
    if answer.status_code == 503:
        raise ServerUnavailableError(message)
    raise CommandError(message, fields=fields)


def _fields(error: Mapping[str, Any]) -> list[str]:
    """What is wrong with each field, but for the one that the message is about."""
    message = error["message"]
    lines = [(one["message"], f"{one['field']}: {one['message']}") for one in error["fields"]]
    return [line for text, line in lines if message not in (text, line)]
