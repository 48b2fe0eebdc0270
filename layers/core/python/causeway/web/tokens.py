"""Access tokens and API keys: issue, verify, and say who a request comes from. No web framework here.

An access token is a JWT signed with Ed25519. An API key is ``cw_`` and 256 random bits; stores keep its SHA-256 only,
which is enough because nobody can guess the input.

Source: RFC 7519 (JWT), RFC 8037 (EdDSA), RFC 8725 (one algorithm, issuer and audience checked).
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal
from uuid import UUID

import jwt

from causeway.errors import Denied, NotAuthenticated
from causeway.model.identity import Identity, Role
from causeway.model.time import now_utc
from causeway.settings import TokenSettings
from causeway.web.origin import PublicOrigin

AUDIENCE = "causeway"
API_KEY_PREFIX = "cw_"
_CLOCK_SKEW_S = 5  # clocks of two hosts may differ by this much
_CLAIMS = ("sub", "sid", "role", "email", "csrf", "jti", "iat", "exp", "iss", "aud")

Method = Literal["cookie", "bearer", "api_key", "ticket"]
FindApiKey = Callable[[bytes], Identity | None]


@dataclass(frozen=True, slots=True)
class Principal:
    """Who sent the request, and by which means he proved it."""

    user_id: UUID
    email: str
    role: Role
    method: Method


@dataclass(frozen=True, slots=True)
class Session:
    """A principal with what his token says besides. An API key has no CSRF token, no end and no sign-in behind it.

    ``sign_in_id`` names the family of refresh tokens that the access token belongs to.
    """

    principal: Principal
    csrf: str
    expires_at: datetime | None
    sign_in_id: UUID | None


@dataclass(frozen=True, slots=True)
class AccessToken:
    """A token as it was issued."""

    text: str
    csrf: str
    expires_at: datetime


def hash_secret(secret: str) -> bytes:
    """What is stored of a refresh token or an API key."""
    return hashlib.sha256(secret.encode()).digest()


def new_ticket() -> str:
    """A ticket for one stream."""
    return secrets.token_urlsafe(32)


def new_api_key() -> str:
    return API_KEY_PREFIX + secrets.token_urlsafe(32)


class TokenIssuer:
    """Signs access tokens. Only the auth function holds the private key."""

    def __init__(self, private_key: str, origin: str, ttl_s: int) -> None:
        self._private_key = private_key
        self._issuer = PublicOrigin.parse(origin).url
        self._ttl = timedelta(seconds=ttl_s)

    def issue(self, identity: Identity, sign_in_id: UUID, *, now: datetime | None = None) -> AccessToken:
        """A new token for ``identity`` within one sign-in, valid from ``now``."""
        issued = now or now_utc()
        expires = issued.replace(microsecond=0) + self._ttl
        csrf = secrets.token_urlsafe(24)
        claims = {
            "sub": str(identity.user_id), "sid": str(sign_in_id), "role": identity.role.value, "email": identity.email,
            "csrf": csrf, "jti": secrets.token_urlsafe(12), "iat": issued, "exp": expires, "iss": self._issuer,
            "aud": AUDIENCE,
        }  # fmt: skip
        return AccessToken(jwt.encode(claims, self._private_key, algorithm="EdDSA"), csrf, expires)


class TokenVerifier:
    """Says who a request comes from, from its headers alone; used by HTTP functions, the authorizer and the stream.

    ``find_api_key`` looks an API key's hash up; without it API keys are refused.
    """

    def __init__(self, public_key: str, origin: str | PublicOrigin, find_api_key: FindApiKey | None = None) -> None:
        self.origin = PublicOrigin.parse(origin) if isinstance(origin, str) else origin
        self._public_key = public_key
        self._find_api_key = find_api_key

    @classmethod
    def from_settings(cls, settings: TokenSettings, find_api_key: FindApiKey | None = None) -> TokenVerifier:
        """As configured. Raises InvalidInput for plain http on an origin that is not loopback."""
        origin = PublicOrigin.parse(
            settings.public_origin,
            allowed_hosts=settings.allowed_hosts,
            trusted_proxies=settings.trusted_proxies,
            proxy_secret=settings.origin_secret.get_secret_value(),
        )
        return cls(settings.jwt_public_key, origin, find_api_key)

    def authenticate(self, authorization: str | None, cookies: Mapping[str, str]) -> Session:
        """Who sent these headers. ``Authorization`` wins over a cookie, because a program wrote it on purpose.

        Raises:
            NotAuthenticated: nothing was sent, or it is wrong, expired or revoked.
        """
        if authorization is not None:
            scheme, _, credential = authorization.partition(" ")
            if scheme.lower() != "bearer" or not credential.strip():
                raise NotAuthenticated("Authorization must be 'Bearer <access token or API key>'")
            return self._from_bearer(credential.strip())
        token = cookies.get(self.origin.access_cookie)
        if not token:
            raise NotAuthenticated("sign in first: the request carries neither a cookie nor an Authorization header")
        return self._from_token(token, "cookie")

    def check_unsafe(self, session: Session, *, origin: str | None, csrf: str | None) -> None:
        """What a state-changing request must hold besides: our Origin, and with a cookie the CSRF token.

        Raises:
            Denied: sent from another site's page, or the X-CSRF-Token header is missing or wrong.
        """
        self.origin.check_origin(origin)
        if session.principal.method == "cookie" and not hmac.compare_digest(
            (csrf or "").encode(), session.csrf.encode()
        ):
            raise Denied(
                "the X-CSRF-Token header must hold the csrf_token of this sign-in (see GET /v1/auth/me)",
                details={"header": "X-CSRF-Token"},
            )

    def _from_bearer(self, credential: str) -> Session:
        if not credential.startswith(API_KEY_PREFIX):
            return self._from_token(credential, "bearer")
        owner = self._find_api_key(hash_secret(credential)) if self._find_api_key else None
        if owner is None:
            raise NotAuthenticated("the API key is unknown, expired or revoked")
        return Session(Principal(owner.user_id, owner.email, owner.role, "api_key"), "", None, None)

    def _from_token(self, token: str, method: Method) -> Session:
        try:
            claims = jwt.decode(
                token, self._public_key, algorithms=["EdDSA"], audience=AUDIENCE, issuer=self.origin.url,
                options={"require": list(_CLAIMS)}, leeway=_CLOCK_SKEW_S,
            )  # fmt: skip
            sign_in_id = UUID(claims["sid"])
            principal = Principal(UUID(claims["sub"]), str(claims["email"]), Role(claims["role"]), method)
        except jwt.ExpiredSignatureError as error:
            raise NotAuthenticated("the access token has expired; refresh it or sign in again") from error
        except (jwt.InvalidTokenError, ValueError) as error:
            raise NotAuthenticated("the access token is not valid; sign in again") from error
        return Session(principal, str(claims["csrf"]), datetime.fromtimestamp(claims["exp"], UTC), sign_in_id)


def parse_cookies(header: str | None) -> dict[str, str]:
    """Cookies of a Cookie header by name; what is no ``name=value`` is skipped.

    A browser sends a host's cookies to every port, so another program's odd cookie must not hide ours, as it does
    with ``http.cookies``, which gives up the whole header. Our own values are never quoted.

    Source: RFC 6265 section 5.4 (user agents send names and values as they are).
    """
    pairs = (part.partition("=") for part in (header or "").split(";"))
    return {name.strip(): value.strip() for name, equals, value in pairs if equals}
