"""The orchestrator: a turn comes in, is heard and routed; agents find what is true; one voice says it; one reply goes out as `TurnEvent`s.

hear -> search what the business has written -> route -> agents work, in the order in which they need each other -> the house's wording
-> a model may word it otherwise, behind the figure guard -> what is remembered goes out with the end of the reply
"""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import replace

import structlog

from agents.agent import Agent, Ask, Said
from agents.asking import Asking
from agents.citing import Citing
from agents.conversation import Length, to_model_request
from agents.conversational.agent import ALONE, told_contact
from agents.ensemble.chunks import Finish
from agents.ensemble.model import Model, ModelRequest
from agents.ensemble.tokens import estimated
from agents.events import Asked, Source, TurnEvent, TurnFinished, TurnRestarted, TurnStage, TurnText, TurnWritten
from agents.guard.figures import figures_of_opening
from agents.guard.licence import Licence
from agents.guard.of_facts import figures_of_facts
from agents.hearing import hear, remembered
from agents.house.people import team_line
from agents.house.wording import load_wording
from agents.instructions import Instructions
from agents.knowing import Knowing, Search, answers, sourced, sources_of, unanswered
from agents.manner.manner import Manner, manner_of
from agents.matter import Matter
from agents.registry import toolbox
from agents.router.embedding import Nearest, decide
from agents.router.rules import route
from agents.speaking import Event, Spoken, speak, vouched
from agents.staff_facts import staff_facts
from agents.tools.context import ToolContext
from agents.tools.results import ToolError
from agents.turn import TurnRequest
from agents.understanding.reading import Reader
from agents.voice import ORDER, Reply, compose
from business.links.signing import Links
from business.profile.schemas import Profile
from kernel.database import Database
from kernel.errors import GatewayError
from knowledge.corpus import questions
from knowledge.corpus.search import CorpusSearch

log = structlog.get_logger(__name__)

# Characters: what is longer is a story, and near to everything.
LONGEST_QUESTION = 300


