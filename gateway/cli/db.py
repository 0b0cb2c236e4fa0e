"""`hibachi db`: upgrade, downgrade, check, seed, revision."""

import asyncio
import json
import sys
from collections.abc import Coroutine
from typing import Annotated, Any, TypeVar

import typer

from gateway.cli.addresses import database_url
from kernel.settings import load_settings

T = TypeVar("T")
app = typer.Typer(no_args_is_help=True, pretty_exceptions_enable=False, rich_markup_mode=None)


def _run(work: Coroutine[Any, Any, T]) -> T:
    """To its end; what an operator can mend is said, with status 1."""
    import asyncpg

    from migrations.history import HistoryFault
    from migrations.runner import MigrationFault

    try:
        return asyncio.run(work)
    except (MigrationFault, HistoryFault, OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        print(f"hibachi: {error}", file=sys.stderr)
        raise typer.Exit(1) from error


@app.command()
def upgrade(revision: Annotated[str, typer.Argument(help="How far up.")] = "head") -> None:
    """Bring the database's tables up to date. Several processes may call it at once."""
    from migrations import runner

    reached = _run(runner.upgrade(database_url(load_settings()), revision))
    typer.echo(f"the database is at {reached}")


@app.command()
def downgrade(
    revision: Annotated[str, typer.Argument(help="How far down: a revision, -1 for one step, base for all.")],
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask: rows in dropped tables are lost.")] = False,
) -> None:
    """Take migrations back. What they did not make stays."""
    from migrations import runner

    if not yes:
        typer.confirm(f"Go down to {revision}? The rows of every table that is dropped are lost.", abort=True)
    reached = _run(runner.downgrade(database_url(load_settings()), revision))
    typer.echo(f"the database is at {reached or 'nothing: before the first migration'}")


@app.command()
def check() -> None:
    """Compare the tables with the code, the history with itself, soft keys with their rows, budgets with calls. Status 1 if anything
    is wrong."""
    from migrations.check import check as find

    findings = _run(find(database_url(load_settings())))
    for finding in findings:
        typer.echo(f"{finding.kind:<15} {finding.text}")
    if findings:
        raise typer.Exit(1)
    typer.echo("the database is as the code wants it: tables, one head, no empty revision, no dangling soft key, budgets as spent")


@app.command()
def seed(as_json: Annotated[bool, typer.Option("--json", help="One line of JSON.")] = False) -> None:
    """Make what a fresh install needs: its secret, the demo site, an owner. Prints a way in."""
    from gateway.cli.database import base_url, on_database
    from gateway.seed import seed as make
    from gateway.seed import sign_in_path

    made = on_database(make)
    path = sign_in_path(made.sign_in_token)
    if as_json:
        result = {"email": made.admin_email, "one_time_password": made.one_time_password, "sign_in": path}
        typer.echo(json.dumps(result))
        return
    typer.echo(f"owner      {made.admin_email}")
    typer.echo(f"sign in    {base_url(load_settings())}{path}   (once, within 15 minutes)")
    typer.echo(f"password   {made.one_time_password or 'chosen already'}")


@app.command()
def revision(message: Annotated[str, typer.Argument(help="What changes, in a few words.")]) -> None:
    """Write a migration from the difference between the tables in the code and this database. Read it before use."""
    from migrations import runner

    path = _run(runner.write_revision(database_url(load_settings()), message))
    print(path, file=sys.stdout)
