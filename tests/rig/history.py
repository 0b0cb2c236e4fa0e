"""The history checker: what every client saw (JSONL), what PostgreSQL holds, what the provider sent; out come violations.

I1 an acknowledged message exists once in PostgreSQL and once in every final transcript; one that was not, at most once.
I2 `seq` has no hole, and every observer sees the same events in the same order.
I3 a reply's text is the same for client, PostgreSQL and the provider's plan, or a labelled prefix of it; live text is a prefix.
I4 at most one reply runs at a time, every reply has exactly one end.
I5 after the acknowledgement of a takeover nothing is shown beyond its `to`, and no reply starts until the AI owns again.
"""

import json
import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from kernel.wire.base import spoken
from tests.rig.truth import Body, Kept, Truth


class Planned(Protocol):
    """A provider's call, as tests/rig/provider.py logs it."""

    plan: str
    messages: list[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Violation:
    """A broken promise."""

    invariant: str
    conversation: str
    what: str


class Recorder:
    """Keeps what every client sent and saw, with the time, in the order in which it happened in this process."""

    def __init__(self, path: Path | None = None) -> None:
        self.lines: list[Body] = []
        self.path = path

    def add(self, who: str, what: str, **more: Any) -> None:
        self.lines.append({"t": time.monotonic(), "who": who, "what": what, **more})

    def fault(self, who: str, why: str, conversation: str = "") -> None:
        """A client saw the server break the protocol."""
        self.add(who, "fault", why=why, conversation=conversation)

    def save(self) -> None:
        """Write the recording as JSONL."""
        if self.path is not None:
            self.path.write_text("".join(json.dumps(line, ensure_ascii=False) + "\n" for line in self.lines))


def check(lines: Sequence[Body], truth: Truth, calls: Iterable[Planned] | None = None, *, settled: bool = True) -> list[Violation]:
    """Every violation found. `calls`: the provider's log, where its plans are to be compared; `settled`: all replies have ended."""
    checker = _Checker(lines, truth, None if calls is None else list(calls))
    for line in lines:
        if line["what"] == "fault":
            checker.add("wire", line["conversation"], f"{line['who']}: {line['why']}")
    checker.messages_once()
    checker.same_log_for_all()
    checker.same_text_for_all()
    for kept in truth.values():
        checker.one_reply_at_a_time(kept, settled)
        checker.silent_while_a_person_owns(kept)
    checker.nothing_beyond_the_cut()
    return checker.found


def bare(event: Body) -> Body:
    """An event of the wire as PostgreSQL stores it: without envelope."""
    return {key: value for key, value in event.items() if key not in ("conversation", "history", "at")}


class _Checker:
    def __init__(self, lines: Sequence[Body], truth: Truth, calls: list[Planned] | None) -> None:
        self.lines = lines
        self.truth = truth
        self.calls = calls
        self.found: list[Violation] = []
        self.finals = [line for line in lines if line["what"] == "final"]

    def add(self, invariant: str, conversation: str, what: str) -> None:
        self.found.append(Violation(invariant, conversation, what))

    # I1

    def messages_once(self) -> None:
        sent: dict[str, str] = {}
        acknowledged: dict[str, int] = {}
        calls: dict[tuple[str, int], str] = {}
        for line in self.lines:
            if line["what"] == "sent" and line["event"] == "message":
                sent[line["payload"]["id"]] = line["payload"]["text"]
                calls[(line["who"], line["call"])] = line["payload"]["id"]
            elif line["what"] == "ack" and (line["who"], line["call"]) in calls and line["body"]["ok"]:
                client_id, seq = calls[(line["who"], line["call"])], line["body"]["seq"]
                if acknowledged.setdefault(client_id, seq) != seq:
                    self.add("I1", "", f"{client_id} was acknowledged as {acknowledged[client_id]} and as {seq}")
        stored = [(kept, message) for kept in self.truth.values() for message in kept.messages if message["client_id"] is not None]
        copies = Counter(message["client_id"] for _, message in stored)
        for client_id in sent:
            if copies[client_id] > 1 or (client_id in acknowledged and copies[client_id] != 1):
                self.add("I1", "", f"{client_id} is stored {copies[client_id]} times")
        for kept, message in stored:
            client_id = message["client_id"]
            if client_id in acknowledged and message["seq"] != acknowledged[client_id]:
                self.add("I1", kept.id, f"{client_id} was acknowledged as {acknowledged[client_id]}, stored as {message['seq']}")
            for final in self.finals:
                if final["conversation"] == kept.id:
                    self._shown_once(final, message)

    def _shown_once(self, final: Body, message: Body) -> None:
        if final["events"] and final["events"][0]["seq"] > message["seq"]:
            return  # before the oldest event that this observer was given
        times = sum(1 for e in final["events"] if e["kind"] == "message" and e["message"].get("client_id") == message["client_id"])
        if times != 1:
            self.add("I1", final["conversation"], f"{final['who']} shows {message['client_id']} {times} times")

    # I2

    def same_log_for_all(self) -> None:
        for kept in self.truth.values():
            if sorted(kept.events) != list(range(1, kept.last_seq + 1)):
                self.add("I2", kept.id, f"the stored log has holes: {sorted(kept.events)} up to {kept.last_seq}")
        for final in self.finals:
            kept_or_none = self.truth.get(final["conversation"])
            seqs = [event["seq"] for event in final["events"]]
            if kept_or_none is None:
                if seqs:
                    self.add("I2", final["conversation"], f"{final['who']} shows a conversation that is not stored")
                continue
            if seqs and seqs != list(range(seqs[0], kept_or_none.last_seq + 1)):
                self.add("I2", kept_or_none.id, f"{final['who']} shows {seqs}, stored are {kept_or_none.last_seq}")
            if not seqs and kept_or_none.last_seq:
                self.add("I2", kept_or_none.id, f"{final['who']} shows nothing of {kept_or_none.last_seq}")
        for line in self.lines:
            for event in _events_of(line):
                self._as_stored(line["who"], event)

    def _as_stored(self, who: str, event: Body) -> None:
        kept = self.truth.get(event["conversation"])
        stored = kept.events.get(event["seq"]) if kept is not None else None
        if stored != bare(event):
            self.add("I2", event["conversation"], f"{who} saw another event {event['seq']} than is stored")

    # I3

    def same_text_for_all(self) -> None:
        live = self._live_texts()
        for kept in self.truth.values():
            answers = {turn["id"]: turn["answers"] for turn in kept.turns}
            by_seq = {message["seq"]: message["text"] for message in kept.messages}
            for message in kept.messages:
                if message["author_kind"] != "ai" or message["turn_id"] is None:
                    continue
                logged = kept.events[message["seq"]]["message"] if message["seq"] in kept.events else {}
                if logged.get("text") != message["text"]:
                    self.add("I3", kept.id, f"the message and its event differ in turn {message['turn_id']}")
                for who, at, text in live[message["turn_id"]]:
                    # Positions count code points here.
                    if message["text"][at : at + len(text)] != text:
                        self.add("I3", kept.id, f"{who} was shown {text[-40:]!r} at {at}, stored are {len(message['text'])} characters")
                question = [by_seq.get(seq, "") for seq in answers.get(message["turn_id"], [])]
                self._as_planned(kept, message, question)

    def _as_planned(self, kept: Kept, message: Body, question: list[str]) -> None:
        if self.calls is None or "house" in kept.models.get(message["turn_id"], {message["model"]}):
            return
        plans = [spoken(call.plan) for call in self.calls if question and question[-1] in str([m.get("content") for m in call.messages])]
        text = message["text"]
        if message["interrupted"]:
            if not any(plan.startswith(text) for plan in plans):
                self.add("I3", kept.id, f"the interrupted reply {text[:40]!r} is no prefix of what the provider had planned")
        elif text not in plans:
            self.add("I3", kept.id, f"the reply {text[:40]!r} ({len(text)}) is not what the provider had planned")

    def _live_texts(self) -> dict[str, list[tuple[str, int, str]]]:
        """For each turn: who was shown which text where, by deltas and snapshots."""
        found: dict[str, list[tuple[str, int, str]]] = defaultdict(list)
        for line in self.lines:
            body = line.get("body", {})
            if line["what"] == "delta":
                found[body["turn"]].append((line["who"], body["at"], body["text"]))
            elif line["what"] in ("ready", "snapshot") and body.get("live"):
                live = body["live"]
                found[live["turn"]].append((line["who"], live["from"], live["text"]))
        return found

    # I4

    def one_reply_at_a_time(self, kept: Kept, settled: bool) -> None:
        running: str | None = None
        ends: Counter[str] = Counter()
        started: set[str] = set()
        for seq, event in sorted(kept.events.items()):
            match event["kind"]:
                case "reply_started":
                    if running is not None:
                        self.add("I4", kept.id, f"event {seq} starts a reply while {running} runs")
                    running = event["turn"]
                    started.add(event["turn"])
                case "restarted":
                    if running != event["replaces"]:
                        self.add("I4", kept.id, f"event {seq} replaces {event['replaces']} while {running} runs")
                    ends[event["replaces"]] += 1
                    running = event["turn"]
                    started.add(event["turn"])
                case "reply_finished":
                    if running != event["turn"]:
                        self.add("I4", kept.id, f"event {seq} ends {event['turn']} while {running} runs")
                    ends[event["turn"]] += 1
                    running = None
                    before = kept.events.get(seq - 1, {"kind": "none"})
                    if event.get("message") is not None and (before["kind"] != "message" or before["message"]["id"] != event["message"]):
                        self.add("I4", kept.id, f"event {seq} does not follow its message")
        for turn in started:
            if ends[turn] > 1 or (settled and ends[turn] != 1):
                self.add("I4", kept.id, f"turn {turn} has {ends[turn]} ends")
        spoken = Counter(m["turn_id"] for m in kept.messages if m["author_kind"] == "ai")
        for turn_id, times in spoken.items():
            if times > 1:
                self.add("I4", kept.id, f"turn {turn_id} has {times} messages")
        alive = [turn for turn in kept.turns if turn["state"] == "running"]
        if len(alive) > 1 or (settled and any(turn["state"] != "done" for turn in kept.turns)):
            self.add("I4", kept.id, f"turns are open: {[turn['state'] for turn in kept.turns]}")

    # I5

    def silent_while_a_person_owns(self, kept: Kept) -> None:
        owner = "ai"
        for seq, event in sorted(kept.events.items()):
            if event["kind"] == "owner_changed":
                owner = event["owner"]
            elif owner != "ai" and event["kind"] in ("reply_started", "restarted"):
                self.add("I5", kept.id, f"event {seq} starts a reply while {owner} owns")
            elif owner != "ai" and event["kind"] == "reply_finished" and event["outcome"] == "complete":
                self.add("I5", kept.id, f"event {seq} completes a reply while {owner} owns")

    def nothing_beyond_the_cut(self) -> None:
        cuts: dict[str, tuple[float, int]] = {}
        for line in self.lines:
            if line["what"] == "ack" and line["body"].get("ok") and "to" in line["body"] and "turn" in line["body"]:
                cuts.setdefault(line["body"]["turn"], (line["t"], line["body"]["to"]))
        for line in self.lines:
            body = line.get("body", {})
            live = body if line["what"] == "delta" else body.get("live") if line["what"] in ("ready", "snapshot") else None
            if not live or live["turn"] not in cuts:
                continue
            at, to = cuts[live["turn"]]
            if line["t"] > at and live["to"] > to:
                self.add("I5", "", f"{line['who']} was shown position {live['to']} of a reply that was cut at {to}")
        for kept in self.truth.values():
            for message in kept.messages:
                to = cuts.get(message["turn_id"], (0.0, len(message["text"])))[1]
                if len(message["text"]) != to:
                    self.add("I5", kept.id, f"a reply cut at {to} is stored with {len(message['text'])} characters")


def _events_of(line: Body) -> list[Body]:
    """The customer's log events in a line of a recording."""
    if line["what"] == "event":
        return [] if line["body"].get("log") == "staff" else [line["body"]]
    if line["what"] in ("ready", "snapshot"):
        return list(line["body"]["events"])
    return []
