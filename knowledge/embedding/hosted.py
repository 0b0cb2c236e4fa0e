"""Texts as vectors by a model of somebody else's, through LiteLLM: imported when it is first asked, and never before."""

import asyncio
import importlib
import logging
import os
from collections.abc import Sequence
from types import ModuleType
from typing import TYPE_CHECKING, Any

from knowledge.embedding.failing import DIMENSIONS_AT_MOST, EmbeddingFailed

if TYPE_CHECKING:
    from knowledge.embedding.weights import Array

BATCH = 64  # texts in one call; every provider takes as many
CHARACTERS_AT_MOST = 8_000  # what the shortest-sighted of them reads of a text
DOCUMENT_SECONDS = 30.0
ATTEMPTS = 3
FIRST_PAUSE = 0.5
# What a question is called and what a text is, at the providers that tell them apart.
SIDES = {
    "cohere": ("input_type", "search_query", "search_document"),
    "voyage": ("input_type", "query", "document"),
    "nvidia_nim": ("input_type", "query", "passage"),
    "jina_ai": ("task", "retrieval.query", "retrieval.passage"),
}


class LiteLLMEmbedder:
    """One model behind the embedder's interface. A question is asked once, texts up to `ATTEMPTS` times: nobody waits for those.

    `dimensions`: asked of the model; None: as it gives them, and known after its first vectors. `timeout_s`: of a question."""

    def __init__(
        self,
        model: str,
        *,
        dimensions: int | None = None,
        address: str | None = None,
        key: str | None = None,
        timeout_s: float = 2.0,
        first_pause: float = FIRST_PAUSE,
    ) -> None:
        self.model = model
        self.dimensions = dimensions
        self._asked = dimensions
        self._address, self._key = address, key
        self._timeout = timeout_s
        self._first_pause = first_pause
        self._litellm: ModuleType | None = None
        self._loading = asyncio.Lock()

    async def embed(self, texts: Sequence[str], *, query: bool = False) -> "Array":
        """One row of length one per text. Raises EmbeddingFailed."""
        import numpy as np

        rows: list[list[float]] = []
        for start in range(0, len(texts), BATCH):
            rows += await self._batch([text[:CHARACTERS_AT_MOST] or " " for text in texts[start : start + BATCH]], query)
        return self._checked(np.array(rows, dtype=np.float32)) if rows else np.empty((0, self.dimensions or 0), dtype=np.float32)

    async def _batch(self, texts: list[str], query: bool) -> list[list[float]]:
        attempts = 1 if query else ATTEMPTS
        for attempt in range(1, attempts + 1):
            try:
                return await self._once(texts, query)
            except EmbeddingFailed as failed:
                if attempt == attempts or not failed.passing:
                    raise
                await asyncio.sleep(self._first_pause * 4 ** (attempt - 1))
        raise AssertionError("unreachable")

    async def _once(self, texts: list[str], query: bool) -> list[list[float]]:
        litellm = await self._library()
        seconds = self._timeout if query else DOCUMENT_SECONDS
        try:
            async with asyncio.timeout(seconds):
                answer = await litellm.aembedding(**self._arguments(texts, query, seconds))
        except TimeoutError as error:
            raise EmbeddingFailed(f"{self.model} did not answer within {seconds:g} seconds", passing=True) from error
        except Exception as error:  # LiteLLM raises anything at all; here, and only here, all is mapped
            raise _failure(self.model, error) from error
        return _rows(self.model, answer, len(texts))

    def _arguments(self, texts: list[str], query: bool, seconds: float) -> dict[str, Any]:
        arguments: dict[str, Any] = {
            "model": self.model,
            "input": texts,
            "encoding_format": "float",
            "timeout": seconds,
            "num_retries": 0,
            "max_retries": 0,
            "drop_params": True,
        }
        if (side := SIDES.get(_provider(self.model))) is not None:
            arguments[side[0]] = side[1] if query else side[2]
        given = (("dimensions", self._asked), ("api_base", self._address), ("api_key", self._key))
        return arguments | {name: value for name, value in given if value is not None}

    def _checked(self, vectors: "Array") -> "Array":
        import numpy as np

        width = vectors.shape[1]
        if width > DIMENSIONS_AT_MOST:
            raise EmbeddingFailed(
                f"{self.model} gives vectors of {width} numbers; knowledge.dimensions may be at most {DIMENSIONS_AT_MOST}"
            )
        if self.dimensions not in (None, width):
            raise EmbeddingFailed(f"{self.model} gives vectors of {width} numbers, not {self.dimensions} as it should")
        norms = np.linalg.norm(vectors, axis=1, keepdims=True)
        if not np.isfinite(norms).all() or (norms == 0).any():
            raise EmbeddingFailed(f"{self.model} gave a vector that points nowhere")
        self.dimensions = width
        result: Array = vectors / norms
        return result

    async def _library(self) -> ModuleType:
        async with self._loading:
            if self._litellm is None:
                self._litellm = await asyncio.to_thread(_import)
        return self._litellm


def _rows(model: str, answer: Any, count: int) -> list[list[float]]:
    """The vectors in the order of the texts, whatever order they came in."""
    try:
        rows = {int(row["index"]): [float(number) for number in row["embedding"]] for row in answer.data}
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise EmbeddingFailed(f"{model} did not answer with vectors") from error
    if sorted(rows) != list(range(count)) or len({len(row) for row in rows.values()}) != 1:
        raise EmbeddingFailed(f"{model} did not answer with one vector for each text")
    return [rows[number] for number in range(count)]


def _failure(model: str, error: Exception) -> EmbeddingFailed:
    """By its status where it has one. Texts of providers are not kept: they may quote keys and what was sent."""
    status = getattr(error, "status_code", None)
    if isinstance(status, int) and 400 <= status < 500 and status not in (408, 409, 425, 429):
        return EmbeddingFailed(f"{model} refused ({status}, {type(error).__name__})")
    return EmbeddingFailed(f"{model} could not be asked ({type(error).__name__})", passing=True)


def _provider(model: str) -> str:
    """Who tells questions from texts: "cohere" of "bedrock/cohere.embed-v4" too."""
    first, _, rest = model.partition("/")
    return "cohere" if first == "bedrock" and rest.startswith("cohere") else first


def _import() -> ModuleType:
    # Without this the import fetches a price list from the network.
    os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"
    os.environ.setdefault("LITELLM_MODE", "PRODUCTION")
    litellm = importlib.import_module("litellm")
    # It logs what it sends at its whim.
    logging.getLogger("LiteLLM").setLevel(logging.CRITICAL)
    litellm.telemetry, litellm.suppress_debug_info, litellm.turn_off_message_logging = False, True, True  # type: ignore[attr-defined]
    # Asked for none it takes this for an answer, and would try three times what is tried three times here.
    litellm.DEFAULT_MAX_RETRIES = 0  # type: ignore[attr-defined]
    return litellm
