"""What becomes of parties. Each story does something and yields the moment at which it goes on."""

from collections.abc import AsyncIterator, Callable
from datetime import datetime, timedelta

from business.bookings.requests import Changed, FeeNeeded
from tests.simulation.deck import Deck
from tests.simulation.guests import Guest, Way

Steps = AsyncIterator[datetime]
Story = Callable[[Guest, Deck], Steps]
WAYS: tuple[Way, ...] = ("card", "venmo", "zelle", "cash")


class Stories:
    """All there are. `far` and `near`: in how many days parties are."""

    def __init__(self, near: tuple[int, int], far: tuple[int, int]) -> None:
        self._near = near
        self._far = far

    def everyone(self) -> dict[str, Story]:
        """By name, each at least once in a run of so many guests."""
        return {
            "pays by card": self._pays("card"),
            "pays by Venmo": self._pays("venmo"),
            "pays by Zelle": self._pays("zelle"),
            "pays in cash": self._pays("cash"),
            "never agrees": self._never_agrees,
            "never pays": self._never_pays,
            "pays late, slot free": self._late,
            "pays late, slot gone": self._too_late,
            "moves": self._moves,
            "moves twice": self._moves_twice,
            "weather": self._weather,
            "cancels in time": self._cancels,
            "cancels late": self._cancels_late,
            "may not cancel": self._may_not_cancel,
            "cancels unpaid": self._cancels_unpaid,
            "kept": self._kept,
            "confirmed by hand": self._by_hand,
            "nobody there": self._nobody_there,
            "complains": self._complains,
        }

    # -- beginnings

    async def _holds(self, guest: Guest, deck: Deck, span: tuple[int, int]) -> None:
        assert await guest.hold(*deck.slot(guest.now, *span)), f"{guest.name} could not have a slot that is nobody else's"

    async def _books(self, guest: Guest, deck: Deck, span: tuple[int, int], way: Way | None = None) -> Steps:
        await self._holds(guest, deck, span)
        yield guest.after(minutes=guest.chance.randrange(1, 30))
        await guest.accept()
        yield guest.after(minutes=guest.chance.randrange(2, 1300))
        await guest.pay(way or guest.chance.choice(WAYS))

    async def _is_cooked_for(self, guest: Guest) -> Steps:
        """The rest is paid on the day."""
        assert guest.starts_at is not None
        yield guest.starts_at + timedelta(hours=guest.chance.choice((1, 3)))
        await guest.pay("cash", guest.owes)

    # -- stories

    def _pays(self, way: Way) -> Story:
        async def story(guest: Guest, deck: Deck) -> Steps:
            async for moment in self._books(guest, deck, guest.chance.choice((self._near, self._far)), way):
                yield moment
            async for moment in self._is_cooked_for(guest):
                yield moment

        return story

    async def _never_agrees(self, guest: Guest, deck: Deck) -> Steps:
        await self._holds(guest, deck, self._far)
        yield guest.after(days=2)

    async def _never_pays(self, guest: Guest, deck: Deck) -> Steps:
        await self._holds(guest, deck, self._far)
        yield guest.after(minutes=20)
        await guest.accept()

    async def _late(self, guest: Guest, deck: Deck) -> Steps:
        await self._holds(guest, deck, self._far)
        yield guest.after(minutes=5)
        await guest.accept()
        yield guest.after(hours=25)
        assert await guest.pay("venmo") == "reheld"
        async for moment in self._is_cooked_for(guest):
            yield moment

    async def _too_late(self, guest: Guest, deck: Deck) -> Steps:
        day, at = deck.slot(guest.now, *self._far)
        assert await guest.hold(day, at)
        yield guest.after(minutes=5)
        await guest.accept()
        yield guest.after(hours=24, minutes=30)
        rival = guest.stranger()
        assert await rival.hold(day, at), "the slot of who did not pay is free"
        yield guest.after(minutes=10)
        await rival.accept()
        yield guest.after(minutes=10)
        await rival.pay("cash")
        yield guest.after(minutes=10)
        assert await guest.pay("venmo") == "lost"
        await guest.office.gives_back(guest)

    async def _moves(self, guest: Guest, deck: Deck) -> Steps:
        async for moment in self._books(guest, deck, self._far):
            yield moment
        yield guest.after(hours=guest.chance.randrange(1, 20))
        moved = await guest.move(*deck.slot(guest.now, *self._far))
        assert isinstance(moved, Changed) and guest.purse.fees == 0
        async for moment in self._is_cooked_for(guest):
            yield moment

    async def _moves_twice(self, guest: Guest, deck: Deck) -> Steps:
        async for moment in self._books(guest, deck, self._far):
            yield moment
        yield guest.after(hours=2)
        assert isinstance(await guest.move(*deck.slot(guest.now, *self._far)), Changed)
        yield guest.after(hours=2)
        again = deck.slot(guest.now, *self._far)
        assert isinstance(await guest.move(*again, agrees=False), FeeNeeded)
        assert isinstance(await guest.move(*again), Changed) and guest.purse.fees > 0
        async for moment in self._is_cooked_for(guest):
            yield moment

    async def _weather(self, guest: Guest, deck: Deck) -> Steps:
        async for moment in self._books(guest, deck, self._near):
            yield moment
        assert guest.starts_at is not None
        yield guest.starts_at - timedelta(hours=20)
        assert await guest.office.moves_for_the_weather(guest, *deck.slot(guest.now, *self._near))
        async for moment in self._is_cooked_for(guest):
            yield moment

    async def _cancels(self, guest: Guest, deck: Deck) -> Steps:
        async for moment in self._books(guest, deck, self._far):
            yield moment
        yield guest.after(hours=1)
        await guest.wish_to_cancel()
        yield guest.after(hours=guest.chance.randrange(1, 30))
        await guest.office.decides(guest, True, gives_back=True)

    async def _cancels_late(self, guest: Guest, deck: Deck) -> Steps:
        async for moment in self._books(guest, deck, self._near):
            yield moment
        assert guest.starts_at is not None
        yield guest.starts_at - timedelta(hours=30)
        await guest.wish_to_cancel()
        yield guest.after(minutes=40)
        await guest.office.decides(guest, True)

    async def _may_not_cancel(self, guest: Guest, deck: Deck) -> Steps:
        async for moment in self._books(guest, deck, self._far):
            yield moment
        yield guest.after(hours=3)
        await guest.wish_to_cancel()
        yield guest.after(hours=5)
        await guest.office.decides(guest, False)
        async for moment in self._is_cooked_for(guest):
            yield moment

    async def _cancels_unpaid(self, guest: Guest, deck: Deck) -> Steps:
        await self._holds(guest, deck, self._far)
        yield guest.after(minutes=10)
        await guest.accept()
        yield guest.after(hours=3)
        await guest.wish_to_cancel()
        yield guest.after(hours=2)
        await guest.office.decides(guest, True)

    async def _kept(self, guest: Guest, deck: Deck) -> Steps:
        await self._holds(guest, deck, self._far)
        yield guest.after(minutes=15)
        await guest.accept()
        yield guest.after(hours=1)
        await guest.office.keeps(guest)
        async for moment in self._is_cooked_for(guest):
            yield moment

    async def _by_hand(self, guest: Guest, deck: Deck) -> Steps:
        await self._holds(guest, deck, self._near)
        yield guest.after(minutes=50)
        await guest.office.confirms(guest)
        async for moment in self._is_cooked_for(guest):
            yield moment

    async def _nobody_there(self, guest: Guest, deck: Deck) -> Steps:
        async for moment in self._books(guest, deck, self._near):
            yield moment
        assert guest.starts_at is not None
        yield guest.starts_at + timedelta(minutes=35)
        await guest.office.says_nobody_was_there(guest)

    async def _complains(self, guest: Guest, deck: Deck) -> Steps:
        async for moment in self._books(guest, deck, self._near):
            yield moment
        async for moment in self._is_cooked_for(guest):
            yield moment
        assert guest.starts_at is not None
        yield guest.starts_at + timedelta(hours=15)
        await guest.complain()
        yield guest.after(hours=3)
        await guest.office.makes_up_for(guest)
