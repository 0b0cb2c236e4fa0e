"""Webhooks: which subscriptions an event is for, and how it is told to them, whole or with what was asked to go wrong."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import unquote

import aiohttp

from gateway.simulator.agenda import Agenda
from gateway.simulator.faults import Faults, seconds
from gateway.simulator.records import ACCOUNT, EXTENSION, Account, Subscription, fresh_uuid
from gateway.simulator.shown import Json, moment

PATIENCE = 5  # deliveries in a row that may fail: how many is not published
ANSWER_SECONDS, ANSWER_BYTES = 3.0, 1024
TOKEN_HEADER = "Validation-Token"  # noqa: S105 - its name; the guide's example of a webhook


@dataclass(slots=True)
class Notification:
    """One webhook. `answers`: a status for each time it was sent, 0 where nobody answered in time."""

    subscription: str
    event: str
    body: Json
    text: int | None
    answers: list[int] = field(default_factory=list)


class Webhooks:
    """`seen`: everything that was to be told, also what was lost. `changed` is called when one was answered. `token_header`: sources differ
    about its name."""

    def __init__(self, account: Account, agenda: Agenda, faults: Faults, observe: Callable[[Notification], None]) -> None:
        self.seen: list[Notification] = []
        self.changed: Callable[[], None] = lambda: None
        self.token_header = TOKEN_HEADER
        self.patience = PATIENCE
        self._account = account
        self._agenda = agenda
        self._faults = faults
        self._observe = observe
        self._held: list[Notification] = []
        self._tasks: set[asyncio.Task[None]] = set()
        self._client: aiohttp.ClientSession | None = None

    async def close(self) -> None:
        """What is on its way is given up."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._client is not None:
            await self._client.close()

    async def settled(self) -> None:
        """Until nothing is on its way."""
        while self._tasks:
            await asyncio.gather(*tuple(self._tasks), return_exceptions=True)

    def tell(self, path: str, query: Json, body: Json, text: int | None = None) -> None:
        """To every subscription that asked for it. `query`: what filters may ask for beside the path."""
        for subscription in list(self._account.subscriptions.values()):
            if subscription.status != "Active" or subscription.expires <= self._agenda.clock():
                continue
            for wanted in subscription.filters:
                if _fits(wanted, path, query):
                    self._send(self._note(subscription, wanted, body, text))

    async def again(self, text: int, times: int = 1) -> list[int]:
        """Every webhook of that text once more, `times` at once; what was answered."""
        notes = [note for note in self.seen if note.text == text]
        return list(await asyncio.gather(*(self._post(note) for note in notes for _ in range(times))))

    def _note(self, subscription: Subscription, event: str, body: Json, text: int | None) -> Notification:
        envelope = {
            "uuid": fresh_uuid(),
            "event": event,
            "timestamp": moment(self._agenda.clock()),
            "subscriptionId": subscription.id,
            "ownerId": EXTENSION,
            "body": body,
        }
        note = Notification(subscription.id, event, envelope, text)
        self.seen.append(note)
        self._observe(note)
        return note

    def _send(self, note: Notification) -> None:
        how = self._faults.take("webhook")
        if how == "lost":
            return
        if how == "reorder":
            self._held.append(note)
            return
        times = int(how[1:]) if how.startswith("x") else 1
        after, self._held = self._held, []
        self._agenda.after(seconds(how, "delay"), lambda: self._start([note] * times, after))

    def _start(self, first: list[Notification], after: list[Notification]) -> None:
        task = asyncio.create_task(self._post_all(first, after))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _post_all(self, first: list[Notification], after: list[Notification]) -> None:
        await asyncio.gather(*(self._post(note) for note in first))
        for note in after:
            await self._post(note)

    async def _post(self, note: Notification) -> int:
        subscription = self._account.subscriptions.get(note.subscription)
        if subscription is None:
            return 0
        headers = {"User-Agent": "RingCentral-Webhook/8.3", "Accept": "application/json"}
        if subscription.token is not None:
            headers[self.token_header] = subscription.token
        status, why = 0, ""
        try:
            timeout = aiohttp.ClientTimeout(total=ANSWER_SECONDS)
            async with self._http().post(subscription.address, json=note.body, headers=headers, timeout=timeout) as answer:
                status = answer.status
        except (aiohttp.ClientError, TimeoutError) as error:
            why = type(error).__name__
        note.answers.append(status)
        self.changed()
        self._judge(subscription, status, why)
        return status

    def _judge(self, subscription: Subscription, status: int, why: str) -> None:
        subscription.failures = 0 if status == 200 else subscription.failures + 1
        if subscription.failures >= self.patience:
            self.suspend(subscription, f"Webhook responded with {status}" if status else f"I/O operation is failed. Details: [{why}]")

    def suspend(self, subscription: Subscription, reason: str) -> None:
        """For good (guide, notifications/webhooks/troubleshooting): it is deleted and made anew, or nothing comes."""
        subscription.status, subscription.reason, subscription.suspended_at = "Blacklisted", reason, self._agenda.clock()

    async def is_whole(self, address: str) -> bool:
        """Whether a new webhook's address answers as it must: 200 in three seconds, the token in its header, at most 1024 bytes."""
        challenge = fresh_uuid()
        headers = {"Validation-Token": challenge, "User-Agent": "RingCentral-Webhook/8.3", "Content-Type": "application/json"}
        try:
            timeout = aiohttp.ClientTimeout(total=ANSWER_SECONDS)
            async with self._http().post(address, headers=headers, timeout=timeout, allow_redirects=False) as answer:
                body = await answer.content.read(ANSWER_BYTES + 1)
                size = len(body) + sum(len(name) + len(value) + 4 for name, value in answer.raw_headers)
                return answer.status == 200 and answer.headers.get("Validation-Token") == challenge and size <= ANSWER_BYTES
        except (aiohttp.ClientError, TimeoutError, ValueError):
            return False

    def _http(self) -> aiohttp.ClientSession:
        if self._client is None:
            self._client = aiohttp.ClientSession(trust_env=False)
        return self._client


