"""The long forms: whatever is marked slow is played by one of them, once."""

from pathlib import Path

import pytest

from tests.long_forms import LONG_FORMS, LongForm, Size
from tests.prove import known

ROOT = Path(__file__).parents[1]
SLOW = [path.relative_to(ROOT).as_posix() for path in Path(__file__).parent.rglob("test_*.py") if "mark.slow" in path.read_text("utf-8")]


def plays(form: LongForm, file: str) -> bool:
    """Whether pytest is told to look into the file."""
    ignored = [word.partition("=")[2] for word in form.tests if word.startswith("--ignore=")]
    inside = any(file == path or file.startswith(f"{path}/") for path in form.tests)
    return inside and not any(file == path or file.startswith(f"{path}/") for path in ignored)


class TestLongForms:
    def test_name_files_that_are_there(self) -> None:
        paths = [word.removeprefix("--ignore=").partition("::")[0] for form in LONG_FORMS for word in form.tests]
        assert [path for path in paths if path.startswith("tests") and not (ROOT / path).exists()] == []

    def test_have_names_of_their_own(self) -> None:
        assert len(known()) == len(set(known()))

    @pytest.mark.parametrize("file", SLOW)
    def test_play_every_slow_test(self, file: str) -> None:
        assert [form.name for form in LONG_FORMS if plays(form, file)] != []


class TestSize:
    def test_is_a_share_but_never_too_little(self) -> None:
        size = Size("PROVE_STREAMS", 10_000, 1_000, step=500)
        assert [size.scaled(scale) for scale in (1.0, 0.26, 0.01)] == [10_000, 2_500, 1_000]
