"""all-MiniLM-L6-v2 in numpy: six BERT layers, the mean over the tokens, length one. Pure arithmetic; no thread, no file."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from knowledge.embedding.weights import Array

LAYERS = 6
HEADS = 12
WIDTH = 384
EPSILON = 1e-12
MASKED = -1e9


def forward(tensors: "Mapping[str, Array]", tokens: Sequence[Sequence[int]]) -> "Array":
    """One row of `WIDTH` per sequence of token ids, normalised. Sequences of about one length cost least: shorter ones are padded."""
    import numpy as np

    longest = max(map(len, tokens))
    ids = np.zeros((len(tokens), longest), dtype=np.int64)
    mask = np.zeros((len(tokens), longest), dtype=np.float32)
    for row, sequence in enumerate(tokens):
        ids[row, : len(sequence)] = sequence
        mask[row, : len(sequence)] = 1.0
    hidden = (
        tensors["embeddings.word_embeddings.weight"][ids]
        + tensors["embeddings.position_embeddings.weight"][:longest]
        + tensors["embeddings.token_type_embeddings.weight"][0]
    )
    hidden = _norm(tensors, "embeddings.LayerNorm", hidden)
    bias = (1.0 - mask)[:, None, None, :] * np.float32(MASKED)
    for number in range(LAYERS):
        hidden = _layer(tensors, f"encoder.layer.{number}.", hidden, bias)
    mean = (hidden * mask[:, :, None]).sum(axis=1) / mask.sum(axis=1, keepdims=True)
    result: Array = mean / np.linalg.norm(mean, axis=1, keepdims=True)
    return result


def _layer(tensors: "Mapping[str, Array]", at: str, hidden: "Array", bias: "Array") -> "Array":
    attended = _attention(tensors, f"{at}attention.self.", hidden, bias)
    hidden = _norm(tensors, f"{at}attention.output.LayerNorm", hidden + _dense(tensors, f"{at}attention.output.dense", attended))
    inner = _gelu(_dense(tensors, f"{at}intermediate.dense", hidden))
    return _norm(tensors, f"{at}output.LayerNorm", hidden + _dense(tensors, f"{at}output.dense", inner))


def _attention(tensors: "Mapping[str, Array]", at: str, hidden: "Array", bias: "Array") -> "Array":
    import numpy as np

    count, length, width = hidden.shape

    def heads(name: str) -> "Array":
        split: Array = _dense(tensors, at + name, hidden).reshape(count, length, HEADS, width // HEADS)
        return split.transpose(0, 2, 1, 3)

    query, key, value = heads("query"), heads("key"), heads("value")
    scores = query @ key.transpose(0, 1, 3, 2) / np.float32((width // HEADS) ** 0.5) + bias
    scores = np.exp(scores - scores.max(axis=-1, keepdims=True))
    scores /= scores.sum(axis=-1, keepdims=True)
    result: Array = (scores @ value).transpose(0, 2, 1, 3).reshape(count, length, width)
    return result


def _dense(tensors: "Mapping[str, Array]", at: str, values: "Array") -> "Array":
    # One large product is several times faster than one per sentence.
    flat = values.reshape(-1, values.shape[-1]) @ tensors[f"{at}.weight"].T + tensors[f"{at}.bias"]
    return flat.reshape(*values.shape[:-1], -1)


def _norm(tensors: "Mapping[str, Array]", at: str, values: "Array") -> "Array":
    import numpy as np

    centred = values - values.mean(axis=-1, keepdims=True)
    deviation = np.sqrt((centred * centred).mean(axis=-1, keepdims=True) + np.float32(EPSILON))
    result: Array = centred / deviation * tensors[f"{at}.weight"] + tensors[f"{at}.bias"]
    return result


def _gelu(values: "Array") -> "Array":
    """x times the normal distribution's function; its error function by Abramowitz and Stegun 7.1.26, right to 1.5e-7."""
    import numpy as np

    scaled = np.abs(values) * np.float32(0.5**0.5)
    t = 1.0 / (1.0 + np.float32(0.3275911) * scaled)
    series = t * np.float32(1.061405429) + np.float32(-1.453152027)
    for term in (1.421413741, -0.284496736, 0.254829592):
        series = series * t + np.float32(term)
    erf = np.copysign(1.0 - series * t * np.exp(-scaled * scaled), values)
    result: Array = 0.5 * values * (1.0 + erf)
    return result
