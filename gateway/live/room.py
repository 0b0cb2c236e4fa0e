"""A conversation as this process delivers it: who watches, how far the logs were delivered, which reply is live."""

import time
from collections.abc import Sequence
from typing import Any, Protocol
from uuid import UUID

from gateway.live.outgoing import Outgoing, durable, hint
from kernel.ids import ConversationId

OVER = 16  # turns that are over and whose late frames are dropped


class Socket(Protocol):
    """A connected client, as the rooms see it."""

    def send(self, outgoing: Outgoing) -> None:
        """Queue an event; never waits, never raises."""


class Watch:
    """One socket's view of one conversation. While it joins, what arrives is held until its snapshot has left; what the snapshot
    covers does not follow it, however late it arrives."""

    __slots__ = ("_head", "_head_staff", "_live_to", "_live_turn", "held", "key", "socket", "staff")

    def __init__(self, socket: Socket, *, staff: bool, key: str) -> None:
        self.socket = socket
        self.staff = staff
        self.key = key  # whose it is: a member of staff's id, or "customer"; what they type is not echoed to them
        self.held: list[Outgoing] | None = []
        self._head = 0
        self._head_staff = 0
        self._live_turn: str | None = None
        self._live_to = 0

    def deliver(self, outgoing: Outgoing) -> None:
        if self.held is not None:
            self.held.append(outgoing)
        elif not self._covers(outgoing):
            self.socket.send(outgoing)

    def hold(self) -> None:
        """A new snapshot is on its way."""
        if self.held is None:
            self.held = []

    def release(self, snapshot: dict[str, Any]) -> None:
        """The snapshot has left: what it does not cover follows."""
        live = snapshot.get("live")
        self._head = max(self._head, snapshot["head"])
        self._head_staff = max(self._head_staff, snapshot.get("head_staff", 0))
        if live:
            self._live_turn, self._live_to = live["turn"], live["to"]
        held, self.held = self.held or [], None
        for outgoing in held:
            self.deliver(outgoing)

    def _covers(self, outgoing: Outgoing) -> bool:
        body = outgoing.body
        match outgoing.event:
            case "delta":
                return bool(body["turn"] == self._live_turn and body["to"] <= self._live_to)
            case "event" if body.get("log") == "staff":
                return bool(body["staff_seq"] <= self._head_staff)
            case "event":
                return bool(body["seq"] <= self._head)
        return False


class Room:
    """What this process knows of a conversation that somebody watches, or whose turn it runs."""

    def __init__(self, conversation: ConversationId) -> None:
        self.id = conversation
        self.name = str(conversation)
        self.watches: set[Watch] = set()
        self.followed = 0
        self.subscribed = False
        self.history: str | None = None
        self.seq = 0
        self.staff_seq = 0
        self.wanted = 0
        self.wanted_staff = 0
        self.active_at = 0.0
        self.live_turn: str | None = None
        self.live_to = 0
        self._over: tuple[str, ...] = ()  # the newest last; thousands of rooms have none

    @property
    def empty(self) -> bool:
        return not self.watches and not self.followed

    @property
    def behind(self) -> bool:
        return self.wanted > self.seq or (self.wanted_staff > self.staff_seq)

    def want(self, seq: int, staff_seq: int) -> None:
        """The logs are known to reach this far."""
        self.wanted = max(self.wanted, seq)
        self.wanted_staff = max(self.wanted_staff, staff_seq)

    def born(self, history: str, seq: int, staff_seq: int) -> None:
        """The logs up to here are in the snapshot of the one who watches; from here on they are delivered. Where there are others,
        theirs may be older (of a time when nothing was written): then everything is delivered that their own does not cover."""
        if self.history is None:
            self.history = history
            if len(self.watches) <= 1:
                self.seq, self.staff_seq = seq, staff_seq
            self.want(seq, staff_seq)

    def to_all(self, outgoing: Outgoing, *, but: str | None = None) -> None:
        for watch in self.watches:
            if watch.key != but:
                watch.deliver(outgoing)

    def to_staff(self, outgoing: Outgoing) -> None:
        for watch in self.watches:
            if watch.staff:
                watch.deliver(outgoing)

    def delta(self, turn: str, at: int, to: int, text: str) -> None:
        """Live characters; those of a reply that is over are dropped."""
        if turn in self._over or (turn == self.live_turn and to <= self.live_to):
            return
        self.active_at = time.monotonic()
        self.live_turn, self.live_to = turn, to
        self.to_all(hint("delta", {"conversation": self.name, "turn": turn, "at": at, "to": to, "text": text}))

    def events(self, events: Sequence[dict[str, Any]]) -> None:
        """The next events of the customer's log."""
        for event in events:
            if event["seq"] <= self.seq:
                continue
            self.seq = event["seq"]
            self.active_at = time.monotonic()
            self._before(event)
            self.to_all(durable(event))

    def follows(self, events: Sequence[dict[str, Any]]) -> None:
        """Deliver what a transaction of this process has just added, where it is of this log and everything before it was delivered;
        whatever else grows the logs is read."""
        if events and events[0]["history"] == self.history and events[0]["seq"] == self.seq + 1:
            self.want(events[-1]["seq"], self.wanted_staff)
            self.events(events)

    def staff_events(self, events: list[dict[str, Any]]) -> None:
        """The next events of the staff's log."""
        for event in events:
            if event["staff_seq"] > self.staff_seq:
                self.staff_seq = event["staff_seq"]
                self.to_staff(durable(event))

    def _before(self, event: dict[str, Any]) -> None:
        """A reply's tail must be shown before its message, also where its last frames were lost on the way here."""
        match event["kind"]:
            case "message":
                message = event["message"]
                turn, text = message.get("turn"), message["text"]
                if turn is None:
                    return
                if turn == self.live_turn and self.live_to < len(text):
                    self.delta(turn, self.live_to, len(text), text[self.live_to :])
                self._end(turn)
            case "restarted":
                self._end(event["replaces"])
            case "reply_finished":
                self._end(event["turn"])

    def _end(self, turn: str) -> None:
        self._over = (*self._over[1 - OVER :], turn)

    def head(self) -> Outgoing:
        """So that the tail of a log cannot get lost."""
        body: dict[str, Any] = {"conversation": self.name, "seq": self.seq}
        if self.live_turn is not None and self.live_turn not in self._over:
            body |= {"turn": self.live_turn, "to": self.live_to}
        return hint("head", body)


def key_of(staff: UUID | None) -> str:
    """Whose watch it is."""
    return str(staff) if staff else "customer"
