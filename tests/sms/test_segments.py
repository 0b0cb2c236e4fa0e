"""What a text takes: a table of cases reckoned by hand, an implementation that is not ours beside it, and texts that are brought to fit."""

import pytest
import smsutil  # type: ignore[import-untyped]
from hypothesis import given, settings
from hypothesis import strategies as st

from business.channels.clusters import clusters
from business.channels.segments import encoding, parts, plain, segments, shorten

FAMILY, THUMB, FLAG, KEYCAP, HEART = "👩‍👩‍👧‍👦", "👍🏽", "🇲🇽", "1️⃣", "❤️"  # 11, 4, 4, 3 and 2 units of UTF-16

# (what, text, encoding, the sizes of its segments in characters of Python)
CASES: list[tuple[str, str, str, list[int]]] = [
    ("empty", "", "gsm7", [0]),
    ("one letter", "a", "gsm7", [1]),
    ("a space", " ", "gsm7", [1]),
    ("a line end", "\n", "gsm7", [1]),
    ("a carriage return", "\r", "gsm7", [1]),
    ("both", "\r\n", "gsm7", [2]),
    ("a form feed takes two", "\f" * 80, "gsm7", [80]),
    ("a form feed too many", "\f" * 80 + "a", "gsm7", [76, 5]),
    ("a tab is outside", "\t", "ucs2", [1]),
    ("an escape is outside", "\x1b", "ucs2", [1]),
    ("a zero is outside", "\x00", "ucs2", [1]),
    ("160", "a" * 160, "gsm7", [160]),
    ("161", "a" * 161, "gsm7", [153, 8]),
    ("153 of one are one", "a" * 153, "gsm7", [153]),
    ("154 of one are one", "a" * 154, "gsm7", [154]),
    ("306", "a" * 306, "gsm7", [153, 153]),
    ("307", "a" * 307, "gsm7", [153, 153, 1]),
    ("459", "a" * 459, "gsm7", [153] * 3),
    ("460", "a" * 460, "gsm7", [153, 153, 153, 1]),
    ("1530", "a" * 1530, "gsm7", [153] * 10),
    ("1531", "a" * 1531, "gsm7", [153] * 10 + [1]),
    ("line ends count", "a\n" * 80, "gsm7", [160]),
    ("line ends count beyond", "a\r\n" * 54, "gsm7", [153, 9]),
    ("letters of the alphabet", "èéùìòÇØøÅåÆæßÉÄÖÑÜäöñüà" * 7, "gsm7", [153, 8]),
    ("Greek of the alphabet", "ΔΦΓΛΩΠΨΣΘΞ" * 16, "gsm7", [160]),
    ("Greek outside of it", "Α", "ucs2", [1]),
    ("signs of the alphabet", "@£$¥_ !\"#¤%&'()*+,-./:;<=>?¡§¿" * 5, "gsm7", [150]),
    ("Spanish within", "¿Qué día? ¡Mañana!".replace("í", "i"), "gsm7", [18]),
    ("one á takes it out", "á" + "a" * 69, "ucs2", [70]),
    ("one á too many", "á" + "a" * 70, "ucs2", [67, 4]),
    ("a grave à does not", "à" + "a" * 159, "gsm7", [160]),
    ("a cedilla outside", "ç", "ucs2", [1]),
    ("a cedilla within", "Ç", "gsm7", [1]),
    ("80 euros", "€" * 80, "gsm7", [80]),
    ("81 euros", "€" * 81, "gsm7", [76, 5]),
    ("76 euros and one", "€" * 76 + "a" * 8, "gsm7", [84]),
    ("all that take two", "^{}\\[~]|€\f" * 8, "gsm7", [80]),
    ("all that take two, once more", "^{}\\[~]|€\f" * 8 + "^", "gsm7", [76, 5]),
    ("159 and a euro are two", "a" * 159 + "€", "gsm7", [153, 7]),
    ("158 and a euro are one", "a" * 158 + "€", "gsm7", [159]),
    ("a pair on the border moves whole", "a" * 152 + "€" + "a" * 10, "gsm7", [152, 11]),
    ("a pair before the border stays", "a" * 151 + "€" + "a" * 10, "gsm7", [152, 10]),
    ("moved pairs make one more than a division", "a" * 152 + "€" + "a" * 151 + "€" + "a" * 151, "gsm7", [152, 152, 152]),
    ("pairs that move push the last letter out", "a" * 152 + "€" + "a" * 152, "gsm7", [152, 152, 1]),
    ("no pair moves in the third", "[" * 229, "gsm7", [76, 76, 76, 1]),
    ("70", "ж" * 70, "ucs2", [70]),
    ("71", "ж" * 71, "ucs2", [67, 4]),
    ("67 of one are one", "ж" * 67, "ucs2", [67]),
    ("134", "ж" * 134, "ucs2", [67, 67]),
    ("135", "ж" * 135, "ucs2", [67, 67, 1]),
    ("201", "ж" * 201, "ucs2", [67] * 3),
    ("202", "ж" * 202, "ucs2", [67, 67, 67, 1]),
    ("what takes two in the alphabet takes one outside", "ж" + "€" * 69, "ucs2", [70]),
    ("a curly quote takes it out", "It’s " + "a" * 65, "ucs2", [70]),
    ("a dash takes it out", "a — b", "ucs2", [5]),
    ("dots in one take it out", "wait…", "ucs2", [5]),
    ("a no-break space takes it out", "a\u00a0b", "ucs2", [3]),
    ("35 emoji", "😀" * 35, "ucs2", [35]),
    ("36 emoji", "😀" * 36, "ucs2", [33, 3]),
    ("an emoji on the border moves whole", "a" * 66 + "😀" + "a" * 10, "ucs2", [66, 11]),
    ("an emoji before the border stays", "a" * 65 + "😀" + "a" * 10, "ucs2", [66, 10]),
    ("emoji that move make one more", "a" * 66 + "😀" + "a" * 66, "ucs2", [66, 66, 1]),
    ("letters and one emoji", "a" * 68 + "😀", "ucs2", [69]),
    ("letters and one emoji too many", "a" * 69 + "😀", "ucs2", [67, 3]),
    ("a family is eleven", FAMILY * 6, "ucs2", [7 * 6]),
    ("seven families", FAMILY * 7, "ucs2", [42, 7]),
    ("a skin tone is two more", THUMB * 17, "ucs2", [34]),
    ("a skin tone too many", THUMB * 18, "ucs2", [33, 3]),
    ("a flag is four", FLAG * 17, "ucs2", [34]),
    ("a keycap is three", KEYCAP * 23, "ucs2", [69]),
    ("a keycap too many", KEYCAP * 24, "ucs2", [67, 5]),
    ("a heart and its selector", HEART * 35, "ucs2", [70]),
    ("a heart too many", HEART * 35 + "!", "ucs2", [67, 4]),
    ("an accent of its own", "e\u0301" * 35, "ucs2", [70]),
    ("Chinese", "火" * 71, "ucs2", [67, 4]),
    ("Arabic, right to left", "مرحبا " * 12, "ucs2", [67, 5]),
    ("mixed", "Menú 🍤: camarón, pollo y arroz. " * 4, "ucs2", [65, 63]),
]  # fmt: skip


