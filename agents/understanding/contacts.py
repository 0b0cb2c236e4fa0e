"""Who writes and how to reach them: names, phones in E.164, e-mail addresses; out of the text as it was written."""

import re
import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from agents.understanding.text import fold

NAMES = Path(__file__).with_name("words") / "names.toml"
LONGEST_NAME = 4
_EMAIL = re.compile(r"(?<![\w.+@-])([a-z0-9][a-z0-9._%+-]{0,63})\s?@\s?((?:[a-z0-9-]{1,63}\s?[.,]\s?)+[a-z]{2,24})(?![\w@])", re.IGNORECASE)
_DOT = r"(?:\s*(?:\.|\(dot\)|\[dot\])\s*|\s+(?:dot|punto|point)\s+)"
_SPOKEN_EMAIL = re.compile(
    rf"(?<![\w@])((?:[a-z0-9][a-z0-9_+-]*)(?:(?:{_DOT}|\s+(?:underscore|guion bajo|guión bajo)\s+)[a-z0-9_+-]+){{0,3}})"
    rf"\s*(?:\s(?:at|arroba)\s|\(at\)|\[at\]|\(arroba\)|@)\s*"
    rf"([a-z0-9-]+(?:{_DOT}[a-z0-9-]+){{0,2}}{_DOT}(?:com|net|org|edu|gov|mx|us|es|io|me|co|info|biz))(?!\w)",
    re.IGNORECASE,
)
# What ends an address that was written with spaces or a comma; "from @kayla-r, did it" holds none.
_KNOWN_END = re.compile(r"(?:com|net|org|edu|gov|mx|us|es|io|me|co|info|biz)", re.IGNORECASE)
_HALF_EMAIL = re.compile(r"(?<![\w@])[a-z0-9._%+-]+@(?:[a-z0-9-]+)?(?![\w.@])", re.IGNORECASE)
_PHONE = re.compile(r"(?<![\w$./#@-])(?:\+\s?)?\(?\d[\d\s().\-–/]{5,22}\d(?![\w%$@])")
_GROUPS = {(10,), (3, 7), (6, 4), (3, 3, 4), (3, 3, 2, 2), (11,), (1, 10), (1, 3, 7), (1, 3, 3, 4), (1, 6, 4)}
_AREA = re.compile(r"1?([2-9]\d{2})([2-9]\d{2})\d{4}")
_NAME_WORD = re.compile(r"[^\W\d_](?:[^\W\d_]|['’.-](?=[^\W\d_]))*\.?")


@dataclass(frozen=True, slots=True)
class Contacts:
    """`rest`: the text without them. `wrong`: what was given as a phone or an e-mail address and is none, by fact."""

    rest: str
    name: str | None = None
    phone: str | None = None
    email: str | None = None
    wrong: tuple[tuple[str, str], ...] = ()


def e164(written: str) -> str | None:
    """A phone number as people write it in the United States, or with + and its country code: `+15105550142`. None for what is none."""
    digits = re.sub(r"\D", "", written)
    if written.lstrip().startswith("+"):
        if digits.startswith("1"):
            return f"+{digits}" if len(digits) == 11 and _dialled(digits) else None
        return f"+{digits}" if 8 <= len(digits) <= 15 and digits[0] != "0" else None
    groups = tuple(len(group) for group in re.findall(r"\d+", written))
    if groups not in _GROUPS or not _dialled(digits) or (len(digits) == 11) != digits.startswith("1"):
        return None
    return f"+1{digits[-10:]}"


def _dialled(digits: str) -> bool:
    """Area code and exchange of the North American plan: neither begins with 0 or 1, neither is a service code such as 911."""
    match = _AREA.fullmatch(digits)
    return match is not None and not match[1].endswith("11") and not match[2].endswith("11")


