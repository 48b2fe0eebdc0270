"""The address that browsers use: cookie names, allowed Host and Origin values, the client's own address.

On https the cookies carry the ``__Host-`` prefix and Secure. Browsers refuse both over plain http, so on loopback
(and nowhere else) the cookies are unprefixed, and the Host check keeps other names that resolve here out.

Source: RFC 6265bis section 4.1.3 (cookie prefixes); DNS rebinding: OWASP, "Attacking private networks".
"""

from __future__ import annotations

import hmac
import ipaddress
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from causeway.errors import Denied, InvalidInput

PROXY_HEADER = "X-Causeway-Origin"
_DEFAULT_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True)
class PublicOrigin:
    """Scheme, host and port that browsers use.

    ``allowed_hosts`` are further Host values, lower case, that a proxy in front may send. ``trusted_proxies`` counts
    the proxies whose X-Forwarded-For entries are believed. ``proxy_secret`` is what the only proxy that may call us
    sends in X-Causeway-Origin; where it is set it stands in for the Host check, because that proxy names itself there.
    """

    scheme: str
    host: str
    port: int
    allowed_hosts: frozenset[str] = frozenset()
    trusted_proxies: int = 0
    proxy_secret: str = field(default="", repr=False)

    @classmethod
    def parse(
        cls, origin: str, *, allowed_hosts: str = "", trusted_proxies: int = 0, proxy_secret: str = ""
    ) -> PublicOrigin:
        """Read ``https://host[:port]`` or ``http://loopback[:port]``; ``allowed_hosts`` is separated by commas.

        Raises:
            InvalidInput: not an origin, or plain http on a host that is not loopback.
        """
        parts = urlsplit(origin)
        if parts.scheme not in _DEFAULT_PORTS or not parts.hostname or parts.path not in {"", "/"} or parts.query:
            raise InvalidInput(
                f"the public origin must be scheme://host[:port], such as https://causeway.example; found {origin!r}"
            )
        extra = frozenset(item.strip().lower() for item in allowed_hosts.split(",") if item.strip())
        port = parts.port or _DEFAULT_PORTS[parts.scheme]
        found = cls(parts.scheme, parts.hostname, port, extra, trusted_proxies, proxy_secret)
        if found.scheme == "http" and not found.is_loopback:
            raise InvalidInput(
                f"plain http is allowed on loopback only; found {origin!r}. Passwords and cookies would travel "
                "unencrypted: put TLS in front and set CAUSEWAY_PUBLIC_ORIGIN to the https address."
            )
        return found

    @property
    def is_loopback(self) -> bool:
        return _is_loopback(self.host)

    @property
    def is_secure(self) -> bool:
        return self.scheme == "https"

    @property
    def access_cookie(self) -> str:
        return self._cookie("access")

    @property
    def refresh_cookie(self) -> str:
        return self._cookie("refresh")

    @property
    def url(self) -> str:
        """As a browser writes it in Origin: no default port, no trailing slash."""
        return f"{self.scheme}://{self._authority(self.host)}"

    def check_caller(self, host: str | None, proxy_proof: str | None) -> None:
        """Let in what came by our own name, or through our own proxy. ``proxy_proof`` is the X-Causeway-Origin header.

        Raises:
            Denied: another name, or past the proxy.
        """
        if self.proxy_secret:
            if not hmac.compare_digest((proxy_proof or "").encode(), self.proxy_secret.encode()):
                raise Denied(f"requests come through {self.url}", details={"header": PROXY_HEADER})
            return
        self.check_host(host)

    def check_host(self, host: str | None) -> None:
        """Let in what names us.

        Raises:
            Denied: the Host header names another site.
        """
        if (host or "").lower() not in self._authorities() | self.allowed_hosts:
            raise Denied(f"the Host header must name {self.url}; found {host!r}", details={"header": "Host"})

    def check_origin(self, origin: str | None) -> None:
        """A browser names the page that sends; programs send no Origin, which passes.

        Raises:
            Denied: the request comes from a page of another site.
        """
        if origin is None:
            return
        if origin.lower() not in {f"{self.scheme}://{authority}" for authority in self._authorities()}:
            raise Denied(
                f"a request from the page {origin!r} is not accepted; expected {self.url}", details={"header": "Origin"}
            )

    def client_address(self, peer: str, forwarded_for: str | None) -> str:
        """The client's address: ``peer``, or what the trusted proxies reported about it."""
        hops = [hop.strip() for hop in (forwarded_for or "").split(",") if hop.strip()] + [peer]
        return hops[max(0, len(hops) - 1 - self.trusted_proxies)]

    def _cookie(self, kind: str) -> str:
        return f"__Host-causeway-{kind}" if self.is_secure else f"causeway-{kind}"

    def _authority(self, host: str) -> str:
        bracketed = f"[{host}]" if ":" in host else host
        return bracketed if self.port == _DEFAULT_PORTS[self.scheme] else f"{bracketed}:{self.port}"

    def _authorities(self) -> frozenset[str]:
        names = {self.host, "127.0.0.1", "localhost"} if self.is_loopback else {self.host}
        return frozenset(self._authority(name) for name in names)


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
