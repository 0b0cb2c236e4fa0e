"""A conversation as one strict client holds it, by the rules of the wire: numbered events, positions, snapshots, resync.

Pure: events go in, what is on the screen comes out, with what the server did wrong (`faults`) and whether to `sync`.
"""

from dataclasses import dataclass, field
from typing import Any

Body = dict[str, Any]


@dataclass(slots=True)
class Live:
    """The reply on the screen: text up to position `at`."""

    turn: str
    at: int = 0
    text: str = ""


@dataclass(slots=True)
class Transcript:
    """`top` is the last `seq` held without a hole; `tails` what a turn's message added to its deltas, in characters."""

    conversation: str = ""
    history: str | None = None
    owner: str = "ai"
    epoch: int = 0
    state: str = "open"
    top: int | None = None
    staff_top: int = 0
    events: dict[int, Body] = field(default_factory=dict)
    staff_events: dict[int, Body] = field(default_factory=dict)
    live: Live | None = None
    over: dict[str, str] = field(default_factory=dict)
    held: dict[str, list[Body]] = field(default_factory=dict)
    tails: dict[str, int] = field(default_factory=dict)
    shown: dict[str, str] = field(default_factory=dict)
    gaps: int = 0
    faults: list[str] = field(default_factory=list)

    # -- what the client says of itself

    def position(self) -> Body:
        """The fields that a reconnect, `sync` or `watch` carries."""
        body: Body = {}
        if self.history is not None and self.top is not None:
            body |= {"history": self.history, "after": self.top}
        if self.live is not None:
            body["live"] = {"turn": self.live.turn, "at": self.live.at}
        return body

    # -- what the server says

    def snapshot(self, body: Body, asked: Body) -> bool:
        """Take a snapshot that was asked for with this `position()`. True: there is more, ask again."""
        after = asked.get("after")
        there = body["conversation"]
        if self.conversation and there["id"] != self.conversation:
            self.faults.append("a snapshot names another conversation")
        if len(body["events"]) > 200:
            self.faults.append("a snapshot of more than 200 events")
        self.conversation, self.history = there["id"], body["history"]
        if after is None or body.get("resync"):
            if body.get("resync") and len(body["events"]) > 50:
                self.faults.append("a resync of more than 50 events")
            self.events.clear()
            self.top = body["events"][0]["seq"] - 1 if body["events"] else body["head"]
        for event in body["events"]:
            if self.event(event):
                self.faults.append(f"a snapshot has a hole before {event['seq']}")
        more = bool(body.get("more"))
        if not more and self.top is not None and self.top < body["head"]:
            self.faults.append(f"a whole snapshot ends at {self.top}, its head is {body['head']}")
        self.owner, self.epoch, self.state = there["owner"], there["epoch"], there["state"]
        self._live(body["live"], asked.get("live"))
        return more

    def staff_snapshot(self, body: Body) -> None:
        """The staff's part of a `watch`."""
        for event in body["staff_events"]:
            self.staff_events[event["staff_seq"]] = event
        self.staff_top = max(self.staff_top, body["head_staff"])

    def _live(self, live: Body | None, asked: Body | None) -> None:
        if live is None or live["turn"] in self.over:
            return
        mine = self.live if self.live is not None and self.live.turn == live["turn"] else None
        given = asked["at"] if asked is not None and asked["turn"] == live["turn"] else 0
        if live["from"] not in (0, given):
            self.faults.append(f"live.from is {live['from']}, the client gave {given}")
        if mine is not None and mine.at > live["to"]:
            return  # of a snapshot and held deltas the larger `to` wins
        text = (mine.text[: live["from"]] if mine is not None else "") + live["text"]
        if mine is not None and not text.startswith(mine.text):
            self.faults.append("a resumed reply differs from what was shown of it")
        self.live = Live(live["turn"], live["to"], text)
        self._release_held()

    def event(self, event: Body) -> bool:
        """Take a durable event. True: something is missing before it, ask for it."""
        if event.get("log") == "staff":
            return self._staff_event(event)
        if event["history"] != self.history or event["conversation"] != self.conversation:
            self.faults.append("an event of another history or conversation")
        seq, top = event["seq"], self.top or 0
        if seq <= top:
            if seq in self.events and self.events[seq] != event:
                self.faults.append(f"event {seq} came again, changed")
            return False
        if seq != top + 1:
            self.gaps += 1
            return True
        self.top = seq
        self.events[seq] = event
        self._apply(event)
        return False

    def _staff_event(self, event: Body) -> bool:
        seq = event["staff_seq"]
        if seq <= self.staff_top:
            return False
        if seq != self.staff_top + 1:
            self.gaps += 1
            return True
        self.staff_top = seq
        self.staff_events[seq] = event
        return False

    def _apply(self, event: Body) -> None:
        match event["kind"]:
            case "reply_started":
                self._start(event["turn"])
            case "restarted":
                self.over[event["replaces"]] = "replaced"
                self._start(event["turn"])
            case "message":
                self._message(event["message"])
            case "reply_finished":
                self.over[event["turn"]] = event["outcome"]
                self.held.pop(event["turn"], None)
                if self.live is not None and self.live.turn == event["turn"]:
                    self.live = None
            case "owner_changed":
                self.owner, self.epoch = event["owner"], event["epoch"]
            case "closed":
                self.state = "closed"
            case "reopened":
                self.state = "open"

    def _start(self, turn: str) -> None:
        # A snapshot may have shown the turn before its event arrived.
        if self.live is None or self.live.turn != turn:
            self.live = Live(turn)
        self._release_held()

    def _message(self, message: Body) -> None:
        if message["author"]["kind"] == "customer":
            self.state = "open"
        turn = message.get("turn")
        if turn is None:
            return
        shown = self.live.text if self.live is not None and self.live.turn == turn else ""
        self.shown[turn] = shown
        self.tails[turn] = len(message["text"]) - len(shown)
        if not message["text"].startswith(shown):
            self.faults.append(f"turn {turn} showed text that its message does not have")

    def delta(self, delta: Body) -> bool:
        """Take live characters. True: some are missing before them, ask for them."""
        turn = delta["turn"]
        if turn in self.over:
            return False
        if self.live is None or self.live.turn != turn:
            self.held.setdefault(turn, []).append(delta)
            return False
        if delta["to"] <= self.live.at:
            return False
        if delta["at"] != self.live.at:
            self.gaps += 1
            return True
        self.live.at = delta["to"]
        self.live.text += delta["text"]
        return False

    def _release_held(self) -> None:
        if self.live is not None:
            for delta in self.held.pop(self.live.turn, []):
                self.delta(delta)

    # -- what stands on the screen

    @property
    def messages(self) -> list[Body]:
        return [event["message"] for _, event in sorted(self.events.items()) if event["kind"] == "message"]

    def said_by(self, kind: str) -> list[str]:
        """The texts of one kind of author, in order."""
        return [message["text"] for message in self.messages if message["author"]["kind"] == kind]

    def of_kind(self, kind: str) -> list[Body]:
        """The events of a kind, in order."""
        return [event for _, event in sorted(self.events.items()) if event["kind"] == kind]

    @property
    def finished(self) -> list[Body]:
        return self.of_kind("reply_finished")

    @property
    def text(self) -> str:
        """What stands there of the reply in progress."""
        return self.live.text if self.live is not None else ""
