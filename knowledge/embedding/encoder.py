"""The encoder of a process: loads at first need, in a thread; where its weights are not installed it says so and gives nothing."""

import asyncio
import threading
from collections.abc import Sequence
from typing import TYPE_CHECKING

import structlog

from knowledge.embedding.minilm import WIDTH, forward
from knowledge.embedding.weights import Absent, find_files, map_tensors

if TYPE_CHECKING:
    from tokenizers import Tokenizer

    from knowledge.embedding.weights import Array

log = structlog.get_logger(__name__)

# What the model was trained to read; more is cut off.
TOKENS_AT_MOST = 256
# Tokens are short words: nothing longer than this fits into them, and a whole book shall not be split first.
CHARACTERS_AT_MOST = 4_000
BATCH = 32


class Encoder:
    """Gives vectors of `WIDTH` floats, of length one: their dot product is their similarity. One per process."""

    width = WIDTH

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._parts: tuple[Tokenizer, dict[str, Array]] | None = None

    def why_absent(self) -> str | None:
        """Why there is no encoder here; None where there is one. Loads nothing."""
        try:
            find_files()
        except Absent as absent:
            return str(absent)
        return None

    @property
    def loaded(self) -> bool:
        return self._parts is not None

    async def encode(self, texts: Sequence[str]) -> "Array":
        """One row per text, computed in a thread: some milliseconds each, the first call some hundred. Raises Absent."""
        return await asyncio.to_thread(self.encode_now, texts)

    def encode_now(self, texts: Sequence[str]) -> "Array":
        """As `encode`, in this thread. One call at a time: more would only share the same cores."""
        with self._lock:
            tokenizer, tensors = self._parts or self._load()
            import numpy as np

            tokens = [tokenizer.encode(text[:CHARACTERS_AT_MOST]).ids for text in texts]
            vectors = np.empty((len(texts), WIDTH), dtype=np.float32)
            # Those of one length together: padding is work too.
            order = sorted(range(len(texts)), key=lambda place: len(tokens[place]))
            for start in range(0, len(order), BATCH):
                places = order[start : start + BATCH]
                vectors[places] = forward(tensors, [tokens[place] for place in places])
            return vectors

    def _load(self) -> "tuple[Tokenizer, dict[str, Array]]":
        files = find_files()
        from tokenizers import Tokenizer

        tokenizer = Tokenizer.from_file(str(files.tokenizer))
        tokenizer.no_padding()
        tokenizer.enable_truncation(TOKENS_AT_MOST)
        self._parts = tokenizer, map_tensors(files.weights)
        log.info("encoder.loaded")
        return self._parts
