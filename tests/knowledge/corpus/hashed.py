"""An embedder of any length that needs no weights: words that two texts share bring them near. For tests of everything but meaning."""

import asyncio
import hashlib
import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from knowledge.embedding.failing import EmbeddingFailed

if TYPE_CHECKING:
    from knowledge.embedding.weights import Array


class Hashed:
    """`trouble`: what it fails with instead. `pace`: a permit is taken before each answer. `asked`: how many texts it was given;
    `called` is set each time."""

    def __init__(self, dimensions: int = 64, model: str | None = None) -> None:
        self.model = model or f"hashed-{dimensions}"
        self.dimensions: int | None = dimensions
        self.trouble: str | None = None
        self.pace: asyncio.Semaphore | None = None
        self.called = asyncio.Event()
        self.asked = 0

    async def embed(self, texts: Sequence[str], *, query: bool = False) -> "Array":
        import numpy as np

        assert self.dimensions is not None
        self.asked += len(texts)
        self.called.set()
        if self.trouble is not None:
            raise EmbeddingFailed(self.trouble)
        if self.pace is not None:
            await self.pace.acquire()
        vectors = np.full((len(texts), self.dimensions), 1e-3, dtype=np.float32)
        for row, text in enumerate(texts):
            for word in re.findall(r"\w+", text.lower()):
                number = int.from_bytes(hashlib.blake2b(f"{self.model} {word}".encode(), digest_size=8).digest())
                vectors[row, number % self.dimensions] += 1 if number >> 63 else -1
        result: Array = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
        return result
