"""Pages are fetched from the world outside alone, and so much of them as can be read. The servers are real ones, on loopback."""

import asyncio
import gzip
import socket
import zlib
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import pytest

from kernel.outside.addresses import Outside
from kernel.outside.connecting import Connections
from knowledge.corpus.faults import Passing, Unreadable
from knowledge.corpus.page import HEADERS, INSIDE, Pages
from knowledge.corpus.reading import Page

MOST = 200_000
HTML = b"<html><body><h1>Menu</h1></body></html>"
Answer = Callable[[asyncio.StreamWriter], Awaitable[None]]


@dataclass
class Server:
    """Answers each path as it is told; `inside` listens beside it, where nobody may go."""

    port: int = 0
    inside: int = 0
    answers: dict[str, Answer] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    visited: list[str] = field(default_factory=list)  # who came to where nobody may go

    @property
    def base(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def says(self, path: str, *head: str, body: bytes = HTML, status: str = "200 OK") -> str:
        """The address of a page that is given like this."""
        kind = () if any(line.lower().startswith("content-type") for line in head) else ("Content-Type: text/html",)

        async def answer(writer: asyncio.StreamWriter) -> None:
            lines = [f"HTTP/1.1 {status}", *kind, *head, f"Content-Length: {len(body)}", "Connection: close", "", ""]
            writer.write("\r\n".join(lines).encode() + body)

        self.answers[path] = answer
        return self.base + path

    def leads(self, path: str, to: str) -> str:
        return self.says(path, f"Location: {to}", status="302 Found", body=b"")

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError, asyncio.IncompleteReadError):
            path = (await reader.readuntil(b"\r\n\r\n")).split(b" ")[1].decode()
            self.asked.append(path)
            await self.answers[path](writer)
            await writer.drain()
        writer.close()

    async def trespass(self, _reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.visited.append("somebody")
        writer.close()


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    made = Server()
    outside = await asyncio.start_server(made.serve, "127.0.0.1", 0)
    inside = await asyncio.start_server(made.trespass, "127.0.0.2", 0)
    made.port, made.inside = outside.sockets[0].getsockname()[1], inside.sockets[0].getsockname()[1]
    yield made
    for one in (outside, inside):
        one.close()
        await one.wait_closed()


Names = dict[str, list[str]]  # each name's addresses, one answer after the other; the last one stays


async def fetched(address: str, *, names: Names | None = None, seconds: float = 20.0, allowed: tuple[str, ...] = ("127.0.0.1/32",)) -> Page:
    known = {name: list(addresses) for name, addresses in (names or {}).items()}

    def lookup(host: str, port: int, **how: Any) -> list[Any]:
        if host not in known:
            return socket.getaddrinfo(host, port, **how)
        address = known[host].pop(0) if len(known[host]) > 1 else known[host][0]
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port))]

    pages = Pages(Connections(Outside(allowed), HEADERS, lookup=lookup), MOST, seconds=seconds)
    try:
        return await pages.fetch(address)
    finally:
        await pages.close()


async def refused(address: str, **how: Any) -> str:
    with pytest.raises(Unreadable) as wrong:
        await fetched(address, **how)
    return str(wrong.value)


class TestInside:
    @pytest.mark.parametrize(
        "host",
        [
            "169.254.169.254", "[::ffff:127.0.0.2]", "0.0.0.0",  # noqa: S104
            "2130706434", "0x7f000002", "0177.0.0.2", "127.2", "127.0.0.2", "localhost",
            "[::1]", "[::]", "10.0.0.1", "192.168.0.1", "172.16.0.1", "100.64.0.1", "[fe80::1]", "[fd00::1]", "[64:ff9b::7f00:2]",
            "[2002:7f00:2::]", "224.0.0.1", "255.255.255.255", "127.0.0.2.", "①②⑦.0.0.2",
        ],
    )  # fmt: skip
    async def test_no_spelling_of_an_address_leads_there(self, server: Server, host: str) -> None:
        why = await refused(f"http://{host}:{server.inside}/", allowed=())
        assert why in (INSIDE, "It leads to an address that is none of the web's.") and server.visited == []

    async def test_no_name_leads_there(self, server: Server) -> None:
        names = {"menu.example": ["127.0.0.2"]}
        assert await refused(f"http://menu.example:{server.inside}/", names=names) == INSIDE and server.visited == []

    async def test_a_name_that_becomes_another_address_leads_nowhere(self, server: Server) -> None:
        """Asked for the first time it is outside; the second time it is not."""
        names = {"menu.example": ["127.0.0.1", "127.0.0.2"]}
        server.leads("/menu", f"http://menu.example:{server.inside}/")
        assert await refused(f"http://menu.example:{server.port}/menu", names=names) == INSIDE
        assert server.asked == ["/menu"] and server.visited == []

    @pytest.mark.parametrize("to", ["http://127.0.0.2:{}/", "http://[::1]:{}/", "//127.0.0.2:{}/", "http://[::ffff:127.0.0.2]:{}/"])
    async def test_no_page_leads_there(self, server: Server, to: str) -> None:
        address = server.leads("/menu", to.format(server.inside))
        assert await refused(address) == INSIDE and server.visited == []

    @pytest.mark.parametrize(
        "to", ["file:///etc/passwd", "ftp://127.0.0.1/", "gopher://127.0.0.1/", "http://user:word@127.0.0.1/", "javascript:1"]
    )
    async def test_no_page_leads_out_of_the_web(self, server: Server, to: str) -> None:
        assert await refused(server.leads("/menu", to)) == "It leads to an address that is none of the web's."

    async def test_the_guard_is_what_keeps_us_out(self, server: Server) -> None:
        """With that network allowed somebody does go there."""
        with pytest.raises(Passing):
            await fetched(f"http://127.0.0.2:{server.inside}/", allowed=("127.0.0.0/8",))
        assert server.visited