KNOWN_FILTERS = {
    f"/restapi/v1.0/account/{ACCOUNT}/extension/{EXTENSION}/message-store/instant": {"type"},
    f"/restapi/v1.0/account/{ACCOUNT}/extension/{EXTENSION}/message-store": {"type", "direction"},
    f"/restapi/v1.0/account/{ACCOUNT}/a2p-sms/messages": {"direction", "batchId", "from", "to"},
    f"/restapi/v1.0/account/{ACCOUNT}/a2p-sms/batches": {"from"},
    f"/restapi/v1.0/account/{ACCOUNT}/a2p-sms/opt-outs": {"from", "to", "direction", "batchId"},
    "/restapi/v1.0/subscription/~": {"threshold", "interval"},
}


def resolved(wanted: str) -> str | None:
    """A filter with the ids in place of `~`; None: there is no such filter."""
    path, _, query = wanted.partition("?")
    path = path.replace("/account/~", f"/account/{ACCOUNT}").replace("/extension/~", f"/extension/{EXTENSION}")
    if not set(_asked(query)) <= KNOWN_FILTERS.get(path, {"nothing"}) or path not in KNOWN_FILTERS:
        return None
    return f"{path}?{query}" if query else path


def _fits(wanted: str, path: str, query: Json) -> bool:
    own, _, asked = wanted.partition("?")
    return own == path and all(query.get(name) == value for name, value in _asked(asked).items())


def _asked(query: str) -> dict[str, str]:
    """A `+` in a filter is the one of a number, not a space."""
    pairs = (part.partition("=") for part in query.split("&") if part)
    return {unquote(name): unquote(value) for name, _, value in pairs}
