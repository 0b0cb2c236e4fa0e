"""Every fault of a provider under every way of answering, with tools and without, over real HTTP.

Whatever happens, the customer gets a whole true answer within the time-outs, sees it start again twice at most, and each call that was
made has exactly one usage row.
"""

import asyncio
import json
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field, replace
from itertools import product
from typing import Any, cast

import pytest

from agents.ensemble.chunks import Finish, Restart, Text
from agents.ensemble.consensus import Consensus
from agents.ensemble.fallback import Fallback
from agents.ensemble.hedge import Hedge
from agents.ensemble.reading import model_for
from agents.ensemble.target import LiteLLMTarget
from agents.ensemble.thin.connections import Connections
from agents.tools.loop import NOTE, converse
from business.profile.schemas import Profile
from kernel.metering import UsageRow
from tests.agents.building import PREPARED, Ensemble, Targeted, Way, Workshop, ask
from tests.agents.tooling import Hold, context_for, toolbox
from tests.rig.farm import Farm
from tests.rig.provider import ScriptedProvider, ShapeName, litellm_id
from tests.rig.script import Script, parse

# What ends a call, before anything came or in its midst; and what a healthy reader does not even notice.
BEFORE = ("400", "401", "404", "429", "500", "529", "hang", "cut-0", "fin-0", "garbage-0", "error-0", "html", "empty")
MIDST = ("hang-after-2", "cut-2", "fin-2", "garbage-2", "error-2", "no-done")
HARMLESS = ("empty-2", "comment", "ping", "crlf", "bytes-3", "stop-no-done", "no-usage")
FAULTS = (*BEFORE, *MIDST, *HARMLESS)
# Those of the same kind as another one wait for the long form.
FEWER = tuple(fault for fault in FAULTS if fault not in ("400", "404", "529", "fin-0", "fin-2", "ping", "crlf", "stop-no-done"))
NAMES = ("first", "second", "judge")
# Who misbehaves: the first one that is asked, or everybody.
SICK = (("first",), NAMES)
SILENCE_S, PATIENT_S, WITHIN_S = 0.4, 10.0, 15.0
# Cases at once: those that wait for silence cost nothing else, those that work take their turn at one processor.
SILENT, BUSY = 24, 3
HOLD = ("hold", {"date": "2027-05-31"})
VERDICT = json.dumps({"agreement": 0.95, "grounding_a": 1, "grounding_b": 1, "better": "tie", "reason": "so"})


def consensus(contenders: list[Any], house: Any) -> Consensus:
    first, second, judge = contenders
    return Consensus([first], second, judge, house, 0)


WAYS: dict[str, Way] = {"fallback": Fallback, "hedge": lambda those, house: Hedge(those, house, after_ms=120), "consensus": consensus}


@dataclass
class Case:
    """One conversation turn with providers of its own."""

    way: str
    fault: str
    sick: tuple[str, ...]
    tools: bool
    number: int
    hold: Hold = field(default_factory=Hold)
    text: str = ""
    restarts: int = 0
    model: str = ""
    took_s: float = 0.0

    def __str__(self) -> str:
        return f"{self.way}, {self.fault} of {'+'.join(self.sick)}, {'tools' if self.tools else 'no tools'}"

    def called(self, name: str) -> str:
        return f"{name}-{self.number}"

    def says(self, name: str) -> str:
        return f"What {name} says: a chef comes with grill, propane and food, and cooks for your party. "


def cases(faults: Sequence[str]) -> Iterator[Case]:
    for number, (way, fault, sick, tools) in enumerate(product(WAYS, faults, SICK, (False, True))):
        yield Case(way, fault, sick, tools, number)


def answers(case: Case, name: str) -> Any:
    """What a model of the case does with a request: judge, ask for the tool, or say something; with its fault."""

    def rule(body: dict[str, Any]) -> Script:
        given = json.dumps(body)
        script = parse(case.fault, nth=1, words=12, pace=0) if name in case.sick else Script()
        if name == "judge" and case.way == "consensus":
            return replace(script, text=VERDICT)
        if case.tools and NOTE not in given:
            wanted = (HOLD[0], json.dumps(HOLD[1]))
            # A finish without text is no failure where a call came.
            return replace(script, text="" if script.words else None, calls=(wanted,) if script.words else (), split=9, reason="tool_calls")
        return replace(script, text=case.says(name) if script.words else "")

    return rule