class TestTheTable:
    def test_is_long_enough(self) -> None:
        assert len(CASES) >= 60 and len({name for name, *_ in CASES}) == len(CASES)

    @pytest.mark.parametrize(("text", "by", "sizes"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
    def test_holds(self, text: str, by: str, sizes: list[int]) -> None:
        assert (encoding(text), [len(part) for part in parts(text)]) == (by, sizes)
        assert segments(text) == len(sizes) and "".join(parts(text)) == text


MARKS = st.sampled_from([*"ab áñé€[]^~\n\f’…😀火👍🏽‍️", "\u0301", "🇲", "a" * 50, "ж" * 20, "€" * 30])
TEXTS = st.lists(MARKS, max_size=40).map("".join)


class TestAgainstAnother:
    """smsutil (MIT), which counts otherwise in two places, both left out of the texts: it takes an escape for a letter of the alphabet, and
    an empty text for one outside of it."""

    @given(TEXTS | st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x1b"), max_size=400))
    @settings(max_examples=120, deadline=None)
    def test_counts_and_parts_are_the_same(self, text: str) -> None:
        if text:
            theirs = smsutil.split(text)
            assert encoding(text) == {"gsm0338": "gsm7", "utf_16_be": "ucs2"}[theirs.encoding]
            assert parts(text) == [part.content for part in theirs.parts]

    def test_where_it_counts_otherwise(self) -> None:
        assert (smsutil.split("\x1b").encoding, encoding("\x1b")) == ("gsm0338", "ucs2")
        assert (smsutil.split("").encoding, encoding("")) == ("utf_16_be", "gsm7")


class TestParts:
    @given(TEXTS)
    @settings(max_examples=80, deadline=None)
    def test_none_holds_more_than_it_may(self, text: str) -> None:
        cut = parts(text)
        assert "".join(cut) == text
        if len(cut) > 1:
            most = 153 if encoding(text) == "gsm7" else 67
            sizes = [
                sum(2 if mark in "^{}\\[~]|€\f" else 1 for mark in part) if most == 153 else len(part.encode("utf-16-le")) // 2
                for part in cut
            ]
            assert max(sizes) <= most and min(sizes[:-1]) >= most - 1


class TestPlain:
    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            ("“Yes” – it’s ‘fine’…", "\"Yes\" - it's 'fine'..."),
            ("a\u00a0b\u202fc\u2009d\u3000e", "a b c d e"),
            ("• one\n· two", "- one\n- two"),
            ("zero\u200bwidth\u00adand\ufeff marks", "zerowidthand marks"),
            ("a\tb\r\nc\rd\x07e", "a b\nc\nde"),
            ("8 × $55 → $440", "8 x $55 -> $440"),
            ("e\u0301 n\u0303", "é ñ"),
            ("**bold** `code` [Menu](https://x.example/m) [https://a.example](https://a.example)", "bold code Menu: https://x.example/m https://a.example"),
            ("**See https://x.example/b/a__b-_c now**, __bold__", "See https://x.example/b/a__b-_c now, bold"),  # a signature's own
            ("1½ h, ½ price", "1 1/2 h, 1/2 price"),
            ("¿Qué día? Será el sábado.", "¿Qué día? Será el sábado."),  # one segment either way: it keeps its accents
            ("Dónde será la fiesta " * 8, "Donde sera la fiesta " * 8),
            ("Sí, 🎉 está bien. " * 9, "Sí, 🎉 está bien. " * 9),  # the emoji makes it long: accents gone would save nothing
            ("火", "火"),
        ],
    )  # fmt: skip
    def test_spells_what_a_phone_would_pay_for(self, text: str, expected: str) -> None:
        assert plain(text) == expected

    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            ("Hi 👋 there", "Hi there"),
            ("Great 🎉! See you 🍤.", "Great! See you."),
            (f"{FAMILY}{THUMB} ok {FLAG} {KEYCAP} {HEART}", "ok"),
            ("🎉 Ya está", "Ya está"),
            ("5 × 2 © #1 *", "5 x 2 (C) #1 *"),
        ],
    )
    def test_leaves_emoji_out_where_asked(self, text: str, expected: str) -> None:
        assert plain(text, emoji=False) == expected

    @given(TEXTS)
    @settings(max_examples=80, deadline=None)
    def test_costs_no_more_than_before_and_is_done_once(self, text: str) -> None:
        once = plain(text)
        assert plain(once) == once
        longer = sum(text.count(mark) for mark in "…")  # three dots are three characters, though cheaper ones
        assert segments(once) <= segments(text) + (longer > 0)


