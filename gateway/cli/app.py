"""Which command is meant, and nothing else: each is imported only when it is called, so that all of them start quickly."""

import importlib
import os
import sys
from pathlib import Path
from typing import Annotated

import typer

# Sub-apps: each module has an `app`, imported when the name is used: `hibachi version` must not pay for SQLAlchemy.
_GROUPS = {
    "db": ("gateway.cli.db", "Migrate, seed and check the database."),
    "admin": ("gateway.cli.admin", "Invite staff, reset a password."),
    "site": ("gateway.cli.site", "Add and list sites: origins, identity secret, theme, snippet."),
    "chef": ("gateway.cli.chef", "Register chefs, and keep their hours."),
    "profile": ("gateway.cli.profile", "Show the business profile that counts, or take the file."),
    "knowledge": ("gateway.cli.knowledge", "Add documents, see them read, remove them."),
    "sms": ("gateway.cli.sms", "Text messages: their provider, and phones to try them with."),
    "consent": ("gateway.cli.consent", "What a number agreed to, as a table or a signed document."),
    "shadow": ("gateway.cli.shadow", "Let a model answer turns that customers got their answers to, and compare."),
    "ledger": ("gateway.cli.ledger", "Whether the books are right."),
    "schema": ("gateway.cli.schema", "Write or check the generated documents."),
}
FAILED = 1
WRONG_SETTING = 2


def up(
    watch: Annotated[bool, typer.Option("--reload", help="Restart when a source changes (development).")] = False,
) -> None:
    """Start everything: embedded PostgreSQL and Redis where none are configured, gateway, worker."""
    from gateway.cli.up import run

    raise typer.Exit(run(watch_sources=watch))


def demo(
    conversations: Annotated[int, typer.Option(min=1, max=100, help="How many live at once.")] = 30,
    minutes: Annotated[float, typer.Option(min=0.1, max=1440, help="It stops by itself after these.")] = 10.0,
    tempo: Annotated[float, typer.Option(min=0.1, max=20, help="How many times faster than life.")] = 1.0,
    keep: Annotated[bool, typer.Option("--keep", help="Leave its data folder when it stops.")] = False,
) -> None:
    """Show a busy console: an install of its own with scripted customers, colleagues and model; leaves nothing behind."""
    from gateway.cli.demo import run
    from gateway.demo.theatre import Plan

    raise typer.Exit(run(Plan(conversations, minutes, tempo, keep)))


def serve() -> None:
    """Run one gateway alone; PostgreSQL and Redis by DATABASE_URL and REDIS_URL."""
    _become("gateway")


def worker() -> None:
    """Run one worker alone; PostgreSQL and Redis by DATABASE_URL and REDIS_URL."""
    _become("workers")


def doctor() -> None:
    """Say what is embedded, what is reachable, what is missing and what serves instead."""
    from gateway.cli.doctor import run

    raise typer.Exit(run())


def evaluation(
    model: Annotated[str, typer.Option(help="Which of [[models]] answers; the house has no key and no network.")] = "house",
    only: Annotated[str | None, typer.Option(help="Conversations whose name fits, like 'booking/*'.")] = None,
    report: Annotated[Path | None, typer.Option(help="Write an HTML page there.")] = None,
    figures: Annotated[Path | None, typer.Option("--json", help="Write all figures there.")] = None,
    folder: Annotated[Path, typer.Option("--set", help="Where the conversations and the floor stand.")] = Path("tests/evals"),
    name: Annotated[str, typer.Option("--folder", help="Which folder of the set: conversations, or fresh.")] = "conversations",
    compare: Annotated[str | None, typer.Option(help="Candidates side by side: house,teacher,teacher@short.")] = None,
    retrieval: Annotated[bool, typer.Option("--retrieval", help="Measure how documents are found, not what is answered.")] = False,
) -> None:
    """Run the evaluation set on a model, or on several side by side; status 1 where one alone is below the floor."""
    if retrieval:
        from gateway.cli import retrieval as documents

        raise typer.Exit(documents.run(folder, report, figures))
    from gateway.cli.eval import Plan, run

    plan = Plan(folder, model, only, report, figures, name)
    if compare is not None:
        from gateway.cli.compare import compare as side_by_side

        raise typer.Exit(side_by_side(plan, compare))
    raise typer.Exit(run(plan))


def backup(
    file: Annotated[Path | None, typer.Argument(help="Where to; unset: one more in the folder of backups.")] = None,
    verify: Annotated[bool, typer.Option("--verify", help="Write nothing: say whether FILE is whole.")] = False,
    drill: Annotated[bool, typer.Option("--drill", help="Put it into a scratch database, and compare every row.")] = False,
    passphrase_env: Annotated[str | None, typer.Option(help="NAME of the variable with the passphrase that seals it.")] = None,
) -> None:
    """Keep everything in one file, while the gateway serves: every row of one moment, every upload, the sums of both."""
    from gateway.cli.backup import Asked
    from gateway.cli.backup import backup as run

    run(Asked(file, passphrase_env, verify, drill))


def restore(
    file: Annotated[Path, typer.Argument(help="The backup.")],
    replace: Annotated[str | None, typer.Option(help="Name of the database whose rows are to be lost.")] = None,
    into_new: Annotated[str | None, typer.Option(help="Make a database of this name, and put it there.")] = None,
    passphrase_env: Annotated[str | None, typer.Option(help="NAME of the variable with the passphrase that seals it.")] = None,
) -> None:
    """Put a backup back, all of it or nothing; gateway and workers are stopped meanwhile."""
    from gateway.cli.backup import restore as run

    run(file, replace, into_new, passphrase_env)


def version() -> None:
    """Print the version."""
    from gateway.cli.version import version as current

    typer.echo(current())


def _become(module: str) -> None:
    """This process becomes the server: signals of whoever runs it reach it directly."""
    sys.stdout.flush()
    os.execv(sys.executable, [sys.executable, "-P", "-m", module])  # noqa: S606 - no shell is wanted


def build(arguments: list[str]) -> typer.Typer:
    """The command line for these arguments: of the sub-apps only the one that they name."""
    app = typer.Typer(
        help="Hibachi Gateway: a customer talks, an admin watches every token and takes over.",
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
        rich_markup_mode=None,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    for command in (up, demo, serve, worker, doctor, backup, restore, version):
        app.command()(command)
    app.command("eval")(evaluation)
    for name, (module, meaning) in _GROUPS.items():
        named = arguments[:1] == [name]
        group = importlib.import_module(module).app if named else typer.Typer(callback=_nothing)
        app.add_typer(group, name=name, help=meaning)
    return app


def _nothing() -> None:
    """Stands for a group that this call does not use."""


def main() -> None:
    """Runs the command. A wrong setting, wherever it is read, ends with status 2 and its explanation."""
    from gateway.cli.addresses import NothingRuns
    from kernel.settings import SettingsError

    try:
        build(sys.argv[1:])(prog_name="hibachi")
    except NothingRuns as error:
        print(f"hibachi: {error}", file=sys.stderr)
        sys.exit(FAILED)
    except SettingsError as error:
        print(f"hibachi: {error}", file=sys.stderr)
        sys.exit(WRONG_SETTING)
