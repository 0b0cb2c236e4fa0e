"""Talks to the SMTP server. A mail goes in two steps, so that the caller can write down that it is being sent before the server has any
of it: `ready` up to the recipient, `hand_over` from DATA on.

MailError
 ├─ Refused     the server said no: `code`, `permanent`, of which step
 ├─ NotReached  nothing was handed over: no connection, a cut or a time-out before DATA
 └─ Unanswered  the server has the mail, perhaps: nobody read its answer
"""

import asyncio
import re
import time
from collections.abc import Awaitable
from contextlib import suppress
from dataclasses import dataclass
from typing import Literal

import aiosmtplib
from aiosmtplib.errors import SMTPException, SMTPRecipientRefused, SMTPResponseException, SMTPSenderRefused

IDLE_SECONDS = 8.0
MOST_IDLE = 4
Step = Literal["greeting", "sender", "recipient", "data"]
_ENHANCED = re.compile(r"\b([245])\.(\d{1,3})\.(\d{1,3})\b")


class MailError(Exception):
    """A mail did not go out, or perhaps."""


class Refused(MailError):
    def __init__(self, step: Step, code: int, text: str) -> None:
        super().__init__(f"{step}: {code}")
        self.step, self.code = step, code
        found = _ENHANCED.search(text)
        self.status = found[0] if found else None

    @property
    def permanent(self) -> bool:
        return self.code >= 500

    @property
    def no_such_address(self) -> bool:
        """Whether the recipient's address is nobody's (RFC 3463: 5.1.x)."""
        return self.step == "recipient" and self.permanent and (self.status or "").startswith("5.1.")


class NotReached(MailError):
    pass


class Unanswered(MailError):
    pass


@dataclass(frozen=True, slots=True)
class Server:
    """Where mails go. `name` is who we say that we are."""

    host: str
    port: int
    tls: Literal["starttls", "tls", "none"]
    name: str
    username: str | None = None
    password: str | None = None
    timeout: float = 20.0


class Session:
    """A connection with one mail under way."""

    def __init__(self, client: aiosmtplib.SMTP, timeout: float) -> None:
        self.client = client
        self._timeout = timeout

    async def hand_over(self, content: bytes) -> str:
        """The server's answer, which means that it has the mail. Raises Refused; NotReached where the line was cut before; Unanswered."""
        if not self.client.is_connected:
            raise NotReached("SMTPServerDisconnected")
        try:
            async with asyncio.timeout(self._timeout):
                answer = await self.client.data(content)
        except SMTPResponseException as error:
            if not 400 <= error.code < 600:  # no answer that SMTP knows
                self.client.close()
                raise Unanswered("NoAnswer") from error
            raise Refused("data", error.code, error.message) from error
        except (SMTPException, TimeoutError, OSError, ValueError) as error:
            self.client.close()
            raise Unanswered(type(error).__name__) from error
        return f"{answer.code} {answer.message}"[:500]


class Postman:
    """The connections of one process; one that rests for a moment carries the next mail too."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._idle: list[tuple[aiosmtplib.SMTP, float]] = []

    async def ready(self, sender: str, recipient: str, *, size: int, utf8: bool) -> Session:
        """A connection on which sender and recipient were taken. Raises Refused, NotReached. Give it back with `done` or `drop`."""
        client = await self._rested() or await self._connect()
        try:
            return await self._envelope(client, sender, recipient, size, utf8)
        except BaseException:
            client.close()
            raise

    def done(self, session: Session) -> None:
        """The mail is over; its connection may rest."""
        if session.client.is_connected and len(self._idle) < MOST_IDLE:
            self._idle.append((session.client, time.monotonic()))
        else:
            session.client.close()

    def drop(self, session: Session) -> None:
        """Close the connection: nobody knows what it is about."""
        session.client.close()

    async def tidy(self) -> None:
        """Close what has rested for long."""
        now = time.monotonic()
        old = [client for client, since in self._idle if now - since > IDLE_SECONDS]
        self._idle = [(client, since) for client, since in self._idle if now - since <= IDLE_SECONDS]
        for client in old:
            await _quit(client)

    async def close(self) -> None:
        """Say goodbye on every connection."""
        idle, self._idle = self._idle, []
        for client, _ in idle:
            await _quit(client)

    async def _rested(self) -> aiosmtplib.SMTP | None:
        """One that rested and still answers."""
        while self._idle:
            client, since = self._idle.pop()
            if client.is_connected and time.monotonic() - since <= IDLE_SECONDS:
                with suppress(MailError):
                    await self._steps(client, client.rset())
                    return client
            client.close()
        return None

    async def _connect(self) -> aiosmtplib.SMTP:
        server = self._server
        client = aiosmtplib.SMTP(
            hostname=server.host,
            port=server.port,
            username=server.username,
            password=server.password,
            local_hostname=server.name,
            timeout=server.timeout,
            use_tls=server.tls == "tls",
            start_tls=server.tls == "starttls",
        )
        await self._steps(client, client.connect())
        return client

    async def _envelope(self, client: aiosmtplib.SMTP, sender: str, recipient: str, size: int, utf8: bool) -> Session:
        if client.is_ehlo_or_helo_needed:
            with suppress(Refused):  # a server that knows no EHLO is greeted otherwise
                await self._steps(client, client.ehlo())
        options = [f"SIZE={size}"] if client.supports_extension("size") else []
        if utf8:
            if not client.supports_extension("smtputf8"):
                raise Refused("recipient", 553, "5.6.7 the server knows no SMTPUTF8")
            options.append("SMTPUTF8")
        encoding = "utf-8" if utf8 else "ascii"
        await self._steps(client, client.mail(sender, options=options, encoding=encoding))
        await self._steps(client, client.rcpt(recipient, encoding=encoding))
        return Session(client, self._server.timeout)

    async def _steps(self, client: aiosmtplib.SMTP, work: Awaitable[object]) -> None:
        try:
            async with asyncio.timeout(self._server.timeout):
                await work
        except SMTPRecipientRefused as error:
            raise Refused("recipient", error.code, error.message) from error
        except SMTPSenderRefused as error:
            raise Refused("sender", error.code, error.message) from error
        except SMTPResponseException as error:
            raise Refused("greeting", error.code, error.message) from error
        except (SMTPException, TimeoutError, OSError, ValueError) as error:
            client.close()
            raise NotReached(type(error).__name__) from error


async def _quit(client: aiosmtplib.SMTP) -> None:
    with suppress(SMTPException, TimeoutError, OSError):
        await client.quit(timeout=1.0)
    client.close()
