"""Sign in, renew, sign out: the order of the checks. Stores and tokens do the work."""

from __future__ import annotations

import ipaddress
import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

from causeway.errors import NotAuthenticated, TooMany
from causeway.model.identity import Identity
from causeway.web.tokens import AccessToken, TokenIssuer, hash_secret

if TYPE_CHECKING:
    from causeway.adapters.storage.identity_store import IdentityStore
    from causeway.adapters.storage.session_store import SessionStore

WRONG = "the e-mail address or the password is wrong"
# One network address may serve an office, so it has more free attempts than one e-mail address.
FREE_PER_EMAIL = 5
FREE_PER_ADDRESS = 30
ENDED = "this sign-in has ended; sign in again"


@dataclass(frozen=True, slots=True)
class Grant:
    """What a sign-in or a renewal gives out."""

    user: Identity
    access: AccessToken
    refresh_token: str


class SignIns:
    """Passwords and refresh tokens in, grants out."""

    def __init__(
        self,
        identities: IdentityStore,
        sessions: SessionStore,
        issuer: TokenIssuer,
        *,
        refresh_ttl_s: int,
    ) -> None:
        self._identities = identities
        self._sessions = sessions
        self._issuer = issuer
        self.refresh_ttl_s = refresh_ttl_s

    def sign_in(self, email: str, password: str, *, address: str, client: str) -> Grant:
        """Exchange a password for a grant.

        Raises:
            NotAuthenticated: unknown user or wrong password; one wording, and the same work, for both.
            TooMany: too many failures for this e-mail address or from this network address.
        """
        user = self.check_password(email, password, address=address)
        refresh_token = secrets.token_urlsafe(32)
        family_id = self._sessions.start(user, hash_secret(refresh_token), ttl_s=self.refresh_ttl_s, client=client)
        return Grant(user, self._issuer.issue(user, family_id), refresh_token)

    def check_password(self, email: str, password: str, *, address: str) -> Identity:
        """The user, once throttle and password let him through. Raises as ``sign_in``."""
        who, where = f"email:{email.strip().lower()}", f"address:{_network(address)}"
        wait, attempts = self._sessions.take_attempt({who: FREE_PER_EMAIL, where: FREE_PER_ADDRESS})
        if wait > 0:
            raise TooMany(f"too many failed sign-ins; wait {wait:.0f} s", retry_after_s=wait)
        user = self._identities.check_password(email, password)
        if user is None:
            self._record_failure(email, address)
            raise NotAuthenticated(WRONG)
        self._sessions.forget_attempts(who, attempts)
        return user

    def renew(self, refresh_token: str | None) -> Grant:
        """Exchange a refresh token for a grant with the next one.

        Raises:
            NotAuthenticated: no token, or it is unknown, expired, revoked, or was used before (which ends the sign-in).
        """
        if not refresh_token:
            raise NotAuthenticated(ENDED)
        following = secrets.token_urlsafe(32)
        rotation = self._sessions.rotate(hash_secret(refresh_token), hash_secret(following), ttl_s=self.refresh_ttl_s)
        if rotation.outcome != "rotated" or rotation.user is None or rotation.family_id is None:
            raise NotAuthenticated(ENDED)
        return Grant(rotation.user, self._issuer.issue(rotation.user, rotation.family_id), following)

    def sign_out(self, user: Identity, sign_in_id: UUID) -> None:
        """End one sign-in. Its access token still works until it expires, minutes later."""
        self._sessions.end(user, sign_in_id)

    def _record_failure(self, email: str, address: str) -> None:
        known = self._identities.find_by_email(email)
        if known:
            self._identities.audit(known, "auth.sign_in_failed", known.email, {"address": address})


def _network(address: str) -> str:
    """An IPv6 client owns a whole /64, so that is what counts."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address
    return str(ipaddress.ip_network((parsed, 64), strict=False)) if parsed.version == 6 else str(parsed)
