"""The database for a command that needs one whether `hibachi up` runs or not: what is configured, what runs, else the embedded one, started
for as long as it takes."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from gateway.cli.addresses import NothingRuns
from gateway.supervisor.lock import DataLock
from gateway.supervisor.places import Addresses, Places, clear_temporary
from gateway.supervisor.postgres import EmbeddedPostgres
from gateway.supervisor.service import Service, StartError, until
from gateway.supervisor.supervisor import SERVER_START_S, make_data_folder
from kernel.settings import Settings


@asynccontextmanager
async def postgres(settings: Settings, say: Callable[[str], None], *, alone: bool, make: bool = False) -> AsyncIterator[str]:
    """PostgreSQL's address. `alone`: not while `hibachi up` runs on the data folder; `make`: a new cluster where there is none.

    Raises InUse, StartError, NothingRuns.
    """
    places = Places(settings.data)
    if settings.database.url is not None:
        yield settings.database.url.get_secret_value()
        return
    running = None if alone else Addresses.read(places)
    if running is not None:
        yield running.database_url
        return
    if not make and not (places.postgres / "PG_VERSION").exists():
        raise NothingRuns(settings, "DATABASE_URL")
    make_data_folder(settings.data)
    with DataLock(places.lock):
        server = EmbeddedPostgres(places)
        await server.prepare()
        service = Service(server.program(), say)
        await service.start()
        try:
            if not await until(server.ready, SERVER_START_S):
                raise StartError(f"PostgreSQL did not start. The end of {service.program.log}:\n{service.log_tail()}")
            yield places.database_url
        finally:
            await service.stop()
            clear_temporary(settings.data)
