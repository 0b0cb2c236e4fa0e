"""The grammar of dates: rules over letters of words, for English and Spanish alike. Today is the venue's; nothing is guessed.

Every rule is tried where it may begin; the one that uses most words wins. A rule answers with dates and problems, or with None
where its words turn out to be no date.
"""

import re
from collections.abc import Callable
from dataclasses import replace

from agents.understanding.calendar_rules import CalendarRules
from agents.understanding.date_parts import Parsed
from agents.understanding.relative_rules import RelativeRules

# No day follows: "May 12 people", "Dec 5, 6 pm", "Dec 5, 12-15 guests".
_NO_COUNT = r"(?![pPkIy]|[TRgA]+N[pPk])"
_YEAR = r"(?:[,o]*(?P<y>Y)|[,oi]?h?(?P<ny>4))?"


class Dates(CalendarRules, RelativeRules):
    """Reads the dates of one text."""

    def read(self) -> list[Parsed]:
        """Everything found, in the order of the text; ranges filled, what was negated left out."""
        found: list[Parsed] = []
        at = 0
        while at < len(self._letters):
            parsed = self._at(at)
            if parsed is None:
                at += 1
                continue
            at = parsed.end
            if self._negated(parsed):
                found.append(replace(parsed, dates=(), problems=()))
                continue
            if parsed.dates:
                self._anchor = parsed.dates[-1]
            self._join(found, parsed)
        return found

    def _join(self, found: list[Parsed], parsed: Parsed) -> None:
        """Appends, or makes one of the two ends of a range; "from the 5th to the 12th" of a change is the 12th."""
        last = found[-1] if found else None
        if last is not None and last.dates and parsed.dates:
            between = self._letters[last.end : parsed.start]
            before = self._letters[: last.start]
            if re.fullmatch("[Tg]h?u?h?", between) or (between in ("A", "Ah") and re.search("Eh?$", before)):
                if "~" in before:
                    found[-1] = replace(parsed, start=last.start)
                    return
                filled = self._filled(last.dates[0], parsed.dates[-1], last.start, parsed.end)
                found[-1] = replace(filled, problems=(*last.problems, *parsed.problems, *filled.problems))
                return
        found.append(parsed)

    def _negated(self, parsed: Parsed) -> bool:
        return re.search("![uh]*$", self._letters[: parsed.start]) is not None

    def _at(self, at: int) -> Parsed | None:
        if self._letters[at] in ".,xpPkv":
            return None
        best: Parsed | None = None
        for pattern, rule in _RULES:
            match = pattern.match(self._letters, at)
            if match is None or (best is not None and match.end() < best.end):
                continue
            parsed = rule(self, match)
            if parsed is not None and (best is None or parsed.end > best.end):
                best = parsed
        return best


_Rule = Callable[[Dates, re.Match[str]], Parsed | None]
_DAY = r"h?[NO]"
_AHEAD = r"h?[tncGLWMDHOS45N]"
_GRAMMAR: tuple[tuple[str, _Rule], ...] = (
    (rf"(?:(?P<w>W),?)?h?(?P<m>M)\.?,?h?(?P<d>[NO]){_NO_COUNT}{_YEAR}", Dates._month_day),
    (rf"(?:(?P<w>W),?)?u?h?(?P<d>[NO])o?h?(?P<m>M)\.?{_YEAR}", Dates._month_day),
    (rf"(?P<m>M)(?P<list>{_DAY}(?:[,RATg]+{_DAY})+){_NO_COUNT}{_YEAR}", Dates._month_days),
    (rf"(?P<list>{_DAY}(?:[,RATg]+{_DAY})+)o?(?P<m>M){_YEAR}", Dates._month_days),
    (r"(?:(?P<w>W),?)?h?(?P<s>S)", Dates._numeric),
    (r"(?:(?P<w>W),?)?h?d?(?P<d>[NO])(?![PpkIyOWewdmMCx1-3]|[TRgA]+N[pPk]|[oi]h?M)(?:[oi]h?(?P<r>[tncG])m)?", Dates._day_of_month),
    (r"(?:(?P<w>W),?)?h?d?(?P<d>O)(?![PewdmWM]|[oi]h?M)(?:[oi]h?(?P<r>[tncG])m)?", Dates._day_of_month),
    (rf"h?(?P<n>[OL])(?P<w>[We])(?:[oi]h?)?,?(?:(?P<m>M){_YEAR}|(?P<r>[tnc])m)", Dates._nth_weekday),
    (r"(?P<w>W)", Dates._weekday),
    (r"(?:h?(?P<r>tc|[tncL])h?W(?:[,RA]+h?W)*|h?W(?P<r2>[cL]))(?![oi]?h?M)", Dates._weekdays),
    (r"h?(?:(?P<w>W)|w)an(?![wmWM])", Dates._after_next),
    (r"h?(?P<w>W),?[oiu]?h?(?P<r>[56])", Dates._of_week),
    (r"h?(?P<r>[56])(?:[,u]*h?(?P<w2>W))?", Dates._of_week),
    (r"(?:(?P<w>W),?)?i(?P<n>[Ng])(?P<u>[dwm])(?:[,u]*h?(?P<w2>W))?", Dates._ahead),
    (r"(?P<n>[Ng])(?P<u>[dwm])F", Dates._ahead),
    (r"(?P<n>N)(?P<w>W)F", Dates._so_many_weekdays),
    (r"(?:(?P<w>W),?)?(?P<n>D)", Dates._from_today),
    (rf"h?(?:(?P<n>[Ng]))?(?P<u>[wd])(?P<o>[ab])(?!{_AHEAD})", Dates._from_anchor),
    (r"h?[Gn](?P<u>d)|h?G(?P<u2>[wWe])|h?(?P<u3>[wWed])G", Dates._from_anchor),
    (rf"h?(?P<n>[Ng])?(?P<u>[dwWe])(?P<o>[abf])(?={_AHEAD})h?", Dates._from_date),
    (r"h?(?P<r>tc|[tncL])e|h?ec|h?ean(?![wm])", Dates._weekend),
    (r"h?e[oi]?h?(?P<r>[56])", Dates._weekend),
    (r"h?e(?:oh?|u)(?=[tncWMDHOSN])", Dates._weekend_of),
    (rf"(?:h?(?P<w>W),?)?(?:o|u)?h?(?P<hol>H){_YEAR}(?:(?P<e>e)|(?P<party>7))?", Dates._holiday),
    (rf"[Vhg]?(?P<w>W)[ioT]h?(?P<m>M){_YEAR}", Dates._month),
    (rf"(?:[itnc]h?|Xo?h?)?h?(?P<m>M){_YEAR}(?![NO])", Dates._month),
    (r"(?:Xo?h?)?h?(?P<r>[tnc])m", Dates._month),
)
_RULES = tuple((re.compile(pattern), rule) for pattern, rule in _GRAMMAR)
