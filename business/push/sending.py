"""One POST to a push service: ten seconds in all, no redirect, no cookie. Only its status counts."""

import asyncio
import hashlib
from dataclasses import dataclass
from datetime import datetime

import aiohttp
import orjson

from business.push.encryption import encrypt
from business.push.rules import Keys
from business.push.vapid import Signer, decoded, encoded

SECONDS = 10.0
ROOM = 512  # bytes; every payload is as long
RETRY_AFTER_MOST = 600.0


@dataclass(frozen=True, slots=True)
class Message:
    """What a device shows, and where a click on it leads. Of one `topic` the newest counts, at the push service and on the device."""

    title: str
    body: str
    path: str
    topic: str
    life: int  # seconds that it is worth anything

    def payload(self) -> bytes:
        return orjson.dumps({"title": self.title, "body": self.body, "path": self.path, "tag": self.topic})


@dataclass(frozen=True, slots=True)
class Outcome:
    """`status` None: nobody answered, and `error` is its kind. `retry_after` in seconds, where the service asked for it."""

    status: int | None
    error: str | None = None
    retry_after: float = 0.0


class PushSender:
    """Sends for one process."""

    def __init__(self, *, seconds: float = SECONDS) -> None:
        self._seconds = seconds
        self._session: aiohttp.ClientSession | None = None

    async def send(self, signer: Signer, to: Keys, message: Message, now: datetime) -> Outcome:
        """Never raises for what the push service, or the way to it, does."""
        headers = {
            "Authorization": signer.authorization(to.endpoint, now),
            "Content-Encoding": "aes128gcm",
            "Content-Type": "application/octet-stream",
            "TTL": str(message.life),
            "Topic": encoded(hashlib.sha256(message.topic.encode()).digest())[:32],
            "Urgency": "high",
        }
        body = encrypt(message.payload(), decoded(to.p256dh), decoded(to.auth), room=ROOM)
        try:
            async with asyncio.timeout(self._seconds):
                async with self._opened().post(to.endpoint, data=body, headers=headers, allow_redirects=False) as response:
                    return Outcome(response.status, retry_after=_seconds_of(response.headers.get("Retry-After")))
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            return Outcome(None, type(error).__name__)

    def _opened(self) -> aiohttp.ClientSession:
        if self._session is None:
            self._session = aiohttp.ClientSession(
                cookie_jar=aiohttp.DummyCookieJar(), timeout=aiohttp.ClientTimeout(total=None), headers={"User-Agent": "Hibachi-Gateway"}
            )
        return self._session

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()


def _seconds_of(retry_after: str | None) -> float:
    """Push services count seconds."""
    if retry_after is None or not retry_after.isdecimal():
        return 0.0
    return min(float(retry_after[:9]), RETRY_AFTER_MOST)
