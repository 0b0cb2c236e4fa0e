"""`hibachi chef`: who cooks from which station, and when they work."""

import re
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Annotated, Literal
from uuid import UUID

import typer
from sqlalchemy.ext.asyncio import AsyncConnection

from business.bookings import roster
from business.bookings.chefs import WorkTime
from business.bookings.roster import Cook
from business.profile.live import first_edition
from business.profile.terms import WEEKDAYS
from gateway.cli.database import on_database
from kernel.database import Database
from kernel.errors import NotFound
from kernel.ids import new_id
from kernel.settings import Settings

app = typer.Typer(no_args_is_help=True, pretty_exceptions_enable=False, rich_markup_mode=None)

Largest = Annotated[Literal["small", "medium", "large"] | None, typer.Option(help="The largest class of parties that they take.")]
Rating = Annotated[float | None, typer.Option(min=0, max=5, help="Of five.")]
Number = Annotated[int, typer.Argument(help="As `hibachi chef list` shows it.")]
_SPAN = re.compile(r"(\d{1,2}):(\d{2})-(\d{1,2}):(\d{2})")


@app.command()
def add(
    name: Annotated[str, typer.Argument(help="As customers and colleagues read it.")],
    station: Annotated[str | None, typer.Option(help="Key of a station of the profile; unset: the first.")] = None,
    largest: Largest = "large",
    rating: Rating = None,
) -> None:
    """Register a chef. From now on chefs decide what is free at their station within the profile's horizon."""

    async def work(database: Database, settings: Settings) -> Cook:
        profile = (await first_edition(database, settings.business.profile)).profile
        values = {"name": name, "station": station or profile.travel.stations[0].key, "largest": largest, "rating": _rating(rating)}
        chef = new_id()
        return await database.unit(lambda c: roster.add(c, profile, chef, values, None))

    _print(on_database(work))


@app.command("list")
def list_all() -> None:
    """All chefs: number, name, station, parties, rating, hours."""
    for cook in on_database(lambda database, _: database.unit(roster.everyone)):
        _print(cook)


@app.command()
def change(
    number: Number,
    name: Annotated[str | None, typer.Option(help="Another name.")] = None,
    largest: Largest = None,
    rating: Rating = None,
    active: Annotated[bool | None, typer.Option("--active/--inactive", help="Inactive ones get no party.")] = None,
) -> None:
    """Change what is given. Refused where parties would lose their chef."""
    given = {"name": name, "largest": largest, "rating": _rating(rating), "active": active}
    values = {key: value for key, value in given.items() if value is not None}

    async def work(database: Database, settings: Settings) -> Cook:
        profile = (await first_edition(database, settings.business.profile)).profile

        async def changed(connection: AsyncConnection) -> Cook:
            return await roster.change(connection, profile, await _id(connection, number), values, None)

        return await database.unit(changed)

    _print(on_database(work))


@app.command()
def hours(
    number: Number,
    weekly: Annotated[list[str] | None, typer.Option(help="Like sat=12:00-23:00; may be repeated.")] = None,
    on: Annotated[list[str] | None, typer.Option(help="One day, like 2026-12-24=10:00-20:00; may be repeated.")] = None,
    off: Annotated[list[str] | None, typer.Option(help="A day off, like 2026-12-25, or hours of it; may be repeated.")] = None,
) -> None:
    """Their whole calendar, in the place of the one before; what goes past midnight counts on (18:00-25:00). Without hours it is shown."""
    lines = (*map(_weekly, weekly or ()), *map(_on, on or ()), *map(_off, off or ()))

    async def work(database: Database, settings: Settings) -> Cook:
        profile = (await first_edition(database, settings.business.profile)).profile

        async def kept(connection: AsyncConnection) -> Cook:
            chef = await _id(connection, number)
            return await roster.set_times(connection, profile, chef, lines, None) if lines else await roster.one(connection, chef)

        return await database.unit(kept)

    _print(on_database(work))


async def _id(connection: AsyncConnection, number: int) -> UUID:
    for cook in await roster.everyone(connection):
        if cook.number == number:
            return cook.id
    raise NotFound(f"There is no chef {number}. `hibachi chef list` shows who there is.")


def _rating(rating: float | None) -> Decimal | None:
    return None if rating is None else Decimal(str(rating)).quantize(Decimal("0.01"))


def _weekly(given: str) -> WorkTime:
    weekday, _, span = given.partition("=")
    if weekday not in WEEKDAYS:
        raise typer.BadParameter(f"{given!r}: begin with a weekday ({', '.join(WEEKDAYS)}), like sat=12:00-23:00")
    return WorkTime("weekly", WEEKDAYS.index(weekday), None, *_minutes(given, span))


def _on(given: str) -> WorkTime:
    day, _, span = given.partition("=")
    return WorkTime("on", None, _day(given, day), *_minutes(given, span))


def _off(given: str) -> WorkTime:
    day, hours_too, span = given.partition("=")
    if not hours_too:
        return WorkTime("off", day=_day(given, day))
    return WorkTime("off", None, _day(given, day), *_minutes(given, span))


def _day(given: str, day: str) -> date:
    try:
        return date.fromisoformat(day)
    except ValueError:
        raise typer.BadParameter(f"{given!r}: begin with a day, like 2026-12-24") from None


def _minutes(given: str, span: str) -> tuple[int, int]:
    found = _SPAN.fullmatch(span)
    if found is None:
        raise typer.BadParameter(f"{given!r}: give hours from and to, like 12:00-23:00")
    from_hour, from_minute, to_hour, to_minute = map(int, found.groups())
    return from_hour * 60 + from_minute, to_hour * 60 + to_minute


def _print(cook: Cook) -> None:
    rating = "unrated" if cook.rating is None else f"rated {cook.rating}"
    inactive = "" if cook.active else "   inactive"
    typer.echo(f"{cook.number:>4}   {cook.name}   {cook.station}   parties up to {cook.largest}   {rating}{inactive}")
    for line in _shown(cook):
        typer.echo(f"       {line}")


def _shown(cook: Cook) -> Iterator[str]:
    for line in cook.times:
        on = WEEKDAYS[line.weekday] if line.weekday is not None else str(line.day)
        span = "all day" if line.from_minute is None or line.to_minute is None else f"{_clock(line.from_minute)}-{_clock(line.to_minute)}"
        yield f"{'off ' if line.kind == 'off' else ''}{on} {span}"


def _clock(minute: int) -> str:
    return f"{minute // 60:02d}:{minute % 60:02d}"
