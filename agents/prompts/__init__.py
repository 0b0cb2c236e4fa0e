"""Instructions for language models, as files with placeholders; every figure in them comes from the profile.

`prompt.md` is the usual version of an agent's, `prompt.short.md` beside it the one called "short". Each begins with what it is:

    ---
    version: short
    about: Prices, for a model that follows rules without being told twice.
    changed: Half as long as the usual one; the same rules.
    ---
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from business.profile.figures import figures
from business.profile.schemas import Profile
from kernel.placeholders import fill

FOLDER = Path(__file__).parent
AGENTS = FOLDER.parent
USUAL = "usual"
# What holds whoever has the turn, what is asked of a draft and of a summary; all others stand in their agents' folders.
VOICE, DRAFT, SUMMARY = "conversational", "draft", "summary"
_HERE = (VOICE, DRAFT, SUMMARY)
_FENCE = "---\n"
_TOLD = ("version", "about", "changed")


@dataclass(frozen=True, slots=True)
class Prompt:
    """A version of somebody's instructions. `changed`: against the usual one; empty for that."""

    version: str
    about: str
    changed: str
    text: str


def read(path: Path) -> Prompt:
    """ValueError where the file does not begin with what it is, or is called otherwise."""
    whole = path.read_text(encoding="utf-8")
    head, fence, text = whole.removeprefix(_FENCE).partition(_FENCE)
    lines = [line.partition(":") for line in head.splitlines()]
    told = {name.strip(): words.strip() for name, _, words in lines}
    if not whole.startswith(_FENCE) or not fence or not {"version", "about"} <= told.keys() <= set(_TOLD):
        raise ValueError(f"{path}: does not begin with version, about and changed, between two lines of ---")
    if told["version"] != _named(path):
        raise ValueError(f"{path}: calls itself {told['version']!r}")
    return Prompt(told["version"], told["about"], told.get("changed", ""), text.strip())


def versions(usual: Path) -> dict[str, Path]:
    """The versions beside the usual one, and that first; empty where there is none."""
    others = sorted(usual.parent.glob(f"{usual.stem}.*.md"))
    return {_named(path): path for path in (usual, *others) if path.exists()}


def _named(path: Path) -> str:
    return path.suffixes[0].removeprefix(".") if len(path.suffixes) > 1 else USUAL


def place(name: str) -> Path:
    """Where the usual version of somebody's instructions stands."""
    return FOLDER / f"{name}.md" if name in _HERE else AGENTS / name / "prompt.md"


@lru_cache(maxsize=1)
def written() -> Mapping[str, tuple[str, ...]]:
    """Whose instructions there are, with their versions, the usual one first."""
    names = [*_HERE, *sorted(path.parent.name for path in AGENTS.glob("*/prompt.md"))]
    return {name: tuple(versions(place(name))) for name in names}


def render_prompt(name: str, profile: Profile, version: str = USUAL) -> str:
    """The instructions of `name` with the profile's figures, in English: the model answers in the customer's language anyway.

    KeyError where nobody wrote such a version.
    """
    return fill(read(versions(place(name))[version]).text, figures(profile, "en"))


def rendered(path: Path, profile: Profile) -> str:
    """The same of one file."""
    return fill(read(path).text, figures(profile, "en"))
