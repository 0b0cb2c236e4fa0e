"""Keeps a reply to its manner while it comes: text in, what may be seen of it out.

What can be mended is mended as it passes: an emoji too many, cheers over bad news, an "Oops", a heading, a second question. What cannot
is a `fault`. A word waits only while a rule needs it: the first ones until their language is known, a question until its end, a word that
may become one that nobody says. A text message is read as a whole, for it leaves as a whole; how it is seen meanwhile is `Growing`'s.
"""

from agents.manner.hearing import BAD_NEWS, INTERJECTIONS, QUESTIONS, RUDE, RUDE_BEGINNINGS, SHORTENED, Ear, heard
from agents.manner.manner import Fault, Manner
from agents.manner.step import Step
from agents.manner.units import UNIT, Mark, goes_on, image_at, mark_of_line
from business.channels.segments import plain, segments

# A sentence waits for its end no longer than this.
HELD_AT_MOST = 240
_BEGINNINGS = frozenset(
    word[:length]
    for words in (INTERJECTIONS, QUESTIONS, frozenset(phrase[0] for phrase in RUDE))
    for word in words
    for length in range(1, len(word) + 1)
)


class Keeper:
    """One reply. Once `fault` is set it gives nothing more; once it is `full` nothing more is wanted."""

    def __init__(self, manner: Manner, *, after: str = "") -> None:
        """`after`: what stands before this text already, which is not judged again."""
        self.fault: Fault | None = None
        self.full = False
        self._manner = manner
        self._step = Step(manner.step)
        self._ear = Ear(manner.languages)
        self._pending = ""  # not read yet: a word, a mark that may go on
        self._shown_of_word = 0  # characters of it that went out already
        self._space = ""  # what parts the last word from the next, if one comes
        self._waits: list[str] = []  # read, and not out
        self._held_sentence: int | None = None  # from where in `_waits` a sentence waits for its end
        self._phrase: tuple[str, ...] = ()  # words that may become a rude phrase
        self._sentence: list[str] = []  # all of the sentence so far, as it came
        self._words: list[str] = []
        self._out: list[str] = []
        self._seen = False  # anything that counts went out
        self._asked = False
        self._sentences = self._lines = self._emoji = 0
        self._ended = self._capital = self._dropping = self._skips_space = self._in_list = False
        self._line_begins = True
        self._last = " "
        if after:
            self._ear.right = True
            self._pass(after)

    # -- what is called

    def feed(self, text: str) -> str:
        """Takes the next piece; gives what may be seen now."""
        self._pending += text
        return "" if self._manner.channel == "sms" else self._advance(closing=False)

    def own(self, text: str) -> None:
        """What is word for word the house's went out: it is right, and counts."""
        self._ear.right = True
        self._pass(text)

    def pause(self) -> str:
        """The text so far stands, as it is; tools run, then it may go on."""
        if self._manner.channel == "sms":
            return ""
        return self._advance(closing=True, ends=False)

    def end(self) -> str:
        """No more comes: gives the rest, and the step where it is missing."""
        if self._manner.channel == "sms":
            self._pending = plain(self._pending)
        out = self._advance(closing=True)
        if self.fault is not None:
            return ""
        if not self._seen:
            self.fault = Fault("empty")
            return ""
        out += self.step(out) or self._space
        if self._manner.channel == "web":
            return out
        out = plain(out)  # with its step it may be longer than letters outside the phone's alphabet pay for
        if segments(out) > self._manner.segments:
            self.fault = Fault("length")
            return ""
        return out

    def step(self, before: str = "") -> str:
        """What is missing at the end of the reply. `before`: the last of it, that has not been shown yet."""
        if not self._step.owed:
            return ""
        missing = self._step.missing
        if self._manner.channel == "sms":
            return f"{'' if not before or before[-1:].isspace() else ' '}{plain(missing)}"
        tail = before or self._last
        return missing if tail.endswith("\n\n") else f"\n{missing}" if tail.endswith("\n") else f"\n\n{missing}"

    # -- reading

    def _pass(self, text: str) -> None:
        """Reads what is out already."""
        for match in UNIT.finditer(text):
            unit = match[0]
            if self._ended and match.lastgroup in ("space", "line"):
                self._close(ours=True)
            self._sentence.append(unit)
            if match.lastgroup == "word":
                self._words.append(heard(unit))
            self._emoji += match.lastgroup == "emoji"
            self._ended = match.lastgroup == "end" or (self._ended and match.lastgroup == "other")
            self._line_begins = match.lastgroup == "line"
            self._last = unit
        self._seen = True

    def _advance(self, *, closing: bool, ends: bool = True) -> str:
        self._out = []
        at, pending = 0, self._pending
        while at < len(pending) and self.fault is None and not self.full:
            mark = self._mark_at(pending, at, closing)
            if mark is not None:
                if mark.kind == "begun" or not self._take_mark(mark):
                    break
                at = mark.end
                continue
            match = UNIT.match(pending, at)
            assert match is not None
            if not closing and goes_on(match.lastgroup, pending[match.end() :]):
                break
            at = match.end()
            self._take(match[0], match.lastgroup or "other")
        self._pending = pending[at:]
        if not closing:
            self._show_begun()
        elif self.fault is None and not self.full:
            self._flush_phrase()
            if ends:
                self._close()
                self._ear.end()
                self._judge_language()
            self._flush()
        return "" if self.fault is not None and not self._out else "".join(self._out)

    def _mark_at(self, text: str, at: int, closing: bool) -> Mark | None:
        if self._line_begins and (mark := mark_of_line(text, at, closing=closing)) is not None:
            return mark
        return image_at(text, at, closing=closing) if text[at] == "!" else None

    def _take_mark(self, mark: Mark) -> bool:
        """False where nothing may follow it."""
        match mark.kind:
            case "table":
                self.fault = Fault("table")
            case "image":
                self._emit(mark.shown)
            case "list":
                self._begin_visible()
                if self._manner.channel == "web" and self._lines >= self._manner.lines:
                    self._stop()
                self._lines += 1
                self._line_begins, self._in_list = False, True
                if not self.full:
                    self._emit(mark.shown)
        return self.fault is None and not self.full

    def _take(self, unit: str, kind: str) -> None:
        if kind == "line":
            self._flush_phrase()
            self._close()
            self._emit(unit)
            self._line_begins, self._dropping = True, False
            return
        if kind == "space":
            if self._ended:
                self._flush_phrase()
                self._close()
            if not (self._dropping or self._skips_space or (self._over and self._sentence_is_blank)):
                self._space += unit
                self._sentence.append(unit)
            self._skips_space = False
            return
        if self._skips_space and kind in ("end", "other"):
            self._space = ""  # "adult 🎉." is "adult."
        self._line_begins = self._skips_space = False
        if kind == "word":
            self._word(unit)
        elif kind == "emoji":
            self._take_emoji(unit)
        else:
            self._mark(unit)

    def _word(self, unit: str) -> None:
        word, shown = heard(unit), self._shown_of_word
        self._shown_of_word = 0
        self._ended = False  # "5", ".", "50"
        if not shown:
            self._begin_visible()
            if self.full:
                return
        if word in INTERJECTIONS:
            self._capital = self._dropping = True
            return
        if self._capital:
            unit, self._capital = unit[:1].upper() + unit[1:], False
        self._dropping = False
        if not self._words and (word in QUESTIONS or self._asked) and not shown:
            self._hold_sentence()
        self._words.append(word)
        self._ear.word(word)
        self._judge_language()
        self._rude(word)
        self._emit(unit[shown:], whole=unit)

    def _rude(self, word: str) -> None:
        phrase = (*self._phrase, word)
        if phrase in RUDE or (word,) in RUDE:
            self.fault = Fault("rude")
        elif phrase in RUDE_BEGINNINGS:
            self._phrase = phrase
        else:
            self._phrase = (word,) if (word,) in RUDE_BEGINNINGS else ()

    def _take_emoji(self, unit: str) -> None:
        self._begin_visible()
        if self._emoji >= self._manner.emoji:
            self._skips_space = self._after_space
            return
        self._emoji += 1
        self._emit(unit)

    def _mark(self, unit: str) -> None:
        if self._dropping and unit in "!,.…—–-:;":
            return
        self._dropping = False
        if unit == "¡" and self._manner.grave:
            return
        self._begin_visible()
        if self.full:
            return
        if unit in "¿¡" and not self._words:
            self._hold_sentence()
        if unit == "!" and (self._manner.grave or not BAD_NEWS.isdisjoint(self._words)):
            unit = "" if self._last[-1:] in ".!?" else "."
            self._drop_cheer()
        if unit in ".!?…" and not (unit == "." and self._words and (self._words[-1] in SHORTENED or len(self._words[-1]) == 1)):
            self._ended = True
        elif unit not in ")\"”'’*_":
            self._ended = False
        self._phrase = ()
        self._emit(unit)

    def _drop_cheer(self) -> None:
        """The `¡` that this sentence began with, which waits with it."""
        for place in range(self._held_sentence or 0, len(self._waits)):
            self._waits[place] = self._waits[place].replace("¡", "")

    # -- sentences

    def _begin_visible(self) -> None:
        """Something that is read comes: too much of it, and the reply has ended before."""
        if not self._words and self._over and self._sentence_is_blank:
            self._stop()

    def _stop(self) -> None:
        """Long enough: what has not gone out does not."""
        self.full = True
        self._waits.clear()
        self._space = ""

    @property
    def _sentence_is_blank(self) -> bool:
        return not any(map(str.strip, self._sentence))

    @property
    def _after_space(self) -> bool:
        return bool(self._space) or self._last[-1:].isspace()

    @property
    def _over(self) -> bool:
        return self._manner.channel == "web" and self._sentences >= self._manner.sentences

    def _hold_sentence(self) -> None:
        if self._held_sentence is None:
            self._held_sentence = len(self._waits)

    def _close(self, *, ours: bool = False) -> None:
        """A sentence has ended. `ours`: it is out, and right."""
        text, words, in_list = "".join(self._sentence), self._words, self._in_list
        self._sentence, self._words, self._ended, self._in_list = [], [], False, False
        if not words:
            return
        self._ear.sentence()
        self._judge_language()
        self._sentences += not in_list
        held, self._held_sentence = self._held_sentence, None
        if ours:
            self._step.hear(text)
            self._asked = self._asked or "?" in text
        elif "?" in text:
            self._question(text, held)
        else:
            self._step.hear(text)
        self._flush()

    def _question(self, text: str, held: int | None) -> None:
        """One question at the end: the step that was given, or the first one where none was."""
        owed = self._step.owed
        fits = self._step.hear(text) if owed else not (self._asked or self._manner.step)
        if fits:
            self._asked = True
        elif held is not None:
            del self._waits[held:]
            self._sentences -= 1
        elif not owed and not self._asked:
            self._asked = True
        else:
            # It is out already, and it is not what the customer is to be asked.
            self.fault = Fault("question", final=True)

    def _judge_language(self) -> None:
        if self._ear.wrong and self.fault is None:
            self.fault = Fault("language", final=self._seen)

    # -- letting out

    def _emit(self, text: str, *, whole: str = "") -> None:
        self._sentence.append(whole or text)
        if text:
            self._last = text
            self._waits.append(self._space + text)
            self._space = ""
        if self._held_sentence is not None and sum(map(len, self._waits[self._held_sentence :])) > HELD_AT_MOST:
            self._held_sentence = None
        self._flush()

    def _flush_phrase(self) -> None:
        self._phrase = ()

    def _flush(self) -> None:
        """Lets out what nothing holds."""
        if self.fault is not None or self._ear.right is None or self._phrase:
            return
        upto = len(self._waits) if self._held_sentence is None else self._held_sentence
        if upto:
            out = "".join(self._waits[:upto])
            del self._waits[:upto]
            if self._held_sentence is not None:
                self._held_sentence = 0
            self._out.append(out)
            self._seen = self._seen or bool(out.strip())

    def _show_begun(self) -> None:
        """A word that has not ended goes out where nothing can come of it."""
        begun = self._pending
        if not begun or self.fault is not None or self.full or not begun.isalpha() or self._capital or self._dropping:
            return
        word = heard(begun)
        if word in _BEGINNINGS or (not self._words and self._asked) or (not self._words and self._over):
            return
        self._ear.begun(word)
        if self._ear.right and self._held_sentence is None and not self._phrase and not self._waits:
            self._out.append(self._space + begun[self._shown_of_word :])
            self._space, self._last, self._shown_of_word = "", begun, len(begun)
            self._seen = True
