"""`/restapi/oauth/token`: a JWT credential becomes a token of an hour, a refresh token another one (guide, authentication)."""

import base64
import binascii
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from gateway.simulator.agenda import Clock
from gateway.simulator.errors import Refusal
from gateway.simulator.records import EXTENSION, fresh_uuid
from gateway.simulator.shown import Json

JWT_GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"
TOKEN_SECONDS, REFRESH_SECONDS = 3600, 604_800
MOST_SESSIONS = 5  # at once for one user, "usually"; the oldest goes
GRACE_USED, GRACE_UNUSED = timedelta(seconds=10), timedelta(minutes=60)  # of a refresh token that was used


@dataclass(frozen=True, slots=True)
class Credentials:
    """Who may come in."""

    client_id: str = "simulated-client"
    client_secret: str = "simulated-secret"  # noqa: S105 - everybody's
    jwt: str = "simulated.jwt.credential"


@dataclass(slots=True)
class _Session:
    """What one grant led to. `before`: the refresh token that was used last, and when."""

    id: str
    access: str
    refresh: str
    issued: float
    used: bool = False
    before: str | None = None
    renewed: float = 0.0


class Tokens:
    """`life`: seconds of an access token."""

    def __init__(self, clock: Clock, credentials: Credentials, life: int = TOKEN_SECONDS) -> None:
        self.life = life
        self.refresh_life = REFRESH_SECONDS
        self.credentials = credentials
        self._clock = clock
        self._sessions: list[_Session] = []

    def grant(self, authorization: str | None, form: Mapping[str, str]) -> Json:
        """The answer to a request for a token. Raises Refusal."""
        self._know_client(authorization)
        kind = form.get("grant_type")
        if kind == JWT_GRANT:
            return self._told(self._begin(form.get("assertion")))
        if kind == "refresh_token":
            return self._told(self._renew(form.get("refresh_token") or ""))
        raise Refusal(401, "OAU-125", "Grant type is not allowed for application.", oauth="unsupported_grant_type")

    def check(self, authorization: str | None) -> None:
        """Raises Refusal (401) where this is no token that is good now."""
        scheme, _, token = (authorization or "").partition(" ")
        if scheme.lower() != "bearer" or not token:
            raise Refusal(401, "OAU-134", "Invalid Authorization header.")
        session = next((one for one in self._sessions if one.access == token), None)
        if session is None:
            raise Refusal(401, "OAU-129", "Access token corrupted.")
        if self._age(session.issued) >= self.life:
            raise Refusal(401, "OAU-128", "Access token expired.")
        session.used = True

    def end(self, authorization: str | None = None) -> None:
        """The session of this token, or all of them, is over: access and refresh token are good no more."""
        token = (authorization or "").partition(" ")[2]
        self._sessions = [one for one in self._sessions if token and one.access != token]

    def expire(self) -> None:
        """Every access token's hour is over; refresh tokens stay."""
        for session in self._sessions:
            session.issued = min(session.issued, self._now() - self.life)

    def _know_client(self, authorization: str | None) -> None:
        scheme, _, value = (authorization or "").partition(" ")
        try:
            given = base64.b64decode(value, validate=True).decode() if scheme.lower() == "basic" else ""
        except (binascii.Error, UnicodeDecodeError):
            given = ""
        if given != f"{self.credentials.client_id}:{self.credentials.client_secret}":
            raise Refusal(401, "OAU-146", "Invalid client credentials", oauth="invalid_client")

    def _begin(self, assertion: str | None) -> _Session:
        if assertion != self.credentials.jwt:
            raise Refusal(400, "OAU-140", "Invalid resource owner credentials.", oauth="invalid_grant")
        session = _Session(fresh_uuid(), _token(), _token(), self._now())
        self._sessions = [*self._sessions, session][-MOST_SESSIONS:]
        return session

    def _renew(self, refresh: str) -> _Session:
        for session in self._sessions:
            if session.refresh == refresh and self._age(session.issued) < self.refresh_life:
                session.before, session.renewed = refresh, self._now()
                session.access, session.refresh, session.issued, session.used = _token(), _token(), self._now(), False
                return session
            grace = GRACE_USED if session.used else GRACE_UNUSED
            if session.before == refresh and self._age(session.renewed) < grace.total_seconds():
                return session
        raise Refusal(400, "OAU-140", "The refresh token is not good any more.", oauth="invalid_grant")

    def _told(self, session: _Session) -> Json:
        return {
            "access_token": session.access,
            "token_type": "bearer",
            "expires_in": self.life,
            "refresh_token": session.refresh,
            "refresh_token_expires_in": self.refresh_life,
            "scope": "ReadAccounts ReadMessages SMS A2PSMS SubscriptionWebhook",
            "owner_id": EXTENSION,
            "endpoint_id": "simulated-endpoint",
            "session_id": session.id,
        }

    def _now(self) -> float:
        return self._clock().timestamp()

    def _age(self, since: float) -> float:
        return self._now() - since


def _token() -> str:
    return secrets.token_urlsafe(36)
