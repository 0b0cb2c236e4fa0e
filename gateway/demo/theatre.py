"""The run of a demo: a folder of its own, everything that `hibachi up` starts, the provider, the people; then nothing of it is left."""

import asyncio
import os
import random
import secrets
from collections.abc import Callable, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from business.profile.loader import load_profile
from business.profile.schemas import Profile
from gateway.demo.account import Account, visiting
from gateway.demo.apart import clean, folder_of_its_own
from gateway.demo.colleague import Colleague, Share
from gateway.demo.guest import Guest
from gateway.demo.lines import LANGUAGES, Lines, words
from gateway.demo.parts import language_of, part_of
from gateway.demo.provider import MODEL, Provider, serving
from gateway.demo.summary import summary
from gateway.supervisor import ports
from gateway.supervisor.places import Places
from gateway.supervisor.supervisor import Supervisor
from kernel.settings import Settings, load_settings

HOST, FIRST_PORT = "127.0.0.1", 8100
NEWCOMER = "dana@localhost"
COLLEAGUES = (("robin@localhost", "Robin"), ("mika@localhost", "Mika"))
GUESTS_PER_COLLEAGUE = 15


@dataclass(frozen=True, slots=True)
class Plan:
    """`tempo`: how many times faster than life; `keep`: leave the folder when it stops."""

    conversations: int = 30
    minutes: float = 10.0
    tempo: float = 1.0
    keep: bool = False


class Theatre:
    """One demo. `say` gets every line for the terminal."""

    def __init__(self, plan: Plan, say: Callable[[str], None], env: Mapping[str, str] = os.environ) -> None:
        self._plan = plan
        self._say = say
        self._password = secrets.token_urlsafe(9)
        self._env = clean(env)

    async def run(self) -> None:
        """Until the time is over or Ctrl-C. Raises what the supervisor raises."""
        async with folder_of_its_own("demo", keep=self._plan.keep, say=self._say) as folder:
            profile = load_profile(load_settings({**self._env, "HIBACHI_DATA": str(folder)}).business.profile)
            async with serving(Provider(self._plan.tempo)) as provider:
                env = self._environment(folder, provider)
                settings = load_settings(env)

                async def play(base: str, seeded: Mapping[str, Any]) -> None:
                    await self._play(profile, settings, base, seeded)

                await Supervisor(settings, say=self._say, env=env, play=play).run()

    def _environment(self, folder: Path, provider: str) -> dict[str, str]:
        config = folder / "hibachi.toml"
        config.write_text(f'[[models]]\nname = "{MODEL}"\nlitellm = "openai/{MODEL}"\napi_base = "{provider}"\n', encoding="utf-8")
        return {
            **self._env,
            "HIBACHI_DATA": str(folder),
            "HIBACHI_CONFIG": str(config),
            "HIBACHI_HOST": HOST,
            "HIBACHI_PORT": str(ports.choose(HOST, FIRST_PORT, explicit=False)),
            "HIBACHI_ADMIN_EMAIL": NEWCOMER,
            "HIBACHI_ADMIN_PASSWORD": self._password,
        }

    async def _play(self, profile: Profile, settings: Settings, base: str, seeded: Mapping[str, Any]) -> None:
        """Everybody comes; after the time they go."""
        plan = self._plan
        async with AsyncExitStack() as doors:
            owner = await doors.enter_async_context(visiting(base))
            await owner.log_in(NEWCOMER, self._password)
            staff = [
                await _hired(owner, await doors.enter_async_context(visiting(base)), email, name)
                for email, name in COLLEAGUES[: max(1, plan.conversations // GUESTS_PER_COLLEAGUE)]
            ]
            chance = random.Random(7)
            people: list[Guest | Colleague] = [self._guest(profile, base, number, chance) for number in range(plan.conversations)]
            people += self._colleagues(owner, staff, chance)
            self._say(self._panel(base, seeded))
            try:
                async with asyncio.timeout(60 * plan.minutes), asyncio.TaskGroup() as cast:
                    for one in people:
                        cast.create_task(one.play())
            except TimeoutError:
                self._say(f"the {plan.minutes:g} minutes are over")
            finally:
                # After Ctrl-C too: it is one query, and PostgreSQL is the last to go.
                self._say(f"\n{await summary(Places(settings.data).database_url)}\n")

    def _colleagues(self, owner: Account, staff: list[Account], chance: random.Random) -> list[Colleague]:
        """They leave a tenth of the conversations to the newcomer, and give one of fifteen into their hands."""
        count = self._plan.conversations
        share = Share(owner.staff, owner.name, leave=max(1, count // 10), hand_over=max(1, count // 15))
        spoken = {language: words(language) for language in LANGUAGES}
        spanish = frozenset(spoken["es"]["names"])
        lines = {language: found["colleague"] for language, found in spoken.items()}

        def language_of_name(name: str) -> str:
            return "es" if name in spanish else "en"

        return [Colleague(account, share, lines, language_of_name, chance, self._plan.tempo) for account in staff]

    def _guest(self, profile: Profile, base: str, number: int, chance: random.Random) -> Guest:
        language = language_of(number)
        before = sum(language_of(earlier) == language for earlier in range(number))
        lines = Lines(profile, language, chance)
        return Guest(base, language, lines.name(before), part_of(number), lines, chance, self._plan.tempo)

    def _panel(self, base: str, seeded: Mapping[str, Any]) -> str:
        rows = [
            ("console", f"{base}{seeded['sign_in']}"),
            ("", "signs you in once, within 15 minutes; afterwards:"),
            ("", f"{base}/console as {NEWCOMER}, password {self._password}"),
            ("customer", f"{base}/demo"),
        ]
        body = "\n".join(f"  {name:<11} {text}" for name, text in rows)
        tries = [
            "Live shows what the assistant says everywhere; press t on a card in mid-sentence: it stops at that character",
            'open somebody under "Needs a person", press t, write: they answer',
            '"Mine" has one that Robin handed to you; h hands it back to the assistant; ? shows all keys',
            "write as a customer on the demo page, and watch yourself in the console",
        ]
        shown = "\n".join(f"  - {line}" for line in tries)
        ends = "Ctrl-C stops everything" if self._plan.keep else "Ctrl-C stops everything; nothing of it is left"
        what = f"{self._plan.conversations} conversations for {self._plan.minutes:g} minutes"
        return f"\n{what}. Customers, colleagues and the model are scripted.\n\n{body}\n\n  try:\n{shown}\n\n  {ends}\n"


async def _hired(owner: Account, somebody: Account, email: str, name: str) -> Account:
    """A colleague, invited by the owner and come by the link."""
    invited = await owner.post("/api/admin/staff", {"email": email, "name": name, "role": "agent"})
    await somebody.follow(invited["sign_in_path"])
    return somebody
