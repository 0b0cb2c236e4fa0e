"""Guests by age: what a text says of how many come, and what it changes in what was known."""

import re
from dataclasses import dataclass, field
from typing import Literal

from agents.understanding import guest_words as words
from agents.understanding.facts import Facts
from agents.understanding.guest_words import Kind, count_of, noun_of
from business.profile.schemas import Profile

Doubt = Literal["range", "at_least", "about", "ages"]


@dataclass(slots=True)
class ReadParty:
    """What one text says of the guests, as what is true after it. `unclear`: (fact, words, kind) of what cannot stand as it is."""

    counts: dict[str, int] = field(default_factory=dict)
    unclear: list[tuple[str, str, Doubt]] = field(default_factory=list)

    @property
    def facts(self) -> Facts:
        get = self.counts.get
        return Facts(adults=get("adults"), children=get("children"), under_six=get("under_six"), people=get("people"))


def read_party(profile: Profile, text: str, before: Facts, asked: str | None) -> ReadParty:
    """Guests in a folded text with digits, dates and times masked. `asked`: the fact asked for, to which a bare figure is the answer."""
    return _Party(profile, text, before, asked).read()


class _Party:
    def __init__(self, profile: Profile, text: str, before: Facts, asked: str | None) -> None:
        self._adult_from = profile.prices.adult_from_age
        self._child_from = profile.prices.child_from_age
        self._text, self._before, self._asked = text, before, asked
        self._found = ReadParty()

    def read(self) -> ReadParty:
        found = self._found
        self._text = words.ONE_AND_OTHERS.sub(_ages_in_a_row, self._text)
        self._hedged()
        if self._bare():
            return found
        self._changed()
        self._without()
        if self._asked == "children":
            self._answered_ages()
        if words.FORM.match(self._text):
            self._listed(words.FORM_ITEMS)
        self._aged()
        self._counted()
        self._together()
        vague = words.SOME_CHILDREN.search(self._text)
        if vague is not None and (found.counts or re.search(r"\b(?:of (?:them|us)|ellos|nosotros)\b", vague[0])):
            self._unclear("children", vague[0], "ages")
        if not found.counts:
            self._answered()
        return found

    # -- small parts

    def _take(self, match: re.Match[str]) -> None:
        """Uses a stretch up, so that no other rule reads it again."""
        start, end = match.span()
        self._text = f"{self._text[:start]}{'~' * (end - start)}{self._text[end:]}"

    def _add(self, kind: str, count: int) -> None:
        self._found.counts[kind] = self._found.counts.get(kind, 0) + count

    def _kind(self, age: int) -> Kind:
        if age >= self._adult_from:
            return "adults"
        return "children" if age >= self._child_from else "under_six"

    def _unclear(self, fact: str, said: str, kind: Doubt) -> None:
        self._found.unclear.append((fact, said.strip(), kind))

    # -- rules

    def _hedged(self) -> None:
        """Ranges are no count; "25+" and "about 20" are, and are told."""
        for match in list(words.RANGE.finditer(self._text)):
            if int(match[1]) < int(match[2]):
                self._unclear(noun_of(match[3]), match[0], "range")
                self._take(match)
        for match in list(words.BETWEEN.finditer(self._text)):
            self._unclear("people", match[0], "range")
            self._take(match)
        if self._asked in ("guests", "adults", "children"):
            for match in list(words.BARE_RANGE.finditer(self._text)):
                if int(match[1]) < int(match[2]):
                    self._unclear("people" if self._asked == "guests" else self._asked, match[0], "range")
                    self._take(match)
        doubts: tuple[tuple[re.Pattern[str], Doubt], ...] = ((words.AT_LEAST, "at_least"), (words.ABOUT, "about"))
        for pattern, kind in doubts:
            for match in list(pattern.finditer(self._text)):
                number = next(group for group in match.groups() if group)
                after = re.match(rf"\s*(?:{words.BEFORE_NOUN})({words.NOUN})\b", self._text[match.end() :])
                if after is None and self._asked not in ("guests", "adults", "children") and kind == "at_least":
                    continue
                if after is not None or self._asked in ("guests", "adults", "children"):
                    self._unclear(noun_of(after[1]) if after is not None else "people", match[0], kind)
                at = self._text.index(number, match.start())
                size = match.end() - match.start()
                blank = f"{' ' * (at - match.start())}{number}".ljust(size)
                self._text = f"{self._text[: match.start()]}{blank}{self._text[match.end() :]}"

    def _bare(self) -> bool:
        """Nothing but figures, in answer to how many."""
        bare = words.BARE.fullmatch(self._text.strip())
        if bare is None or self._asked not in (None, "guests", "adults", "children"):
            return False
        if self._asked is None and not bare[2] and int(bare[1]) < 2:
            # Nobody is a party of one; "one" alone, to no question, is no number of guests.
            return False
        if bare[2]:
            self._found.counts.update(adults=int(bare[1]), children=int(bare[2]))
        elif self._asked in ("adults", "children"):
            self._found.counts[self._asked] = int(bare[1])
        else:
            self._found.counts["people"] = int(bare[1])
        return True

    def _changed(self) -> None:
        """ "two more adults", "one less kid", "make it 14": seen from what was known."""
        for pattern, sign in ((words.LESS, -1), (words.MORE, 1)):
            for match in list(pattern.finditer(self._text)):
                groups = [group for group in match.groups() if group]
                count, kind = count_of(groups[0]), noun_of(groups[-1])
                known = self._known(kind)
                if known is None:
                    if sign < 0:
                        self._take(match)
                    continue
                fact, now = known
                self._found.counts[fact] = max(self._found.counts.get(fact, now) + sign * count, 0)
                self._take(match)
        for match in list(words.GONE.finditer(self._text)):
            known = self._known("people")
            if known is not None:
                fact, now = known
                self._found.counts[fact] = max(self._found.counts.get(fact, now) - int(next(filter(None, match.groups()))), 0)
            self._take(match)
        for match in list(words.CHANGE.finditer(self._text)):
            after = self._text[match.end() :]
            if re.match(rf"\s*{words.BEFORE_NOUN}{words.NOUN}\b", after) or (
                re.match(r"\s*(?:[a-z]{3,})", after) and not re.match(r"\s*(?:please|instead|total|now|por|in|and|then|if)\b", after)
            ):
                continue
            replaced = self._asked if self._asked in ("adults", "children") else self._whole_kind()
            self._found.counts[replaced] = int(match[1])
            self._take(match)

    def _whole_kind(self) -> Kind:
        """What a number without a noun replaces: all guests, who are adults as far as none but adults are known."""
        before = self._before
        return "adults" if before.adults and not (before.children or before.under_six) else "people"

    def _known(self, kind: Kind) -> tuple[Kind, int] | None:
        """Which known count "more" and "less" of a kind change; None where nothing is known to change."""
        before = self._before
        if kind == "people":
            if before.people is not None:
                return "people", before.people
            whole = self._whole_kind()
            return (whole, before.adults) if whole == "adults" and before.adults else None
        value: int | None = getattr(before, kind)
        if value is not None:
            return kind, value
        if kind == "adults":
            return ("people", before.people) if before.people is not None else None
        return (kind, 0) if before.has_party else None

    def _without(self) -> None:
        """ "no kids", "nobody under 13", "all adults"."""
        none: set[str] = set()
        for match in list(words.NOBODY_UNDER.finditer(self._text)):
            age = int(match[1])
            none |= {"children", "under_six"} if age >= self._adult_from else {"under_six"} if age <= self._child_from else set()
            self._take(match)
        for pattern, kinds in ((words.NO_CHILDREN, {"children", "under_six"}), (words.NO_BABIES, {"under_six"})):
            for match in list(pattern.finditer(self._text)):
                none |= kinds
                if not re.search(r"\d\s*$", self._text[: match.start()]):  # "2 adults only" are two
                    self._take(match)
        for kind in none:
            self._found.counts[kind] = 0
        if "children" in none and self._before.people is not None and self._before.adults is None:
            self._found.counts["adults"] = self._before.people

    def _aged(self) -> None:
        """Children whose ages are told, one by one."""
        for match in list(words.YEARS_OLD.finditer(self._text)):
            if words.ASKS_OF_AGE.search(self._text[: match.start()]) and not self._before.has_party:
                self._take(match)
                continue
            self._add(self._kind(int(match[2])), count_of(match[1]) if match[1] else 1)
            self._take(match)
        for match in list(words.AGED_LIST.finditer(self._text)):
            for age in map(int, re.findall(r"\d+", match[1])):
                self._add(self._kind(age), 1)
            self._take(match)
        for match in list(words.AGED_ONE.finditer(self._text)):
            if count_of(match[1]) == 1:
                self._add(self._kind(int(match[2])), 1)
                self._take(match)

    def _counted(self) -> None:
        for match in list(words.OF_THEM.finditer(self._text)):
            self._children(match, noun_of(match[2]))
            self._take(match)
        for match in list(words.COUPLES.finditer(self._text)):
            self._add("adults", 2 * count_of(match[1]))
            self._take(match)
        for kind, pattern in (*words.COUNTED, ("children", words.WITH_AGES)):
            while (counted := pattern.search(self._text)) is not None:
                if self._is_some(counted):
                    pass
                elif kind == "people":
                    self._people(counted)
                else:
                    self._children(counted, kind)
                self._take(counted)
        self._listed(words.LISTED)
        for match in list(words.BARE_UNDER.finditer(self._text)):
            if int(match[2]) <= self._child_from:
                self._add("under_six", count_of(match[1]))
                self._take(match)

    def _is_some(self, match: re.Match[str]) -> bool:
        """Whether some of the party are counted, not all of it."""
        after = self._text[match.end() :]
        return words.SOME_WITH.match(after) is not None or (self._before.has_party and words.SOME_WANT.match(after) is not None)

    def _listed(self, patterns: tuple[tuple[Kind, re.Pattern[str]], ...]) -> None:
        """ "Adults: 12, kids: 3"."""
        for kind, pattern in patterns:
            for match in list(pattern.finditer(self._text)):
                self._add(kind, int(match[1]))
                self._take(match)

    def _answered_ages(self) -> None:
        """ "two, 4 and 8", "4, 7 and 9", "4 and 8 years old": ages, where there are as many, or years are spoken of."""
        match = words.AGES_ANSWER.match(self._text)
        if match is None:
            return
        ages = [int(age) for age in re.findall(r"\d+", match[2])]
        if (match[1] and int(match[1]) == len(ages)) or (not match[1] and (match[3] or len(ages) > 2)):
            for age in ages:
                self._add(self._kind(age), 1)
            self._take(match)

    def _people(self, match: re.Match[str]) -> None:
        over = words.OVER.match(self._text[match.end() :])
        count = count_of(match[1])
        if over is not None and int(over[1] or over[2]) >= self._adult_from - 1 and int(over[1] or over[2]) < 18:
            self._add("adults", count)
            return
        # "A person" is nobody's party.
        if match[1].isdigit():
            self._found.counts["people"] = count

    def _children(self, match: re.Match[str], kind: Kind) -> None:
        """Moves children to where their stated ages put them."""
        count, after = count_of(match[1]), self._text[match.end() :]
        if kind != "children":
            self._add(kind, count)
            return
        little = words.SOME_OF_THEM_UNDER.match(after)
        if little is not None and int(little[1]) <= count and int(little[2]) <= self._child_from:
            self._add("children", count - int(little[1]))
            self._add("under_six", int(little[1]))
            start = match.end() + little.start(1)
            self._text = f"{self._text[:start]}{'~' * (little.end() - little.start(1))}{self._text[match.end() + little.end() :]}"
            return
        under, over, listed = words.UNDER.match(after), words.OVER.match(after), words.AGES.match(after)
        if under is not None:
            below = int(under[1]) if under[1] else int(under[2]) + 1
            self._add("under_six" if below <= self._child_from else "children", count)
        elif over is not None:
            self._add(self._kind(int(over[1] or over[2]) + bool(over[1])), count)
        elif listed is not None and (listed["word"] or self._is_ages(listed, count, after)):
            self._by_ages(count, listed["list"])
        else:
            self._add("children", count)

    def _is_ages(self, listed: re.Match[str], count: int, after: str) -> bool:
        """Without "ages" a list of numbers is one of ages where there are as many, and no noun follows: "3 kids, 4, 7 and 9"."""
        ages = re.findall(r"\d+", listed["list"])
        noun = re.match(rf"\s*{words.BEFORE_NOUN}(?:{words.NOUN}|of\b)", after[listed.end() :])
        spanned = re.search(r"\d\s*(?:to|-|a)\s*\d", listed["list"]) is not None
        return noun is None and (len(ages) == count or spanned) and not (len(ages) == 1 and "(" not in listed[0])

    def _by_ages(self, count: int, said: str) -> None:
        ages = [int(age) for age in re.findall(r"\d+", said)]
        kinds = {self._kind(age) for age in ages}
        if len(kinds) == 1:
            self._add(kinds.pop(), count)
        elif len(ages) == count and not re.search(r"to|-|\ba\b", said):
            for age in ages:
                self._add(self._kind(age), 1)
        else:
            self._add("children", count)
            self._unclear("children", said, "ages")

    def _together(self) -> None:
        """The whole party, where it was told, and whoever comes on top of it."""
        counts = self._found.counts
        if "people" not in counts:
            match = words.GROUP.search(self._text) or (None if counts else words.BARE_GUESTS.search(self._text))
            if match is not None and not counts.get("adults"):
                counts[self._asked if self._asked in ("adults", "children") else "people"] = int(match[1])
                self._take(match)
        us = words.ALSO_US.search(self._text)
        if us is not None:
            plus = re.search(rf"{words.PLUS}\s*$", self._text[: us.start()]) is not None
            if plus and ("adults" in counts or "people" in counts):
                self._add("people" if "people" in counts else "adults", 2)
            elif not {"adults", "people"} & counts.keys() and (counts or self._asked in ("guests", "adults")):
                self._add("adults", 2)
        if "people" in counts and counts.get("adults"):
            del counts["people"]
        little = counts.get("children", 0) + counts.get("under_six", 0)
        if "people" in counts and little:
            if re.search(rf"~\s*,?\s*{words.PLUS}\s*~", self._text) or re.search(words.BROUGHT, self._text):
                counts["people"] += little
        elif (
            little
            and self._before.people is not None
            and (
                re.match(r"\W*(?:oh,? )?(?:and )?(?:plus|also|mas|tambien|ademas)\b", self._text)
                or re.search(words.BROUGHT, self._text) is not None
            )
        ):
            counts["people"] = self._before.people + little

    def _answered(self) -> None:
        """The only number of an answer to how many; "none"."""
        if self._asked == "children" and words.NONE.match(self._text):
            self._found.counts.update(children=0, under_six=0)
            return
        if self._asked not in ("guests", "adults", "children"):
            return
        numbers = words.NUMBER.findall(self._text)
        if len(numbers) == 1:
            self._found.counts["people" if self._asked == "guests" else self._asked] = int(numbers[0])


def _ages_in_a_row(match: re.Match[str]) -> str:
    """Every age by itself: `kids ages 4, 9 and 11`."""
    rest = re.findall(r"\d+", match["rest"])
    if len(rest) == 1:
        rest *= int(match["many"] or 1) if " both " not in match[0] else 2
    return f"{match['noun']} ages {', '.join((match['first'], *rest))}"
