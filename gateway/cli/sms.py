"""`hibachi sms`: texts, and trying them without a provider."""

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

if TYPE_CHECKING:
    from business.channels.provider import TextProvider
    from kernel.settings import Settings

T = TypeVar("T")

app = typer.Typer(no_args_is_help=True, pretty_exceptions_enable=False, rich_markup_mode=None)


@app.callback()
def _group() -> None:
    """Texts."""


@app.command()
def status() -> None:
    """Say how the channel stands: the webhook, what came in and went out."""
    from business.channels import overview
    from gateway.cli.database import on_database
    from gateway.cli.texting import told
    from kernel.clock import utc_now
    from kernel.database import Database
    from kernel.settings import Settings

    async def work(database: Database, settings: Settings) -> list[str]:
        async with database.transaction() as connection:
            row = await overview.subscription(connection, settings.sms.provider)
            return told(row, await overview.flow(connection, utc_now()))

    typer.echo("\n".join(on_database(work)))


@app.command()
def numbers() -> None:
    """Ask the provider for our numbers, and what each can do."""
    from gateway.cli.texting import table
    from kernel.settings import load_settings

    async def work(provider: "TextProvider") -> list[str]:
        return table(await provider.numbers())

    typer.echo("\n".join(_asked(load_settings(), work)))


@app.command()
def subscribe() -> None:
    """Make the webhook anew. Workers do so by themselves; this says at once what keeps them from it."""
    from gateway.cli import texting
    from gateway.cli.database import on_database
    from kernel.database import Database
    from kernel.settings import Settings

    async def work(database: Database, settings: Settings) -> str:
        async def asked(provider: "TextProvider") -> str:
            made = await texting.subscribe(database, settings, provider)
            return f"RingCentral tells us of texts until {made.expires_at:%Y-%m-%d %H:%M} UTC; a worker renews it."

        return await _with_provider(settings, asked)

    typer.echo(on_database(work))


@app.command()
def unsubscribe() -> None:
    """Take the webhook away. A worker that runs makes it anew: set [sms] provider to none first, or stop it."""
    from gateway.cli import texting
    from gateway.cli.database import on_database
    from kernel.database import Database
    from kernel.settings import Settings

    async def work(database: Database, settings: Settings) -> bool:
        async def asked(provider: "TextProvider") -> bool:
            return await texting.unsubscribe(database, provider)

        return await _with_provider(settings, asked)

    typer.echo("It is gone." if on_database(work) else "There was none.")


def _asked(settings: "Settings", work: "Callable[[TextProvider], Awaitable[T]]") -> "T":
    import asyncio

    return asyncio.run(_with_provider(settings, work))


async def _with_provider(settings: "Settings", work: "Callable[[TextProvider], Awaitable[T]]") -> "T":
    """What a person can mend is said, with status 1."""
    import os

    from business.channels.provider import SmsError
    from business.channels.ringcentral.advice import advice
    from gateway.cli.texting import NoProvider, provider_of

    provider = None
    try:
        provider = provider_of(settings.sms, os.environ)
        return await work(provider)
    except NoProvider as error:
        typer.echo(f"hibachi: {error}", err=True)
        raise typer.Exit(1) from error
    except SmsError as error:
        typer.echo(f"hibachi: {advice(error.code)}", err=True)
        raise typer.Exit(1) from error
    finally:
        if provider is not None:
            await provider.close()


@app.command()
def simulate(
    only: Annotated[bool, typer.Option("--only", help="The simulator alone, with the settings that point an install at it.")] = False,
    high_volume: Annotated[bool, typer.Option("--high-volume", help="Its number sends by the high-volume (A2P) API.")] = False,
    port: Annotated[int | None, typer.Option(min=1, max=65_535, help="Of the simulator; unset: the next free one from 8180.")] = None,
    keep: Annotated[bool, typer.Option("--keep", help="Leave its data folder when it stops.")] = False,
) -> None:
    """Try texts without an account: everything as `up` starts it, on an install of its own, and phones in a page."""
    from gateway.cli.up import say, supervised
    from gateway.simulator.stage import Show, Stage

    try:
        raise typer.Exit(supervised(Stage(Show(only, high_volume, keep, port), say).run()))
    except KeyboardInterrupt:
        raise typer.Exit(0) from None  # before anything was started
