"""What makes vectors of texts and of questions: the encoder on this machine, or a model of LiteLLM's, as the settings say.

An index of vectors belongs to one model: `Configured.of` gives the embedder of an index, which is another than the settings' while the
change from one model to the next is under way.
"""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Protocol, runtime_checkable

from kernel.settings.schema import KnowledgeSettings
from knowledge.embedding.encoder import Encoder
from knowledge.embedding.failing import EmbeddingFailed
from knowledge.embedding.glossary import in_english
from knowledge.embedding.hosted import LiteLLMEmbedder
from knowledge.embedding.weights import Absent

if TYPE_CHECKING:
    from knowledge.embedding.weights import Array

__all__ = ["Configured", "Embedder", "EmbeddingFailed", "LiteLLMEmbedder", "MiniLM", "build_embedder", "embedder_of", "measured"]

MINILM = "minilm"
GLOSSED = ("en", "es")
# Texts that the encoder takes in one go: a question of a customer waits for no more than these.
AT_ONCE = 16


class Embedder(Protocol):
    """Texts as rows of length one, `dimensions` each; None: not known before the first of them. `query`: they are questions."""

    @property
    def model(self) -> str: ...

    @property
    def dimensions(self) -> int | None: ...

    async def embed(self, texts: Sequence[str], *, query: bool = False) -> "Array":
        """Raises EmbeddingFailed."""
        ...


@runtime_checkable
class KnowsOthers(Protocol):
    """An embedder that knows those of other indexes."""

    def of(self, model: str, dimensions: int) -> Embedder: ...


class MiniLM:
    """The encoder on this machine. It knows English alone: Spanish is glossed for it; of other languages it knows the letters."""

    model = MINILM
    dimensions: int | None = Encoder.width

    def __init__(self, encoder: Encoder) -> None:
        self._encoder = encoder

    async def embed(self, texts: Sequence[str], *, query: bool = False) -> "Array":
        """As the protocol says; a question and a text are the same to it. Raises EmbeddingFailed where its weights are not installed."""
        import numpy as np

        try:
            batches = (texts[start : start + AT_ONCE] for start in range(0, len(texts), AT_ONCE))
            parts = [await self._encoder.encode([in_english(text) for text in batch]) for batch in batches]
        except Absent as absent:
            raise EmbeddingFailed(str(absent)) from absent
        return np.concatenate(parts) if parts else np.empty((0, Encoder.width), dtype=np.float32)


class Configured:
    """The settings' embedder, which knows how to ask the model of another index as well."""

    def __init__(self, settings: KnowledgeSettings, environment: Mapping[str, str], encoder: Encoder) -> None:
        self._settings, self._environment, self._encoder = settings, environment, encoder
        self._wanted = self._made(settings.embedding, settings.dimensions)
        self._others: dict[tuple[str, int], Embedder] = {}

    @property
    def model(self) -> str:
        return self._wanted.model

    @property
    def dimensions(self) -> int | None:
        return self._wanted.dimensions

    async def embed(self, texts: Sequence[str], *, query: bool = False) -> "Array":
        """By the model of the settings. Raises EmbeddingFailed."""
        return await self._wanted.embed(texts, query=query)

    def of(self, model: str, dimensions: int) -> Embedder:
        """The embedder whose vectors an index of this model holds."""
        if model == self.model and dimensions == (self.dimensions or dimensions):
            return self._wanted
        key = (model, dimensions)
        if key not in self._others:
            self._others[key] = self._made(model, dimensions)
        return self._others[key]

    def _made(self, model: str, dimensions: int | None) -> Embedder:
        if model == MINILM:
            return MiniLM(self._encoder)
        given = self._settings
        # Address and key are those of the settings' provider; another one is asked as LiteLLM does by itself, by the usual variable.
        mine = model.partition("/")[0] == given.embedding.partition("/")[0]
        key = self._environment.get(given.key_env) if mine and given.key_env else None
        address = given.address if mine else None
        return LiteLLMEmbedder(model, dimensions=dimensions, address=address, key=key, timeout_s=given.timeout_s)


def build_embedder(settings: KnowledgeSettings, environment: Mapping[str, str], encoder: Encoder) -> Configured:
    """The one of these settings. Loads nothing and asks nobody yet."""
    return Configured(settings, environment, encoder)


def embedder_of(embedder: Embedder, model: str, dimensions: int) -> Embedder:
    """Whoever makes vectors for an index of this model, by what the process has. Raises EmbeddingFailed where nobody does."""
    if isinstance(embedder, KnowsOthers):
        return embedder.of(model, dimensions)
    if (embedder.model, embedder.dimensions or dimensions) != (model, dimensions):
        raise EmbeddingFailed(f"{embedder.model} is asked for vectors of {model}, {dimensions} numbers each")
    return embedder


async def measured(embedder: Embedder) -> int:
    """How many numbers its vectors have; a model that did not say yet is asked for one. Raises EmbeddingFailed."""
    return embedder.dimensions or int((await embedder.embed(["text"])).shape[1])


def lie_together(model: str, language: str) -> list[str] | None:
    """Languages in which a question of this one finds texts by meaning; in others they are as near as chance has it. None: all."""
    if model != MINILM:
        return None
    return list(GLOSSED) if language in GLOSSED else [language]
