"""`hibachi profile`: the version that counts, and the file taken by hand."""

import typer

from business.profile.live import first_edition
from business.profile.loader import SHIPPED, load_profile
from business.profile.text import to_toml
from business.profile.versions import Edition, take_file
from gateway.cli.database import on_database
from kernel.database import Database
from kernel.settings import Settings

app = typer.Typer(no_args_is_help=True, pretty_exceptions_enable=False, rich_markup_mode=None)


@app.command()
def show() -> None:
    """Print the current version as TOML."""
    edition = on_database(_current)
    entry = edition.entry
    print(f"# Version {edition.number}, {entry.at:%Y-%m-%d %H:%M} UTC, by {entry.by or 'the file'}")
    print(to_toml(edition.profile), end="")


@app.command()
def take() -> None:
    """Make the profile's file the next version, whatever was edited in the console."""

    async def work(database: Database, settings: Settings) -> Edition:
        file = settings.business.profile
        profile = load_profile(file)
        await database.unit(lambda c: take_file(c, profile, (file or SHIPPED).name, by_hand=True))
        return await _current(database, settings)

    print(f"version {on_database(work).number} counts")


async def _current(database: Database, settings: Settings) -> Edition:
    return await first_edition(database, settings.business.profile)
