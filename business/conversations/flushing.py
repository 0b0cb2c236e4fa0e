"""What a transaction of a conversation writes at its end: new rows and the conversation's own, in one statement and so one round trip.

A customer waits for it, and SQLAlchemy takes as long to put a statement together as PostgreSQL to carry it out: statements are made
once for each set of tables and columns.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any, NamedTuple
from uuid import UUID

import orjson
from sqlalchemy import CTE, Select, Text, Update, bindparam, cast, column, exists, func, insert, literal_column, select, text, update
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.sql.elements import ColumnElement, TextClause

from business.webhooks import outgoing
from kernel.tables.ai import ChatSession, Turn
from kernel.tables.base import AiBase

CLOCK = text("clock_timestamp()")
NOW = text("statement_timestamp()")


class Rows(NamedTuple):
    """New rows of one table, all with the same columns. `computed`: columns that PostgreSQL fills, the same for all rows; made once,
    for what is computed is told apart by identity."""

    table: type[AiBase]
    rows: Sequence[Mapping[str, Any]]
    computed: Mapping[str, TextClause] = {}

    @property
    def shape(self) -> "_Shape":
        return self.table, tuple(self.rows[0]), tuple(self.computed.items())


_Shape = tuple[type[AiBase], tuple[str, ...], tuple[tuple[str, TextClause], ...]]


class TurnEnd(NamedTuple):
    """A running turn that ends, where `fence` holds it, no stop was asked for and nobody is handed over. `at`: of its last character."""

    turn: UUID
    fence: int
    how: str
    at: int


class _Split(NamedTuple):
    """Changes of the conversation's row: what makes the statement, and its values."""

    given: tuple[str, ...]
    computed: tuple[tuple[str, Any], ...]
    values: dict[str, Any]


# Which version of its row a conversation has: any change makes it another one.
VERSION = cast(literal_column("ai.chat_session.xmin"), Text).label("version")


async def store_unchanged(
    connection: AsyncConnection,
    conversation: UUID,
    version: str,
    changes: Mapping[str, Any],
    rows: Sequence[Rows],
    end: TurnEnd | None = None,
) -> datetime | None:
    """As `store`, without having held the row: all of it where its row still has this version (and the turn that ends is held),
    nothing of it else, and nothing where an endpoint wants to hear of it. A transaction of its own. Returns its time, None where
    nothing was written."""
    split = _split(changes)
    shapes = tuple(each.shape for each in rows)
    # No name of a column: SQLAlchemy would set it.
    ends = {} if end is None else {f"ends_{name}": value for name, value in end._asdict().items()}
    given = {"conversation": conversation, "version": version, **split.values, **_new(rows), **ends}
    at: datetime | None = await connection.scalar(_guarded(split.given, split.computed, shapes, end is not None), given)
    return at


def _split(changes: Mapping[str, Any]) -> _Split:
    computed = tuple((name, value) for name, value in changes.items() if isinstance(value, ColumnElement | TextClause))
    given = {name: value for name, value in changes.items() if not isinstance(value, ColumnElement | TextClause)}
    return _Split(tuple(given), computed, {f"to_{name}": value for name, value in given.items()})


def _new(rows: Sequence[Rows]) -> dict[str, str]:
    return {f"rows_{number}": orjson.dumps(each.rows, default=str).decode() for number, each in enumerate(rows)}


async def store(connection: AsyncConnection, conversation: UUID, changes: Mapping[str, Any], rows: Sequence[Rows]) -> bool:
    """Insert rows and change the conversation's; True where an endpoint wants to hear of it. Values of `changes` may be expressions."""
    split = _split(changes)
    statement = _statement(split.given, split.computed, tuple(each.shape for each in rows))
    return bool(await connection.scalar(statement, {"conversation": conversation, **split.values, **_new(rows)}))


@lru_cache(maxsize=256)
def _statement(given: tuple[str, ...], computed: tuple[tuple[str, Any], ...], shapes: tuple[_Shape, ...]) -> Update:
    statement = _changing(given, computed).returning(outgoing.WANTED)
    return statement.add_cte(*(_inserted(number, *shape) for number, shape in enumerate(shapes)))


@lru_cache(maxsize=256)
def _guarded(given: tuple[str, ...], computed: tuple[tuple[str, Any], ...], shapes: tuple[_Shape, ...], ends: bool) -> Select[Any]:
    """The conversation's row is locked before the turn's, as everybody does."""
    mine = ChatSession.id == bindparam("conversation", type_=ChatSession.id.type)
    same = VERSION.element == bindparam("version", type_=Text())
    held = select(ChatSession.id).where(mine, same, ~outgoing.LISTENED_TO).with_for_update().cte("seen")
    if ends:
        held = select(Turn.id).where(*_is_held(), exists(select(held.c.id))).with_for_update().cte("held")
    changed = _changing(given, computed).where(exists(select(held.c.id))).returning(ChatSession.id).cte("changed")
    rows = [_inserted(number, *shape, changed) for number, shape in enumerate(shapes)]
    ended = [_ended(changed)] if ends else []
    return select(NOW).select_from(changed).add_cte(*rows, *ended)


def _changing(given: tuple[str, ...], computed: tuple[tuple[str, Any], ...]) -> Update:
    session = ChatSession.__table__.c
    values = {name: bindparam(f"to_{name}", type_=session[name].type) for name in given}
    return (
        update(ChatSession)
        .where(ChatSession.id == bindparam("conversation", type_=session.id.type))
        .values({**values, **dict(computed), "rev": ChatSession.rev + 1, "changed_at": CLOCK})
    )


def _is_held() -> tuple[ColumnElement[bool], ...]:
    fence = bindparam("ends_fence", type_=Turn.fence.type)
    this = Turn.id == bindparam("ends_turn", type_=Turn.id.type)
    return this, Turn.state == "running", Turn.fence == fence, Turn.stop_requested.is_(False), Turn.hand_over.is_(None)


def _ended(changed: CTE) -> CTE:
    values = {"outcome": bindparam("ends_how", type_=Text()), "cut_at": bindparam("ends_at", type_=Turn.cut_at.type)}
    this = Turn.id == bindparam("ends_turn", type_=Turn.id.type)
    ended = update(Turn).where(this, exists(select(changed.c.id)))
    return ended.values(state="done", lease_until=None, finished_at=CLOCK, **values).cte("ended")


def _inserted(
    number: int, table: type[AiBase], columns: tuple[str, ...], computed: tuple[tuple[str, TextClause], ...], only_with: CTE | None = None
) -> CTE:
    """Rows come as one JSON text, whatever their number."""
    types = table.__table__.c
    name = f"rows_{number}"
    given = func.jsonb_to_recordset(cast(bindparam(name, type_=Text()), JSONB)).table_valued(*(column(c, types[c].type) for c in columns))
    rows = given.render_derived(name=name, with_types=True)
    values = select(*(rows.c[c] for c in columns), *(expression for _, expression in computed))
    if only_with is not None:
        values = values.where(exists(select(only_with.c.id)))
    into = insert(table).from_select([*columns, *(c for c, _ in computed)], values, include_defaults=False)
    return into.cte(f"insert_{number}")
