"""How models answer and how they fare, over HTTP, for owners and admins: the policy is read, checked, saved, restored; health is read."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from sqlalchemy.ext.asyncio import AsyncConnection
from starlette.requests import Request
from starlette.responses import Response

from agents.container import ModelState
from agents.prompts import place as place_of
from agents.prompts import read, versions, written
from business.profile.schemas import Profile
from business.staff import audit
from gateway.http import ensemble_wire as wire
from gateway.http.door import Door
from gateway.http.edge import Handler, answer, read_body, read_query
from gateway.http.operations import CHIEFS
from kernel import policies
from kernel.clock import Clock
from kernel.database import Database
from kernel.errors import BadRequest, Conflict
from kernel.ids import StaffId
from kernel.metering import ModelHealth, model_health
from kernel.metering.vitals import Begins, Vitals, vitals
from kernel.policies import Counting, LivePolicy, Superseded, Version
from kernel.settings import HOUSE, ModelSettings, Policy, SettingProblem


@dataclass(frozen=True, slots=True)
class ModelRoom:
    """What is known of the models in this process. `saved`: called after a policy was saved, before the answer leaves."""

    live: LivePolicy
    models: tuple[ModelSettings, ...]
    agents: tuple[str, ...]
    states: Callable[[], tuple[ModelState, ...]]
    saved: Callable[[], Awaitable[None]]
    environment: Mapping[str, str]

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(model.name for model in self.models)


class EnsembleHttp:
    """The handlers, by the operation's name."""

    def __init__(self, door: Door, database: Database, room: ModelRoom, profile: Callable[[], Profile], clock: Clock) -> None:
        self._door = door
        self._database = database
        self._room = room
        self._profile = profile
        self._clock = clock
        self.handlers: dict[str, Handler] = {
            "ensemble": self._current,
            "ensemble_save": self._save,
            "ensemble_versions": self._versions,
            "ensemble_restore": self._restore,
            "models_health": self._health,
        }

    async def _current(self, request: Request) -> Response:
        await self._door.caller(request, roles=CHIEFS)
        return answer(await self._whole())

    async def _versions(self, request: Request) -> Response:
        await self._door.caller(request, roles=CHIEFS)
        before = read_query(request, wire.PolicyPage).before
        async with self._database.transaction() as connection:
            listed = await policies.page(connection, before)
        return answer(wire.PolicyVersionsAnswer(versions=tuple(map(_version, listed)), more=_goes_on(listed)))

    async def _save(self, request: Request) -> Response:
        session = await self._door.enter(request, roles=CHIEFS)
        body = await read_body(request, wire.PolicySaveBody)
        policy = self._understood(body.policy)
        note = " ".join((body.note or "").split()) or None

        async def store(connection: AsyncConnection) -> None:
            await _stored(connection, policy, body.based_on, note, session.staff_id, None)

        return await self._done(store)

    async def _restore(self, request: Request) -> Response:
        session = await self._door.enter(request, roles=CHIEFS)
        body = await read_body(request, wire.PolicyRestoreBody)

        async def store(connection: AsyncConnection) -> None:
            old = await policies.version(connection, body.number)
            policy = None if old.content is None else self._understood(old.content)
            await _stored(connection, policy, body.based_on, None, session.staff_id, body.number)

        return await self._done(store)

    async def _done(self, store: Callable[[AsyncConnection], Awaitable[None]]) -> Response:
        try:
            await self._database.unit(store)
        except Superseded as error:
            base, theirs = (_version(one).model_dump(mode="json", exclude_none=True) for one in (error.base, error.theirs))
            raise Conflict(error.message, base=base, theirs=theirs) from error
        await self._room.saved()
        return answer(await self._whole())

    def _understood(self, content: Mapping[str, Any]) -> Policy:
        """Raises BadRequest with every fault."""
        policy, faults = policies.check(content, self._room.names, self._room.agents, written())
        if policy is None:
            more = f" And {len(faults) - 1} more." if len(faults) > 1 else ""
            told = [_fault(one).model_dump() for one in faults]
            raise BadRequest(f"{faults[0].name}: {faults[0].why}.{more}", faults=told)
        return policy

    async def _whole(self) -> wire.EnsembleAnswer:
        room = self._room
        async with self._database.transaction() as connection:
            listed = await policies.page(connection)
        now = policies.counting(listed[0] if listed else None, room.live.file, room.names)
        return _answer(now, room, listed)

    async def _health(self, request: Request) -> Response:
        await self._door.caller(request, roles=CHIEFS)
        now = self._clock()
        day_began = now.astimezone(self._profile().business.zone).replace(hour=0, minute=0, second=0, microsecond=0)
        async with self._database.transaction(self._database.reading) as connection:
            fare = await vitals(connection, now, day_began)
            judged = {one.model: one for one in await model_health(connection)}
        states = {state.name: state for state in self._room.states()}
        models = tuple(_vitals(fare.get(name) or Vitals(name), judged.get(name), states.get(name)) for name in (*self._room.names, HOUSE))
        return answer(wire.ModelsHealthAnswer(at=now, number=self._room.live.counting.number, models=models))


