"""What the gateway is compared with in the same run: on its core, with its provider, and as many watchers as each allows."""

from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from tests.bench.chainlit.environment import HERE, interpreter
from tests.bench.clients import REPLY_TOKENS, Conversation, NaiveConversation, order
from tests.bench.plan import Plan
from tests.bench.sockets import Socket
from tests.bench.stamps import Tally
from tests.bench.stand import Process, Stand
from tests.rig.redis import free_port

Started = Iterator[tuple[Process, int]]


@dataclass(frozen=True, slots=True)
class Neighbour:
    """`start(stand)` gives (process, port), and raises NotInstalled; `open(port, tallies)` a conversation, one tally for each watcher."""

    name: str
    note: str
    watchers: int
    ratio: float | None  # how many times as many conversations we mean to hold
    start: Callable[[Stand], AbstractContextManager[tuple[Process, int]]]
    open: Callable[[int, Sequence[Tally]], Awaitable[Conversation]]
    steps: Callable[[Plan], tuple[int, ...]]


@contextmanager
def _naive(stand: Stand, module: str) -> Started:
    port = free_port()
    with stand.running(module, str(port), _base(stand)) as process:
        process.until(f"http://127.0.0.1:{port}/socket.io/?EIO=4&transport=polling")
        yield process, port


@contextmanager
def _chainlit(stand: Stand) -> Started:
    """Chainlit by its own command, in a folder where it may write its settings."""
    python, port = interpreter(), free_port()
    root = stand.folder / "chainlit"
    root.mkdir(exist_ok=True)
    env = {"OPENAI_API_KEY": "none", "OPENAI_BASE_URL": _base(stand), "CHAINLIT_APP_ROOT": str(root)}
    command = ("run", str(HERE / "app.py"), "--headless", "--host", "127.0.0.1", "--port", str(port))
    with stand.running("chainlit", *command, env=env, python=python) as process:
        process.until(f"http://127.0.0.1:{port}{ChainlitConversation.PATH}?EIO=4&transport=polling")
        yield process, port


def _base(stand: Stand) -> str:
    return f"http://127.0.0.1:{stand.provider_port}/v1"


class ChainlitConversation:
    """A conversation of Chainlit as its page holds one. A session has one socket: nobody can watch."""

    PATH = "/ws/socket.io/"

    def __init__(self, tally: Tally) -> None:
        self._tally = tally
        self._whole = False

    async def open(self, port: int) -> "ChainlitConversation":
        def prepare(socket: Socket) -> None:
            socket.live = set()  # a token is not the last text of its frame
            socket.on_event = self._event

        auth = {"sessionId": str(uuid4()), "clientType": "webapp"}
        self._socket = await Socket.open(port, "/", auth, prepare=prepare, path=self.PATH)
        self._socket.emit("connection_successful")
        return self

    def start(self, tokens: int) -> None:
        message = {"id": str(uuid4()), "threadId": "", "name": "user", "type": "user_message", "output": order(tokens)}
        self._socket.emit("client_message", {"message": {**message, "createdAt": "2026-01-01T12:00:00.000Z"}, "fileReferences": []})

    def close(self) -> None:
        self._socket.close()

    def _event(self, event: str, body: Any, at_us: int) -> None:
        if event == "stream_token":
            self._tally.take(body["token"].encode(), at_us)
        elif event == "stream_start":
            self._tally.take(body["output"].encode(), at_us)
        elif event == "update_message":
            self._whole = self._whole or body["type"] == "assistant_message"
        elif event == "task_end" and self._whole:
            self._whole = False
            self.start(REPLY_TOKENS)


async def _open_naive(port: int, tallies: Sequence[Tally]) -> Conversation:
    return await NaiveConversation.open(port, tallies[0], tallies[1])


async def _open_chainlit(port: int, tallies: Sequence[Tally]) -> Conversation:
    return await ChainlitConversation(tallies[0]).open(port)


_BARE = "nothing stored, numbered or fenced; same watchers"
NEIGHBOURS = (
    Neighbour(
        "naive LiteLLM gateway", _BARE, 2, 10.0, lambda stand: _naive(stand, "tests.bench.naive"), _open_naive,
        lambda plan: plan.naive_conversations,
    ),
    Neighbour(
        "naive gateway on OpenAI's SDK", _BARE, 2, None, lambda stand: _naive(stand, "tests.bench.naive_openai"), _open_naive,
        lambda plan: plan.openai_conversations,
    ),
    Neighbour(
        "Chainlit", "nothing stored or fenced; one watcher, the customer: a session has no more", 1, 5.0, _chainlit, _open_chainlit,
        lambda plan: plan.chainlit_conversations,
    ),
)  # fmt: skip
