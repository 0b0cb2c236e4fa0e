"""On which line of a TOML text each value stands. For texts that `tomllib` has read already: nothing is checked again. Pure."""

from collections.abc import Mapping

Path = tuple[str | int, ...]


def lines(text: str) -> dict[Path, int]:
    """The line, counted from 1, of every key, table and list entry."""
    return _Reader(text).read()


def line_of(places: Mapping[Path, int], path: Path) -> int:
    """The line of a value, or of the nearest thing around it."""
    while path and path not in places:
        path = path[:-1]
    return places.get(path, 1)


class _Reader:
    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0
        self._line = 1
        self._found: dict[Path, int] = {}
        self._counts: dict[Path, int] = {}  # of arrays of tables: entries so far

    def read(self) -> dict[Path, int]:
        table: Path = ()
        while self._skip():
            if self._peek() == "[":
                table = self._header()
            else:
                self._pair(table)
        return self._found

    def _peek(self) -> str:
        return self._text[self._at : self._at + 1]

    def _step(self, count: int = 1) -> None:
        self._line += self._text.count("\n", self._at, self._at + count)
        self._at += count

    def _skip(self, but_lines: bool = False) -> bool:
        """Over blanks and comments, to something; False at the end."""
        while (c := self._peek()) and (c in " \t\r" or c == "#" or (c == "\n" and not but_lines)):
            if c == "#":
                end = self._text.find("\n", self._at)
                self._at = len(self._text) if end < 0 else end
            else:
                self._step()
        return bool(c)

    def _header(self) -> Path:
        many = self._text.startswith("[[", self._at)
        line = self._line
        self._step(2 if many else 1)
        path: Path = ()
        for part in self._key():
            path = (*path, part)
            if path in self._counts and not (many and part is None):
                last = (*path, self._counts[path] - 1)
                path = last
        if many:
            bare = path[:-1] if path and isinstance(path[-1], int) else path
            at = self._counts[bare] = self._counts.get(bare, 0) + 1
            self._found.setdefault(bare, line)
            path = (*bare, at - 1)
        self._found[path] = line
        self._skip(but_lines=True)
        self._step(2 if many else 1)
        return path

    def _key(self) -> list[str]:
        """The parts of a dotted key."""
        parts: list[str] = []
        while True:
            self._skip(but_lines=True)
            begin = self._at
            if self._peek() in ('"', "'"):
                self._string()
                parts.append(self._text[begin + 1 : self._at - 1])
            else:
                while (c := self._peek()) and (c.isalnum() or c in "_-"):
                    self._step()
                parts.append(self._text[begin : self._at])
            self._skip(but_lines=True)
            if self._peek() != ".":
                return parts
            self._step()

    def _pair(self, table: Path) -> None:
        line = self._line
        path = table
        for part in self._key():
            path = (*path, part)
            self._found.setdefault(path, line)
        self._step()  # the equals sign
        self._value(path)

    def _value(self, path: Path) -> None:
        self._skip()
        match self._peek():
            case '"' | "'":
                self._string()
            case "[":
                self._step()
                at = 0
                while self._skip() and self._peek() != "]":
                    self._found[(*path, at)] = self._line
                    self._value((*path, at))
                    at += 1
                    self._comma()
                self._step()
            case "{":
                self._step()
                while self._skip() and self._peek() != "}":
                    self._pair(path)
                    self._comma()
                self._step()
            case _:
                while (c := self._peek()) and c not in ",]}\n#":
                    self._step()

    def _comma(self) -> None:
        self._skip()
        if self._peek() == ",":
            self._step()

    def _string(self) -> None:
        quote = self._peek()
        if self._text.startswith(quote * 3, self._at):
            quote *= 3
        self._step(len(quote))
        while self._at < len(self._text) and not self._text.startswith(quote, self._at):
            self._step(2 if quote[0] == '"' and self._peek() == "\\" else 1)
        self._step(len(quote))
        # Up to two quotes may stand before the closing three.
        while len(quote) == 3 and self._peek() == quote[0]:
            self._step()
