"""The manner of a reply, piece by piece: what is mended as it passes, what stops it, what waits and for how long, what it ends with."""

import random
import re
import tomllib
from pathlib import Path

import pytest

from agents.house.wording import LANGUAGES, files
from agents.manner.hearing import written_in
from agents.manner.keeper import HELD_AT_MOST, Keeper
from agents.manner.manner import LINES, SENTENCES, Fault, Manner
from agents.manner.step import Step, same
from business.channels.segments import plain, segments
from business.profile.figures import figures
from business.profile.schemas import Profile
from kernel.placeholders import fill, named

EMOJI = re.compile("(?:[\U0001f300-\U0001faff]\u200d?)+")
GUESTS = "How many adults and children will there be?"
CUTS = (1, 2, 3, 7, 10_000)


def kept(text: str, manner: Manner, cut: int = 3) -> tuple[str, Fault | None]:
    """What is seen of a text that comes in pieces, and why it was stopped."""
    keeper, out = Keeper(manner), ""
    for at in range(0, len(text), cut):
        out += keeper.feed(text[at : at + cut])
        if keeper.fault is not None:
            return out, keeper.fault
        if keeper.full:
            return out + keeper.step(out), None
    out += keeper.end()
    return out, keeper.fault


def seen(text: str, **manner: object) -> str:
    """The same, whatever the pieces; nothing stops it."""
    (out,) = {kept(text, Manner(**manner), cut) for cut in CUTS}  # type: ignore[arg-type]
    assert out[1] is None
    return out[0]


def stopped(text: str, **manner: object) -> str:
    """By what a text is stopped, whatever the pieces."""
    faults = [kept(text, Manner(**manner), cut)[1] for cut in CUTS]  # type: ignore[arg-type]
    (kind,) = {fault.kind for fault in faults if fault is not None}
    assert None not in faults
    return kind


def sentences() -> list[tuple[str, Path, str, str]]:
    """(language, file, name, text) of everything that the house says."""
    found = []
    for language in LANGUAGES:
        for path in files(language):
            for section, said in tomllib.loads(path.read_text(encoding="utf-8")).items():
                for name, text in said.items():
                    found += [(language, path, f"{section}.{name}", one) for one in ([text] if isinstance(text, str) else text)]
    return found


class TestTheHouse:
    @pytest.mark.parametrize("cut", [1, 5])
    def test_says_everything_as_we_say_it(self, profile: Profile, cut: int) -> None:
        """Every wording file, letter for letter; what an answer fills in stands as a word."""
        wrong, all_of_it = [], sentences()
        for language, path, name, template in all_of_it:
            known = figures(profile, language)
            text = fill(template, {key: known.get(key, "X") for key in named(template)})
            out, fault = kept(text, Manner(languages=(language,)), cut)
            if out != text or fault is not None:
                wrong.append((language, path.parent.parent.name, name, fault, out))
        assert wrong == [] and len(all_of_it) > 400


class TestMended:
    @pytest.mark.parametrize(
        ("said", "shown"),
        [
            ("Great 🎉 to hear 🎊 from you 🥳!", "Great 🎉 to hear from you!"),
            ("All 👩‍🍳🔥 of us.", "All 👩‍🍳 of us."),
            ("Oops! the grill is ours.", "The grill is ours."),
            ("We can do that. Whoops, and the rice too.", "We can do that. And the rice too."),
            ("I'm sorry, that slot is taken!", "I'm sorry, that slot is taken."),
            ("That is taken!! The next day is free!", "That is taken.. The next day is free!"),
            ("# Prices\n\nIt is **$55**.\n\n## More\nThe rest.", "Prices\n\nIt is **$55**.\n\nMore\nThe rest."),
            ("Look: ![the grill](https://a.example/x.png) is ours!", "Look: the grill is ours!"),
            ("We are number #1 at this! Yes!", "We are number #1 at this! Yes!"),
            ("You pick two. Would you like rice? And what about sake? It is good.", "You pick two. Would you like rice? It is good."),
        ],
    )
    def test_in_english(self, said: str, shown: str) -> None:
        assert seen(said).replace(". .", ".").replace("..", ".") == shown.replace("..", ".")

    @pytest.mark.parametrize(
        ("said", "shown"),
        [
            ("¡Hola! ¡Lo siento mucho, está ocupado!", "¡Hola! Lo siento mucho, está ocupado."),
            ("¡Ups! no podemos ese día.", "No podemos ese día."),
            ("¿Cuántos serán? ¿Y dónde será la fiesta?", "¿Cuántos serán?"),
        ],
    )
    def test_in_spanish(self, said: str, shown: str) -> None:
        assert seen(said, languages=("es",)).lstrip("¡") == shown.lstrip("¡")

    def test_nobody_cheers_over_bad_news(self) -> None:
        said = "We are on it! 🙏 Somebody calls you! Thank you!"
        assert seen(said, grave=True, emoji=0) == "We are on it. Somebody calls you. Thank you."


