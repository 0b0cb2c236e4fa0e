"""Vectors of whoever makes them: this machine's encoder, or a provider that is late, wrong, short or gone."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from kernel.settings.schema import KnowledgeSettings
from knowledge.corpus import seeding
from knowledge.corpus.embedder import EmbeddingFailed, LiteLLMEmbedder, MiniLM, build_embedder, embedder_of, measured
from knowledge.embedding.encoder import Encoder
from knowledge.embedding.hosted import BATCH
from tests.knowledge.corpus.reading import FILL
from tests.rig.embeddings import Embeddings

MODEL = "openai/embed-any"
SHIPPED = Path("business/profile/my-hibachi")


@pytest.fixture
async def provider() -> AsyncIterator[Embeddings]:
    async with Embeddings() as provider:
        yield provider


def hosted(provider: Embeddings, dimensions: int | None = None, timeout_s: float = 20.0) -> LiteLLMEmbedder:
    return LiteLLMEmbedder(MODEL, dimensions=dimensions, address=provider.base, key="sk-of-the-test", timeout_s=timeout_s, first_pause=0)


class TestHosted:
    async def test_gives_rows_of_length_one_in_the_order_of_the_texts(self, provider: Embeddings) -> None:
        embedder = hosted(provider)
        provider.behave("answer", "backwards")
        alone = [(await embedder.embed([text]))[0] for text in ("a",)]
        both = await embedder.embed(["a", "a longer one"])
        assert both.shape == (2, 8) and embedder.dimensions == 8
        assert both[0] == pytest.approx(alone[0]) and both[1] != pytest.approx(alone[0])
        assert (both * both).sum(axis=1) == pytest.approx(1)
        assert set(provider.keys) == {"bearer sk-of-the-test"}

    async def test_asks_in_batches(self, provider: Embeddings) -> None:
        assert (await hosted(provider).embed([f"text {number}" for number in range(BATCH + 1)])).shape == (BATCH + 1, 8)
        assert [len(body["input"]) for body in provider.asked] == [BATCH, 1]

    async def test_texts_are_tried_again_and_a_question_is_not(self, provider: Embeddings) -> None:
        embedder = hosted(provider)
        provider.behave("500", "429")
        await embedder.embed(["a text"])
        assert len(provider.asked) == 3
        provider.behave("500")
        with pytest.raises(EmbeddingFailed):
            await embedder.embed(["a question"], query=True)
        assert len(provider.asked) == 4

    async def test_tries_end(self, provider: Embeddings) -> None:
        provider.behave(*["500"] * 9)
        with pytest.raises(EmbeddingFailed) as failed:
            await hosted(provider).embed(["a text"])
        assert failed.value.passing and len(provider.asked) == 3

    async def test_who_is_refused_does_not_ask_again(self, provider: Embeddings) -> None:
        provider.behave("401")
        with pytest.raises(EmbeddingFailed) as failed:
            await hosted(provider).embed(["a text"])
        assert not failed.value.passing and len(provider.asked) == 1
        assert "sk-of-the-test" not in failed.value.why

    async def test_a_silent_provider_is_not_waited_for(self, provider: Embeddings) -> None:
        embedder = hosted(provider)
        await embedder.embed(["the library is loaded"])
        provider.behave("hang")
        embedder = hosted(provider, timeout_s=0.05)
        with pytest.raises(EmbeddingFailed, match=r"within 0\.05 seconds"):
            await embedder.embed(["a question"], query=True)

    @pytest.mark.parametrize("how", ["short", "zero", "garbage"])
    async def test_what_are_no_vectors_is_not_taken(self, provider: Embeddings, how: str) -> None:
        provider.behave(*[how] * 3)
        with pytest.raises(EmbeddingFailed):
            await hosted(provider).embed(["one", "two"])

    async def test_vectors_of_another_length_are_not_taken(self, provider: Embeddings) -> None:
        embedder = hosted(provider)
        await embedder.embed(["eight"])
        provider.dimensions = 9
        with pytest.raises(EmbeddingFailed, match="9 numbers, not 8"):
            await embedder.embed(["nine"])
        provider.dimensions = 2_001
        with pytest.raises(EmbeddingFailed, match="at most 2000"):
            await hosted(provider).embed(["long"])


class TestConfigured:
    def built(self, **given: object) -> KnowledgeSettings:
        return KnowledgeSettings.model_validate(given)

    async def test_asks_for_the_dimensions_of_the_settings(self, provider: Embeddings) -> None:
        settings = self.built(embedding="openai/text-embedding-3-small", dimensions=16, address=provider.base, key_env="A_KEY")
        embedder = build_embedder(settings, {"A_KEY": "sk-of-the-test"}, Encoder())
        assert (embedder.model, await measured(embedder)) == ("openai/text-embedding-3-small", 16)
        assert (await embedder.embed(["a text"])).shape == (1, 16)
        assert provider.asked[0]["dimensions"] == 16
        assert provider.keys == ["bearer sk-of-the-test"]

    async def test_knows_the_embedder_of_an_index_that_serves_still(self) -> None:
        embedder = build_embedder(self.built(embedding=MODEL), {}, Encoder())
        assert isinstance(embedder_of(embedder, "minilm", 384), MiniLM)
        assert embedder_of(embedder, MODEL, 8).dimensions is None  # the settings' own
        assert embedder_of(build_embedder(self.built(), {}, Encoder()), MODEL, 8).dimensions == 8

    async def test_nobody_makes_vectors_of_a_model_that_is_not_known(self) -> None:
        with pytest.raises(EmbeddingFailed):
            embedder_of(MiniLM(Encoder()), MODEL, 8)


class TestShippedVectors:
    async def test_are_those_that_the_embedder_makes(self) -> None:
        """Also after its glossary grew. Red: `hibachi knowledge vectors` makes them anew."""
        found, kept = list(seeding.pieces(SHIPPED, FILL)), seeding.KeptVectors(SHIPPED)
        some = found[:: len(found) // 12]
        for text, made in zip(some, await MiniLM(Encoder()).embed(some), strict=True):
            vector = kept.vector(text)
            assert vector is not None and vector @ made > 0.999, text
