"""What HTTP offers on the business profile, as values: bodies, answers, operations."""

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import Field

from gateway.http.operations import Edge, Operation

PATH = "/api/admin/profile"

Number = Annotated[int, Field(strict=True, ge=1, le=2**31 - 1)]
Toml = Annotated[str, Field(max_length=200_000)]
Note = Annotated[str, Field(max_length=2_000)]


class ProfileEntry(Edge):
    """A version: who made it, when, from which one. `by` is absent for the file; `restored`: the old one whose content it is."""

    number: int
    fingerprint: str
    source: Literal["file", "console"]
    by: str | None = None
    at: datetime
    note: str | None = None
    based_on: int | None = None
    restored: int | None = None


class ProfileChange(Edge):
    """A value that differs, by its dotted path (list entries by their key); absent: was, or is, not there."""

    path: str
    before: Any = None
    after: Any = None


class ProfileFault(Edge):
    """A value that cannot stay. `line` where it was written as TOML."""

    path: str
    what: str
    why: str
    todo: str
    line: int | None = None


class ProfileVersionAnswer(ProfileEntry):
    """A version whole, in both of its forms, and what it changed of the one that it was based on."""

    content: dict[str, Any]
    toml: str
    changes: tuple[ProfileChange, ...]


class ProfileAnswer(Edge):
    """The current version, and the list, the newest first, a page at a time (`?before=`)."""

    current: ProfileVersionAnswer
    versions: tuple[ProfileEntry, ...]
    more: bool


class ProfileBody(Edge):
    """A profile in one of its two forms."""

    content: dict[str, Any] | None = None
    toml: Toml | None = None


class ProfileSaveBody(ProfileBody):
    """The next version. `based_on`: the number that one began with."""

    based_on: Number
    note: Note | None = None


class ProfileRestoreBody(Edge):
    """An old version, to be the next one too."""

    number: Number
    based_on: Number


class ProfileCheckAnswer(Edge):
    """Every fault; without one, both forms, and what differs from the current version."""

    ok: bool
    faults: tuple[ProfileFault, ...]
    content: dict[str, Any] | None = None
    toml: str | None = None
    changes: tuple[ProfileChange, ...] = ()


PROFILE: tuple[Operation, ...] = (
    Operation("GET", PATH, "profile", "The business profile and its versions (owner, admin); `?before=`", (ProfileAnswer,), errors=(400,)),
    Operation(
        "PUT",
        PATH,
        "profile_save",
        "Save the next version (owner, admin); 400 with every fault, 409 with both where somebody was faster",
        (ProfileVersionAnswer,),
        ProfileSaveBody,
        errors=(404, 409),
    ),
    Operation(
        "POST", f"{PATH}/validate", "profile_validate", "Every fault of a profile (owner, admin)", (ProfileCheckAnswer,), ProfileBody
    ),
    Operation(
        "POST",
        f"{PATH}/restore",
        "profile_restore",
        "An old version again, as a new one (owner, admin)",
        (ProfileVersionAnswer,),
        ProfileRestoreBody,
        errors=(404, 409),
    ),
    Operation(
        "GET",
        f"{PATH}/versions/{{id}}",
        "profile_version",
        "One version, by its number (owner, admin)",
        (ProfileVersionAnswer,),
        errors=(404,),
    ),
)
