"""Instructions for language models, as files with placeholders; every figure in them comes from the profile."""

from pathlib import Path

from business.profile.figures import figures
from business.profile.schemas import Profile
from kernel.placeholders import fill

FOLDER = Path(__file__).parent


def render_prompt(name: str, profile: Profile) -> str:
    """`name`.md with the profile's figures."""
    return rendered(FOLDER / f"{name}.md", profile)


def rendered(path: Path, profile: Profile) -> str:
    """A prompt with the profile's figures, in English: the model answers in the customer's language anyway."""
    return fill(path.read_text(encoding="utf-8").strip(), figures(profile, "en"))
