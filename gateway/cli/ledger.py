"""`hibachi ledger`: whether the books are right."""

import json
from typing import Annotated

import typer

from business.payments.auditing import Audit, audit
from business.profile.figures import money

app = typer.Typer(no_args_is_help=True, pretty_exceptions_enable=False, rich_markup_mode=None)


@app.callback()
def group() -> None:
    """The ledger of money."""


@app.command()
def check(as_json: Annotated[bool, typer.Option("--json", help="One line of JSON.")] = False) -> None:
    """Say whether the ledger balances and agrees with the payments of each booking. Status 1 where it does not."""
    from gateway.cli.database import on_database

    found = on_database(lambda database, _settings: database.unit(audit))
    typer.echo(_json(found) if as_json else "\n".join(_lines(found)))
    if not found.right:
        raise typer.Exit(1)


def _lines(found: Audit) -> list[str]:
    lines = [f"{name:<12} {_signed(cents):>16}" for name, cents in found.accounts.items()]
    lines.append(f"{'sum':<12} {_signed(found.total):>16}")
    for one in found.bookings:
        where = "money without a booking" if one.number is None else f"booking {one.number}"
        lines.append(f"{where}: the ledger says {_signed(one.ledger_cents)}, its payments {_signed(one.payments_cents)}")
    lines.append("the books are right" if found.right else "the books are NOT right")
    return lines


def _signed(cents: int) -> str:
    return f"-{money(-cents)}" if cents < 0 else money(cents)


def _json(found: Audit) -> str:
    wrong = [{"booking": one.number, "ledger_cents": one.ledger_cents, "payments_cents": one.payments_cents} for one in found.bookings]
    return json.dumps({"right": found.right, "accounts": dict(found.accounts), "total": found.total, "disagree": wrong})
