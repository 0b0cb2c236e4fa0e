"""Marks of a text that speaks to a language model. A piece that bears one is held back until a person has let it through.

This is a second line: retrieved text is data to a model in any case, and the guard licenses nothing that stands in it.
"""

import re
import tomllib
import unicodedata
from functools import cache
from pathlib import Path

_FILE = Path(__file__).with_name("marks.toml")
# As roles, tools and the ends of texts look like in the formats of models.
_FRAMES = re.compile(
    r"</?\s*(?:system|assistant|user|instructions?|prompt|tool_?calls?|function_?calls?|invoke)\b[^>]{0,80}>"
    r"|\[/?(?:system|inst|assistant|user|tool_calls?)\]|<\|[a-z_]{2,30}\|>|^\W{0,6}(?:system|assistant|developer|sistema|asistente)\W{0,3}:"
    r'|"(?:tool_calls?|function_call|tool_use)"\s*:|\{\s*"name"\s*:\s*"[a-z_]+"\s*,\s*"(?:arguments|parameters|input)"\s*:',
    re.MULTILINE,
)
# What no reader reads: long runs of letters and digits, as of base64 or hexadecimal numbers.
_ENCODED = re.compile(r"(?<![\w/+-])(?=[\w/+]*\d)(?=[\w/+]*[A-Za-z])[\w/+]{80,}={0,2}")
# Pictures and addresses that carry something away when they are shown.
_CARRIES = re.compile(
    r"!\[[^\]]*\]\(\s*https?:|\]\(\s*(?:javascript|data|vbscript):"
    r"|https?://[^\s)]*[?&][^\s)=]*=\s*(?:\{|<|\[)",
    re.IGNORECASE,
)
_SPACES = re.compile(r"\s+")
_BETWEEN_WORDS = re.compile(r"(?<=\w)[*_`~]+(?=\w)|[*_`~]+")

FRAMES = "It imitates the frames by which a model is told who speaks, or what a tool is asked."
ENCODED = "It holds a long run of signs that no reader reads."
CARRIES = "It holds a picture from elsewhere, or a link that carries something away."


def why_held_back(text: str) -> str | None:
    """A sentence for a person; None where the text bears no mark."""
    lines = _folded(text)
    if _FRAMES.search(lines):
        return FRAMES
    flat = _SPACES.sub(" ", _BETWEEN_WORDS.sub("", lines))
    for reason, phrases in _phrases():
        if phrases.search(flat):
            return reason
    if _CARRIES.search(text):
        return CARRIES
    return ENCODED if _ENCODED.search(text) else None


def _folded(text: str) -> str:
    """Lower case without accents, look-alikes of other widths as usual letters, straight quotes."""
    plain = unicodedata.normalize("NFKD", text.replace("’", "'")).casefold()
    return "".join(char for char in plain if not unicodedata.combining(char))


@cache
def _phrases() -> tuple[tuple[str, re.Pattern[str]], ...]:
    lists = tomllib.loads(_FILE.read_text(encoding="utf-8"))
    return tuple(
        (said["reason"], re.compile(r"\b(?:" + "|".join(re.escape(phrase) for phrase in said["phrases"]) + r")(?!\w)"))
        for said in lists.values()
    )
