"""Who holds a visitor's token, where no site is named beside it: the token knows its site."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from business.customers import visitors
from business.customers.visitors import Visitor
from business.sites.queries import Site, site_by_id
from kernel.tables.core import VisitorToken


async def holder(connection: AsyncConnection, secret: str, token: str, now: datetime) -> tuple[Visitor, Site] | None:
    """The visitor and the site behind a token, or None where it is unknown, over or revoked."""
    kept = await connection.scalar(select(VisitorToken.site_id).where(VisitorToken.hash == visitors.token_hash(token)))
    site_id = kept or visitors.signed_site(secret, token)
    site = await site_by_id(connection, site_id) if site_id is not None else None
    if site is None:
        return None
    visitor = await visitors.recognise(connection, secret, token, site.id, site.key, now)
    return None if visitor is None else (visitor, site)
