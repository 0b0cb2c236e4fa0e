"""`hibachi shadow`: let a model answer what customers asked, beside what they got, and say what it comes to. No customer notices."""

import json
import secrets
import sys
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from typing import Annotated
from uuid import UUID

import typer
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.cli.database import on_database
from gateway.cli.shadow_table import table
from kernel.clock import utc_now
from kernel.database import Database
from kernel.log import configure_command
from kernel.settings import Settings, load_settings
from knowledge.learning.figures import Figures, Span, by_candidate, by_intent
from knowledge.learning.pairing import LIVE

app = typer.Typer(no_args_is_help=True, pretty_exceptions_enable=False, rich_markup_mode=None)

FAILED, WRONG_SETTING, STOPPED = 1, 2, 130
BEGINNING = datetime(2000, 1, 1, tzinfo=UTC)

Model = Annotated[str, typer.Option("--model", help="Which of [[models]] answers.")]
AsJson = Annotated[bool, typer.Option("--json", help="All figures as one line of JSON.")]


@app.callback()
def group() -> None:
    """Candidates beside what customers got."""


@app.command("replay")
def replay_command(
    model: Model,
    last: Annotated[int, typer.Option(min=1, max=100_000, help="How many turns, the newest that are kept.")] = 500,
    agent: Annotated[str | None, typer.Option(help="Only turns of this agent.")] = None,
    concurrency: Annotated[int, typer.Option(min=1, max=50, help="How many at once.")] = 4,
    run: Annotated[str | None, typer.Option(help="Go on with a replay that was stopped.")] = None,
    as_json: AsJson = False,
) -> None:
    """Ask a model what customers asked, within its budget, and compare. Ctrl-C stops it; what is done stays done."""
    from gateway.cli.replaying import Replay, planned, replayed

    configure_command()
    _check(load_settings(), model)
    name = run or f"replay-{utc_now():%Y%m%dT%H%M%S}-{secrets.token_hex(2)}"
    replay = Replay(model, name, last if run is None else None, agent, concurrency)

    async def work(database: Database, settings: Settings) -> str | None:
        turns: Sequence[UUID] = await planned(database, replay)
        typer.echo(f"run {name}: {len(turns)} turns", err=True)
        if not turns:
            return None
        with typer.progressbar(length=len(turns), label=model, file=sys.stderr) as bar:
            return await replayed(database, settings, replay, turns, lambda: bar.update(1))

    again = f"go on with: hibachi shadow replay --model {model} --run {name}"
    try:
        why = on_database(work)
    except KeyboardInterrupt:
        typer.echo(f"\nstopped; {again}", err=True)
        raise typer.Exit(STOPPED) from None
    _tell(Span(name, BEGINNING, model), as_json)
    if why is not None:
        typer.echo(f"hibachi: {why}; {again}", err=True)
        raise typer.Exit(FAILED)


@app.command()
def report(
    model: Model,
    run: Annotated[str, typer.Option(help="A replay; else what was answered while customers talked.")] = LIVE,
    days: Annotated[int, typer.Option(min=1, max=3_660, help="How far back.")] = 30,
    as_json: AsJson = False,
) -> None:
    """Say what a model's answers come to beside what customers got."""
    configure_command()
    _tell(Span(run, utc_now() - timedelta(days=days), model), as_json)


def _check(settings: Settings, model: str) -> None:
    """Ends with status 2 where no such model is configured."""
    known = [one.name for one in settings.models]
    if model not in known:
        print(f"hibachi: no model is called {model!r}; known: {', '.join(known) or 'none, see docs/shadows.md'}", file=sys.stderr)
        raise typer.Exit(WRONG_SETTING)


def _tell(span: Span, as_json: bool) -> None:
    async def read(connection: AsyncConnection) -> tuple[Sequence[Figures], Sequence[Figures]]:
        return await by_candidate(connection, span), await by_intent(connection, span)

    everything, intents = on_database(lambda database, _settings: database.unit(read))
    if as_json:
        typer.echo(json.dumps({"all": [asdict(one) for one in everything], "intents": [asdict(one) for one in intents]}))
        return
    for line in table(everything[0] if everything else None, intents):
        typer.echo(line)
