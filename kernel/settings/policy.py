"""How the ensemble answers: which models, in which way, for which stakes and agents, within which budgets, and which shadows listen.

The file gives the first policy; an owner may change it in the console, where every version is kept.
"""

from collections.abc import Collection, Iterator, Mapping
from typing import Literal, Self, get_args

from pydantic import model_validator

from kernel.settings.section import Section, misfit, setting

HOUSE = "house"
Strategy = Literal["fallback", "hedge", "consensus"]
Stakes = Literal["low", "high"]
CENT = 10_000  # micro-dollars in a cent

_NAMES = "names of [[models]]"
_CENTS = "whole cents, at least 0; 0: nothing may be spent, null or unset: no limit"


class Way(Section):
    """One way of answering. What is left unset is the default way's."""

    strategy: Strategy | None = setting(None, "fallback, hedge or consensus", "fallback, hedge or consensus")
    models: tuple[str, ...] = setting((), "models in the order they are asked; the first is the teacher of a consensus", _NAMES)
    student: str | None = setting(None, "who answers beside the teacher in a consensus", "a name of [[models]]")
    critic: str | None = setting(None, "who judges a consensus; unset: the better grounded answer, marked", "a name of [[models]]")
    hedge_after_ms: int | None = setting(
        None, "when the second model starts in a hedge; unset: after the first's own p95 to its first token", "1 to 60000", ge=1, le=60_000
    )

    def over(self, other: "Way") -> "Way":
        """This way, with the other's values where it has none."""
        return Way(
            strategy=self.strategy or other.strategy,
            models=self.models or other.models,
            student=self.student or other.student,
            critic=self.critic or other.critic,
            hedge_after_ms=self.hedge_after_ms or other.hedge_after_ms,
        )


class Budget(Section):
    """What models may cost. Reserved before a call, settled after it; over it the house answers."""

    visitor_day_cents: int | None = setting(100, "for one customer in a day", _CENTS, ge=0, le=10_000_000)
    conversation_cents: int | None = setting(200, "for one conversation", _CENTS, ge=0, le=10_000_000)
    site_day_cents: int | None = setting(None, "for one site in a day", _CENTS, ge=0, le=10_000_000)
    day_cents: int | None = setting(2_000, "for everything in a day, shadows apart", _CENTS, ge=0, le=10_000_000)


class Shadow(Section):
    """A candidate that silently answers the same turns, in workers."""

    model: str = setting(..., "the candidate", "a name of [[models]]")
    sample: float = setting(1.0, "share of the turns that it answers", "0 to 1", ge=0, le=1)
    day_cents: int | None = setting(200, "what it may cost in a day", _CENTS, ge=0, le=10_000_000)
    concurrency: int = setting(2, "answers at once, over all workers", "whole number from 1 to 50", ge=1, le=50)
    agents: tuple[str, ...] = setting((), "only turns of these agents; empty: of all", "names of agents")
    critic: str | None = setting(None, "who says which answer is better; unset: nobody is asked", "a name of [[models]]")
    critic_sample: float = setting(1.0, "share of the pairs that the critic sees", "0 to 1", ge=0, le=1)


