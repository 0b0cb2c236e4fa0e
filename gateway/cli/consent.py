"""`hibachi consent`: what a number agreed to, as proof."""

import json
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

app = typer.Typer(no_args_is_help=True, pretty_exceptions_enable=False, rich_markup_mode=None)


@app.callback()
def group() -> None:
    """The ledger of consent to text messages."""


@app.command()
def export(
    number: Annotated[str, typer.Argument(help="Like +15105550142; without a country it is read as one of the business's own.")],
    form: Annotated[Literal["json", "csv"], typer.Option("--format", help="A signed document, or a table.")] = "json",
    to: Annotated[Path | None, typer.Option(help="Write here instead of to the terminal.")] = None,
) -> None:
    """Every entry of a number: its words, way in, time, address and person, chained by hashes and signed by the install."""
    from business.channels import proof
    from business.customers import contacts
    from business.profile.live import first_edition
    from business.sites.service import install_secret
    from gateway.cli.database import on_database
    from kernel.clock import utc_now
    from kernel.database import Database
    from kernel.settings import Settings

    async def work(database: Database, settings: Settings) -> dict[str, Any]:
        profile = (await first_edition(database, settings.business.profile)).profile
        stored = contacts.phone(number, profile.business.phone)
        async with database.transaction() as connection:
            return await proof.proof(connection, profile, await install_secret(connection), stored, utc_now())

    document = on_database(work)
    text = proof.as_csv(document) if form == "csv" else json.dumps(document, indent=2, ensure_ascii=False) + "\n"
    if to is None:
        typer.echo(text, nl=False)
    else:
        to.write_text(text, encoding="utf-8", newline="")


@app.command()
def verify(document: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="A signed document.")]) -> None:
    """Say whether a document was made by this install and is whole. Status 1 where it is not."""
    from business.channels import proof
    from business.sites.service import install_secret
    from gateway.cli.database import on_database
    from kernel.database import Database
    from kernel.settings import Settings

    async def work(database: Database, _: Settings) -> str:
        async with database.transaction() as connection:
            return await install_secret(connection)

    try:
        claimed = json.loads(document.read_text(encoding="utf-8"))
    except ValueError:
        claimed = {}
    if not proof.genuine(claimed, on_database(work)):
        typer.echo("this document is NOT as the install made it")
        raise typer.Exit(1)
    typer.echo("this document is as the install made it")
