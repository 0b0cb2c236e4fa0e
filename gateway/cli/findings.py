"""A line of `hibachi doctor`."""

from dataclasses import dataclass
from typing import Literal

Level = Literal["ok", "note", "fault"]
_MARKS = {"ok": "ok  ", "note": "note", "fault": "FAIL"}


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the report. Only a `fault` makes the exit status 1."""

    level: Level
    subject: str
    text: str

    def __str__(self) -> str:
        return f"{_MARKS[self.level]}  {self.subject:<12} {self.text}"
