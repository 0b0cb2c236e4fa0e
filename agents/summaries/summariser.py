"""Sums a conversation up: a model where one is configured and its budget allows, else the house. Called by workers alone."""

import asyncio
import json
import os
from collections.abc import Callable, Mapping
from contextlib import aclosing, suppress
from typing import TYPE_CHECKING, Any

from agents.ensemble.chunks import Restart, Text
from agents.ensemble.ensemble import Ensemble
from agents.ensemble.model import ModelMessage, ModelRequest
from agents.house.concierge import HouseModel
from agents.house.metering import metered
from agents.memory import Memory
from agents.prompts import SUMMARY, USUAL, render_prompt, written
from agents.staff_facts import staff_facts
from agents.summaries.house import house_summary
from business.conversations.summaries import Material
from business.profile.schemas import Profile
from kernel.clock import Clock, utc_now
from kernel.ids import TurnId, new_id
from kernel.metering import Budgets, UsageSink
from kernel.settings import Policy, Settings
from kernel.wire.base import spoken

if TYPE_CHECKING:
    from agents.ensemble.models import Models

AGENT = PURPOSE = "summary"
MOST_TOKENS = 400
MOST_CHARACTERS = 2_000
WHOLE_S = 45.0
AT_ONCE = 0.0  # tokens a second: nobody watches
_LINE = 1_500  # characters of one line that are read


class Summariser:
    """The summaries of one process. Models are had when the first conversation is to be summed up."""

    def __init__(
        self,
        settings: Settings,
        profile: Callable[[], Profile],
        policy: Callable[[], Policy],
        usage: UsageSink,
        budgets: Budgets,
        *,
        environment: Mapping[str, str] = os.environ,
        clock: Clock = utc_now,
        whole_s: float = WHOLE_S,
    ) -> None:
        """`whole_s`: seconds for a whole summary, then it is the house's. Keys are read from `environment`."""
        self._settings = settings
        self._profile, self._policy = profile, policy
        self._usage, self._budgets = usage, budgets
        self._environment, self._clock = environment, clock
        self._whole_s = whole_s
        self._house = metered(HouseModel(AT_ONCE), usage, clock)
        self._models: Models | None = None

    async def summarise(self, material: Material) -> str:
        """At most `MOST_CHARACTERS`; never empty."""
        request = self._request(material)
        said: list[str] = []
        with suppress(TimeoutError):
            async with asyncio.timeout(self._whole_s), aclosing(self._ensemble().stream(request)) as chunks:
                async for chunk in chunks:
                    match chunk:
                        case Text(text):
                            said.append(text)
                        case Restart():
                            said.clear()
                        case _:
                            continue
                return spoken("".join(said)).strip()[:MOST_CHARACTERS] or request.prepared
        return request.prepared

    async def close(self) -> None:
        """After the last one: the usage rows of all calls are with the sink."""
        await self._house.drain()
        if self._models is not None:
            await self._models.drain()
            await self._models.close()

    def _ensemble(self) -> Ensemble:
        """By the policy that counts now."""
        if self._models is None and self._settings.models:
            # Here and not above: HTTP clients come with it, which a keyless install never needs.
            from agents.ensemble.models import Models

            self._models = Models(self._settings.models, self._usage, self._environment, self._clock, self._budgets)
        return Ensemble(self._models, self._policy(), self._house, AT_ONCE)

    def _request(self, material: Material) -> ModelRequest:
        return ModelRequest(
            conversation=material.conversation,
            turn=TurnId(new_id()),
            site=material.site,
            customer=material.customer,
            channel=material.channel,  # type: ignore[arg-type]
            locale=material.locale or self._profile().business.locale,
            now=self._clock(),
            messages=(ModelMessage("system", self._prompt()), ModelMessage("user", _data(material))),
            max_tokens=MOST_TOKENS,
            paced=False,
            purpose=PURPOSE,
            prepared=house_summary(material)[:MOST_CHARACTERS],
            agent=AGENT,
            stakes="low",
        )

    def _prompt(self) -> str:
        wanted = self._policy().prompts.get(SUMMARY, USUAL)
        return render_prompt(SUMMARY, self._profile(), wanted if wanted in written()[SUMMARY] else USUAL)


def _data(material: Material) -> str:
    """As JSON, so that a text inside it stays a string."""
    data: dict[str, Any] = {
        "earlier": material.summary,
        "said": [{"by": line.author, "text": line.text[:_LINE]} for line in material.lines],
        "known": staff_facts(Memory.from_json(material.memory).facts),
        "people": [{"kind": kind, "why": why} for kind, why in material.handoffs],
    }
    return json.dumps(data, ensure_ascii=False, default=str)