class TestAnyText:
    """Sentences, marks and mischief in any order, at any cut."""

    PARTS = (
        "It is $55.50 per adult.", "We cook!", "¡Hola!", "How many of you will there be?", "Oops, sorry!", "🎉", "👩‍🍳🔥",
        "# More\n", "- a dish\n", "1. first\n", "![x](y)", "That is taken!", "Claro que sí, cuesta más.",
        "don't", "uh-oh", "Wait...", "(really?)", "**bold**", "\n\n", "  ",
        "as I", "calm", "Which one?", "St. Helena", "“quoted”", "a | b", "!", "¿Qué tal?",
    )  # fmt: skip

    def test_is_read_alike_however_it_is_cut(self) -> None:
        rng = random.Random(11)
        for _ in range(250):
            text = "".join(part + rng.choice(["", " ", " ", "\n"]) for part in rng.choices(self.PARTS, k=rng.randint(1, 14)))
            manner = Manner(
                languages=rng.choice([("en",), ("es",)]), step=rng.choice(["", GUESTS]), grave=rng.random() < 0.2, emoji=rng.choice([0, 1])
            )
            whole, fault = kept(text, manner, 10_000)
            for cut in (1, 2, 5):
                # What was seen before a text is stopped may be more where it came in smaller pieces, and is never another one.
                out, why = kept(text, manner, cut)
                assert (fault is None) == (why is None), (text, manner)
                assert out == whole if fault is None else out.startswith(whole) or whole.startswith(out), (text, manner)
            assert len(EMOJI.findall(whole)) <= manner.emoji and "![" not in whole


class TestStopped:
    @pytest.mark.parametrize(
        "said",
        [
            "That is a stupid question.",
            "Please calm down.",
            "As I already told you, it is $55.",
            "It is not our problem.",
            "The grill is ours. I don't care what you think.",
        ],
    )
    def test_rude_words(self, said: str) -> None:
        assert stopped(said) == "rude"

    @pytest.mark.parametrize("said", ["Cálmate, por favor.", "Ya te lo dije, son $55.", "No es mi problema."])
    def test_rude_words_in_spanish(self, said: str) -> None:
        assert stopped(said, languages=("es",)) == "rude"

    @pytest.mark.parametrize("said", ["A calm sea.", "As I see it, this is fine.", "Tell us about your problem.", "Hello, people!"])
    def test_not_what_only_begins_so(self, said: str) -> None:
        assert seen(said) == said

    def test_tables(self) -> None:
        assert stopped("Here it is:\n\n| Who | Price |\n|---|---|\n| Adult | $55 |") == "table"

    def test_what_says_nothing_but_a_question_of_its_own(self) -> None:
        assert stopped("What is your ZIP code?", step=GUESTS) == "empty"

    def test_a_question_that_slipped_out_is_the_houses_to_put_right(self) -> None:
        terms = "Do you accept these terms? Just say **I accept**, and I keep the slot for your deposit."
        for cut in CUTS:
            for step, said in ((GUESTS, "It is $55 each, so which day do you prefer?"), (terms, "It is $55 per adult. Sounds good?")):
                assert kept(said, Manner(step=step), cut)[1] == Fault("question", final=True)


