"""Writing sites: add, change, a new identity secret, the demo of a fresh install; and the line of HTML that embeds one."""

import secrets
from collections.abc import Iterable, Mapping
from html import escape
from typing import Any
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from business.push.vapid import new_key
from business.sites import queries, rules
from business.sites.queries import Site
from business.staff import audit
from business.staff.audit import ActorKind
from kernel.database import Database
from kernel.errors import BadRequest, Conflict, NotFound
from kernel.ids import SiteId, new_id
from kernel.tables.core import Install
from kernel.tables.core import Site as SiteRow

CLI: tuple[ActorKind, UUID | None] = ("cli", None)


class SiteService:
    """The only writer of sites. Each change leaves an audit row in its transaction."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(
        self,
        key: str,
        name: str,
        origins: Iterable[str],
        theme: Mapping[str, str] | None = None,
        *,
        ask: Iterable[str] | None = None,
        greeting: Mapping[str, str] | None = None,
        allow_own_origin: bool = False,
        allow_no_origin: bool = False,
        actor: tuple[ActorKind, UUID | None] = CLI,
    ) -> Site:
        """A new site with an identity secret of its own. Raises BadRequest, or Conflict where the key is taken."""
        site_id = SiteId(new_id())
        values: dict[str, Any] = {
            "id": site_id,
            "key": rules.key(key),
            "name": rules.name(name),
            "origins": list(rules.origins(origins)),
            "theme": _look(theme or {}, ask, greeting),
            "identity_secret": secrets.token_urlsafe(32),
            "allow_own_origin": allow_own_origin,
            "allow_no_origin": allow_no_origin,
        }
        if not (values["origins"] or allow_own_origin or allow_no_origin):
            raise BadRequest("Name at least one origin, like https://www.example.com: nobody could open the site.")

        async def store(connection: AsyncConnection) -> Site:
            await connection.execute(insert(SiteRow).values(values).on_conflict_do_nothing(index_elements=["key"]))
            site = await queries.site_by_key(connection, key)
            if site is None or site.id != site_id:
                raise Conflict(f"There is a site with the key {key} already.")
            await audit.record(connection, *actor, "site.added", site_id, {"key": key, "origins": values["origins"]})
            return site

        return await self._database.unit(store)

    async def update(
        self,
        key: str,
        *,
        name: str | None = None,
        origins: Iterable[str] | None = None,
        theme: Mapping[str, str] | None = None,
        ask: Iterable[str] | None = None,
        greeting: Mapping[str, str] | None = None,
        new_secret: bool = False,
        actor: tuple[ActorKind, UUID | None] = CLI,
    ) -> Site:
        """Change what is given, leave the rest. A new secret ends what was signed with the old. Raises NotFound, BadRequest."""
        values: dict[str, Any] = {}
        if name is not None:
            values["name"] = rules.name(name)
        if origins is not None:
            values["origins"] = list(rules.origins(origins))
        look: dict[str, Any] = _look(theme or {}, ask, greeting)
        if new_secret:
            values["identity_secret"] = secrets.token_urlsafe(32)

        async def store(connection: AsyncConnection) -> Site:
            if theme is not None or look:
                stored = await connection.scalar(select(SiteRow.theme).where(SiteRow.key == key).with_for_update()) or {}
                kept = {name: value for name, value in stored.items() if theme is None or name in queries.BESIDE}
                values["theme"] = kept | look
            if values:
                await connection.execute(update(SiteRow).where(SiteRow.key == key).values(values))
            site = await queries.site_by_key(connection, key)
            if site is None:
                raise NotFound(f"There is no site with the key {key}.")
            if values:
                await audit.record(connection, *actor, "site.changed", site.id, {"key": key, "changed": sorted(values)})
            return site

        return await self._database.unit(store)

    async def list(self) -> tuple[Site, ...]:
        """All sites, by key."""
        async with self._database.transaction() as connection:
            return await queries.sites(connection)

    async def find(self, key: str) -> Site:
        """The site with this key. Raises NotFound."""
        async with self._database.transaction() as connection:
            site = await queries.site_by_key(connection, key)
        if site is None:
            raise NotFound(f"There is no site with the key {key}.")
        return site


async def ensure_demo(connection: AsyncConnection) -> None:
    """The site of a fresh install: open to the install's own pages and to clients that send no origin."""
    made = await connection.scalar(
        insert(SiteRow)
        .values(
            id=new_id(),
            key=rules.DEMO,
            name="Demo",
            identity_secret=secrets.token_urlsafe(32),
            allow_own_origin=True,
            allow_no_origin=True,
        )
        .on_conflict_do_nothing(index_elements=["key"])
        .returning(SiteRow.id)
    )
    if made is not None:
        await audit.record(connection, "system", None, "site.added", made, {"key": rules.DEMO, "origins": []})


async def ensure_install(connection: AsyncConnection) -> None:
    """The install's one row, with a random secret and a key for pushes that never change after."""
    await connection.execute(insert(Install).values(id=1, secret=secrets.token_urlsafe(48)).on_conflict_do_nothing(index_elements=["id"]))
    if await connection.scalar(select(Install.push_key)) is None:
        await connection.execute(update(Install).where(Install.push_key.is_(None)).values(push_key=new_key()))


async def install_secret(connection: AsyncConnection) -> str:
    """What signs the tokens of visitors who have not written yet."""
    secret: str = (await connection.execute(select(Install.secret))).scalar_one()
    return secret


def _look(theme: Mapping[str, str], ask: Iterable[str] | None, greeting: Mapping[str, str] | None) -> dict[str, Any]:
    """What the column holds of what is given. Raises BadRequest."""
    look: dict[str, Any] = dict(rules.theme(theme))
    if ask is not None:
        look[queries.ASK] = list(rules.questions(ask))
    if greeting is not None:
        look[queries.GREETING] = rules.greeting(greeting)
    return look


def embed_snippet(site: Site, public_url: str) -> str:
    """The line that a site's owner puts into their pages."""
    address = escape(f"{public_url.rstrip('/')}/widget.js", quote=True)
    return f'<script async src="{address}" data-site="{escape(site.key, quote=True)}"></script>'
