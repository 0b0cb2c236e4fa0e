"""`hibachi admin`: who works here. Each command prints a way in once; the terminal it is printed on is the proof."""

from typing import Annotated

import typer

from business.staff.passwords import Passwords
from business.staff.service import Invited, StaffService
from gateway.cli.database import base_url, on_database
from gateway.seed import sign_in_path
from kernel.database import Database
from kernel.settings import Settings, load_settings

app = typer.Typer(no_args_is_help=True, pretty_exceptions_enable=False, rich_markup_mode=None)

Email = Annotated[str, typer.Argument(help="E-mail address; it is the name to log in with.")]


@app.command()
def invite(
    email: Email,
    name: Annotated[str | None, typer.Option(help="Name that customers see; unset: from the address.")] = None,
    role: Annotated[str, typer.Option(help="owner, admin or agent.")] = "agent",
) -> None:
    """Add somebody: a one-time password, and a link that is good once for 15 minutes."""
    shown = name or email.partition("@")[0].replace(".", " ").title()

    async def work(database: Database, _: Settings) -> Invited:
        return await StaffService(database, Passwords()).invite(email, shown, role)

    _print(on_database(work))


@app.command()
def reset(email: Email) -> None:
    """A new one-time password and link; ends every session; lets a disabled account in again."""

    async def work(database: Database, _: Settings) -> Invited:
        return await StaffService(database, Passwords()).reset(email)

    _print(on_database(work))


@app.command()
def disable(email: Email) -> None:
    """Let somebody in no longer; whoever is in is cut within ten seconds."""

    async def work(database: Database, _: Settings) -> None:
        await StaffService(database, Passwords()).disable(email)

    on_database(work)
    typer.echo(f"{email} is disabled; `hibachi admin reset {email}` lets them in again")


@app.command("list")
def list_all() -> None:
    """Everybody: address, name, role, state."""

    async def work(database: Database, _: Settings) -> None:
        for one in await StaffService(database, Passwords()).colleagues():
            state = "disabled" if one.disabled else "has a one-time password" if one.must_change else ""
            typer.echo(f"{one.email:<32} {one.name:<24} {one.role:<7} {state}".rstrip())

    on_database(work)


def _print(invited: Invited) -> None:
    base = base_url(load_settings())
    typer.echo(f"sign in             {base}{sign_in_path(invited.sign_in_token)}   (once, within 15 minutes)")
    typer.echo(f"or log in as        {invited.email}   at {base}/console")
    typer.echo(f"one-time password   {invited.one_time_password}")