@dataclass
class Field:
    """Plays cases, some at once, on one provider."""

    provider: ScriptedProvider
    shape: ShapeName
    workshop: Workshop
    connections: Connections
    profile: Profile

    def ensemble(self, case: Case) -> Ensemble:
        models: list[Targeted] = []
        for name in NAMES:
            self.provider.follow(case.called(name), answers(case, name))
            called = litellm_id(self.shape, case.called(name))
            target = LiteLLMTarget(
                name,
                called,
                self.provider.base(self.shape),
                None,
                *[SILENCE_S if case.fault.startswith("hang") and name in case.sick else PATIENT_S] * 2,
            )
            models.append(cast("Targeted", model_for(target, self.workshop.library, self.connections)))
        return self.workshop.ensemble(*models, way=WAYS[case.way])

    async def play(self, case: Case) -> list[str]:
        """What is wrong with how it went."""
        ensemble = self.ensemble(case)
        began = time.monotonic()
        request = ask("A chef for my party, please")
        context = context_for(self.profile)
        async with aclosing(converse(ensemble.fallback, request, toolbox(case.hold if case.tools else None), context)) as steps:
            async for step in steps:
                match step:
                    case Text(piece):
                        case.text += piece
                    case Restart():
                        case.text, case.restarts = "", case.restarts + 1
                    case Finish():
                        case.model = step.model
        case.took_s = time.monotonic() - began
        rows = [row for row in await ensemble.rows() if row.model != "house"]
        return [f"{case}: {fault}" for fault in self.faults(case, rows)]

    def faults(self, case: Case, rows: list[UsageRow]) -> Iterator[str]:
        whole = PREPARED if case.model == "house" else case.says(case.model)
        if case.text.strip() != whole.strip():
            yield f"{case.model} said {case.text!r}"
        if case.restarts > (0 if case.way == "consensus" or case.fault in (*BEFORE, *HARMLESS) else 2):
            yield f"started again {case.restarts} times"
        if case.took_s > WITHIN_S:
            yield f"took {case.took_s:.1f} s"
        if case.model == "house" and (case.sick != NAMES or case.fault in HARMLESS):
            yield "the house answered, though a model could"
        if len(case.hold.runs) > 1:
            yield f"the tool ran {len(case.hold.runs)} times"
        made = Counter({name: sum(call.model == case.called(name) for call in self.provider.calls) for name in NAMES})
        left = Counter(row.model for row in rows)
        # A call that ended before its request was out has its row, too.
        unseen = Counter(row.model for row in rows if row.outcome == "cancelled" or row.error == "timeout")
        if made - left or left - made - unseen:
            yield f"{dict(made)} calls left {dict(left)} rows"

    async def play_all(self, them: list[Case]) -> list[str]:
        silent, busy = asyncio.Semaphore(SILENT), asyncio.Semaphore(BUSY)

        async def one(case: Case) -> list[str]:
            async with silent if case.fault.startswith("hang") else busy:
                return await self.play(case)

        return [fault for faults in await asyncio.gather(*map(one, them)) for fault in faults]


@pytest.fixture
async def connections() -> AsyncIterator[Connections]:
    opened = Connections()
    yield opened
    await opened.close()


class TestEveryFault:
    @pytest.mark.timeout(300)
    async def test_leaves_a_whole_true_answer(self, workshop: Workshop, connections: Connections, profile: Profile) -> None:
        them = list(cases(FEWER))
        found = await Field(workshop.provider, "openai", workshop, connections, profile).play_all(them)
        assert found == [], "\n".join(found)
        for way in WAYS:
            assert {case.model for case in them if case.way == way} >= {"first", "second", "house"}

    @pytest.mark.slow
    @pytest.mark.timeout(600)
    @pytest.mark.parametrize("shape", ["openai", "anthropic", "gemini", "ollama"])
    async def test_in_every_protocol(self, workshop: Workshop, connections: Connections, profile: Profile, shape: ShapeName) -> None:
        async with Farm(shape) as farm:
            found = await Field(farm[shape], shape, workshop, connections, profile).play_all(list(cases(FAULTS)))
        assert found == []
