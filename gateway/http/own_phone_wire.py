"""What HTTP offers of a colleague's own number, as values (see operations.py)."""

from datetime import datetime
from typing import Annotated

from pydantic import Field

from gateway.http.operations import DoneAnswer, Edge, Operation


class OwnPhoneAnswer(Edge):
    """`phone`: the number that was proved; `texting`: whether the install sends texts at all."""

    texting: bool
    phone: str | None = None
    verified_at: datetime | None = None


class OwnPhoneBody(Edge):
    """A number, with its area code, or with + and the country."""

    phone: Annotated[str, Field(min_length=1, max_length=40)]


class OwnPhoneCode(Edge):
    """What came by text."""

    code: Annotated[str, Field(min_length=1, max_length=20)]


_AT = "/api/admin/account/phone"
OWN_PHONE: tuple[Operation, ...] = (
    Operation("GET", _AT, "own_phone", "One's own number for texts", (OwnPhoneAnswer,)),
    Operation("POST", _AT, "own_phone_ask", "Have a code sent to a number", (DoneAnswer,), OwnPhoneBody, errors=(400, 409, 429)),
    Operation("POST", f"{_AT}/code", "own_phone_prove", "Prove a number by its code", (OwnPhoneAnswer,), OwnPhoneCode, errors=(400, 409)),
    Operation("DELETE", _AT, "own_phone_forget", "Have no number", (DoneAnswer,)),
)
