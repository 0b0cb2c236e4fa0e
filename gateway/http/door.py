"""Who asks over HTTP: a page of our own, a member of staff behind the cookie, with the CSRF token and a role where it matters; or a
program with an API token."""

from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response

from business.staff.service import StaffService
from business.staff.sessions import Session
from business.staff.tokens import Caller
from gateway.http.bearer import Bearer, given
from gateway.http.edge import Handler, check_origin
from gateway.http.operations import Operation
from kernel.errors import NotAllowed, NotFound

COOKIE = "hibachi_session"
READS = ("GET", "HEAD")


@dataclass(frozen=True, slots=True)
class Door:
    """Checks in the same order everywhere: origin, session, CSRF, password, role. The body is read after that."""

    staff: StaffService
    own_origins: Callable[[], frozenset[str]]
    bearer: Bearer

    def opened(self, operation: Operation, handler: Handler) -> Handler:
        """`handler` of an operation, refused to a page of another origin where it would change something."""

        async def handle(request: Request) -> Response:
            if request.method not in READS:
                check_origin(request, self.own_origins())
            request.state.operation = operation
            return await handler(request)

        return handle

    async def enter(self, request: Request, *, roles: tuple[str, ...] = (), may_wait_for_password: bool = False) -> Session:
        """Who asks: signed in, from a page that could read the CSRF token where something changes, in one of `roles` (none: any)."""
        if given(request) is not None:
            raise NotAllowed("This is for people who are signed in to the console; an API token may not do it.")
        session = await self.staff.session(request.cookies.get(COOKIE))
        if request.method not in READS:
            self.staff.check_csrf(session, request.headers.get("x-csrf-token"))
        if session.must_change and not may_wait_for_password:
            raise NotAllowed("Choose a password of your own first.")
        if roles and session.role not in roles:
            raise NotAllowed("Your role may not do this. Ask an owner or an admin.")
        return session

    async def caller(self, request: Request, *, roles: tuple[str, ...] = ()) -> Caller:
        """Who asks, a person as in `enter` or a program by its token, where the operation has a scope for tokens."""
        if given(request) is None:
            session = await self.enter(request, roles=roles)
            return Caller(session.staff_id, session.name, session.role)
        operation: Operation = request.state.operation
        caller = await self.bearer.caller(request, operation)
        if roles and caller.role not in roles:
            raise NotAllowed("Whoever made this token may not do this any more.")
        return caller


def path_id(request: Request, what: str) -> UUID:
    """The id in the address. Raises NotFound where it is none."""
    try:
        return UUID(request.path_params["id"])
    except ValueError:
        raise NotFound(f"There is no such {what}.") from None