class ContactReader:
    """Reads contacts. `is_word`: whether a folded word means something else here (a dish, a topic, a guest)."""

    def __init__(self, is_word: Callable[[str], bool]) -> None:
        file = tomllib.loads(NAMES.read_text(encoding="utf-8"))
        cues = file["cues"]
        self._is_word = is_word
        self._stop = frozenset(file["stop"]["words"])
        self._also = frozenset(cues["also_names"])
        self._particles = frozenset(cues["particles"])
        self._fillers = frozenset(cues["fillers"])
        self._strong, self._weak = _cue(cues["strong"]), _cue(cues["weak"])
        closing = "|".join(re.escape(text) for text in sorted(cues["closing"], key=len, reverse=True))
        self._closing = re.compile(rf"(?:\b(?:{closing})\b[,.!]*\s*|\n\s*[-–—~]?\s*|\s[-–—]\s*)$")

    def read(self, text: str, asked: str | None) -> Contacts:
        """`asked`: the fact that our last message asked for: then a bare answer is taken as it stands."""
        text = text.replace("’", "'")
        wrong: list[tuple[str, str]] = []
        email = phone = None
        if "@" in text or re.search(r"\b(?:at|arroba)\b", text, re.IGNORECASE):
            text, email = self._email(text, wrong)
        if any(map(str.isdigit, text)):
            text, phone = self._phone(text, asked, wrong)
        found = self._name(text, asked, has_other=email is not None or phone is not None)
        name = None
        if found is not None:
            name = _title(found[0])
            text = f"{text[: found[1]]} ~ {text[found[2] :]}"
        return Contacts(text, name, phone, email, tuple(wrong))

    def _email(self, text: str, wrong: list[tuple[str, str]]) -> tuple[str, str | None]:
        match = _EMAIL.search(text)
        if match is not None and re.search(r"[\s,]", match[0]) and not _KNOWN_END.fullmatch(re.split(r"[\s.,]+", match[2])[-1]):
            match = None
        match = match or _SPOKEN_EMAIL.search(text)
        if match is None:
            half = _HALF_EMAIL.search(text)
            if half is None:
                return text, None
            wrong.append(("email", half[0]))
            return f"{text[: half.start()]} ~ {text[half.end() :]}", None
        local = re.sub(r"\s*(?:\(dot\)|\[dot\]|\bdot\b|\bpunto\b|\bpoint\b)\s*", ".", match[1], flags=re.IGNORECASE)
        local = re.sub(r"\s+(?:underscore|gui[oó]n bajo)\s+", "_", local, flags=re.IGNORECASE)
        domain = re.sub(r"\s*(?:,|\(dot\)|\[dot\]|\bdot\b|\bpunto\b|\bpoint\b)\s*", ".", match[2], flags=re.IGNORECASE)
        address = re.sub(r"\s", "", f"{local}@{domain}").lower()
        return f"{text[: match.start()]} ~ {text[match.end() :]}", address

    def _phone(self, text: str, asked: str | None, wrong: list[tuple[str, str]]) -> tuple[str, str | None]:
        phone = None
        for match in reversed(list(_PHONE.finditer(text))):
            found = e164(match[0])
            if found is not None:
                phone = found
            elif asked != "phone" or not 7 <= sum(map(str.isdigit, match[0])) <= 15:
                continue
            else:
                wrong.append(("phone", match[0].strip()))
            text = f"{text[: match.start()]} ~ {text[match.end() :]}"
        return text, phone

    # -- names

    def _name(self, text: str, asked: str | None, *, has_other: bool) -> tuple[str, int, int] | None:
        """(the name as written, where it begins with its cue, where it ends)."""
        plain = _same_length(text)
        shouted = text.isupper()
        for cue, strong in ((self._strong, True), (self._weak, False)):
            for match in cue.finditer(plain):
                capitals = not strong and (asked != "name") and not shouted
                if not strong and shouted and asked != "name":
                    continue
                end = self._words(text, match.end(), capitals=capitals, asked=strong or asked == "name")
                if end is not None:
                    return text[match.end() : end].strip(), match.start(), end
        if asked == "name" or has_other:
            bare = self._bare(text, plain, capitals=asked != "name")
            if bare is not None:
                return bare
        return self._signature(text, plain)

    def _words(self, text: str, start: int, *, capitals: bool, asked: bool = False) -> int | None:
        """Where the name that begins here ends; None where none does."""
        at, end, count = start, None, 0
        while count < LONGEST_NAME:
            match = re.compile(r"\s*").match(text, at)
            assert match is not None
            word = _NAME_WORD.match(text, match.end())
            if word is None or (count and "\n" in match[0]):
                break
            folded = fold(word[0].rstrip("."))
            capital = word[0][0].isupper()
            if end is not None and folded in self._particles and not capital:
                at = word.end()
                continue
            if folded in self._also and capital and (asked or _followed(text, word.end()) or end is not None):
                at = end = word.end()
                count += 1
                continue
            initial = len(folded) == 1 and capital and (end is not None or word[0].endswith("."))
            if (not initial and (folded in self._stop or self._is_word(folded) or len(folded) < 2)) or (capitals and not capital):
                break
            at = end = word.end()
            count += 1
            if word[0].endswith(".") and len(folded) > 2:
                return end - 1  # the end of a sentence
            if text[word.end() : word.end() + 1] in (",", ".", "!", "?", ";") and not initial:
                break
        return end

    def _bare(self, text: str, plain: str, *, capitals: bool) -> tuple[str, int, int] | None:
        """A message that is nothing but the name, fillers and other contacts aside."""
        lines = re.sub(r"[~,;:/|()]|\s[-–—]\s", lambda sign: "\n" * len(sign[0]), text)
        filler = re.compile(rf"(?:(?:{'|'.join(sorted(self._fillers, key=len, reverse=True))})\b[\s,!.]*)+")
        skipped = filler.match(plain)
        start = skipped.end() if skipped is not None else len(text) - len(text.lstrip())
        for line in re.finditer(r"[^\n]+", lines[start:]):
            begin, whole = start + line.start(), line[0].strip(" .!")
            if not whole:
                continue
            end = self._words(text, begin, capitals=capitals, asked=not capitals)
            if end is not None and text[begin:end].strip(" .!~") == whole and (not capitals or " " in whole):
                return text[begin:end].strip(), begin, end
            if not capitals:
                return None
        return None

    def _signature(self, text: str, plain: str) -> tuple[str, int, int] | None:
        """ "Thanks, Ana Perez" or a last line of its own, written as a name."""
        for size in range(1, LONGEST_NAME):
            match = re.search(rf"(?:[^\W\d_][^\W\d_'.-]*\s+){{{size - 1}}}[^\W\d_][^\W\d_'.-]*[.!]?\s*$", text)
            if match is None or not self._closing.search(plain[: match.start()]) or not plain[: match.start()].strip():
                continue
            end = self._words(text, match.start(), capitals=True)
            if end is not None and not text[end:].strip(" .!\n") and not text.isupper():
                return text[match.start() : end], match.start(), end
        return None


def _cue(phrases: list[str]) -> re.Pattern[str]:
    listed = "|".join(re.escape(text) for text in sorted(phrases, key=len, reverse=True))
    return re.compile(rf"(?<![\w'])(?:{listed})(?:(?<=:)\s*|\s*:\s*|\s+)")


def _same_length(text: str) -> str:
    """Folded letter by letter, so that places in it are places in the text."""
    if text.isascii():
        return text.lower()
    return "".join(letter if len(letter) == 1 else char for char in text for letter in [fold(char) or char])


def _followed(text: str, at: int) -> bool:
    """Whether another word in capitals comes next: "June Lee"."""
    return re.compile(r" [^\W\d_]").match(text, at) is not None and text[at + 1].isupper()


def _title(name: str) -> str:
    """As written where it has capitals; "ana perez" is Ana Perez."""
    name = re.sub(r"\s+", " ", name.strip(" .,-"))
    if name != name.lower() and not (name.isupper() and len(name) > 3):
        return name
    return re.sub(r"[^\W\d_]+", lambda match: match[0].capitalize(), name.lower())
