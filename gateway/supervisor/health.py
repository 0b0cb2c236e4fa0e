"""Whether the gateway answers: one plain HTTP request, without an HTTP library's import."""

import asyncio
from contextlib import suppress

_ANSWER_S = 2.0


async def answers(host: str, port: int, path: str = "/healthz") -> bool:
    """True for status 200."""
    with suppress(OSError, TimeoutError):
        async with asyncio.timeout(_ANSWER_S):
            reader, writer = await asyncio.open_connection(host.strip("[]"), port)
            try:
                writer.write(f"GET {path} HTTP/1.1\r\nHost: {host}:{port}\r\nConnection: close\r\n\r\n".encode())
                status = await reader.readline()
            finally:
                writer.close()
            return status.split(b" ")[1:2] == [b"200"]
    return False
