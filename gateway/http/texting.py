"""The text channel's state over HTTP, for owners and admins. No secret is in it."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from business.channels import overview
from business.channels.overview import Flow
from business.profile.schemas import Profile
from gateway.http import texting_wire as wire
from gateway.http.door import Door
from gateway.http.edge import Handler, answer
from gateway.http.operations import CHIEFS
from kernel.database import Database
from kernel.settings.schema import SmsSettings

_NEVER: Mapping[str, Any] = {"state": "none", "numbers": ()}


class TextingHttp:
    """The handler, by the operation's name. `missing`: settings that the provider cannot do without."""

    def __init__(
        self,
        door: Door,
        database: Database,
        profile: Callable[[], Profile],
        settings: SmsSettings,
        missing: tuple[str, ...],
        now: Callable[[], datetime],
    ) -> None:
        self._door = door
        self._database = database
        self._profile = profile
        self._settings = settings
        self._missing = missing
        self._now = now
        self.handlers: dict[str, Handler] = {"texting": self._texting}

    async def _texting(self, request: Request) -> Response:
        await self._door.caller(request, roles=CHIEFS)
        settings, now = self._settings, self._now()
        async with self._database.transaction() as connection:
            stored = await overview.subscription(connection, settings.provider) or _NEVER
            found = await overview.flow(connection, now)
        told = {name: value for name, value in stored.items() if name != "numbers"}
        return answer(
            wire.TextingAnswer(
                at=now,
                provider=settings.provider,
                missing=self._missing,
                number=settings.number,
                numbers=tuple(map(_number, overview.numbers(stored["numbers"]))),
                subscription=wire.TextingSubscription.model_validate(told),
                flow=_flow(found, now),
                limits=self._limits(),
                poll_seconds=settings.poll_seconds,
            )
        )

    def _limits(self) -> wire.TextingLimits:
        settings, rules = self._settings, self._profile().messages.sms
        return wire.TextingLimits(
            per_minute=settings.per_minute,
            per_number_hour=settings.per_number_hour,
            per_prefix_hour=settings.per_prefix_hour,
            per_day=settings.per_day,
            per_month=rules.per_month,
            from_time=rules.from_time.strftime("%H:%M"),
            to_time=rules.to_time.strftime("%H:%M"),
            countries=settings.countries,
            cents_per_segment=settings.cents_per_segment,
        )


def _number(one: Mapping[str, Any]) -> wire.TextingNumber:
    return wire.TextingNumber(
        number=one["number"],
        sends=bool(one.get("sends")),
        high_volume=bool(one.get("high_volume")),
        pictures=bool(one.get("pictures")),
    )


def _flow(found: Flow, now: datetime) -> wire.TextingFlow:
    waited = max((now - found.oldest_at).total_seconds(), 0.0) if found.oldest_at else 0.0
    return wire.TextingFlow(
        announced=found.announced,
        oldest_seconds=waited,
        taken=found.taken,
        last_in=found.last_in,
        last_out=found.last_out,
        out=dict(found.out),
    )
