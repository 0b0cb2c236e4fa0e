"""`hibachi site`: where the widget may be embedded."""

from typing import Annotated

import typer

from business.sites.queries import Site
from business.sites.service import SiteService, embed_snippet
from gateway.cli.database import base_url, on_database
from kernel.database import Database
from kernel.settings import Settings, load_settings

app = typer.Typer(no_args_is_help=True, pretty_exceptions_enable=False, rich_markup_mode=None)

Key = Annotated[str, typer.Argument(help="Public key of the site: a to z, 0 to 9, hyphens.")]
Origins = Annotated[list[str] | None, typer.Option("--origin", help="Like https://www.example.com; may be repeated.")]
Colours = Annotated[list[str] | None, typer.Option("--theme", help="Like --ember=#c2410c; may be repeated.")]

ASKED = "name,email,phone,sms_consent,sms_marketing,event_date"
Questions = Annotated[str | None, typer.Option("--ask", help=f"What the widget asks visitors for: {ASKED}; or none.")]
Greetings = Annotated[list[str] | None, typer.Option("--greeting", help="First words, like en='Hungry? Ask us'; may be repeated.")]


@app.command()
def add(
    key: Key,
    origin: Origins = None,
    name: Annotated[str | None, typer.Option(help="Name of the site; unset: its key.")] = None,
    theme: Colours = None,
    ask: Questions = None,
    greeting: Greetings = None,
) -> None:
    """Add a site; prints its identity secret and the snippet to embed."""

    async def work(database: Database, _: Settings) -> Site:
        return await SiteService(database).add(
            key, name or key, origin or (), _pairs(theme), ask=_questions(ask), greeting=_pairs(greeting)
        )

    _print(on_database(work))


@app.command()
def change(
    key: Key,
    origin: Origins = None,
    name: Annotated[str | None, typer.Option(help="Another name.")] = None,
    theme: Colours = None,
    ask: Questions = None,
    greeting: Greetings = None,
    new_secret: Annotated[bool, typer.Option("--new-secret", help="Ends what was signed with the old one.")] = False,
) -> None:
    """Change what is given, leave the rest. Origins, theme and greeting replace the old ones."""

    async def work(database: Database, _: Settings) -> Site:
        return await SiteService(database).update(
            key,
            name=name,
            origins=origin,
            theme=_pairs(theme) if theme else None,
            ask=_questions(ask),
            greeting=_pairs(greeting) if greeting else None,
            new_secret=new_secret,
        )

    _print(on_database(work))


@app.command("list")
def list_all(
    secrets: Annotated[bool, typer.Option("--secrets", help="Show identity secrets too.")] = False,
) -> None:
    """All sites: key, name, origins, theme, snippet."""

    async def work(database: Database, _: Settings) -> None:
        for site in await SiteService(database).list():
            _print(site, secret=secrets)
            typer.echo()

    on_database(work)


def _pairs(values: list[str] | None) -> dict[str, str]:
    pairs = [value.partition("=") for value in values or ()]
    for name, equals, _ in pairs:
        if not equals:
            raise typer.BadParameter(f"{name!r}: give a name and a value, like --ember=#c2410c or en=Hello")
    return {name.strip(): value.strip() for name, _, value in pairs}


def _questions(value: str | None) -> list[str] | None:
    if value is None:
        return None
    return [one for part in value.split(",") if (one := part.strip()) not in ("", "none")]


def _print(site: Site, *, secret: bool = True) -> None:
    allowed = [*site.origins, *["this install's own pages"] * site.allow_own_origin]
    allowed += ["clients that send no origin"] * site.allow_no_origin
    typer.echo(f"site             {site.key}   {site.name}")
    typer.echo(f"origins          {', '.join(allowed)}")
    if site.theme:
        typer.echo(f"theme            {', '.join(f'{name}: {colour}' for name, colour in site.theme.items())}")
    typer.echo(f"asks for         {', '.join(site.ask) or 'nothing'}")
    for locale, words in site.greeting.items():
        typer.echo(f"greeting ({locale})    {words}")
    if secret:
        typer.echo(f"identity secret  {site.identity_secret}   (signs identities, HS256; keep it on your server)")
    typer.echo(f"snippet          {embed_snippet(site, base_url(load_settings()))}")