class Orchestrator:
    """Answers turns by one profile. Holds no state of a conversation: everything comes in with the request."""

    def __init__(
        self,
        profile: Profile,
        agents: tuple[Agent, ...],
        ensemble: Model,
        house: Model,
        instructions: Instructions,
        nearest: Nearest,
        database: Database | None,
        *,
        models: bool,
        recorded: bool = False,
        links: Links | None = None,
        corpus: CorpusSearch | None = None,
        length: Length = estimated,
    ) -> None:
        """`ensemble`: its last member is `house`, which says what it is given. `models`: whether it has any other. `recorded`: whether
        turns tell how models were asked, or would have been. `links`: where customers see their bookings; None where they cannot.
        `corpus`: what the business has written.
        `length`: tokens of a text, for how much of the past is shown."""
        self._profile = profile
        self._agents = agents
        self._toolbox = toolbox(agents)
        self._ensemble = ensemble
        self._house = house
        self._instructions = instructions
        self._nearest = nearest
        self._database = database
        self._models = models
        self._recorded = recorded
        self._links = links
        self._length = length
        self._reader = Reader(profile)
        self._wording = {"web": load_wording(profile), "sms": load_wording(profile, by_text=True)}
        self._licences: dict[str, Licence] = {}
        self._knowing = Knowing(corpus, profile, self._reader, self._of_profile)

    async def answer(self, request: TurnRequest) -> AsyncGenerator[TurnEvent, None]:
        """Streams the reply. Hold it in `aclosing()`; closing or cancelling closes the provider's stream.

        Raises nothing but CancelledError: the ensemble's last member is the house, which needs no network.
        """
        matter = self.matter(request, effects=True)
        reply: Reply | None = None
        async with aclosing(self.work(matter)) as steps:
            async for step in steps:
                if isinstance(step, Reply):
                    reply = step
                else:
                    yield step
        assert reply is not None
        ending: Finish | None = None
        asking, citing, said, begins = self._asking(matter, reply), Citing(self._ensemble), "", reply.begins
        async with aclosing(self._speak(matter, reply, asking, citing)) as spoken:
            async for event in spoken:
                if isinstance(event, Finish):
                    ending = event
                    continue
                asking.notice(event)
                yield TurnText(f"{begins}{event.text}") if isinstance(event, TurnText) and not said else event
                said = "" if isinstance(event, TurnRestarted) else said + event.text if isinstance(event, TurnText) else said
        asked = self._asked(matter, reply, asking)
        if ending is not None and ending.judgement is not None and ending.judgement.outcome == "doubted":
            async for doubted in self._doubted(matter):
                yield doubted
        model = ending.model if ending else "house"
        sources = reply.sources if model == self._house.name else sources_of(said, matter.known, citing.marks.seen)
        if sources and not matter.routed:
            matter.routed = ("conversational",)
            matter.remember(unsure=0)
        async for written in self._keep(matter):
            yield written
        await self._keep_question(matter, sources)
        introduced = matter.before.introduced or bool(begins) or "who" in matter.heard.topics
        memory = replace(matter.memory, agent=_main(matter), language=matter.language, introduced=introduced)
        yield TurnFinished(
            agent=_main(matter),
            sources=sources,
            model=model,
            memory=memory.to_json(),
            agents=matter.routed,
            calls=tuple(matter.context.calls.log),
            asked=asked,
            passages=tuple(str(piece.chunk) for piece in matter.known.pieces) if asked and matter.known else (),
            prompts=_versions(self._instructions, matter),
        )

    def expect(self, text: str) -> None:
        """A turn with this message may begin in a moment. Nothing waits for it, and nothing is kept."""
        self._knowing.expect(text)

    def matter(self, request: TurnRequest, *, effects: bool) -> Matter:
        """The turn, heard. `effects`: False where nothing may be written."""
        before = remembered(request)
        heard, words = hear(self._reader, self._profile, request, before)
        wordings = self._wording[request.channel]
        wording = wordings[heard.language if heard.language in wordings else "en"]
        context = ToolContext(
            conversation=request.conversation,
            customer=request.customer,
            turn=request.turn,
            site=request.site,
            channel=request.channel,
            locale=request.locale,
            language=wording.language,
            now=request.now,
            profile=self._profile,
            database=self._database,
            effects=effects,
            known=staff_facts(heard.facts),
            may_release="release" in heard.topics,
            links=self._links,
        )
        if heard.marks:
            log.warning("turn.injection_marks", marks=list(heard.marks), turn=str(request.turn))
        memory = replace(before, facts=heard.facts, asked=None)
        return Matter(request, self._profile, wording, heard, words, before, memory, context, self._toolbox)

    async def work(self, matter: Matter) -> AsyncGenerator[TurnStage | TurnWritten | Reply, None]:
        """Let the agents work; ends with the reply as the house words it."""
        search = self._knowing.begin(matter)
        try:
            await self._route(matter)
            async with aclosing(self._work(matter, search)) as steps:
                async for step in steps:
                    yield step
        finally:
            if search is not None:
                await search.drop()

    async def _work(self, matter: Matter, search: Search | None) -> AsyncGenerator[TurnStage | TurnWritten | Reply, None]:
        said: dict[str, list[Said]] = {}
        ask: Ask | None = None
        if not matter.routed or matter.guessed:
            # What the business has written of it is nearer than whoever is near to it.
            said = await self._from_corpus(matter, search)
        for agent in self._agents if not said else ():
            if agent.key not in matter.routed:
                continue
            try:
                async with aclosing(agent.guess(matter) if matter.guessed else agent.work(matter)) as steps:
                    async for step in steps:
                        match step:
                            case Said():
                                said.setdefault(agent.key, []).append(step)
                            case Ask():
                                ask = step
                            case TurnStage():
                                yield step
                        for written in _taken(matter):
                            yield written
            except (ToolError, GatewayError) as error:
                # The others still answer; what this one would have said is not made up.
                log.warning("agent.failed", agent=agent.key, cause=type(error).__name__, turn=str(matter.request.turn))
                said.setdefault(agent.key, []).append(Said(matter.wording.say("person", "cannot_now"), "person"))
            for written in _taken(matter):
                yield written
            matter.context = replace(matter.context, known=staff_facts(matter.facts))
            if any(item.alone for item in said.get(agent.key, ())):
                break
        if matter.routed and matter.known is None and not any(item.alone for items in said.values() for item in items):
            matter.known = await self._knowing.known(search, matter)
            own = [sourced(item, matter.known) for item in said.get("conversational", ())]
            said["conversational"] = [*answers(matter.known, [item for items in said.values() for item in items]), *own]
        yield compose(matter, said, ask)

    async def _from_corpus(self, matter: Matter, search: Search | None) -> dict[str, list[Said]]:
        """What the business has written of what nobody else answers, by whose it is."""
        matter.known = await self._knowing.known(search, matter)
        found = answers(matter.known)
        if found and not matter.routed and not self._models:
            matter.routed = ("conversational",)
        return {"conversational": found} if found else {}

    async def _doubted(self, matter: Matter) -> AsyncGenerator[TurnWritten | TurnText, None]:
        """Models disagreed, so that the house spoke: the team hears of it, and the customer that it does."""
        if matter.hands_over or any(call.name == "call_person" and call.ok for call in matter.context.calls.log):
            return
        told = await matter.attempt("call_person", kind="human", reason="Two models disagreed on the answer; the house gave its own")
        for written in _taken(matter):
            yield written
        if told is not None:
            yield TurnText(f"\n\n{matter.wording.say('person', 'doubted')} {team_line(matter)}")

    async def _keep(self, matter: Matter) -> AsyncGenerator[TurnWritten, None]:
        """What is kept of the turn without a word; whatever fails here is kept by the next turn, for it is not remembered as kept."""
        for agent in self._agents:
            if agent.silent and agent.claims(matter):
                async with aclosing(agent.work(matter)) as steps:
                    async for _ in steps:
                        pass
                for written in _taken(matter):
                    yield written

    async def _keep_question(self, matter: Matter, sources: tuple[Source, ...]) -> None:
        """For the team to read what nothing was found for. Where it cannot be kept, nobody waits for it."""
        question = unanswered(matter.known)
        if question is None or sources or not matter.effects or (not matter.routed and matter.context.calls.log) or matter.heard.marks:
            return
        nearest = question.ranked[0].piece if question.ranked else None
        asked = questions.Asked(
            matter.request.conversation,
            matter.request.turn,
            question.text,
            matter.language,
            nearest.chunk if nearest is not None else None,
            nearest.similarity if nearest is not None else None,
        )
        try:
            await matter.context.writable().unit(lambda c: questions.keep(c, asked))
        except GatewayError as error:
            log.warning("question.not_kept", cause=type(error).__name__, turn=str(matter.request.turn))

    async def _route(self, matter: Matter) -> None:
        for agent in self._agents:
            await agent.look(matter)
        matter.routed = route(self._agents, matter)
        if matter.routed or self._models or set(ALONE) & set(matter.heard.topics) or told_contact(matter):
            # What the rules leave open a model routes by the tools that it calls; it is told of all of them.
            return
        if len(matter.heard_text) > LONGEST_QUESTION:
            return
        nearest = decide(await self._nearest.nearest(matter.heard_text, matter.language))
        if nearest is not None and any(agent.key == nearest and agent.may_guess(matter) for agent in self._agents):
            matter.routed, matter.guessed = (nearest,), True

    def _asking(self, matter: Matter, reply: Reply) -> Asking:
        tools = self._toolbox.of(()) if not self._models else self._toolbox.of(_offered(matter))
        return Asking(self.request(matter, reply), tools, matter.context.calls.log)

    def _asked(self, matter: Matter, reply: Reply, asking: Asking) -> Asked | None:
        if not self._recorded:
            return None
        role = matter.context.role
        asked = asking.end(matter.routed, role)
        if self._models:
            return asked
        # The house said what it was given. Whoever answers this again knows nothing of the turn but what a model would have been told.
        request = self._request(matter, reply, self._told(matter, reply))
        return replace(asked, request=request, tools=self._toolbox.of(_offered(matter)).names(role))

    def _speak(self, matter: Matter, reply: Reply, asking: Asking, ensemble: Model) -> AsyncGenerator[Event, None]:
        # Where nobody but the house speaks its words come from the tools: nobody has to vouch for them.
        licence = self.licence(matter) if self._models else None
        manner = self._manner(matter, reply)
        spoken = Spoken(ensemble, self._house, asking.tools, matter.context, reply.text, licence, manner)
        return speak(spoken, asking.request)

    def _manner(self, matter: Matter, reply: Reply) -> Manner:
        """How a model is to word it."""
        had = [agent for agent in self._agents if agent.key in matter.routed]
        return manner_of(matter, reply, short=len(had) == 1 and had[0].short)

    def _request(self, matter: Matter, reply: Reply, told: tuple[str, tuple[str, ...]]) -> ModelRequest:
        system, notes = told
        low = all(agent.stakes == "low" for agent in self._agents if agent.key in matter.routed)
        request = to_model_request(matter.request, system, notes, self._length)
        return replace(request, prepared=reply.text, agent=_main(matter), stakes="low" if low else "high")

    def request(self, matter: Matter, reply: Reply) -> ModelRequest:
        """What a model is asked for the words of this reply."""
        return self._request(matter, reply, self.told(matter, reply))

    def told(self, matter: Matter, reply: Reply) -> tuple[str, tuple[str, ...]]:
        """(system prompt, notes) for a model; nothing where there is none but the house."""
        return self._told(matter, reply) if self._models else ("", ())

    def _told(self, matter: Matter, reply: Reply) -> tuple[str, tuple[str, ...]]:
        notes = (*self._instructions.notes(matter, reply), self._manner(matter, reply).told)
        return self._instructions.render(matter.routed or (matter.before.agent,)), tuple(filter(None, notes))

    def _of_profile(self, language: str) -> Licence:
        """What the profile alone vouches for."""
        language = language if language in self._wording["web"] else "en"
        if language not in self._licences:
            self._licences[language] = Licence.of_profile(self._profile, language)
        return self._licences[language]

    def licence(self, matter: Matter) -> Licence:
        """What may be said in this turn."""
        base = self._of_profile(matter.language)
        texts = [one.text for one in matter.request.history if one.author == "customer"]
        understood = figures_of_facts(self._profile, matter.facts) | figures_of_opening(self._profile, matter.now)
        known = vouched(base, matter.context.calls).plus(understood)
        return known.echoing(texts, matter.now, self._profile.business.zone)


def _taken(matter: Matter) -> list[TurnWritten]:
    written, matter.written = matter.written, []
    return written


def _main(matter: Matter) -> str:
    """Who the reply is signed by: the first in the order of speaking that had the turn."""
    return next((key for key in ORDER if key in matter.routed), matter.before.agent)


def _versions(instructions: Instructions, matter: Matter) -> str:
    """As they are kept: `conversational@usual pricing@short`."""
    return " ".join(f"{name}@{version}" for name, version in instructions.versions(matter.routed or (matter.before.agent,)).items())


def _offered(matter: Matter) -> tuple[str, ...]:
    """Whose tools a model may call: those of the agents that have the turn; where the rules found nobody, of all that speak."""
    return matter.routed or ("distance", "menu", "pricing", "availability", "booking", "payment", "complaint")
