"""An install that people of the tests visit: opens their windows, signs staff in once, and looks at every page's faults at the end."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from playwright.async_api import Browser, StorageState, expect

from kernel.database import Database
from tests.browser.chromium import Watched, Window
from tests.browser.people import Admin, Customer, shown, sign_in, watched_for
from tests.rig.fleet import ADMIN, PASSWORD, Fleet, Gateway
from tests.rig.provider import Call, ScriptedProvider


class Place:
    """One gateway with its worker, its scripted model, and who is there now."""

    def __init__(self, browser: Browser, fleet: Fleet, gateway: Gateway, provider: ScriptedProvider | None, model: str) -> None:
        self.browser = browser
        self.fleet = fleet
        self.gateway = gateway
        self._provider = provider
        self._model = model
        self._signed_in: StorageState | None = None
        self._windows: list[Window] = []
        self.watched = watched_for(gateway.base)

    @property
    def base(self) -> str:
        return self.gateway.base

    @property
    def provider(self) -> ScriptedProvider:
        assert self._provider is not None, "this install has the house alone"
        return self._provider

    @property
    def owner(self) -> tuple[str, str]:
        """E-mail and password of whom the install belongs to."""
        return ADMIN, PASSWORD

    @asynccontextmanager
    async def visited(self) -> AsyncIterator[None]:
        """One test: closes its windows, then says what was wrong on their pages."""
        self.watched = watched_for(self.base)
        try:
            yield
        finally:
            for window in self._windows:
                await window.close()
            self._windows.clear()
            if self._provider is not None:
                self._provider.forget(self._model)
        assert not self.watched.faults, "\n".join(self.watched.faults)

    # -- people

    async def window(self, watched: Watched | None = None, **options: Any) -> Window:
        """A browser of somebody's own, closed at the test's end."""
        window = await Window.open(self.browser, watched or self.watched, **options)
        self._windows.append(window)
        return window

    async def customer(self, **options: Any) -> Customer:
        """Somebody on the demo page with the chat open."""
        return await (await Customer.arrive(await self.window(**options), f"{self.base}/demo")).open()

    async def admin(self, *, leaves: bool = False, **options: Any) -> Admin:
        """The owner, in the inbox. The form is filled in once; later tests bring its cookie. `leaves`: with a session of their own,
        which may be signed out."""
        signed_in = None if leaves else self._signed_in
        window = await self.window(storage_state=signed_in, **options)
        page, wire = await window.tab()
        if signed_in is None:
            await sign_in(page, self.base, *self.owner)
        else:
            await page.goto(f"{self.base}/console")
        admin = Admin(window, page, wire)
        await expect(admin.inbox).to_be_visible()
        if signed_in is None and not leaves:
            self._signed_in = await window.context.storage_state()
        return admin

    # -- the model

    def plan(self, *scripts: str) -> None:
        """What the model does in its next calls (tests/rig/script.py)."""
        self.provider.plan(self._model, scripts)

    def say(self, text: str) -> None:
        """What the model answers with, until the test's end."""
        self.provider.say(self._model, text)

    @property
    def calls(self) -> list[Call]:
        return self.provider.calls

    def answers(self, *messages: str) -> list[str]:
        """What the model answered to each of these messages as a page shows it, in its last attempt; its other calls, a summary's say,
        may have come in between."""
        calls = [[call for call in self.calls if message in str(call.messages[-1].get("content"))] for message in messages]
        return [shown(found[-1]) for found in calls]

    # -- the install

    @asynccontextmanager
    async def database(self) -> AsyncIterator[Database]:
        """The install's database, beside the gateway."""
        database = Database(self.fleet.database_url, application="browser test")
        try:
            yield database
        finally:
            await database.close()

    async def restart(self) -> None:
        """`kill -9`, and the same gateway again at the same port."""
        self.gateway.kill()
        self.gateway.start()
        await self.gateway.ready()
