"""A person's connection to the gateway: the real Socket.IO protocol, by the library's own client."""

import asyncio
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any, Literal

import socketio
from socketio.exceptions import SocketIOError

Body = dict[str, Any]
ANSWER_S = 15.0


class Gone(Exception):
    """The connection is over, or was never had; coming back later may help."""


class Refused(Exception):
    """The gateway said no: somebody was quicker, or it is too much at once."""


class Wire:
    """One connection to one namespace, for one stay."""

    def __init__(self, namespace: Literal["/chat", "/console"], hear: Callable[[str, Body], None]) -> None:
        self._namespace = namespace
        self._client = socketio.AsyncClient(reconnection=False, handle_sigint=False)
        self._client.on("*", hear, namespace=namespace)

    async def open(self, base: str, auth: Body, headers: Mapping[str, str] | None = None) -> None:
        """Raises Gone."""
        try:
            await self._client.connect(
                base, headers=dict(headers or {}), auth=auth, transports=["websocket"], namespaces=[self._namespace], wait_timeout=ANSWER_S
            )
        except SocketIOError as error:
            raise Gone(str(error)) from error

    async def ask(self, event: str, **payload: Any) -> Body:
        """Send, and wait for the acknowledgement. Raises Gone, Refused."""
        try:
            answer: Body = await self._client.call(event, payload, namespace=self._namespace, timeout=ANSWER_S)
        except SocketIOError as error:
            raise Gone(str(error)) from error
        if not answer["ok"]:
            raise Refused(answer["error"]["code"])
        return answer

    async def tell(self, event: str, **payload: Any) -> None:
        """Send what nobody acknowledges. Raises Gone."""
        try:
            await self._client.emit(event, payload, namespace=self._namespace)
        except SocketIOError as error:
            raise Gone(str(error)) from error

    async def close(self) -> None:
        """Leave."""
        with suppress(SocketIOError, TimeoutError):
            async with asyncio.timeout(2):
                await self._client.disconnect()
