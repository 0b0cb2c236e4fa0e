"""What the commands on the database share: the way to it, the address to show, and errors put in words."""

import asyncio
import sys
from collections.abc import Awaitable, Callable
from typing import TypeVar

import typer
from sqlalchemy.exc import DBAPIError

from business.profile.loader import ProfileError
from gateway.cli.addresses import database_url
from gateway.supervisor.places import Addresses, Places
from gateway.supervisor.ports import reachable_host
from kernel.database import Database, sqlstate
from kernel.errors import GatewayError
from kernel.settings import Settings, load_settings

T = TypeVar("T")

NEVER_MIGRATED = ("42P01", "3F000")  # no such table, no such schema


def on_database(work: Callable[[Database, Settings], Awaitable[T]]) -> T:
    """Run `work` on the configured or running database; what a person can mend is said, with status 1."""
    settings = load_settings()
    url = database_url(settings)

    async def run() -> T:
        database = Database(url, application="hibachi-cli", pool_size=2)
        try:
            return await work(database, settings)
        finally:
            await database.close()

    try:
        return asyncio.run(run())
    except GatewayError as error:
        print(f"hibachi: {error.message}", file=sys.stderr)
        raise typer.Exit(1) from error
    except ProfileError as error:
        print(f"hibachi: {error}", file=sys.stderr)
        raise typer.Exit(1) from error
    except DBAPIError as error:
        if sqlstate(error) not in NEVER_MIGRATED:
            raise
        print("hibachi: the database lacks our tables. `hibachi db upgrade` makes them.", file=sys.stderr)
        raise typer.Exit(1) from error


def base_url(settings: Settings) -> str:
    """Where this install is reached: as configured, as it runs, or as it would run."""
    if settings.public_url is not None:
        return settings.public_url
    running = Addresses.read(Places(settings.data))
    return running.gateway if running is not None else f"http://{reachable_host(settings.host)}:{settings.port}"
