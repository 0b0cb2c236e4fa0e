"""Reading sites: one by its key, all of them, every origin that any of them allows."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from uuid import UUID

from sqlalchemy import Row, func, select, true
from sqlalchemy.ext.asyncio import AsyncConnection

from business.sites.rules import USUAL_QUESTIONS
from kernel.ids import SiteId
from kernel.tables.core import Site as SiteRow

# Beside the colours, in the site's column `theme`: no CSS property is called so.
ASK = "ask"
GREETING = "greeting"
BESIDE = (ASK, GREETING)


@dataclass(frozen=True, slots=True)
class Site:
    """A place where the widget is embedded. `identity_secret` signs what the site says of its visitors (HS256); `ask` is what the
    widget asks a visitor for, after their first message; `greeting` its first words by language, where they are not the business's."""

    id: SiteId
    key: str
    name: str
    origins: tuple[str, ...]
    identity_secret: str
    theme: Mapping[str, str]
    ask: tuple[str, ...]
    greeting: Mapping[str, str]
    allow_own_origin: bool
    allow_no_origin: bool

    def admits(self, origin: str | None, own_origins: frozenset[str], *, known: bool = False) -> bool:
        """Whether a client that names this origin (None: that sends none) may use the site. `known`: it shows a token of the site, which a
        link to a page of our own gave it."""
        if origin is None:
            return self.allow_no_origin
        return origin in self.origins or ((self.allow_own_origin or known) and origin in own_origins)


async def site_by_key(connection: AsyncConnection, key: str) -> Site | None:
    """The site with this public key."""
    row = (await connection.execute(select(SiteRow).where(SiteRow.key == key))).one_or_none()
    return None if row is None else _site(row)


async def site_by_id(connection: AsyncConnection, site: UUID) -> Site | None:
    """The site with this id."""
    row = (await connection.execute(select(SiteRow).where(SiteRow.id == site))).one_or_none()
    return None if row is None else _site(row)


async def sites(connection: AsyncConnection) -> tuple[Site, ...]:
    """All sites, by key."""
    return tuple(_site(row) for row in await connection.execute(select(SiteRow).order_by(SiteRow.key)))


async def all_origins(connection: AsyncConnection) -> frozenset[str]:
    """Every origin that some site allows; not the install's own."""
    listed = func.jsonb_array_elements_text(SiteRow.origins).table_valued("value")
    return frozenset(await connection.scalars(select(listed.c.value).distinct().select_from(SiteRow).join(listed, true())))


def _site(row: Row[SiteRow]) -> Site:
    return Site(
        id=SiteId(row.id),
        key=row.key,
        name=row.name,
        origins=tuple(row.origins),
        identity_secret=row.identity_secret,
        theme=MappingProxyType({name: value for name, value in row.theme.items() if name not in BESIDE}),
        ask=tuple(row.theme.get(ASK, USUAL_QUESTIONS)),
        greeting=MappingProxyType(row.theme.get(GREETING, {})),
        allow_own_origin=row.allow_own_origin,
        allow_no_origin=row.allow_no_origin,
    )
