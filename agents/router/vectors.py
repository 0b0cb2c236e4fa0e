"""The example sentences of the router and their vectors, made once and kept: `python -m agents.router.vectors` makes them anew."""

import hashlib
import tomllib
from dataclasses import dataclass
from functools import cached_property
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING
from zipfile import BadZipFile

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from knowledge.embedding.weights import Array

FOLDER = Path(__file__).parent / "prototypes"
VECTORS = FOLDER / "vectors.npz"
# The encoder knows English. Of a hundred Spanish messages it gave 51 to the right agent with Spanish examples, of the same in English 77.
LANGUAGES = ("en",)


@dataclass(frozen=True)
class Prototypes:
    """Every example with its agent, in the files' order."""

    agents: tuple[str, ...]
    texts: tuple[str, ...]

    @classmethod
    def read(cls) -> "Prototypes":
        lines: list[tuple[str, str]] = []
        for language in LANGUAGES:
            by_agent = tomllib.loads((FOLDER / f"{language}.toml").read_text(encoding="utf-8"))
            lines += [(agent, text) for agent, texts in by_agent.items() for text in texts]
        return cls(tuple(agent for agent, _ in lines), tuple(text for _, text in lines))

    @cached_property
    def digest(self) -> str:
        """Of all of it: vectors that carry another are stale."""
        joined = "\n".join(f"{agent}\t{text}" for agent, text in zip(self.agents, self.texts, strict=True))
        return hashlib.sha256(joined.encode()).hexdigest()


class Stale(Exception):
    """The kept vectors are not those of the examples."""


def load_vectors(prototypes: Prototypes) -> "Array":
    """One row per example. Raises Stale where the examples have changed since."""
    import numpy as np

    try:
        # From memory: numpy leaves a torn archive open.
        with np.load(BytesIO(VECTORS.read_bytes()), allow_pickle=False) as kept:
            digest, vectors = str(kept["digest"]), kept["vectors"]
    except (OSError, EOFError, KeyError, ValueError, BadZipFile) as error:
        raise Stale("there are no vectors: python -m agents.router.vectors") from error
    if digest != prototypes.digest:
        raise Stale("the examples have changed: python -m agents.router.vectors")
    as_single: Array = vectors.astype(np.float32)
    return as_single


def make_vectors(prototypes: Prototypes) -> "NDArray[np.float16]":
    """What is kept: half precision moves no similarity by more than a thousandth. Raises Absent."""
    import numpy as np

    from knowledge.embedding.encoder import Encoder

    return Encoder().encode_now(prototypes.texts).astype(np.float16)


def main() -> None:
    import numpy as np

    prototypes = Prototypes.read()
    vectors = make_vectors(prototypes)
    np.savez_compressed(VECTORS, vectors=vectors, digest=np.array(prototypes.digest))
    print(f"{len(prototypes.texts)} examples -> {VECTORS.name}, {VECTORS.stat().st_size} bytes")


if __name__ == "__main__":
    main()
