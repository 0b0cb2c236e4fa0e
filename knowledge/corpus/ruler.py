"""How long a text is for the encoder, counted by its own tokenizer; nothing is loaded for texts that are short anyway."""

import threading
from collections.abc import Callable
from typing import TYPE_CHECKING

from knowledge.embedding.weights import Absent, find_files

if TYPE_CHECKING:
    from tokenizers import Tokenizer

# Where the encoder is not installed: fewer characters than this a token has in no text that people write on average.
_CHARACTERS_PER_TOKEN = 3
_CHARACTERS_AT_MOST = 10  # for one token
_SPECIAL = 2  # tokens around every text
_SHORT = 100  # tokens that no text has that has as few characters


class Ruler:
    """One per process. `known`: whether a text is one of those that are known to fit; of it no token is counted."""

    def __init__(self, known: Callable[[str], bool] | None = None) -> None:
        self._known = known
        self._lock = threading.Lock()
        self._tokenizer: Tokenizer | None = None
        self._absent = False

    def tokens(self, text: str) -> int:
        """At least as many as the encoder will see."""
        if len(text) + _SPECIAL <= _SHORT:
            return len(text) + _SPECIAL
        if self._known is not None and self._known(text):
            return _SHORT
        tokenizer = self._loaded()
        if tokenizer is None:
            return len(text) // _CHARACTERS_PER_TOKEN + _SPECIAL
        # A word that is longer than words are is one token, however long.
        return max(len(tokenizer.encode(text).ids), len(text) // _CHARACTERS_AT_MOST)

    def _loaded(self) -> "Tokenizer | None":
        with self._lock:
            if self._tokenizer is None and not self._absent:
                try:
                    files = find_files()
                except Absent:
                    self._absent = True
                    return None
                from tokenizers import Tokenizer

                self._tokenizer = Tokenizer.from_file(str(files.tokenizer))
                self._tokenizer.no_padding()
                self._tokenizer.no_truncation()
            return self._tokenizer
