"""From what comes in to Markdown, a format each. What people cannot see of a text is not in it afterwards."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Extracted:
    """What a format gave. `title`, `language`: as the document says, else empty. `remarks`: sentences for whoever added it."""

    text: str  # Markdown
    title: str = ""
    language: str = ""
    remarks: tuple[str, ...] = ()
