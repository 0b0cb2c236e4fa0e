"""Takes texts that the provider has for us: one after the other, each in a transaction of its own, its files fetched before."""

from collections.abc import Callable, Sequence
from datetime import timedelta

import structlog

from business.channels import inbox, pictures, receiving, subscriptions
from business.channels.provider import Incoming, SmsError, TextProvider
from business.channels.receiving import Took
from business.profile.schemas import Profile
from business.uploads.folder import UploadFolder
from kernel import rooms
from kernel.bus import Bus
from kernel.clock import Clock
from kernel.database import Database
from kernel.errors import Unavailable

log = structlog.get_logger(__name__)

OVERLAP = timedelta(minutes=2)  # that a list may be behind, and clocks apart
DAY = timedelta(days=1)
LATELY = timedelta(minutes=5)


class Receiver:
    """`countries`: whose numbers are answered; `files_per_day`: how many a conversation may send; `gather`: seconds in which more is waited
    for before a text is answered."""

    def __init__(
        self,
        database: Database,
        bus: Bus,
        provider: TextProvider,
        countries: tuple[str, ...],
        files_per_day: int,
        gather: float,
        profile: Callable[[], Profile],
        folder: UploadFolder,
        clock: Clock,
    ) -> None:
        self._database = database
        self._bus = bus
        self.provider = provider
        self._countries = countries
        self._files_per_day = files_per_day
        self._gather = gather
        self._profile = profile
        self._folder = folder
        self._clock = clock

    async def with_what_came_before(self, incoming: Incoming) -> None:
        """This text, after whatever else of its number nobody has taken yet. Raises SmsError, Unavailable."""
        number = incoming.from_number
        async with self._database.transaction() as connection:
            newest = await inbox.newest_of(connection, number)
            begun = (await subscriptions.ensure(connection, self.provider.name)).created_at
        since = max(begun, (newest - OVERLAP) if newest is not None else (incoming.at - DAY))
        await self._take_in_order([*await self.provider.arrived(since, number=number), incoming], wanted=incoming.id)

    async def what_came_lately(self) -> None:
        """From whomever. Raises SmsError, Unavailable."""
        begun = (await self._database.unit(lambda c: subscriptions.ensure(c, self.provider.name))).created_at
        await self.take_what_can_be(await self.provider.arrived(max(begun, self._clock() - LATELY)))

    async def take(self, found: Sequence[Incoming]) -> None:
        """Those that nobody has taken yet, in the provider's order. One that breaks something is left to the effect that fetches it, and
        keeps nobody waiting. Raises SmsError, Unavailable."""
        await self._take_in_order(found)

    async def _take_in_order(self, found: Sequence[Incoming], wanted: str | None = None) -> None:
        """`wanted`: whatever this one breaks is raised."""
        in_order = sorted({one.id: one for one in found}.values(), key=lambda one: (one.at, len(one.id), one.id))
        async with self._database.transaction() as connection:
            taken = await inbox.taken(connection, self.provider.name, [one.id for one in in_order])
        for one in in_order:
            if one.id in taken:
                continue
            try:
                await self._take(one)
            except (SmsError, Unavailable):
                raise
            except Exception:
                if one.id == wanted:
                    raise
                log.exception("text.not_taken_now")
                await self._database.unit(lambda c, id=one.id: inbox.announce(c, self.provider.name, id))  # type: ignore[misc]

    async def take_what_can_be(self, found: Sequence[Incoming]) -> bool:
        """As `take`, number by number. Raises Unavailable. False where the provider was out of reach for some."""
        by_number: dict[str, list[Incoming]] = {}
        for one in found:
            by_number.setdefault(one.from_number, []).append(one)
        well = True
        for texts in by_number.values():
            try:
                await self.take(texts)
            except SmsError as error:
                log.warning("text.later", cause=error.code)
                well = False
        return well

    async def _take(self, incoming: Incoming) -> None:
        async with self._database.transaction() as connection:
            room = await pictures.room(connection, self._profile(), incoming, self._files_per_day)
        files = await pictures.fetch(self.provider, incoming, self._folder, self._files_per_day, self._clock(), room)
        took = await self._database.unit(
            lambda c: receiving.take(c, self._profile(), self._countries, incoming, self.provider.name, files.keep, self._clock())
        )
        await self._tell(took)

    async def _tell(self, took: Took) -> None:
        """Gateways hear of it at once, and of the turn that waits."""
        for one in took.announcements:
            await self._bus.announce(one.conversation, one.seq, one.staff_seq)
        if took.turn and took.conversation is not None:
            await self._bus.publish(rooms.TURNS, {"k": "turn", "c": str(took.conversation), "in": self._gather})
