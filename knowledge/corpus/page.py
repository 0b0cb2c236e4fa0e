"""A page is fetched: from the world outside alone, so many bytes of it, in so much time, of a kind that can be read."""

import asyncio
import zlib
from urllib.parse import urljoin

import aiohttp

from kernel.errors import BadRequest
from kernel.outside.addresses import web_address
from kernel.outside.connecting import Connections, error_kind
from knowledge.corpus.faults import Passing, Unreadable
from knowledge.corpus.reading import Page

SECONDS = 30.0
REDIRECTS = 3
HEADERS = {
    "User-Agent": "Hibachi-Gateway",
    "Accept": "text/html,application/xhtml+xml,application/pdf,text/markdown,text/plain",
    "Accept-Encoding": "gzip, identity;q=0.5",
}
_KINDS = {
    "text/html": "html",
    "application/xhtml+xml": "html",
    "application/pdf": "pdf",
    "text/markdown": "markdown",
    "text/x-markdown": "markdown",
    "text/plain": "text",
}
_PACKED = ("gzip", "x-gzip", "deflate")
_WITH_HEADER = 47  # zlib: gzip or zlib, as its first bytes say
_TROUBLE = {
    "dns": "The name of its server is not known just now.",
    "tls": "Its server shows no certificate that can be trusted.",
    "connect": "Its server cannot be reached.",
    "timeout": "Its server takes too long.",
    "reset": "Its server broke off.",
    "protocol": "Its server does not speak HTTP as it should.",
}
INSIDE = "It leads into a private network. Pages are read from the internet; `[knowledge] private_networks` lists exceptions."


class Pages:
    """Fetches for one process."""

    def __init__(self, connections: Connections, most_bytes: int, *, seconds: float = SECONDS) -> None:
        self._connections = connections
        self._most = most_bytes
        self._seconds = seconds

    async def fetch(self, address: str) -> Page:
        """Raises Unreadable, or Passing where another try may help."""
        try:
            async with asyncio.timeout(self._seconds):
                return await self._followed(address)
        except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as error:
            kind = error_kind(error)
            if kind == "address_refused":
                raise Unreadable(INSIDE) from None
            raise Passing(_TROUBLE[kind]) from None

    async def close(self) -> None:
        await self._connections.close()

    async def _followed(self, address: str) -> Page:
        for _ in range(REDIRECTS + 1):
            try:
                url, *_rest = web_address(address, of="A page", example="https://example.com/menu")
            except BadRequest:
                raise Unreadable("It leads to an address that is none of the web's.") from None
            async with self._connections.session().get(url, allow_redirects=False) as response:
                location = response.headers.get("Location")
                if response.status not in (301, 302, 303, 307, 308) or location is None:
                    return await self._page(response)
                address = urljoin(url, location).partition("#")[0]
        raise Unreadable(f"It leads on more than {REDIRECTS} times.")

    async def _page(self, response: aiohttp.ClientResponse) -> Page:
        status = response.status
        if status == 429 or status >= 500:
            raise Passing(f"Its server answered with an error ({status}).")
        if status != 200:
            raise Unreadable(f"Its server does not give it to us ({status}). Look whether the address is right and everybody may read it.")
        kind = _KINDS.get(response.content_type)
        if kind is None:
            raise Unreadable(f"It is {response.content_type[:60]}, which is not read. Pages of HTML, Markdown, plain text and PDF are.")
        raw = await self._body(response)
        return Page(kind, _in_utf8(raw, response.charset) if kind in ("text", "markdown") else raw)

    async def _body(self, response: aiohttp.ClientResponse) -> bytes:
        """All of it, unpacked. Raises Unreadable where it is too much, packed or not."""
        packing = response.headers.get("Content-Encoding", "identity").strip().lower()
        if packing not in ("identity", "", *_PACKED):
            raise Unreadable("It comes packed in a way that is not read.")
        unpack = zlib.decompressobj(_WITH_HEADER) if packing in _PACKED else None
        body = bytearray()
        async for some in response.content.iter_chunked(64 * 1024):
            try:
                body += some if unpack is None else unpack.decompress(some, self._most + 1 - len(body))
            except zlib.error:
                raise Unreadable("It comes packed, and the packing is broken.") from None
            if len(body) > self._most:
                raise Unreadable(f"It is larger than {self._most // 1024**2} MB, which is the most that is taken.")
        return bytes(body)


def _in_utf8(raw: bytes, charset: str | None) -> bytes:
    """As the server says that it is written."""
    if charset is None:
        return raw
    try:
        return raw.decode(charset, "replace").encode()
    except LookupError:
        return raw