class TestLanguage:
    @pytest.mark.parametrize(
        ("language", "said"),
        [
            ("en", "Claro, cuesta cincuenta y cinco por adulto."),
            ("en", "Hola, gracias por escribir."),
            ("en", "Bonjour, nous sommes ravis de vous aider."),
            ("en", "Gerne, der Preis ist für alle Personen gleich."),
            ("en", "您好，我们的价格是五十五美元。"),
            ("es", "Sure, it is $55 per adult."),
            ("es", "Thanks for asking, we would love to cook for you."),
        ],
    )
    def test_another_one_is_never_seen(self, language: str, said: str) -> None:
        for cut in CUTS:
            assert kept(said, Manner(languages=(language,)), cut) == ("", Fault("language"))

    @pytest.mark.parametrize(
        "said",
        [
            "Los Angeles and San Jose are fine.",
            "Filet mignon, yakisoba, gyoza: all of it.",
            "El Dorado Hills is 62 miles away.",
            "Sake, plus die-cut menus, for the chef with the hat.",
            "smoke rice grill chef garden evening",
            "$590.",
        ],
    )
    def test_names_and_dishes_are_no_language(self, said: str) -> None:
        assert seen(said) == said

    def test_the_customers_own_one_is_theirs(self) -> None:
        assert written_in("Bonjour, quel est le prix pour nous ?") == "fr" and written_in("12") is None
        said = "Bonjour, le prix est le même pour vous."
        assert seen(said, languages=("en", "fr")) == said

    def test_that_changes_later_is_the_houses_to_put_right(self) -> None:
        said = "It is $55 per adult. Cuando quieras te aparto la fecha con mucho gusto para la fiesta."
        for cut in CUTS:
            out, fault = kept(said, Manner(), cut)
            assert fault == Fault("language", final=True) and out.startswith("It is $55 per adult.")


class TestWaiting:
    """What is held, and that nothing else is."""

    @pytest.mark.parametrize("piece", ["The ", "The", "Great", "We ", "You "])
    def test_nothing_where_the_first_word_shows_its_language(self, piece: str) -> None:
        assert Keeper(Manner()).feed(piece) == piece.rstrip()

    def test_nothing_in_mid_sentence(self) -> None:
        keeper, begun = Keeper(Manner(step=GUESTS)), ""
        for piece in ["The", " chef", " brings", " a grill", ",", " the", " food", " and", " propane"]:
            begun += piece
            keeper.feed(piece)
            assert keeper._out and len(begun) == sum(map(len, [begun]))
        assert keeper.feed(".") == "."

    def test_words_of_no_language_for_a_few_words_at_most(self) -> None:
        keeper = Keeper(Manner())
        assert [keeper.feed(f"{word} ") for word in "xa xb xc xd xe xf xg".split()] == [""] * 7
        assert keeper.feed("xh ") == "xa xb xc xd xe xf xg xh"

    def test_a_question_until_its_end(self) -> None:
        keeper = Keeper(Manner(step=GUESTS))
        assert keeper.feed("It is $55. ") == "It is $55."
        assert keeper.feed("How many of you will there be") == ""
        assert keeper.feed("? ") == " How many of you will there be?"

    def test_but_no_longer_than_a_sentence_may_be(self) -> None:
        keeper = Keeper(Manner())
        assert keeper.feed(f"How {'we cook, ' * (HELD_AT_MOST // 9 + 1)}") != ""


class TestLength:
    def test_ends_at_a_sentences_end_with_the_step(self) -> None:
        out = seen("We cook for you. " * 30, step=GUESTS)
        assert out == f"{' '.join(['We cook for you.'] * SENTENCES)}\n\n{GUESTS}"

    def test_lists_count_for_themselves(self) -> None:
        lines = "\n".join(f"- the dish number {number}" for number in range(LINES))
        said = f"{lines}\n\nThat is all of it."
        assert seen(said) == said
        assert seen(f"{lines}\n- one more\n- and one more", step=GUESTS).endswith(f"number {LINES - 1}\n\n{GUESTS}")

    def test_full_stops_of_figures_and_short_forms_end_nothing(self) -> None:
        said = f"It is $1.50 at 41 Main St. in Fremont{', or $2.50' * 20}."
        assert seen(said) == said


