"""Files of texts that came in: read from RingCentral's own hosts and from nowhere else, whatever address a record names."""

import asyncio
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from business.channels.provider import MediaRef, NotReached, Refused, Throttled
from business.channels.ringcentral.api import Http, TokenSource, retry_after
from kernel.outside.addresses import Outside

if TYPE_CHECKING:
    import aiohttp

    from kernel.outside.connecting import Connections

PATHS = "/restapi/"
API_HOST = "platform.ringcentral.com"
MEDIA_HOST = "media.ringcentral.com"
"""Where files lie that texts of `API_HOST` name (their description: servers)."""


class Media:
    def __init__(self, http: Http, tokens: TokenSource, timeout: float) -> None:
        self._http = http
        self._tokens = tokens
        self._timeout = timeout
        self._connections: Connections | None = None

    async def read(self, media: MediaRef, most: int) -> bytes:
        """Raises Refused: too_large, elsewhere, gone; NotReached, Throttled."""
        own = self._is_own(media.address)
        if media.size is not None and media.size > most:
            raise Refused("too_large", permanent=True)
        session = self._http.session() if own else self._outside()
        token = await self._tokens.token()
        for again in (True, False):
            status, content = await self._got(session, media.address, token, most)
            if status != 401 or not again:
                break
            token = await self._tokens.token(instead_of=token)
        if status == 200:
            return content
        raise (
            NotReached(str(status))
            if status >= 500 or status in (401, 408)
            else Refused("gone" if status in (404, 410) else f"media_{status}", permanent=True)
        )

    def _is_own(self, address: str) -> bool:
        """Whether it is the API itself that keeps the file; else its media host does. Raises Refused where neither does."""
        asked, api = urlsplit(address), urlsplit(self._http.address)
        if asked.path.startswith(PATHS) and ".." not in asked.path and "%" not in asked.path:
            if (asked.scheme, asked.netloc) == (api.scheme, api.netloc):
                return True
            if (asked.scheme, asked.netloc, api.scheme, api.netloc) == ("https", MEDIA_HOST, "https", API_HOST):
                return False
        raise Refused("elsewhere", permanent=True)

    def _outside(self) -> "aiohttp.ClientSession":
        from kernel.outside.connecting import Connections

        if self._connections is None:
            self._connections = Connections(Outside(), {"User-Agent": "Hibachi-Gateway", "Accept-Encoding": "identity"})
        return self._connections.session()

    async def _got(self, session: "aiohttp.ClientSession", address: str, token: str, most: int) -> tuple[int, bytes]:
        import aiohttp

        headers = {"Authorization": f"Bearer {token}"}
        try:
            async with (
                asyncio.timeout(self._timeout * 2),
                session.get(address, headers=headers, allow_redirects=False) as response,
            ):
                if response.status == 429:
                    raise Throttled("429", retry_after(response.headers))
                return response.status, await _at_most(response, most) if response.status == 200 else b""
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise NotReached("connection") from error

    async def close(self) -> None:
        if self._connections is not None:
            await self._connections.close()


async def _at_most(response: "aiohttp.ClientResponse", most: int) -> bytes:
    if response.content_length is not None and response.content_length > most:
        raise Refused("too_large", permanent=True)
    content = bytearray()
    async for piece in response.content.iter_chunked(64 * 1024):
        content += piece
        if len(content) > most:
            raise Refused("too_large", permanent=True)
    return bytes(content)
