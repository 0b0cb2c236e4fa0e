"""The house's own answer to a colleague, without any model: tools are called as the question wants it, and what came is worded."""

import datetime as dt
from dataclasses import dataclass, field
from typing import Any, Literal
from uuid import UUID

import orjson
import structlog

from agents.admin.guiding import Followed, Guide, follow
from agents.admin.hearing import Wish
from agents.admin.proposing import Proposing
from agents.admin.rows import Facts, Rows, place
from agents.house.wording import Wording
from agents.tools.context import ToolContext
from agents.tools.results import ToolError
from agents.tools.toolbox import Toolbox
from business.assistant.deeds import Verb
from business.assistant.objects import Wanted
from business.profile.figures import money
from business.profile.spoken import whole_day
from business.reports.catalogue import CATALOGUE
from kernel.errors import NotAllowed

log = structlog.get_logger(__name__)

ActionKind = Literal["conversation", "handoff", "draft", "page", "calendar"]
ACTIONS_AT_MOST = 3
# What a person does in the calendar, with a booking that stands.
OF_A_BOOKING = frozenset({"cancel", "confirm", "move"})
STANDING = frozenset({"held", "deposit_pending", "confirmed", "in_progress", "cancellation_requested"})
# How what is proposed is called among the deeds.
OF_VERB: dict[Verb, str] = {
    "claim_handoff": "take",
    "resolve_handoff": "close",
    "assign": "take",
    "take_over": "take",
    "hand_back": "take",
    "write_note": "note",
    "send_reply": "draft",
    "confirm_booking": "confirm",
    "approve_cancel": "cancel",
    "reject_cancel": "cancel",
    "ask_deposit": "deposit",
    "move_lead": "lead",
    "follow_up_done": "close",
    "resolve_complaint": "close",
}
PAGES = {"staff": "staff", "prices": "business", "dead_letters": "dead-letters"}


@dataclass(frozen=True, slots=True)
class Action:
    """A place where a person does it: a conversation's or handoff's id, a page of the settings, a booking in the calendar. Nothing is done
    by the assistant."""

    kind: ActionKind
    label: str
    target: str


@dataclass(slots=True)
class Told:
    """An answer in the making. `understood`: whether the rules knew what was asked; `wanted`: what is to be proposed."""

    text: str = ""
    actions: list[Action] = field(default_factory=list)
    understood: bool = True
    wanted: tuple[Wanted, ...] = ()
    guide: Followed | None = None


