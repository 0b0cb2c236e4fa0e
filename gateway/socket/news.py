"""What open widgets are told when the business's hours begin or end, or its profile changes: the header of a page left open stays true."""

import asyncio
from collections.abc import Mapping
from typing import Any

from business.handoffs.lines import language
from business.profile.consistency import LANGUAGES
from business.profile.live import LiveProfile
from business.profile.schemas import Profile
from business.profile.versions import Edition
from gateway.live.outgoing import Outgoing
from gateway.socket.card import business_now
from gateway.socket.server import SocketServer
from gateway.socket.session import ChatSession
from kernel.clock import Clock

LOOK_EVERY = 10.0


class BusinessNews:
    """Tells every customer's socket of this process, when what it was told is no longer so."""

    def __init__(self, server: SocketServer, live: LiveProfile, clock: Clock) -> None:
        self._server = server
        self._live = live
        self._clock = clock
        self._changed = asyncio.Event()
        self._told = self._now(live.profile())
        live.on_change(self._edited)

    def _edited(self, _: Edition) -> None:
        self._changed.set()

    def _now(self, profile: Profile) -> dict[str, dict[str, Any]]:
        return {spoken: business_now(profile, self._clock(), spoken) for spoken in LANGUAGES}

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            try:
                async with asyncio.timeout(LOOK_EVERY):
                    await self._changed.wait()
            except TimeoutError:
                pass
            self._changed.clear()
            self.look()

    def look(self) -> None:
        """Tell, where something is to be told."""
        news = self._now(self._live.profile())
        if {spoken: _lasting(one) for spoken, one in news.items()} == {spoken: _lasting(one) for spoken, one in self._told.items()}:
            return
        self._told = news
        for session in list(self._server.sessions.values()):
            # Whoever waits for `ready`, which comes first, reads the same in it.
            if isinstance(session, ChatSession) and session.wants is None:
                session.send(Outgoing("business", news[language(session.locale)], live=False))


def _lasting(news: Mapping[str, Any]) -> dict[str, Any]:
    """Without the minutes, which count down by themselves."""
    return {name: value for name, value in news.items() if name != "reply_minutes"}
