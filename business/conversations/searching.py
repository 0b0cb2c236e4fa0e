"""What somebody types into the inbox's search, as a query over words that PostgreSQL has indexed. No text of theirs is SQL or syntax."""

import re

MOST_WORDS = 8
DIGITS_AT_LEAST = 4
_NUMBER = re.compile(r"[0-9\s()+./\-\u2010-\u2015]+")
_WORD = re.compile(r"[^\W_]")
_SYNTAX = re.compile(r"['\\\x00]")


def words_query(typed: str) -> str | None:
    """For `to_tsquery('simple', ...)`: every word, the last one as a beginning, for it may be half typed. None where there is no word.

    Each stands in quotes, so that PostgreSQL cuts it as it cut the messages: an address or a number stays what it is.
    """
    words = [_SYNTAX.sub(" ", word) for word in typed.split() if _WORD.search(word)][:MOST_WORDS]
    if not words:
        return None
    quoted = [f"'{word}'" for word in words]
    return " & ".join([*quoted[:-1], f"{quoted[-1]}:*"])


def name_pattern(typed: str) -> str:
    """For `ILIKE`: a name that holds what was typed, whose wildcards are letters."""
    escaped = re.sub(r"([\\%_])", r"\\\1", " ".join(typed.split()))
    return f"%{escaped}%"


def phone_pieces(typed: str) -> tuple[str, ...]:
    """What a stored number may hold, where what was typed is a piece of one, with whatever people write between its digits; nothing where a
    word is in it, or it is too short to mean a number. `00` and `0` are dialled before many numbers and stored with none."""
    digits = "".join(filter(str.isdecimal, typed)) if _NUMBER.fullmatch(typed) else ""
    dialled = digits.lstrip("0")
    return tuple(dict.fromkeys(piece for piece in (digits, dialled) if len(piece) >= DIGITS_AT_LEAST))
