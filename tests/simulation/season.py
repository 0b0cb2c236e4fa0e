"""A season: guests come at moments of their own and live through their stories, others just ask; the audit afterwards."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from functools import partial
from random import Random
from uuid import UUID

import sqlalchemy as sa

from business.staff import owner
from business.staff.passwords import Passwords
from kernel.ids import new_id
from kernel.tables.core import Staff
from kernel.tables.ops import Chef
from tests.simulation.chats import Chatter
from tests.simulation.deck import Deck
from tests.simulation.guests import Guest, welcome
from tests.simulation.install import Install
from tests.simulation.office import Office
from tests.simulation.stories import Steps, Stories, Story

OPEN, CLOSE = time(8), time(22)
REST = timedelta(days=10)
"""After the last party: until the last mail about it has gone."""
LOOK = timedelta(hours=1)
OWNER = "owner@hibachi.test"


@dataclass(frozen=True, slots=True)
class Plan:
    """So many parties and chats begin in so many days; parties are `near` or `far` ahead, in days."""

    days: int
    parties: int
    chats: int
    near: tuple[int, int] = (3, 6)
    far: tuple[int, int] = (17, 30)
    chefs: int = 3
    look: timedelta = LOOK
    seed: int = 20261128
    stories: tuple[str, ...] = ()
    """Those that are lived; none: all."""


@dataclass
class Season:
    """What was lived. `told`: the story of each guest that has one."""

    install: Install
    office: Office
    plan: Plan
    told: dict[int, str] = field(default_factory=dict)
    chatted: list[Chatter] = field(default_factory=list)

    @property
    def guests(self) -> Sequence[Guest]:
        """Those who had a booking."""
        return [guest for guest in self.office.guests if guest.booking is not None]

    @property
    def now(self) -> datetime:
        return self.install.world.time.at


async def live(install: Install, plan: Plan) -> Season:
    """The whole season, until nothing of it is left to come."""
    staff = await owner.ensure(install.database, Passwords(), OWNER, "charcoal and garlic")
    season = Season(install, Office(install, await _id_of(install, staff.email)), plan)
    await _chefs(install, plan.chefs)
    chance, zone = Random(plan.seed), install.profile.business.zone
    deck = Deck(chance, zone, install.profile.slots.times)
    everyone = Stories(plan.near, plan.far).everyone()
    stories = [(name, everyone[name]) for name in plan.stories or everyone]
    chance.shuffle(stories)
    for number in range(plan.parties):
        name, story = stories[number % len(stories)]
        install.world.plan(_moment(season, chance), partial(_arrives, season, deck, chance, name, story))
    for _ in range(plan.chats):
        chatter = Chatter(install.host, chance.randrange(2**32))
        season.chatted.append(chatter)
        install.world.plan(_moment(season, chance), partial(_writes, season, chatter))
    await install.world.live(season.now + timedelta(days=plan.days + 2 * plan.far[1]) + REST, look=plan.look)
    return season


async def _arrives(season: Season, deck: Deck, chance: Random, name: str, story: Story) -> None:
    """A guest comes, and their story begins."""
    party = chance.randrange(4, 26), chance.choice((0, 0, 3, 7)), chance.choice((4, 12, 28, 35, 60))
    guest = welcome(season.install, season.office, *party)
    season.told[guest.number] = name
    await _goes_on(season, story(guest, deck))


async def _goes_on(season: Season, steps: Steps) -> None:
    """To the story's next moment."""
    moment = await anext(steps, None)
    if moment is not None:
        season.install.world.plan(moment, partial(_goes_on, season, steps))


async def _writes(season: Season, chatter: Chatter) -> None:
    pause = await chatter.goes_on()
    if pause is not None:
        season.install.world.plan(season.now + pause, partial(_writes, season, chatter))


def _moment(season: Season, chance: Random) -> datetime:
    """Sometime in the days of the plan, while people are up."""
    zone = season.install.profile.business.zone
    day = season.now.astimezone(zone).date() + timedelta(days=chance.randrange(1, season.plan.days + 1))
    opens = datetime.combine(day, OPEN, zone).astimezone(UTC)
    closes = datetime.combine(day, CLOSE, zone).astimezone(UTC)
    return opens + timedelta(seconds=chance.randrange(int((closes - opens).total_seconds())))


async def _id_of(install: Install, email: str) -> UUID:
    async with install.database.transaction() as connection:
        return (await connection.scalars(sa.select(Staff.id).where(Staff.email == email))).one()


async def _chefs(install: Install, count: int) -> None:
    station = install.profile.travel.stations[0].key
    rows = [{"id": new_id(), "name": f"Chef {number + 1}", "station": station, "rating": number % 5} for number in range(count)]
    async with install.database.transaction() as connection:
        await connection.execute(sa.insert(Chef), rows)
