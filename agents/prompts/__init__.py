"""Instructions for language models, as files with placeholders; every figure in them comes from the profile."""

from pathlib import Path

from business.profile.figures import figures, fill
from business.profile.schemas import Profile

FOLDER = Path(__file__).parent


def render_prompt(name: str, profile: Profile) -> str:
    """`name`.md with the profile's figures, in English: the model answers in the customer's language anyway."""
    template = (FOLDER / f"{name}.md").read_text(encoding="utf-8")
    return fill(template, figures(profile, "en"))
