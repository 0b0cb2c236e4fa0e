"""How the API refuses: a status, and a body with `errorCode` (guide, basics/errors; high volume: `ASGErrorResponse`)."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from aiohttp import web


@dataclass
class Refusal(Exception):
    """`parameter`: which value is wrong, where one is. `oauth`: the standard word of RFC 6749, at the token's address."""

    status: int
    code: str
    message: str
    parameter: str | None = None
    oauth: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)

    def answer(self) -> web.Response:
        """As it is sent."""
        entry: dict[str, object] = {"errorCode": self.code, "message": self.message}
        if self.parameter is not None:
            entry["parameterName"] = self.parameter
        body: dict[str, object] = {**entry, "errors": [entry]}
        if self.oauth is not None:
            body |= {"error": self.oauth, "error_description": self.message}
        return web.json_response(body, status=self.status, headers=dict(self.headers))


def invalid(parameter: str) -> Refusal:
    """A parameter's value."""
    return Refusal(400, "CMN-101", f"Parameter [{parameter}] value is invalid.", parameter)


def missing(parameter: str) -> Refusal:
    """There is no such thing."""
    return Refusal(404, "CMN-102", f"Resource for parameter [{parameter}] is not found", parameter)