class TestRedirects:
    async def test_are_followed_three_times(self, server: Server) -> None:
        server.says("/d")
        for path, to in (("/c", "d"), ("/b", "/c"), ("/a", f"{server.base}/b#part")):
            server.leads(path, to)
        assert await fetched(f"{server.base}/a") == Page("html", HTML)
        server.leads("/0", "/a")
        assert await refused(f"{server.base}/0") == "It leads on more than 3 times."

    async def test_in_a_circle_end(self, server: Server) -> None:
        assert "more than 3 times" in await refused(server.leads("/a", "/a"))


class TestBodies:
    @pytest.mark.parametrize(
        ("kind", "given"),
        [("text/html; charset=utf-8", "html"), ("application/pdf", "pdf"), ("text/markdown", "markdown"), ("TEXT/PLAIN", "text")],
    )
    async def test_of_what_can_be_read(self, server: Server, kind: str, given: str) -> None:
        assert (await fetched(server.says("/a", f"Content-Type: {kind}"))).kind == given

    @pytest.mark.parametrize("kind", ["image/png", "application/zip", "application/octet-stream", "application/json", "x"])
    async def test_of_other_kinds_are_refused(self, server: Server, kind: str) -> None:
        assert "which is not read" in await refused(server.says("/a", f"Content-Type: {kind}"))

    async def test_text_is_read_as_its_server_says(self, server: Server) -> None:
        address = server.says("/a", "Content-Type: text/plain; charset=iso-8859-1", body="Menú".encode("latin-1"))
        assert await fetched(address) == Page("text", "Menú".encode())

    async def test_packed_ones_are_unpacked(self, server: Server) -> None:
        for path, packing, body in (("/a", "gzip", gzip.compress(HTML)), ("/b", "deflate", zlib.compress(HTML))):
            assert (await fetched(server.says(path, f"Content-Encoding: {packing}", body=body))).raw == HTML
        assert "packing is broken" in await refused(server.says("/c", "Content-Encoding: gzip", body=b"no"))
        assert "not read" in await refused(server.says("/d", "Content-Encoding: br", body=b"no"))

    async def test_that_unpack_to_more_than_is_taken_are_refused(self, server: Server) -> None:
        packed = gzip.compress(b"x" * 50_000_000)
        assert len(packed) < MOST
        assert "larger than" in await refused(server.says("/a", "Content-Encoding: gzip", body=packed))

    async def test_without_an_end_are_refused(self, server: Server) -> None:
        sent = 0

        async def endless(writer: asyncio.StreamWriter) -> None:
            nonlocal sent
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n")
            while True:
                writer.write(b"x" * 65_536)
                sent += 65_536
                await writer.drain()

        server.answers["/a"] = endless
        assert "larger than" in await refused(f"{server.base}/a")
        assert sent < 50 * MOST

    async def test_that_trickle_are_given_up(self, server: Server) -> None:
        async def slow(writer: asyncio.StreamWriter) -> None:
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n")
            while True:
                writer.write(b"x")
                await writer.drain()
                await asyncio.sleep(0.02)

        server.answers["/a"] = slow
        with pytest.raises(Passing, match="too long"):
            await fetched(f"{server.base}/a", seconds=0.3)


class TestServers:
    @pytest.mark.parametrize("status", ["404 Not Found", "403 Forbidden", "410 Gone", "204 No Content", "304 Not Modified"])
    async def test_that_give_no_page_are_asked_once(self, server: Server, status: str) -> None:
        assert status[:3] in await refused(server.says("/a", status=status, body=b""))

    @pytest.mark.parametrize("status", ["500 Internal Server Error", "503 Service Unavailable", "429 Too Many Requests"])
    async def test_in_trouble_are_asked_again(self, server: Server, status: str) -> None:
        with pytest.raises(Passing, match=status[:3]):
            await fetched(server.says("/a", status=status))

    async def test_that_are_not_there_are_asked_again(self, server: Server) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
            with pytest.raises(Passing, match="cannot be reached"):
                await fetched(f"http://127.0.0.1:{port}/")

    async def test_that_speak_no_http_are_asked_again(self, server: Server) -> None:
        async def babble(writer: asyncio.StreamWriter) -> None:
            writer.write(b"SSH-2.0-OpenSSH\r\n\r\n")

        server.answers["/a"] = babble
        with pytest.raises(Passing):
            await fetched(f"{server.base}/a")

    async def test_are_told_nothing_of_us(self, server: Server) -> None:
        seen: list[bytes] = []

        async def look(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            seen.append(await reader.readuntil(b"\r\n\r\n"))
            writer.close()

        async with await asyncio.start_server(look, "127.0.0.1", 0) as listening:
            with pytest.raises(Passing):
                await fetched(f"http://127.0.0.1:{listening.sockets[0].getsockname()[1]}/")
        assert b"Cookie" not in seen[0] and b"Authorization" not in seen[0] and b"Referer" not in seen[0]
