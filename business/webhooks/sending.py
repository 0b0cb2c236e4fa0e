"""One POST to somebody else's server: ten seconds in all, no redirect, no proxy, no cookie, to an address that the rule admits."""

import asyncio
import time
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import aiohttp

from business.webhooks.outcomes import Outcome
from kernel.outside.addresses import Outside
from kernel.outside.connecting import Connections, error_kind

SECONDS = 10.0
HEADERS = {"User-Agent": "Hibachi-Gateway", "Content-Type": "application/json"}


class Sender:
    """Sends for one process. Only the status counts: the body of an answer is not read."""

    def __init__(self, outside: Outside, *, seconds: float = SECONDS) -> None:
        self._connections = Connections(outside, HEADERS)
        self._seconds = seconds

    async def send(self, url: str, headers: dict[str, str], body: bytes) -> Outcome:
        """Never raises for what the receiver, or the way to it, does."""
        started = time.monotonic()
        try:
            async with asyncio.timeout(self._seconds):
                async with self._connections.session().post(url, data=body, headers=headers, allow_redirects=False) as response:
                    status, again = response.status, response.headers.get("Retry-After")
        except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as error:
            return Outcome(None, error_kind(error), _since(started))
        return Outcome(status, _verdict(status), _since(started), retry_after(again, datetime.now(UTC)))

    async def close(self) -> None:
        await self._connections.close()


def _verdict(status: int) -> str | None:
    if 200 <= status < 300:
        return None
    return "redirect" if 300 <= status < 400 else "status"


def retry_after(value: str | None, now: datetime) -> float | None:
    """The seconds of a `Retry-After`, whether it counts them or names the hour; None where it says neither."""
    if value is None:
        return None
    value = value.strip()[:60]
    if value.isdecimal():
        return float(value[:9])
    try:
        moment = parsedate_to_datetime(value)
    except ValueError:
        return None
    aware = moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)
    return max(0.0, (aware - now).total_seconds())


def _since(started: float) -> int:
    return round((time.monotonic() - started) * 1000)
