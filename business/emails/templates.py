"""Which template counts: the newest that staff saved, or the one that ships. Every save is a version; none is ever changed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

from sqlalchemy import func, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from business.emails.blocks import Fault
from business.emails.kinds import KINDS, LOCALES, Values
from business.emails.rendering import FOLDER, Faulty, Rendered, compiled, faults, surroundings, words
from business.emails.samples import NAME, Samples
from business.profile.schemas import Profile
from business.profile.spoken import language_of
from business.staff import audit
from kernel import locks
from kernel.errors import BadRequest, Conflict, NotFound
from kernel.placeholders import fill
from kernel.tables.core import Staff
from kernel.tables.ops import EmailTemplate


@dataclass(frozen=True, slots=True)
class Template:
    """`why`: the line that says why somebody gets this mail; `version` 0: it ships."""

    subject: str
    body: str
    why: str
    version: int = 0


@dataclass(frozen=True, slots=True)
class Version:
    """One save. `shipped`: it went back to the one that ships."""

    version: int
    shipped: bool
    by: str | None
    created_at: datetime


@lru_cache
def shipped(kind: str, language: str) -> Template:
    """The template that ships. Raises NotFound."""
    if kind not in KINDS or language not in LOCALES:
        raise NotFound("There is no such e-mail.")
    head, _, body = (FOLDER / f"{kind}.{language}.mjml").read_text(encoding="utf-8").partition("\n---\n")
    fields = dict(line.split(": ", 1) for line in head.splitlines())
    return Template(fields["subject"], body, fields["why"])


async def current(connection: AsyncConnection, kind: str, language: str) -> Template:
    """The template that counts now. Raises NotFound."""
    original = shipped(kind, language)
    row = (await connection.execute(_of(kind, language).order_by(EmailTemplate.version.desc()).limit(1))).one_or_none()
    if row is None:
        return original
    if row.subject is None or row.body is None:
        return Template(original.subject, original.body, original.why, row.version)
    return Template(row.subject, row.body, original.why, row.version)


async def versions(connection: AsyncConnection, kind: str, language: str) -> Sequence[Version]:
    """Every save, the newest first."""
    query = (
        select(EmailTemplate.version, EmailTemplate.subject, EmailTemplate.created_at, Staff.name)
        .outerjoin(Staff, Staff.id == EmailTemplate.by_id)
        .where(EmailTemplate.kind == kind, EmailTemplate.locale == language)
    )
    rows = (await connection.execute(query.order_by(EmailTemplate.version.desc()))).all()
    return [Version(row.version, row.subject is None, row.name, row.created_at) for row in rows]


async def at(connection: AsyncConnection, kind: str, language: str, version: int) -> Template:
    """As it was saved then; 0 is the one that ships. Raises NotFound."""
    original = shipped(kind, language)
    if version == 0:
        return original
    row = (await connection.execute(_of(kind, language).where(EmailTemplate.version == version))).one_or_none()
    if row is None:
        raise NotFound("There is no such version.")
    return Template(row.subject or original.subject, row.body or original.body, original.why, version)


async def edited(connection: AsyncConnection) -> dict[tuple[str, str], int]:
    """(kind, language) to the newest version, where staff saved one that is not the shipped one."""
    newest = select(EmailTemplate).distinct(EmailTemplate.kind, EmailTemplate.locale)
    rows = await connection.execute(newest.order_by(EmailTemplate.kind, EmailTemplate.locale, EmailTemplate.version.desc()))
    return {(row.kind, row.locale): row.version for row in rows if row.subject is not None}


async def save(connection: AsyncConnection, kind: str, language: str, based_on: int, content: tuple[str, str] | None, staff: UUID) -> int:
    """Another version: subject and body, or None for the ones that ship. Returns its number. Check it first. Raises NotFound; Conflict
    where somebody saved since `based_on`."""
    shipped(kind, language)
    await locks.hold(connection, f"email-template:{kind}:{language}")
    newest = await connection.scalar(
        select(func.coalesce(func.max(EmailTemplate.version), 0)).where(EmailTemplate.kind == kind, EmailTemplate.locale == language)
    )
    if newest != based_on:
        raise Conflict("Somebody else saved this e-mail meanwhile. Look at their version, then save yours again.", version=newest)
    subject, body = content or (None, None)
    values = {"kind": kind, "locale": language, "version": newest + 1, "subject": subject, "body": body, "by_id": staff}
    await connection.execute(insert(EmailTemplate).values(values))
    await audit.record(connection, "staff", staff, "email_template.saved", f"{kind}.{language}", {"version": newest + 1})
    return newest + 1


def check(kind: str, subject: str, body: str, samples: Samples, profile: Profile, language: str, now: datetime) -> list[Fault]:
    """Everything that is wrong: in the blocks, in the names, and with values that are whole and as few as they can be."""
    full = context(samples.of(kind).model_dump(), profile, language, now, name=NAME, why="", unsubscribe=None)
    shape = {name: value for name, value in full.items() if not name.startswith("_") and name not in ("words", "why", "unsubscribe")}
    found = faults(subject, body, _shape(shape))
    if found:
        return found
    try:
        for bare in (False, True):
            values = samples.of(kind, bare=bare).model_dump()
            compiled(subject, body, language).fill(
                context(values, profile, language, now, name=None if bare else NAME, why="", unsubscribe=None)
            )
    except Faulty as error:
        return error.faults
    return []


def render(
    template: Template, values: dict[str, Any], profile: Profile, language: str, now: datetime, *, name: str | None, unsubscribe: str | None
) -> Rendered:
    """The mail. Raises Faulty."""
    inside = context(values, profile, language, now, name=name, why=template.why, unsubscribe=unsubscribe)
    return compiled(template.subject, template.body, language).fill(inside)


def context(
    values: dict[str, Any], profile: Profile, language: str, now: datetime, *, name: str | None, why: str, unsubscribe: str | None
) -> dict[str, Any]:
    """Everything that a template and the layout may name."""
    around, said = surroundings(profile, language, now), words(language)
    return {
        **values,
        **around,
        "hello": fill(said["hello_name"], {"name": name.split()[0]}) if name and name.strip() else said["hello"],
        "words": said,
        "why": why.replace("{{ business.name }}", profile.business.name),
        "unsubscribe": unsubscribe,
        "phone_link": "".join(c for c in profile.business.phone if c.isdigit() or c == "+"),
    }


def names(values: Values) -> tuple[str, ...]:
    """What a template of this kind may name, beside the business and the profile's figures."""
    return ("hello", *(name for name in type(values).model_fields), "business.name", "business.phone", "business.email")


def language(locale: str | None, profile: Profile) -> str:
    """What a mail is written in."""
    return language_of(locale or profile.business.locale)


def refuse(found: list[Fault]) -> BadRequest:
    """The faults as an answer for whoever wrote the template."""
    return BadRequest("This template cannot be saved yet.", faults=[{"line": one.line, "message": one.message} for one in found])


def _shape(values: Any) -> Any:
    if isinstance(values, dict):
        return {name: _shape(value) for name, value in values.items()}
    if isinstance(values, list | tuple):
        return [_shape(one) for one in values[:1]]
    return values


def _of(kind: str, language: str) -> Any:
    return select(EmailTemplate).where(EmailTemplate.kind == kind, EmailTemplate.locale == language)
