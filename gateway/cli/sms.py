"""`hibachi sms`: texts, and trying them without a provider."""

from typing import Annotated

import typer

app = typer.Typer(no_args_is_help=True, pretty_exceptions_enable=False, rich_markup_mode=None)


@app.callback()
def _group() -> None:
    """Texts."""


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
