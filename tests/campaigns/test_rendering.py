"""What a recipient reads, and what keeps a text from being approved."""

from datetime import date

import pytest

from business.campaigns.checks import Content, check
from business.campaigns.rendering import LONG_NAME, Wording, first_name, in_locale, render, render_within
from business.profile.loader import load_profile
from kernel.placeholders import UnknownPlaceholder

PROFILE = load_profile()
LINK = "https://chat.hibachi.house"
TODAY = date(2026, 10, 26)
GOOD = "{{business}}: hello. Reply STOP to opt out"


def wording(season: str | None = None, percent: int | None = None) -> Wording:
    return Wording.of(PROFILE, LINK, season, percent, TODAY)


def codes(text: str, **more: object) -> set[str]:
    """What is wrong with an English text."""
    given: dict[str, object] = {
        "season": None,
        "variant": "general",
        "reminder": {},
        "reminder_after_hours": None,
        "offer_percent": None,
        "send_on": None,
    }
    content = Content(texts={"en": text, "es": GOOD}, **{**given, **more})  # type: ignore[arg-type]
    found = check(content, wording(content.season, content.offer_percent), TODAY)
    return {one.code for one in found if one.field in ("texts.en", "offer_percent", "season", "variant", "send_on", "reminder")}


class TestNames:
    @pytest.mark.parametrize(
        ("given", "first"),
        [
            ("maria de la cruz", "Maria"), ("DANA", "Dana"), ("Jean-Luc P.", "Jean-Luc"), ("O’Neil", "O’Neil"), ("Ñico Ruiz", "Ñico"),
            ("McKenzie", "McKenzie"), (None, None), ("", None), ("J", None), ("+15105550100", None), ("<b>Ana</b>", None), ("x" * 30, None),
        ],
    )  # fmt: skip
    def test_one_is_called_by(self, given: str | None, first: str | None) -> None:
        assert first_name(given) == first

    def test_who_has_none_is_greeted_without(self) -> None:
        for text, read in (
            ("Hi {{first_name}}, come", "Hi, come"),
            ("{{ first_name }}, come", "come"),
            ("Come, {{first_name}}!", "Come,!"),
            ("¡Hola {{first_name}}!", "¡Hola!"),
        ):
            assert render(text, {}, None).text == read

    def test_nobody_words_a_name(self) -> None:
        assert render("Hi {{first_name}}", {"business": "X"}, "{{business}}").text == "Hi"


class TestTexts:
    def test_in_their_language_else_in_the_business_s(self) -> None:
        texts = {"en": "Hi", "es": "Hola"}
        assert [in_locale(texts, locale, PROFILE) for locale in ("es-MX", "en", None, "fr")] == [("es", "Hola"), *3 * [("en", "Hi")]]
        assert in_locale({"es": "Hola", "en": " "}, "en", PROFILE) == ("es", "Hola")
        assert in_locale({}, "en", PROFILE) is None

    def test_the_season_s_day_and_the_profile_s_figures(self) -> None:
        text = "{{season}}, {{day}}: from {{profile.prices.adult}} a guest. {{link}} {{stop}}"
        said = {locale: render(text, wording("thanksgiving").values(locale), None).text for locale in ("en", "es")}
        assert said["en"] == f"Thanksgiving, November 26: from $55 a guest. {LINK} STOP"
        assert said["es"] == f"Accion de Gracias, 26 de noviembre: from $55 a guest. {LINK} STOP"
        with pytest.raises(UnknownPlaceholder):
            render("{{day}}", wording("summer").values("en"), None)

    def test_a_campaign_out_of_its_window_names_the_day_that_comes(self) -> None:
        """Thanksgiving's window is over on November 1, and its day on the 26th."""
        late = Wording.of(PROFILE, LINK, "thanksgiving", None, date(2026, 11, 10))
        assert render("{{day}}", late.values("en"), None).text == "November 26"

    @pytest.mark.parametrize(
        ("text", "name", "read"),
        [
            ("Hi {{first_name}}", "Łukasz", "Hi Łukasz"),  # it takes one segment all the same
            ("Hi {{first_name}}" + "." * 90, "Łukasz", "Hi" + "." * 90),
            ("Hi {{first_name}}" + "." * 90, "Zoë", "Hi Zoe" + "." * 90),
            ("Hi {{first_name}}" + "." * 90, "José", "Hi José" + "." * 90),
            ("Hi {{first_name}}" + "." * 146, "Maximilianonas", "Hi" + "." * 146),
            ("Hi {{first_name}} 🎉" + "." * 50, "李明", "Hi 李明 🎉" + "." * 50),
        ],
    )
    def test_no_name_makes_one_longer_than_it_was_approved(self, text: str, name: str, read: str) -> None:
        assert render_within(text, {}, name).text == read
        assert render_within(text, {}, name).segments <= render(text, {}, LONG_NAME).segments


class TestChecks:
    @pytest.mark.parametrize(
        ("text", "wrong"),
        [
            (GOOD, set()),
            ("My Hibachi says hi. Text stop to end.", {"no_way_out"}),
            ("MY HIBACHI says hi. STOP", set()),
            ("My Hibachi. Nonstop fun. UNSTOPPABLE", {"no_way_out"}),
            ("Hi there. Reply STOP", {"no_name"}),
            (f"{GOOD} for $40", {"figure"}),
            (f"{GOOD} for 40 dollars", {"figure"}),
            (f"{GOOD}: 10 % off", {"figure"}),
            (f"{GOOD}: 10 por ciento", {"figure"}),
            (f"{GOOD}: {{{{percent}}}}% off", {"placeholder"}),
            (f"{GOOD} from {{{{profile.prices.adult}}}}", set()),
            (f"{GOOD}: dessert is free", {"promise"}),
            (f"{GOOD} see https://bit.ly/x", {"link"}),
            (f"{GOOD} see {{{{link}}}}", set()),
            (f"{GOOD} 🔥🔥", {"emoji", "alphabet"}),
            (f"{GOOD} {{{{Name}}}}", {"placeholder"}),
            (GOOD + " very" * 70, {"long"}),
        ],
    )
    def test_of_one_text(self, text: str, wrong: set[str]) -> None:
        assert codes(text) == wrong

    def test_of_the_offer_season_and_day(self) -> None:
        offer = f"{GOOD} and {{{{percent}}}}% off"
        assert codes(offer, variant="win_back", offer_percent=10) == {"coupon"}
        assert codes(f"{GOOD} and 10% off", variant="win_back", offer_percent=10) == {"coupon"}
        assert codes(f"{GOOD} and 20% off", variant="win_back", offer_percent=10) == {"coupon", "figure"}
        assert codes(offer, variant="win_back", offer_percent=20) == {"offer"}
        assert codes(offer, variant="returning", offer_percent=10) == {"offer"}
        assert codes(GOOD, variant="everybody") == {"variant"}
        assert codes(GOOD, season="halloween") == {"season"}
        assert codes(GOOD, season="thanksgiving") == set()
        assert codes(GOOD, season="christmas") == {"window"}
        assert codes(GOOD, send_on=date(2026, 10, 25)) == {"past"}
        assert codes(GOOD, reminder_after_hours=24) == {"reminder"}
