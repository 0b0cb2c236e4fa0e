"""The profile's figures in documents. Documents hold placeholders and never the figures, so that none of them goes stale.

Whoever composes the process passes `Fill`: `filler(lambda language: figures(profile(), language))`.
"""

from collections.abc import Callable, Mapping

from kernel.placeholders import PLACEHOLDER, UnknownPlaceholder, fill

__all__ = ["PLACEHOLDER", "Fill", "UnknownPlaceholder", "fill_known", "filler", "tidy"]

# A text with placeholders and its language -> the text as it is read. Raises UnknownPlaceholder.
Fill = Callable[[str, str], str]


def filler(values: Callable[[str], Mapping[str, str]]) -> Fill:
    """Fills with the values of a language as they are when it is called."""

    def filled(text: str, language: str) -> str:
        return fill(text, values(language)) if "{{" in text else text

    return filled


def fill_known(text: str, language: str, fill: Fill) -> str:
    """As `fill`, where what is unknown leaves nothing behind."""
    try:
        return fill(text, language)
    except UnknownPlaceholder as unknown:
        names = unknown.names
        return fill(PLACEHOLDER.sub(lambda match: "" if match[1] in names else match[0], text), language)


def tidy(text: str) -> str:
    """Every placeholder without spaces in it: one word, which nothing cuts."""
    return PLACEHOLDER.sub(lambda match: f"{{{{{match[1]}}}}}", text)