class Policy(Section):
    """Everything about the ensemble that may change while it runs."""

    answer: tuple[str, ...] = setting((), 'models in the order they are asked; "house" is always last; empty: all of [[models]]', _NAMES)
    strategy: Strategy = setting("fallback", "how they answer where nothing else is said", "fallback, hedge or consensus")
    student: str | None = setting(None, "who answers beside the first model in a consensus", "a name of [[models]]")
    critic: str | None = setting(None, "who judges a consensus", "a name of [[models]]")
    hedge_after_ms: int | None = setting(
        None, "when the second model starts in a hedge; unset: after the first's own p95 to its first token", "1 to 60000", ge=1, le=60_000
    )
    stakes: dict[Stakes, Way] = setting({}, "other ways for low and high stakes", "tables [ensemble.stakes.low], [ensemble.stakes.high]")
    agents: dict[str, Way] = setting({}, "other ways for single agents, before their stakes", "tables [ensemble.agents.NAME]")
    prompts: dict[str, str] = setting(
        {},
        "which version of an agent's instructions holds, where it is not the usual one",
        "names of agents with a version of theirs, table [ensemble.prompts]",
    )
    budget: Budget = Budget()
    shadows: tuple[Shadow, ...] = setting((), "candidates that answer silently", "tables [[ensemble.shadows]]")

    @model_validator(mode="after")
    def _house_is_last(self) -> Self:
        for place, name in enumerate(self.answer):
            if name == HOUSE and place != len(self.answer) - 1:
                raise misfit("ensemble.answer", '"house" stands before another model, it is always last')
            if name in self.answer[:place]:
                raise misfit("ensemble.answer", f'"{name}" stands there twice')
        shadows = [shadow.model for shadow in self.shadows]
        for place, name in enumerate(shadows):
            if name in shadows[:place]:
                raise misfit("ensemble.shadows", f'"{name}" stands there twice')
        for at, way in self.closer():
            if HOUSE in way.models[:-1] or len(set(way.models)) != len(way.models):
                raise misfit(f"ensemble.{at}.models", 'a model stands there twice, or "house" before another')
        return self

    @property
    def default(self) -> Way:
        return Way(strategy=self.strategy, models=self.answer, student=self.student, critic=self.critic, hedge_after_ms=self.hedge_after_ms)

    def closer(self) -> Iterator[tuple[str, Way]]:
        """(where, way) of all but the default one."""
        yield from ((f"stakes.{key}", way) for key, way in self.stakes.items())
        yield from ((f"agents.{key}", way) for key, way in self.agents.items())

    def way(self, agent: str, stakes: Stakes) -> Way:
        """How a turn of this agent is answered. `models` empty: all that are configured, in their order."""
        way = self.default
        for closer in (self.stakes.get(stakes), self.agents.get(agent)):
            way = closer.over(way) if closer is not None else way
        return way

    def misfits(self, models: Collection[str]) -> Iterator[tuple[str, str]]:
        """(where, why) for every name in it that is no model's, and every way that its models cannot go.

        `models` are those of the settings, without the house.
        """
        known = {*models, HOUSE}
        spoken = [("answer", name) for name in self.answer]
        for at, way in [("", self.default), *((f"{at}.", way) for at, way in self.closer())]:
            spoken += [(f"{at}models", name) for name in (way.models if at else ())]
            spoken += [(f"{at}{key}", name) for key in ("student", "critic") if (name := getattr(way, key)) is not None]
        for shadow in self.shadows:
            spoken += [("shadows", name) for name in (shadow.model, shadow.critic) if name is not None]
        for at, name in spoken:
            if name not in known:
                yield f"ensemble.{at}", f'no model is called "{name}"; known: {", ".join([*models, HOUSE])}'
            elif name == HOUSE and at.rpartition(".")[2] in ("student", "critic", "shadows"):
                yield f"ensemble.{at}", '"house" cannot take this role: it words what it is given'
        yield from dict.fromkeys(self._impassable(models))

    def strangers(self, agents: Collection[str]) -> Iterator[tuple[str, str]]:
        """(where, why) for every name in it that is no agent's; `agents` are those whose turns may have a way of their own."""
        spoken = [(f"ensemble.agents.{name}", name) for name in self.agents]
        spoken += [("ensemble.shadows", name) for shadow in self.shadows for name in shadow.agents]
        yield from ((at, f'no agent is called "{name}"; known: {", ".join(agents)}') for at, name in spoken if name not in agents)

    def unwritten(self, versions: Mapping[str, Collection[str]]) -> Iterator[tuple[str, str]]:
        """(where, why) for every version of instructions that nobody wrote; `versions` are those that there are, by agent."""
        for name, version in self.prompts.items():
            known = versions.get(name)
            if known is None:
                yield f"ensemble.prompts.{name}", f'nobody called "{name}" has instructions; known: {", ".join(versions)}'
            elif version not in known:
                yield f"ensemble.prompts.{name}", f'there is no version "{version}" of {name}; known: {", ".join(known)}'

    def _impassable(self, models: Collection[str]) -> Iterator[tuple[str, str]]:
        """(where, why) for ways that need other models than they have."""
        for agent in ("", *self.agents):
            for stakes in get_args(Stakes):
                way = self.way(agent, stakes)
                at = f"ensemble.agents.{agent}." if agent else f"ensemble.stakes.{stakes}." if stakes in self.stakes else "ensemble."
                asked = [name for name in way.models or models if name != HOUSE]
                if way.strategy == "hedge" and len(asked) < 2:
                    yield f"{at}strategy", "a hedge needs two models"
                if way.strategy == "consensus" and not asked:
                    yield f"{at}strategy", "a consensus needs a teacher: the first of its models"
                elif way.strategy == "consensus" and way.student is None:
                    yield f"{at}student", "a consensus needs a student beside its teacher"
                elif way.strategy == "consensus" and way.student == asked[0]:
                    yield f"{at}student", f'"{way.student}" is the teacher, too: the first of its models'
