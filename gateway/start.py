"""What a gateway must have before it is built: a database, the install's secret, and the profile that counts."""

from typing import Any

from business.profile.live import first_edition
from business.profile.versions import Edition
from business.sites.service import install_secret
from kernel.database import Database
from kernel.settings import Settings


def build_database(settings: Settings, url: str, application: str) -> Database:
    """The engines of a process, with the replicas that are configured."""
    given = settings.database

    def address(value: Any) -> str | None:
        return value.get_secret_value() if value is not None else None

    return Database(
        url,
        application=application,
        pool_size=given.pool_size,
        reading=address(given.reading),
        marketing=address(given.marketing),
        analytics=address(given.analytics),
    )


async def read_secret(database: Database) -> str:
    """The install's secret; the database is migrated and seeded before a gateway starts. Raises Unavailable."""
    return await database.unit(install_secret)


async def read_start(database: Database, settings: Settings) -> tuple[str, Edition]:
    """The secret, and the profile that counts. Raises ProfileError, Unavailable."""
    return await read_secret(database), await first_edition(database, settings.business.profile)
