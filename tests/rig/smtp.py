"""An SMTP server on loopback that keeps what it takes: ESMTP with SIZE, PIPELINING, 8BITMIME, STARTTLS and AUTH where a test wants them.

    server.plan("rcpt-550", "ok", "data-cut-after")

says what becomes of the next mails, one word each, in their order; after them everything is taken. A word is a step and what happens:
`banner`, `ehlo`, `mail`, `rcpt`, `data` (at the command), `dot` (after the text) with a code, `cut`, `slow` or `garbage`; `dot-lost` takes
the mail and closes without an answer. `taken` holds every mail that the server has, whatever it answered.
"""

import asyncio
import base64
import ssl
from collections import Counter, deque
from contextlib import suppress
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage

TEXTS = {550: "5.1.1 no such mailbox", 552: "5.2.2 mailbox full", 554: "5.7.1 refused", 421: "4.3.2 shutting down", 451: "4.3.0 try later"}


@dataclass(frozen=True, slots=True)
class Taken:
    """A mail that the server has."""

    sender: str
    recipient: str
    raw: bytes
    secure: bool
    user: str | None

    @property
    def message(self) -> EmailMessage:
        return message_from_bytes(self.raw, policy=policy.default)


@dataclass
class SmtpServer:
    """Started by `start`; `port` is known after that."""

    tls: ssl.SSLContext | None = None
    users: dict[str, str] = field(default_factory=dict)
    extensions: tuple[str, ...] = ("PIPELINING", "SIZE 10000000", "8BITMIME")
    taken: list[Taken] = field(default_factory=list)
    commands: Counter[str] = field(default_factory=Counter)
    connections: int = 0
    port: int = 0
    _plan: deque[str] = field(default_factory=deque)
    _server: asyncio.Server | None = None
    _open: set[asyncio.StreamWriter] = field(default_factory=set)

    async def start(self) -> "SmtpServer":
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def stop(self) -> None:
        """Gone, with every connection."""
        assert self._server is not None
        self._server.close()
        for writer in list(self._open):
            writer.close()
        await self._server.wait_closed()

    def plan(self, *words: str) -> None:
        """What becomes of the next mails."""
        self._plan.extend(words)

    def copies(self) -> Counter[str]:
        """How many mails there are of each Message-ID."""
        return Counter(str(one.message["Message-ID"]) for one in self.taken)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        self._open.add(writer)
        try:
            await _Connection(self, reader, writer).run()
        except (ConnectionError, asyncio.IncompleteReadError, _Cut):
            pass
        finally:
            self._open.discard(writer)
            writer.close()
            with suppress(ConnectionError, ssl.SSLError):
                await writer.wait_closed()

    def next_fault(self) -> str:
        return self._plan[0] if self._plan else "ok"

    def over(self) -> None:
        """The mail that the first word was for has met its fate."""
        if self._plan:
            self._plan.popleft()


class _Cut(Exception):
    """The plan says to close."""


class _Connection:
    def __init__(self, server: SmtpServer, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._server, self._reader, self._writer = server, reader, writer
        self._sender = self._recipient = ""
        self._user: str | None = None
        self._secure = False

    async def run(self) -> None:
        await self._say("220 rig ESMTP", "banner")
        while line := await self._reader.readline():
            word, _, rest = line.decode("utf-8").rstrip("\r\n").partition(" ")
            self._server.commands[word.upper()] += 1
            handle = getattr(self, f"_{word.lower()}", None)
            if handle is None:
                await self._say("500 5.5.1 what?")
            elif await handle(rest):
                return

    async def _ehlo(self, _rest: str) -> None:
        offered = list(self._server.extensions)
        if self._server.tls and not self._secure:
            offered.append("STARTTLS")
        if self._server.users:
            offered.append("AUTH PLAIN LOGIN")
        lines = ["rig", *offered]
        await self._say("\r\n".join(f"250{'-' if place < len(lines) - 1 else ' '}{line}" for place, line in enumerate(lines)), "ehlo")

    async def _helo(self, _rest: str) -> None:
        await self._say("250 rig")

    async def _starttls(self, _rest: str) -> None:
        assert self._server.tls is not None
        await self._say("220 go ahead")
        await self._writer.start_tls(self._server.tls)
        self._secure = True

    async def _auth(self, rest: str) -> None:
        kind, _, given = rest.partition(" ")
        if kind.upper() == "PLAIN":
            _, user, password = base64.b64decode(given).decode().split("\0")
        else:
            user = base64.b64decode(given).decode() if given else await self._asked("VXNlcm5hbWU6")
            password = await self._asked("UGFzc3dvcmQ6")
        right = self._server.users.get(user) == password
        self._user = user if right else None
        await self._say("235 2.7.0 welcome" if right else "535 5.7.8 wrong")

    async def _asked(self, prompt: str) -> str:
        await self._say(f"334 {prompt}")
        return base64.b64decode(await self._reader.readline()).decode()

    async def _mail(self, rest: str) -> None:
        if self._server.users and self._user is None:
            await self._say("530 5.7.0 sign in first")
            return
        self._sender = rest.partition("<")[2].partition(">")[0]
        await self._say("250 2.1.0 ok", "mail")

    async def _rcpt(self, rest: str) -> None:
        self._recipient = rest.partition("<")[2].partition(">")[0]
        await self._say("250 2.1.5 ok", "rcpt")

    async def _data(self, _rest: str) -> None:
        if not await self._say("354 go ahead", "data"):
            return
        raw = (await self._reader.readuntil(b"\r\n.\r\n"))[:-3].replace(b"\r\n..", b"\r\n.")
        fault = self._server.next_fault()
        if fault == "dot-cut":  # the text came, and is thrown away
            self._server.over()
            raise _Cut
        if not fault.startswith("dot-") or fault in ("dot-lost", "dot-slow", "dot-garbage"):
            self._server.taken.append(Taken(self._sender, self._recipient, raw, self._secure, self._user))
        if await self._say("250 2.0.0 queued", "dot"):
            self._server.over()

    async def _rset(self, _rest: str) -> None:
        await self._say("250 ok")

    async def _noop(self, _rest: str) -> None:
        await self._say("250 ok")

    async def _quit(self, _rest: str) -> bool:
        await self._say("221 bye")
        return True

    async def _say(self, answer: str, step: str = "") -> bool:
        """The answer, or what the plan has for this step. False: it was something else."""
        planned, _, what = self._server.next_fault().partition("-")
        if step and planned == step:
            self._server.over()
            if what in ("cut", "lost"):
                raise _Cut
            if what == "slow":
                await self._reader.read()  # until the client has had enough
                raise _Cut
            answer = "garbage without end" if what == "garbage" else f"{what} {TEXTS.get(int(what), 'no')}"
            await self._write(answer)
            if what == "421":
                raise _Cut
            return False
        await self._write(answer)
        return True

    async def _write(self, answer: str) -> None:
        self._writer.write(answer.encode() + b"\r\n")
        await self._writer.drain()
