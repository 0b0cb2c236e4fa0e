"""Somebody else's web site on an origin of its own, that embeds the chat: strict by its policy, or hostile by what else is on the page."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass

PAGE = """<!doctype html>
<html {root}>
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>Somebody's kitchen</title>
    <link rel="icon" href="data:,">
    {head}
  </head>
  <body>
    <h1>Somebody's kitchen</h1>
    <p>A page that allows nothing but what it names.</p>
    {body}
    {snippet}
  </body>
</html>
"""


@dataclass(slots=True)
class Stranger:
    """The site. `snippet` is what its owner pasted into the page; `strict` whether it has the policy; the rest stands in its HTML."""

    origin: str
    gateway: str
    snippet: str = ""
    strict: bool = True
    root: str = 'lang="en"'
    head: str = ""
    body: str = ""

    @property
    def policy(self) -> str:
        """Nothing from anywhere, but the gateway's scripts and sockets: what docs and snippet promise to need."""
        socket = self.gateway.replace("http", "ws", 1)
        allowed = f"script-src {self.gateway}; connect-src {self.gateway} {socket}; img-src data:"
        types = "require-trusted-types-for 'script'; trusted-types hibachi site"
        return f"default-src 'none'; style-src 'none'; {allowed}; base-uri 'none'; form-action 'none'; {types}"

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """The one page, to whatever is asked."""
        with suppress(ConnectionError, asyncio.IncompleteReadError):
            await reader.readuntil(b"\r\n\r\n")
            body = PAGE.format(root=self.root, head=self.head, body=self.body, snippet=self.snippet).encode()
            head = f"Content-Type: text/html; charset=utf-8\r\nContent-Length: {len(body)}\r\n"
            head += f"Content-Security-Policy: {self.policy}\r\n" if self.strict else ""
            writer.write(f"HTTP/1.1 200 OK\r\n{head}Connection: close\r\n\r\n".encode() + body)
            await writer.drain()
        writer.close()


@asynccontextmanager
async def stranger(gateway: str) -> AsyncIterator[Stranger]:
    """Serve the site until the end of the block, on a port of its own."""
    site = Stranger("", gateway)
    server = await asyncio.start_server(site.serve, "127.0.0.1", 0)
    async with server:
        site.origin = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        yield site