async def _stored(
    connection: AsyncConnection, policy: Policy | None, based_on: int, note: str | None, by: StaffId, restored: int | None
) -> None:
    """Saved with its line in the trail; nothing where nothing differs. Raises Superseded, NotFound."""
    made, new = await policies.save(connection, policy, based_on, note, by)
    if new:
        verb = "saved" if restored is None else "file" if policy is None else "restored"
        details = {"based_on": based_on} | ({} if restored is None else {"restored": restored})
        await audit.record(connection, "staff", by, f"ensemble.{verb}", str(made.number), details)


def _answer(now: Counting, room: ModelRoom, listed: tuple[Version, ...]) -> wire.EnsembleAnswer:
    return wire.EnsembleAnswer(
        number=now.number,
        saved=now.saved,
        policy=now.policy.model_dump(mode="json"),
        file=room.live.file.model_dump(mode="json"),
        faults=tuple(map(_fault, now.faults)),
        models=(*(_offered(model, room.environment) for model in room.models), _HOUSE),
        agents=room.agents,
        prompts=_prompts(),
        versions=tuple(map(_version, listed)),
        more=_goes_on(listed),
    )


def _prompts() -> tuple[wire.PromptsOffered, ...]:
    """Of those that have more than the usual one."""
    return tuple(
        wire.PromptsOffered(name=name, versions=tuple(_prompt(path) for path in versions(place_of(name)).values()))
        for name, known in written().items()
        if len(known) > 1
    )


def _prompt(path: Path) -> wire.PromptOffered:
    prompt = read(path)
    return wire.PromptOffered(version=prompt.version, about=prompt.about, changed=prompt.changed)


_HOUSE = wire.ModelOffered(name=HOUSE, litellm="", provider=HOUSE, key="not_needed")


def _offered(model: ModelSettings, environment: Mapping[str, str]) -> wire.ModelOffered:
    key: Literal["set", "missing", "not_needed"] = (
        "not_needed" if model.api_key_env is None else "set" if environment.get(model.api_key_env) else "missing"
    )
    return wire.ModelOffered(name=model.name, litellm=model.litellm, provider=model.litellm.partition("/")[0], key=key)


def _version(one: Version) -> wire.PolicyVersion:
    return wire.PolicyVersion(
        number=one.number, policy=None if one.content is None else dict(one.content), note=one.note, by=one.by, at=one.at
    )


def _goes_on(listed: tuple[Version, ...]) -> bool:
    return len(listed) == policies.PAGE


def _fault(problem: SettingProblem) -> wire.PolicyFault:
    return wire.PolicyFault(path=problem.name, why=problem.why)


def _vitals(one: Vitals, judged: ModelHealth | None, state: ModelState | None) -> wire.ModelVitals:
    return wire.ModelVitals(
        model=one.model,
        ok=judged.ok if judged else None,
        why=judged.why if judged else None,
        since=judged.since if judged else None,
        breaker=state.breaker if state else None,
        open_for_s=state.open_for_s if state else None,
        calls=one.calls,
        failed=one.failed,
        last_hour=_first_token(one.last_hour),
        last_day=_first_token(one.last_day),
        tokens_per_second=one.tokens_per_second,
        spent_microdollars=one.spent_microdollars,
        hedges=wire.ModelHedges(first=one.first[0], first_won=one.first[1], second=one.second[0], second_won=one.second[1]),
        errors=tuple(wire.ModelErrors(kind=kind, count=count) for kind, count in sorted(one.errors.items(), key=lambda e: -e[1])),
        hours=tuple(wire.ModelHour(at=hour.at, calls=hour.calls, first_token_ms=_first_token(hour.begins)) for hour in one.hours),
    )


def _first_token(begins: Begins) -> wire.FirstToken:
    return wire.FirstToken(p50=begins.p50, p95=begins.p95)
