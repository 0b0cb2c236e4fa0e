"""Plain lines as Markdown that looks like them: what would be a heading, a quotation or code there is none."""

import re

_STRUCTURE = re.compile(r"^[ \t]*(#{1,6}(?=\s|$)|>|=+[ \t]*$|-+[ \t]*$|`{3,}|~{3,}|\|)", re.MULTILINE)
_INDENT = re.compile(r"^[ \t]+", re.MULTILINE)
_ENDS = (".", "!", "?", ":", ";")


def as_markdown(text: str) -> str:
    """The same words, line by line; a sentence that runs on in the next line is one line."""
    escaped = _STRUCTURE.sub(lambda match: "\\" + match[1], _INDENT.sub("", text))
    lines = [line.rstrip() for line in escaped.split("\n")]
    joined: list[str] = []
    for line in lines:
        before = joined[-1] if joined else ""
        if before and line and line[0].islower() and not before.endswith(_ENDS):
            joined[-1] = f"{before} {line}"
        else:
            joined.append(line)
    # Two spaces: a line that ends where it ends.
    broken = [line + "  " if line and after else line for line, after in zip(joined, [*joined[1:], ""], strict=True)]
    return "\n".join(broken).strip("\n")