LINK = "https://chat.example.com/c/9fK2"


class TestShorten:
    def test_a_text_that_fits_stays(self) -> None:
        assert shorten("  All is well. ", 1, LINK) == "All is well."

    def test_a_whole_sentence_ends_it_where_one_is_near(self) -> None:
        whole = "We bring the grill, the food and the show. You bring tables, chairs, plates and all the drinks."
        text = f"{whole} And then something more, without an end to it, and more of it, and more"
        assert shorten(text, 1, LINK) == f"{whole} {LINK}"

    def test_else_it_is_cut_between_words(self) -> None:
        text = "we bring the grill and the food, the show and the sauces; " * 6
        cut = shorten(text, 1, f"More: {LINK}")
        assert cut.endswith(f"... More: {LINK}") and segments(cut) == 1 and len(cut) > 140
        assert text.startswith(cut.partition("...")[0]) and cut.partition("...")[0][-1].isalpha()

    def test_links_in_it_stay_whole_or_go(self) -> None:
        other = "https://www.example.com/a/" + "b" * 100
        assert shorten(f"See {other} for the menu of the season and for much more of it all, all year", 1, LINK) == f"See... {LINK}"
        assert other in shorten(f"See {other} " + "and more " * 40, 2, LINK)
        assert shorten("https://www.example.com/" + "b" * 400, 1, LINK) == LINK

    def test_without_a_link_it_ends_with_dots(self) -> None:
        assert shorten("word " * 60, 1) == "word " * 30 + "word..."

    @given(TEXTS.map(lambda text: text * 3), st.integers(1, 3), st.sampled_from(["", LINK, f"Todo aquí: {LINK}"]))
    @settings(max_examples=120, deadline=None)
    def test_fits_ends_with_the_link_and_cuts_no_character(self, text: str, count: int, link: str) -> None:
        cut = shorten(text, count, link)
        assert segments(cut) <= count
        if segments(text.strip()) > count:
            assert cut.endswith(link)
            kept = cut.removesuffix(link).rstrip(" ").removesuffix("...")
            assert text.strip().startswith(kept)
            seen = list(clusters(text.strip()))
            borders = {0}
            for cluster in seen:
                borders.add(max(borders) + len(cluster))
            assert len(kept) in borders or text.strip()[len(kept)].isspace()


class TestClusters:
    @pytest.mark.parametrize("one", [FAMILY, THUMB, FLAG, KEYCAP, HEART, "e\u0301", "á", "\r\n", "🏴󠁧󠁢󠁥󠁮󠁧󠁿"])
    def test_are_one_each(self, one: str) -> None:
        assert list(clusters(one)) == [one]
        assert list(clusters("a" + one + "b")) == ["a", one, "b"]

    def test_two_flags_are_two(self) -> None:
        assert list(clusters("🇲🇽🇺🇸")) == ["🇲🇽", "🇺🇸"]

    @given(TEXTS)
    @settings(deadline=None)
    def test_lose_nothing(self, text: str) -> None:
        assert "".join(clusters(text)) == text
