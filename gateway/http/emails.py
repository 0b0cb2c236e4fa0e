"""E-mails over HTTP, for owners and admins: what goes out and came in, another try, and the templates with their versions."""

from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qsl
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from business.emails import queries, sending, templates
from business.emails.blocks import Fault
from business.emails.kinds import KINDS, LOCALES
from business.emails.rendering import FILTERS, Rendered
from business.emails.samples import NAME, Samples
from business.emails.templates import Template
from business.emails.writing import write
from business.links.signing import Links
from business.profile.schemas import Profile
from gateway.http import emails_wire as wire
from gateway.http.door import COOKIE, Door, path_id
from gateway.http.edge import Handler, answer, guarded, read_body, read_query, read_raw
from gateway.http.operations import CHIEFS
from kernel.clock import utc_now
from kernel.database import Database
from kernel.errors import BadRequest, NotAllowed, NotFound
from kernel.ids import new_id
from kernel.tables.core import Staff
from kernel.tables.ops import Email

# A mail is shown in a frame in which nothing runs, nothing is loaded and nothing leads anywhere.
PAGE = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'self'; sandbox",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}
DRAFT_LIMIT = 256 * 1024


class EmailsHttp:
    """The handlers, by the operation's name, and the pages that the console frames. `server`: whether there is one to send by."""

    def __init__(self, door: Door, database: Database, profile: Callable[[], Profile], links: Links, server: bool) -> None:
        self._door = door
        self._database = database
        self._profile = profile
        self._links = links
        self._server = server
        self.handlers: dict[str, Handler] = {
            "emails": self._list,
            "email": self._one,
            "email_retry": self._retry,
            "inbound_emails": self._came,
            "email_templates": self._templates,
            "email_template": self._template,
            "email_template_save": self._save,
            "email_template_preview": self._preview,
            "email_template_test": self._test,
        }

    def routes(self) -> list[Route]:
        """The pages of mails."""
        return [
            Route("/pages/emails/{id}", guarded(self._page), methods=["GET"], name="email_page"),
            Route("/pages/email-templates/{id}", guarded(self._draft_page), methods=["POST"], name="email_draft_page"),
        ]

    async def _list(self, request: Request) -> Response:
        await self._door.caller(request, roles=CHIEFS)
        asked = read_query(request, wire.EmailsQuery)
        async with self._database.transaction() as connection:
            found = await queries.page(connection, state=asked.state, kind=asked.kind, text=asked.q, before=asked.cursor, limit=asked.limit)
        items = tuple(_row(row) for row in found.rows)
        return answer(wire.EmailsAnswer(items=items, counts=found.counts, server=self._server, cursor=found.cursor))

    async def _one(self, request: Request) -> Response:
        await self._door.caller(request, roles=CHIEFS)
        row = await self._stored(path_id(request, "e-mail"))
        names = tuple(one["name"] for one in row.attachments)
        return answer(wire.EmailAnswer(email=_row(row), plain=row.plain, message_id=row.message_id, attachments=names))

    async def _page(self, request: Request) -> Response:
        await self._door.enter(request, roles=CHIEFS)
        return HTMLResponse((await self._stored(path_id(request, "e-mail"))).html, headers=PAGE)

    async def _retry(self, request: Request) -> Response:
        caller = await self._door.caller(request, roles=CHIEFS)
        body = await read_body(request, wire.RetryBody)
        email = path_id(request, "e-mail")
        state = await self._database.unit(lambda c: sending.retry(c, email, caller.staff_id, sure=body.sure))
        return answer(wire.RetriedEmail.model_validate({"id": email, "state": state}))

    async def _came(self, request: Request) -> Response:
        await self._door.caller(request, roles=CHIEFS)
        asked = read_query(request, wire.InboundQuery)
        async with self._database.transaction() as connection:
            found, following = await queries.came(connection, asked.cursor, asked.limit)
        return answer(
            wire.InboundAnswer(items=tuple(wire.InboundRow.model_validate(one, from_attributes=True) for one in found), cursor=following)
        )

    async def _templates(self, request: Request) -> Response:
        await self._door.enter(request, roles=CHIEFS)
        async with self._database.transaction() as connection:
            edited = await templates.edited(connection)
        items = tuple(
            wire.TemplateRow(
                kind=kind.name,
                title=kind.title,
                marketing=kind.marketing,
                staff=kind.staff,
                languages=tuple(wire.TemplateLanguage(locale=one, version=edited.get((kind.name, one), 0)) for one in LOCALES),
            )
            for kind in KINDS.values()
        )
        return answer(wire.TemplatesAnswer(items=items))

    async def _template(self, request: Request) -> Response:
        await self._door.enter(request, roles=CHIEFS)
        kind, locale = _named(request)
        asked = read_query(request, wire.TemplateQuery)
        async with self._database.transaction() as connection:
            current = await templates.current(connection, kind, locale)
            shown = current if asked.version is None else await templates.at(connection, kind, locale, asked.version)
            saved = await templates.versions(connection, kind, locale)
        return answer(
            wire.TemplateAnswer(
                kind=kind,
                locale=locale,
                title=KINDS[kind].title,
                subject=shown.subject,
                body=shown.body,
                version=shown.version,
                newest=saved[0].version if saved else 0,
                names=templates.names(self._samples().of(kind)),
                filters=FILTERS,
                versions=tuple(wire.TemplateVersion.model_validate(one, from_attributes=True) for one in saved),
            )
        )

    async def _save(self, request: Request) -> Response:
        session = await self._door.enter(request, roles=CHIEFS)
        body = await read_body(request, wire.TemplateBody, DRAFT_LIMIT)
        kind, locale = _named(request)
        if (body.subject is None) != (body.body is None):
            raise BadRequest("Give both, a subject and a body, or neither to go back to the template that ships.")
        content = None if body.subject is None or body.body is None else (body.subject, body.body)
        if content is not None and (found := self._faults(kind, locale, *content)):
            raise templates.refuse(found)
        version = await self._database.unit(lambda c: templates.save(c, kind, locale, body.based_on, content, session.staff_id))
        return answer(wire.SavedTemplate(version=version))

    async def _preview(self, request: Request) -> Response:
        await self._door.enter(request, roles=CHIEFS)
        body = await read_body(request, wire.DraftBody, DRAFT_LIMIT)
        kind, locale = _named(request)
        if found := self._faults(kind, locale, body.subject, body.body):
            return answer(wire.PreviewAnswer(faults=tuple(wire.TemplateFault(line=one.line, message=one.message) for one in found)))
        shown = self._rendered(kind, locale, body.subject, body.body, bare=body.bare)
        return answer(wire.PreviewAnswer(faults=(), subject=shown.subject, plain=shown.plain))

    async def _draft_page(self, request: Request) -> Response:
        """The draft as a page, for the frame beside the editor: a form of the console's brings it, with the CSRF token in a field."""
        form = dict(parse_qsl((await read_raw(request, DRAFT_LIMIT)).decode(errors="replace"), keep_blank_values=True))
        session = await self._door.staff.session(request.cookies.get(COOKIE))
        self._door.staff.check_csrf(session, form.get("csrf"))
        if session.must_change or session.role not in CHIEFS:
            raise NotAllowed("Your role may not do this. Ask an owner or an admin.")
        kind, locale = _named(request)
        subject, body = form.get("subject", ""), form.get("body", "")
        if self._faults(kind, locale, subject, body):
            return HTMLResponse("", headers=PAGE)
        return HTMLResponse(self._rendered(kind, locale, subject, body, bare=form.get("bare") == "yes").html, headers=PAGE)

    async def _test(self, request: Request) -> Response:
        session = await self._door.enter(request, roles=CHIEFS)
        body = await read_body(request, wire.DraftBody, DRAFT_LIMIT)
        kind, locale = _named(request)
        if found := self._faults(kind, locale, body.subject, body.body):
            raise templates.refuse(found)
        draft = Template(body.subject, body.body, templates.shipped(kind, locale).why)
        values = self._samples().of(kind, bare=body.bare)

        async def work(connection: AsyncConnection) -> wire.DraftSent:
            to = await connection.scalar(select(Staff.email).where(Staff.id == session.staff_id))
            email = await write(
                connection, self._profile(), self._links, kind=kind, to=to, to_name=session.name, locale=locale, values=values,
                key=f"test:{new_id()}", template=draft,
            )  # fmt: skip
            if email is None:
                raise BadRequest("Your account has no e-mail address that a mail can be sent to.")
            state = await connection.scalar(select(Email.state).where(Email.id == email))
            return wire.DraftSent.model_validate({"id": email, "state": state, "to": to})

        return answer(await self._database.unit(work))

    async def _stored(self, email: UUID) -> Any:
        async with self._database.transaction() as connection:
            return await queries.one(connection, email)

    def _samples(self) -> Samples:
        return Samples(self._profile(), self._links.base, utc_now())

    def _faults(self, kind: str, locale: str, subject: str, body: str) -> list[Fault]:
        return templates.check(kind, subject, body, self._samples(), self._profile(), locale, utc_now())

    def _rendered(self, kind: str, locale: str, subject: str, body: str, *, bare: bool) -> Rendered:
        draft = Template(subject, body, templates.shipped(kind, locale).why)
        values = self._samples().of(kind, bare=bare).model_dump()
        unsubscribe = f"{self._links.base}/u/preview" if KINDS[kind].marketing else None
        return templates.render(draft, values, self._profile(), locale, utc_now(), name=None if bare else NAME, unsubscribe=unsubscribe)


def _named(request: Request) -> tuple[str, str]:
    """Kind and language of the address. Raises NotFound."""
    kind, _, locale = request.path_params["id"].rpartition(".")
    if kind not in KINDS or locale not in LOCALES:
        raise NotFound("There is no such e-mail.")
    return kind, locale


def _row(row: Any) -> wire.EmailRow:
    fields = {name: getattr(row, name) for name in wire.EmailRow.model_fields if name not in ("booking", "conversation")}
    return wire.EmailRow.model_validate({**fields, "booking": row.booking_id, "conversation": row.conversation_id})
