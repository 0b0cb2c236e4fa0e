"""What a judgement may look at: lexemes by number, up to a bound. What it asks for and is not there yet stops it until it is."""

from agents.guard.lexing import Lexeme, Lexer

# Characters of the text that are ever held.
HELD_AT_MOST = 80


class More(Exception):
    """The answer lies in text that has not come."""


class View:
    """Gives the same answers however the text was cut: nothing is read that a later chunk could change."""

    def __init__(self, lexer: Lexer) -> None:
        self._lexer = lexer
        self.lexemes = lexer.lexemes
        self._limit = HELD_AT_MOST

    def begin(self, start: int, reach: int = HELD_AT_MOST) -> None:
        """A judgement of what begins at a place of the text."""
        self._limit = start + reach

    def at(self, number: int) -> Lexeme:
        """The lexeme; `end` behind the last one, `far` beyond the bound. Raises `More`."""
        if number < len(self.lexemes):
            lexeme = self.lexemes[number]
            return _FAR if lexeme.end > self._limit else lexeme
        if self._lexer.final:
            return _END
        if number == len(self.lexemes) and self._lexer.open_end > self._limit:
            return _FAR
        if number > len(self.lexemes) and self._lexer.open_end > self._limit:
            return _FAR
        raise More


_END = Lexeme("end", "", -1, -1, False)
_FAR = Lexeme("far", "", -1, -1, False)
