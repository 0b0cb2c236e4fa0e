"""The four looks of a page. One of them is looked at every time, the others where there is time (`-m slow`)."""

import pytest

from tests.browser.chromium import Scheme

LOOKS: list[tuple[Scheme, bool]] = [("light", False), ("dark", False), ("light", True), ("dark", True)]


def in_every_look(scheme: Scheme, *, phone: bool) -> pytest.MarkDecorator:
    """A test of (scheme, phone) for each look; `scheme` and `phone` name the one of every day."""
    return pytest.mark.parametrize(
        ("scheme", "phone"),
        [
            pytest.param(*look, marks=() if look == (scheme, phone) else pytest.mark.slow, id=f"{look[0]}-{'phone' if look[1] else 'wide'}")
            for look in LOOKS
        ],
    )
