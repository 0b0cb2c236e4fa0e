"""One MetaData for six PostgreSQL schemas, one declarative Base for each, and soft foreign keys across them.

Inside a schema a foreign key is hard. Across schemas it is soft: typed, named, recorded in `column.info["soft_key"]`, checked by
`hibachi db check`, never by a constraint, so that a schema can move to a database of its own.
"""

from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import DateTime, MetaData, Text, Uuid, func, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import DeclarativeBase, MappedColumn, mapped_column

SCHEMAS = ("core", "ai", "crm", "ops", "marketing", "analytics")

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

TYPES = {UUID: Uuid(), datetime: DateTime(timezone=True), str: Text(), dict[str, Any]: JSONB(), list[Any]: JSONB()}


class CoreBase(DeclarativeBase):
    """Customers, identities, sites, staff, sessions, audit."""

    metadata = metadata
    type_annotation_map: ClassVar[dict[Any, Any]] = TYPES


class AiBase(DeclarativeBase):
    """Conversations, turns, usage, training signals, corpus."""

    metadata = metadata
    type_annotation_map: ClassVar[dict[Any, Any]] = TYPES


class CrmBase(DeclarativeBase):
    """Leads and what is known of customers."""

    metadata = metadata
    type_annotation_map: ClassVar[dict[Any, Any]] = TYPES


class OpsBase(DeclarativeBase):
    """Handoffs, outbox, notifications, later bookings."""

    metadata = metadata
    type_annotation_map: ClassVar[dict[Any, Any]] = TYPES


class MarketingBase(DeclarativeBase):
    """Campaigns and consent; may live in a database of its own."""

    metadata = metadata
    type_annotation_map: ClassVar[dict[Any, Any]] = TYPES


class AnalyticsBase(DeclarativeBase):
    """Roll-ups; may live in a database of its own."""

    metadata = metadata
    type_annotation_map: ClassVar[dict[Any, Any]] = TYPES


def soft_key(target: str, **options: Any) -> MappedColumn[Any]:
    """A column that holds the id of a row in another schema; `target` is `schema.table.column`."""
    return mapped_column(Uuid(), info={"soft_key": target}, **options)


def created() -> MappedColumn[datetime]:
    """When the row was written, by PostgreSQL's clock."""
    return mapped_column(server_default=func.clock_timestamp())


def empty_json(kind: str = "{}") -> MappedColumn[Any]:
    """A JSON column that is never null."""
    return mapped_column(JSONB(), server_default=text(f"'{kind}'::jsonb"))
