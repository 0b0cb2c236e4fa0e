"""Where commands find the database and Redis: as configured, else what `hibachi up` runs on this data folder."""

from gateway.supervisor.places import Addresses, Places
from kernel.settings import Settings


class NothingRuns(Exception):
    """Neither configured nor embedded and running."""

    def __init__(self, settings: Settings, variable: str) -> None:
        super().__init__(f"{variable} is not set, and `hibachi up` does not run on {settings.data}. Start it, or set {variable}.")


def database_url(settings: Settings) -> str:
    """PostgreSQL's address. Raises NothingRuns with a text for the operator."""
    if settings.database.url is not None:
        return settings.database.url.get_secret_value()
    running = Addresses.read(Places(settings.data))
    if running is None:
        raise NothingRuns(settings, "DATABASE_URL")
    return running.database_url


def redis_url(settings: Settings) -> str:
    """Redis's address. Raises NothingRuns with a text for the operator."""
    if settings.redis.url is not None:
        return settings.redis.url.get_secret_value()
    running = Addresses.read(Places(settings.data))
    if running is None:
        raise NothingRuns(settings, "REDIS_URL")
    return running.redis_url