class Answering:
    """Answers one question. `day`: what the question says of days, at the venue; `conversation`: the one that is open in the console."""

    def __init__(
        self, wording: Wording, toolbox: Toolbox, context: ToolContext, wish: Wish, days: tuple[dt.date, ...], conversation: str | None
    ) -> None:
        self._wording = wording
        self._say = wording.say
        self._rows = Rows(wording)
        self._toolbox = toolbox
        self._context = context
        self.wish = wish
        self._days = days
        self._conversation = conversation
        self.proposing: Proposing | None = None  # of what the question asks to be done, where somebody is signed in
        self._today = context.now.astimezone(context.profile.business.zone).date()

    async def answer(self) -> Told:
        """Raises GatewayError where the data cannot be read just now."""
        match self.wish.about:
            case "help":
                return Told(self._say("answer", "help"))
            case "report":
                return await self._report()
            case "unpaid":
                return await self._unpaid()
            case "pending":
                return await self._bookings("pending", "deposit_pending")
            case "cancels":
                return await self._bookings("cancels", "cancellation_requested")
            case "changes":
                return await self._changes()
            case "leads":
                return await self._leads()
            case "handoffs":
                return await self._handoffs()
            case "waiting":
                return await self._waiting()
            case "day":
                return await self._day()
            case "find" if self.wish.whom:
                return await self._find(self.wish.whom)
            case "summary":
                return await self._summary()
            case "guide":
                return self._guide()
            case "deed":
                return await self._deed()
        return Told(self._say("answer", "help"), understood=False)

    async def _call(self, name: str, **arguments: Any) -> Facts:
        given = {key: value for key, value in arguments.items() if value is not None}
        return (await self._toolbox.call(self._context, name, orjson.dumps(given).decode())).data

    async def _report(self) -> Told:
        """By the report that was heard, with those parameters of it that the question tells. How it was counted stands with it."""
        fields, wish = CATALOGUE[self.wish.name].parameters.model_fields, self.wish
        given = {"temperature": wish.temperature, "kind": wish.kind, "severity": wish.severity, "hours": wish.hours}
        if wish.period is not None:
            given |= {"first": wish.period.first.isoformat(), "last": wish.period.last.isoformat()}
        parameters = {key: value for key, value in given.items() if value is not None and key in fields}
        try:
            data = await self._call("report", report=wish.name, parameters=parameters)
        except ToolError as error:
            log.info("assistant.report_refused", report=wish.name)
            return Told(self._say("answer", "report_refused", why=error.message.partition(": ")[2]))
        if not data["total"]:
            return Told(self._say("answer", "report_none", counted=data["counted"]))
        words = self._say("answer", "report", count=self._count("line", data["total"]), counted=data["counted"])
        return Told(self._whole(words, data, "rows"))

    async def _unpaid(self) -> Told:
        data = await self._call("unpaid_soon", hours=self.wish.hours)
        hours = str(data["hours"])
        if not data["total"]:
            return Told(self._say("answer", "unpaid_none", hours=hours))
        words = self._say("answer", "unpaid", count=self._count("party", data["total"]), hours=hours)
        return Told(self._whole(words, data, "bookings"))

    async def _bookings(self, name: str, status: str) -> Told:
        """All that are in one state, from today on, with their places in the calendar."""
        data = await self._call("find_bookings", **{"from": self._today, "status": status})
        if not data["total"]:
            return Told(self._say("answer", f"{name}_none"))
        return Told(self._whole(self._waits(name, "booking", data["total"]), data, "bookings"), self._in_calendar(data["bookings"]))

    async def _changes(self) -> Told:
        day = self._days[0] if self._days else self._today
        data = await self._call("booking_changes", date=day)
        when = {0: self._say("when", "today"), 1: self._say("when", "tomorrow")}.get((day - self._today).days)
        when = when or self._say("when", "day", day=self._named(day))
        if not data["total"]:
            return Told(self._say("answer", "changes_none", when=when))
        words = self._say("answer", "changes", count=self._count("change", data["total"]), when=when)
        return Told(self._whole(words, data, "changes"))

    async def _leads(self) -> Told:
        wanted = self.wish.temperature
        data = await self._call("untouched_leads", hours=self.wish.hours, temperature=wanted)
        noun, hours = f"{wanted}_lead" if wanted else "lead", str(data["hours"])
        if not data["total"]:
            return Told(self._say("answer", "leads_none", what=noun.replace("_", " "), hours=hours))
        return Told(self._whole(self._waits("leads", noun, data["total"], hours=hours), data, "leads"))

    async def _waiting(self) -> Told:
        data = await self._call("waiting_customers")
        if not data["total"]:
            return Told(self._say("answer", "waiting_none"))
        return Told(self._whole(self._waits("waiting", "customer", data["total"]), data, "customers"))

    async def _handoffs(self) -> Told:
        late = self.wish.overdue
        data = await self._call("open_handoffs", kind=self.wish.kind, overdue=late)
        if not data["total"]:
            return Told(self._say("answer", "handoffs_none_overdue" if late else "handoffs_none"))
        count = self._count("handoff", data["total"])
        words = self._say("answer", "handoffs_overdue" if late else "handoffs", count=count)
        return Told(self._whole(words, data, "handoffs"), self._actions("handoff", data["handoffs"], "handoff"))

    async def _day(self) -> Told:
        first, last = self._span()
        if first == last:
            data = await self._call("day_plan", date=first)
            when = {0: self._say("when", "today"), 1: self._say("when", "tomorrow")}.get((first - self._today).days)
            when = when or self._say("when", "day", day=self._named(first))
        else:
            data = await self._call("find_bookings", **{"from": first, "to": last})
            when = self._say("when", "days", first=self._named(first), last=self._named(last))
        if not data["total"]:
            return Told(self._say("answer", "day_none", when=when))
        # Of the rest that is not shown, the guests are not counted.
        guests = self._wording.count("guest", data["guests"])
        parts = [self._say("answer", "day", count=self._count("party", data["total"]), when=when, guests=guests)]
        if data["deposits_missing"]:
            parts.append(self._say("answer", "day_missing", missing=self._count("party", data["deposits_missing"])))
        if "sum_cents" in data:
            parts.append(self._say("answer", "sum", amount=money(data["sum_cents"])))
        return Told(self._whole(" ".join(parts), data, "bookings"))

    def _span(self) -> tuple[dt.date, dt.date]:
        """The days that are asked about; today where none was told."""
        if self.wish.week is not None:
            monday = self._today - dt.timedelta(days=self._today.weekday())
            begin = monday + dt.timedelta(days=7 if self.wish.week == "next" else 0)
            return max(begin, self._today), begin + dt.timedelta(days=6)
        if self.wish.today or not self._days:
            return self._today, self._today
        return min(self._days), max(self._days)

    async def _find(self, whom: str) -> Told:
        if len(whom) < 2:
            return Told(self._say("answer", "found_nobody"))
        people = await self._call("find_customers", text=whom)
        booked = await self._call("find_bookings", text=whom)
        if not people["total"] and not booked["total"]:
            return Told(self._say("answer", "found_nobody"))
        counts = {"customers": self._count("customer", people["total"]), "bookings": self._count("booking", booked["total"])}
        return Told(self._say("answer", "found_people", **counts))

    async def known(self) -> Told | None:
        """Whoever a question names, where somebody is called so: "when is Ana's party?"; None where nobody is."""
        told = await self._find(self.wish.whom or "")
        return None if told.text == self._say("answer", "found_nobody") else told

    async def _summary(self) -> Told:
        conversation = await self._whose()
        if len(conversation) != 1:
            return Told(self._say("answer", "which_customer"))
        try:
            await self._call("customer_summary", conversation=conversation[0]["conversation"])
        except ToolError:
            return Told(self._say("answer", "found_nobody"))
        return Told(self._say("answer", "summary"))

    def _guide(self) -> Told:
        name, page = self.wish.name, PAGES.get(self.wish.name)
        told = Told(self._say("guide", name))
        if page is not None and self._context.chief:
            told.actions.append(Action("page", self._say("action", f"page_{page}"), page))
        return told

    async def guided(self, guide: Guide) -> Told:
        """The steps of a guide, with what is done of them; what was known of the place before stands with it."""
        told = self._guide() if self.wish.about == "guide" else Told(self._say("answer", "guide", title=guide.title))
        whose = await self._whose() if guide.about == "conversation" else []
        subject = UUID(whose[0]["conversation"]) if len(whose) == 1 else None
        if self._context.database is None:
            return told
        async with self._context.database.transaction() as connection:
            told.guide = await follow(connection, guide, subject, chief=self._context.chief)
        if told.guide.needs_conversation:
            told.text = self._say("answer", "guide_whom", title=guide.title)
        return told

    async def _deed(self) -> Told:
        """What would be done, and where: it is not done here, but may be proposed."""
        told = await self._place_of_deed()
        if self.proposing is None or (verb := self.proposing.asked.verb) is None:
            return told
        try:
            told.wanted = await self.proposing.objects(verb)
        except NotAllowed as error:
            told.text = error.message
            return told
        if told.wanted:
            told.text = self._say("answer", "proposed" if len(told.wanted) == 1 else "proposed_several")
        elif (missing := self.proposing.lacks(verb)) is not None:
            told.text = self._say("answer", missing)
        return told

    async def _place_of_deed(self) -> Told:
        deed = self._say("deed", self.wish.name)
        if self.wish.name == "take" and (self.wish.kind or self.wish.overdue):
            data = await self._call("open_handoffs", kind=self.wish.kind, overdue=self.wish.overdue)
            if data["total"]:
                return Told(self._say("answer", "deed", deed=deed), self._actions("handoff", data["handoffs"], "handoff"))
        whose = await self._whose()
        if not whose:
            return Told(self._say("answer", "deed_whom", deed=deed))
        if self.wish.name in OF_A_BOOKING and (booked := await self._booked(whose)):
            return Told(self._say("answer", "deed" if len(booked) == 1 else "deed_several", deed=deed), self._in_calendar(booked))
        kind: ActionKind = "draft" if self.wish.name == "draft" else "conversation"
        return Told(self._say("answer", "deed" if len(whose) == 1 else "deed_several", deed=deed), self._actions(kind, whose))

    async def _booked(self, whose: list[Facts]) -> list[Facts]:
        """What stands of those who are meant."""
        found: list[Facts] = []
        for one in whose[:ACTIONS_AT_MOST]:
            data = await self._call("customer_summary", conversation=one["conversation"])
            found += [booking for booking in data["bookings"] if booking["status"] in STANDING]
        return found

    async def _whose(self) -> list[Facts]:
        """The conversations that are meant: of whoever was named, else the open one."""
        return await self.called(self.wish.whom) if self.wish.whom else await self.opened()

    async def called(self, whom: str) -> list[Facts]:
        """Those who are called so, in name or contact."""
        if len(whom) < 2:
            return []
        people = (await self._call("find_customers", text=whom))["customers"]
        known = list(people) or list((await self._call("find_bookings", text=whom))["bookings"])
        return list({one["conversation"]: one for one in _exactly(known, whom)}.values())

    async def opened(self) -> list[Facts]:
        """The conversation that is open in the console."""
        if self._conversation is None:
            return []
        try:
            return [(await self._call("customer_summary", conversation=self._conversation))["customer"]]
        except ToolError:
            return []

    def _in_calendar(self, those: list[Facts]) -> list[Action]:
        those = those[:ACTIONS_AT_MOST]
        named = zip(self._rows.names(those), those, strict=True)
        return [Action("calendar", self._say("action", "calendar", who=who), place(one)) for who, one in named]

    def _actions(self, kind: ActionKind, those: list[Facts], target: str = "conversation") -> list[Action]:
        those = those[:ACTIONS_AT_MOST]
        named = zip(self._rows.names(those), those, strict=True)
        return [Action(kind, self._say("action", kind, who=who), one[target]) for who, one in named]

    def _whole(self, words: str, data: Facts, rows: str) -> str:
        shown, total = len(data[rows]), data["total"]
        return words if shown == total else f"{words} {self._say('answer', 'more', shown=str(shown), total=str(total))}"

    def _waits(self, name: str, noun: str, n: int, **values: str) -> str:
        return self._say("answer", name, count=self._count(noun, n), wait=self._wording.count("waits", n), **values)

    def _count(self, noun: str, n: int) -> str:
        return self._wording.count(noun, n)

    def _named(self, day: dt.date) -> str:
        return whole_day(day, self._today, "en")


def _exactly(known: list[Facts], whom: str) -> list[Facts]:
    """Those who are called just so, where there are any."""
    return [one for one in known if str(one.get("name", "")).casefold() == whom.casefold()] or known
