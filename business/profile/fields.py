"""What all parts of a profile are made of: the frozen base, money, texts in several languages, named choices."""

from datetime import time
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

# Strict: "true" is no price of one cent. Bounded: a number that no clock and no sum can bear is refused where it comes in.
Cents = Annotated[int, Field(strict=True, ge=0, le=100_000_00)]
Points = Annotated[int, Field(strict=True, ge=0, le=1_000_000)]
Percent = Annotated[int, Field(strict=True, ge=0, le=100)]
Hours = Annotated[int, Field(strict=True, ge=0, le=24 * 400)]
Count = Annotated[int, Field(strict=True, ge=0, le=1_000_000)]
Key = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]


class Wrong(ValueError):
    """A value that cannot stay, in words for whoever wrote it: what, why, what to do."""

    def __init__(self, what: str, why: str, todo: str) -> None:
        super().__init__(f"{what}: {why}. {todo}.")
        self.what, self.why, self.todo = what, why, todo


def _minute(value: time) -> time:
    if value.tzinfo is not None or value.second or value.microsecond:
        raise Wrong("This is not a time of day", "it is hours and minutes, without a zone", "Write it like 18:00:00")
    return value


TimeOfDay = Annotated[time, AfterValidator(_minute)]


class Part(BaseModel):
    """A part of the profile: frozen, and a misspelt name is an error, not a silent default."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class LocalText(Part):
    """A text that customers read. English is what there always is; another language falls back to it."""

    en: str = Field(min_length=1)
    es: str | None = None

    def in_locale(self, locale: str) -> str:
        """The text for a BCP 47 tag ("es-MX" is "es")."""
        return (self.es if locale.split("-")[0].lower() == "es" else None) or self.en


class Word(LocalText):
    """A thing with a name, and the words by which customers call it, in any language, in the singular or plural."""

    key: Key
    words: tuple[str, ...] = ()