class TestTheStep:
    @pytest.mark.parametrize(
        ("step", "own"),
        [
            (GUESTS, "How many of you will there be?"),
            (GUESTS, "And how many guests should I plan for, kids included?"),
            ("In which ZIP code will the party be? Then I add the travel fee.", "Where will the party be?"),
            ("Which date would you like?", "What day works for you?"),
            ("Tap **Talk to a person**, and they take it from here.", "Just tap Talk to a person and they'll take it from here."),
            ("Anything else you would like to know?", "Is there more that I can help with?"),
            ("¿Qué fecha te gustaría?", "¿Para qué día sería?"),
            ("¿Cuántos adultos y cuántos niños serán?", "¿Cuántas personas van a venir?"),
        ],
    )
    def test_in_a_models_own_words_is_the_step(self, step: str, own: str) -> None:
        said = f"It is $55 per adult. {own}" if "¿" not in step else f"Son $55 por adulto. {own}"
        assert seen(said, step=step, languages=("es",) if "¿" in step else ("en",)) == said

    @pytest.mark.parametrize(
        ("step", "other"),
        [
            (GUESTS, "What is your ZIP code?"),
            (GUESTS, "Would you like rice?"),
            ("Which date would you like?", "How many guests will there be?"),
            ("Shall I hold Saturday, December 12 at 6 PM for you?", "Is Saturday at 6 PM good?"),
            ("Anything else you would like to know?", "Which date would you like?"),
        ],
    )
    def test_is_given_instead_of_another_question(self, step: str, other: str) -> None:
        assert seen(f"It is $55 per adult. {other}", step=step) == f"It is $55 per adult.\n\n{step}"

    def test_is_added_where_it_is_missing(self) -> None:
        assert seen("It is $55 per adult.", step=GUESTS) == f"It is $55 per adult.\n\n{GUESTS}"
        assert seen("It is:\n\n- $55 per adult\n", step=GUESTS).endswith(f"adult\n\n{GUESTS}")

    def test_what_nobody_said_of_it_is_added(self) -> None:
        step = Step(f"Please tell us about every allergy at least 48 hours ahead. {GUESTS}")
        assert step.hear("So how many people come?") and step.owed
        assert step.missing == "Please tell us about every allergy at least 48 hours ahead."

    def test_of_what_is_read_back_the_question_is_what_counts(self) -> None:
        step = Step("So far:\n\n- Saturday\n- 12 guests\n\nShall I hold it for you?")
        assert step.missing == step.text
        assert step.hear("Shall I hold it?") and not step.owed

    def test_what_is_the_houses_own_counts_whatever_it_asks(self) -> None:
        keeper = Keeper(Manner(step=GUESTS))
        keeper.own("That day is in the past. Which date did you mean? ")
        assert keeper.feed("We cook on all days. ") == "We cook on all days."
        assert keeper.end() == f"\n\n{GUESTS}"

    def test_questions_and_statements_are_not_the_same(self) -> None:
        assert not same(GUESTS, "There will be adults and children.")


class TestTextMessages:
    @pytest.mark.parametrize(
        ("text", "count"),
        [("a" * 160, 1), ("a" * 161, 2), ("a" * 306, 2), ("a" * 307, 3), ("é" * 160, 1), ("á" * 70, 1), ("á" * 71, 2), ("€" * 80, 1)],
    )
    def test_are_counted_in_segments(self, text: str, count: int) -> None:
        assert segments(text) == count

    def test_have_no_marks_and_the_phones_letters(self) -> None:
        assert plain("## Hola\n**Sí**, «está» — así… [aquí](https://x.example/a)") == 'Hola\nSí, "está" - así... aquí: https://x.example/a'
        assert plain("Sí. " * 20) == "Si. " * 20

    def test_leave_whole_and_end_with_the_step(self) -> None:
        keeper = Keeper(Manner(channel="sms", step=GUESTS, emoji=0))
        assert keeper.feed("It’s **$55** per adult 🎉. ") == "" and keeper.pause() == ""
        assert keeper.end() == f"It's $55 per adult. {GUESTS}"

    def test_with_their_step_are_spelled_as_a_whole(self) -> None:
        keeper = Keeper(Manner(channel="sms", languages=("es",), step="¿Qué día te gustaría?", emoji=0))
        keeper.feed("Sí, cocinamos para todos ustedes el sábado en su jardín.")
        assert keeper.end() == "Si, cocinamos para todos ustedes el sabado en su jardin. ¿Qué dia te gustaria?"

    def test_that_are_too_long_are_stopped(self) -> None:
        long = "We bring it all to your place. " * 10
        assert stopped(long, channel="sms") == "length"
        assert stopped("We bring it all to your place. " * 5, channel="sms", segments=1, step=GUESTS) == "length"
        assert Manner(channel="sms", segments=1).relaxed("x" * 400).segments == 3
