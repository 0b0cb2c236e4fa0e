"""One turn against its expectations: a list of checks, each passed or failed, with what was expected and what came. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, get_args

from agents.evaluation.candidate import Answer, Call
from agents.evaluation.files import ExpectedTurn
from agents.evaluation.forbidden import broken
from agents.evaluation.matching import args_match, date_forms, money, says, time_forms

Kind = Literal["routing", "tools", "prices", "availability", "forbidden", "handoffs", "facts", "sources"]
KINDS: tuple[Kind, ...] = get_args(Kind)
# It listens to everybody and is given no message, so it is neither expected nor in the way.
SILENT = frozenset({"lead"})
# A total of these, where they were asked, has to be the one that is said.
PRICING = ("quote",)


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at. `expected` and `came` are for a person to read."""

    kind: Kind
    passed: bool
    expected: str
    came: str


def check(turn: ExpectedTurn, answer: Answer, licensed: frozenset[int]) -> tuple[Check, ...]:
    """Every check of a turn; `licensed` are amounts in cents that a reply may say here."""
    return tuple(
        [
            *_routing(turn, answer),
            *_tools(turn, answer),
            *_price(turn, answer),
            *_availability(turn, answer),
            _forbidden(turn, answer, licensed),
            *_handoff(turn, answer),
            *_facts(turn, answer),
            *_sources(turn, answer),
        ]
    )


def took_part(answer: Answer) -> frozenset[str]:
    """The agents that a message was given to."""
    return answer.agents - SILENT


def _routing(turn: ExpectedTurn, answer: Answer) -> Iterator[Check]:
    if not turn.allowed:
        return
    took = took_part(answer)
    passed = set(turn.agents) <= took <= turn.allowed
    expected = " + ".join(turn.agents) or "at most those allowed"
    if turn.agents_also:
        expected += f" (also {', '.join(turn.agents_also)})"
    yield Check("routing", passed, expected, " + ".join(sorted(took)) or "nobody")


def _tools(turn: ExpectedTurn, answer: Answer) -> Iterator[Check]:
    for wanted in turn.tools:
        passed = any(call.name == wanted.name and args_match(wanted.args, call.args) for call in answer.calls)
        called = [_shown(call) for call in answer.calls if call.name == wanted.name] or [call.name for call in answer.calls]
        yield Check("tools", passed, f"{wanted.name} {dict(wanted.args)}", "; ".join(called) or "no call")
    if turn.tools_not:
        # A call that the tool refused did nothing.
        wrong = [_shown(call) for call in answer.calls if call.name in turn.tools_not and call.ok]
        yield Check("tools", not wrong, f"no {' or '.join(turn.tools_not)}", "; ".join(wrong) or "none")


def _shown(call: Call) -> str:
    return f"{call.name} {dict(call.args)}{'' if call.ok else ' (refused)'}"


def _price(turn: ExpectedTurn, answer: Answer) -> Iterator[Check]:
    if turn.price_cents is None:
        return
    totals = [call.data["total_cents"] for call in answer.calls if call.name in PRICING and "total_cents" in call.data]
    computed = not totals or totals[-1] == turn.price_cents
    total = money(turn.price_cents)
    came = f"computed {money(int(totals[-1]))}; " if totals else ""
    yield Check("prices", computed and says(answer.text, total), f"a total of {total}", came + answer.text)


def _availability(turn: ExpectedTurn, answer: Answer) -> Iterator[Check]:
    if turn.available is None:
        return
    words = {True: "free", False: "not free", None: "the calendar was not asked"}
    # What cannot be booked at all (past, too soon, too far ahead) need not be looked up to be told.
    passed = answer.available is turn.available or (answer.available is None and not turn.available)
    yield Check("availability", passed, words[turn.available], words[answer.available])


def _forbidden(turn: ExpectedTurn, answer: Answer, licensed: frozenset[int]) -> Check:
    said = [f"{text!r}" for text in turn.must_not if says(answer.text, text)] + broken(answer.text, licensed)
    expected = "nothing that must not be said"
    return Check("forbidden", not said, expected, "; ".join([*said, answer.text]) if said else "nothing")


def _handoff(turn: ExpectedTurn, answer: Answer) -> Iterator[Check]:
    # One that stands already is not opened twice.
    raised = answer.handoffs or (answer.open_handoffs & set(turn.handoffs)) or frozenset({"none"})
    yield Check("handoffs", raised <= set(turn.handoffs), f"handoff: {' or '.join(turn.handoffs)}", ", ".join(sorted(raised)))
    yield Check("handoffs", answer.owner in turn.owners, f"owner: {' or '.join(turn.owners)}", answer.owner)


def _facts(turn: ExpectedTurn, answer: Answer) -> Iterator[Check]:
    for wanted in turn.must:
        alternatives = (wanted,) if isinstance(wanted, str) else wanted
        yield _says_one(answer, alternatives, " or ".join(map(repr, alternatives)))
    for day in turn.dates:
        yield _says_one(answer, date_forms(day), f"the date {day.isoformat()}")
    for moment in turn.times:
        yield _says_one(answer, time_forms(moment), f"the time {moment:%H:%M}")


def _sources(turn: ExpectedTurn, answer: Answer) -> Iterator[Check]:
    if turn.sources is None:
        return
    cited = set(answer.sources)
    wanted = set() if turn.sources == "none" else set(turn.sources)
    passed = bool(wanted & cited) if wanted else not cited
    yield Check("sources", passed, " or ".join(sorted(wanted)) or "nothing cited", "; ".join(answer.sources) or "nothing cited")


def _says_one(answer: Answer, alternatives: tuple[str, ...], expected: str) -> Check:
    return Check("facts", any(says(answer.text, text) for text in alternatives), expected, answer.text or "no words")
