"""`{{profile.prices.adult}}`: where a text says a figure of the business, which is filled in when it is read."""

import re
from collections.abc import Mapping

PLACEHOLDER = re.compile(r"\{\{\s*([a-z_.]+)\s*\}\}")


class UnknownPlaceholder(KeyError):
    """A text names values that nobody gives. `names`: which, each once."""

    def __init__(self, *names: str) -> None:
        super().__init__(", ".join(names))
        self.names = names


def fill(template: str, values: Mapping[str, str]) -> str:
    """The template with every `{{name}}` replaced. Raises `UnknownPlaceholder`."""
    try:
        return PLACEHOLDER.sub(lambda match: values[match[1]], template)
    except KeyError:
        raise UnknownPlaceholder(*(name for name in named(template) if name not in values)) from None


def named(template: str) -> tuple[str, ...]:
    """The names that stand in it, each once."""
    return tuple(dict.fromkeys(PLACEHOLDER.findall(template)))
