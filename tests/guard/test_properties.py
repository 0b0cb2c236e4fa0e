"""For any text: what goes out does not depend on how it was cut, is its beginning, and holds no price that nobody vouches for."""

import re
from collections.abc import Iterable

from hypothesis import example, given, settings
from hypothesis import strategies as st

from agents.guard.guard import FigureGuard, Refused
from agents.guard.licence import Licence
from agents.guard.view import HELD_AT_MOST
from business.profile.figures import money
from tests.guard.known import LICENCES

ON_TOP = 44  # an entity or a tag that may be going on
PIECES = st.sampled_from(
    (
        "$ 5 55 $55 30 $30 100 $100 590 , . ; : ! ? ( ) - — / % @ # | \n * ** _ ` & &#53; &#36; <b> </b> < \u200b \u00ad ５ ٥ é a "
        "an the per each adult adults child children kid person deposit total travel mile miles minimum fee is are for of and or "
        "to at in on not no free gratis fifty five fifty-five hundred one two ten eleven dozen dollars bucks USD percent May may "
        "march Sat sun December 12 5th Saturday sábado de diciembre cincuenta y cinco dólares por adulto niño 6 PM noon hours "
        "minutes guests wagyu wa gyu сushi refund discount guarantee safe confirmed booked available taken about around roughly ~ "
        "https:// www. example.com bob@ hold it we don't have your date if once"
    ).split(" ")
)
TEXTS = st.one_of(
    st.lists(st.tuples(PIECES, st.sampled_from(["", " "])), max_size=25).map(lambda parts: "".join(a + b for a, b in parts)),
    st.text(max_size=120),
)
CUTS = st.lists(st.integers(1, 9), min_size=1, max_size=12)
LICENCE_NAMES = st.sampled_from([(known, language) for known in LICENCES for language in ("en", "es")])


def through(text: str, licence: Licence, sizes: Iterable[int]) -> tuple[Refused | None, str]:
    guard, out, at = FigureGuard(licence), "", 0
    wanted = list(sizes)
    while at < len(text):
        size = wanted[at % len(wanted)]
        out += guard.feed(text[at : at + size])
        at += size
        assert guard.held <= HELD_AT_MOST + ON_TOP + max(wanted) or guard.refused is not None
    out += guard.end()
    assert out == guard.released
    return guard.refused, out


@given(TEXTS, CUTS, LICENCE_NAMES)
@settings(max_examples=1500, deadline=None)
@example("<b" * 40 + "$5", [1], ("UNKNOWN", "en"))
@example("5\u200b" * 90, [1, 7], ("UNKNOWN", "en"))
def test_the_cut_makes_no_difference(text: str, cuts: list[int], which: tuple[str, str]) -> None:
    licence = LICENCES[which[0]][which[1]]
    whole = through(text, licence, [len(text) + 1])
    assert through(text, licence, [1]) == whole
    assert through(text, licence, cuts) == whole
    refused, out = whole
    assert text.startswith(out)
    assert refused is not None or out == text
    assert refused is None or len(out) == refused.span_start


@given(
    st.integers(0, 200_000),
    st.sampled_from(["{} per adult", "It is {}.", "**{}** in all", "total: {}", "a deposit of {}", "son {} por niño"]),
)
@settings(max_examples=600, deadline=None)
def test_no_price_passes_but_those_of_the_profile(cents: int, sentence: str) -> None:
    licence = LICENCES["UNKNOWN"]["en"]
    known = {int(figure.value) for figure in licence.figures if figure.kind == "money"}
    refused, out = through(sentence.format(money(cents)), licence, [3])
    if cents not in known:
        assert refused is not None
        assert not re.search(r"\d", out)


@given(TEXTS)
@settings(max_examples=500, deadline=None)
def test_no_dollars_pass_that_are_not_known(text: str) -> None:
    licence = LICENCES["QUOTED"]["en"]
    known = {int(figure.value) for figure in licence.figures if figure.kind == "money"}
    _, out = through(text, licence, [2])
    for whole, fraction in re.findall(r"\$(\d+)(?:\.(\d\d))?(?![\d.,kKx*_`<&\\]|\W*\d)", out):
        assert int(whole) * 100 + int(fraction or 0) in known
