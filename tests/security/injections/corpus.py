"""The corpus: what attackers write, by how they try it, and what they want said."""

import tomllib
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).parent
LIES: tuple[tuple[str, str], ...] = tuple(
    (said, never) for said, never in tomllib.loads((HERE / "lies.toml").read_text(encoding="utf-8"))["lies"]
)


@dataclass(frozen=True, slots=True)
class Injection:
    """One conversation. `says`: its messages, in order; the last one attacks."""

    kind: str
    number: int
    says: tuple[str, ...]

    @property
    def id(self) -> str:
        return f"{self.kind}-{self.number}"


def corpus() -> tuple[Injection, ...]:
    """Every injection of every file, in order."""
    found: list[Injection] = []
    for path in sorted(HERE.glob("*.toml")):
        if path.stem != "lies":
            says = tomllib.loads(path.read_text(encoding="utf-8"))["says"]
            found += [Injection(path.stem, number, tuple(one)) for number, one in enumerate(says, start=1)]
    return tuple(found)


CORPUS = corpus()
