"""The sentence around a word, and what in it makes a claim none: a question, a condition, a denial, somebody else's decision."""

import re

from agents.guard.view import View

_STOPS = frozenset(".!?;\n")
_FAR = 40


def before(view: View, at: int) -> str:
    """The sentence up to a lexeme, its pieces apart, a space at the end."""
    texts: list[str] = []
    for lexeme in reversed(view.lexemes[max(0, at - _FAR) : at]):
        if lexeme.text in _STOPS:
            break
        texts.append(lexeme.text)
    return " ".join(reversed(texts)) + " " if texts else ""


def context(view: View, at: int) -> str:
    """What was said before, over the ends of sentences."""
    return " ".join(lexeme.text for lexeme in view.lexemes[max(0, at - _FAR) : at])


def ahead(view: View, at: int) -> str:
    """The rest of the sentence, as far as it may be held."""
    texts: list[str] = []
    while (lexeme := view.at(at)).kind in ("w", "n", "m") and lexeme.text not in _STOPS:
        texts.append(lexeme.text)
        at += 1
    return " ".join(texts)


def words(text: str) -> str:
    """A pattern for any of these words or phrases (a dot stands for the space in a phrase)."""
    return r"\b(?:" + "|".join(one.replace(".", r"\s+") for one in text.split()) + r")\b"


QUESTION = re.compile(
    "¿|^" + words(
        "is are was were has have had do does did can could would will shall should which what when where how who whether "
        "cual cuales que cuando como cuanto donde"
    )
)  # fmt: skip
CONDITION = re.compile(
    words(
        "if whether once when until unless as.soon.as after before so.that si cuando hasta una.vez en.cuanto despues.de antes.de para.que"
    )
)
NOT = re.compile(r"(?:" + words("not no isn't aren't wasn't hasn't haven't never tampoco nothing nada") + r"|n't)\b")
DENIED = re.compile(
    words(
        "no not don't doesn't can't cannot isn't aren't won't never without nor neither unfortunately nothing nobody wouldn't couldn't "
        "didn't instead.of beyond except sin nunca tampoco ni ninguna ninguno ningun nadie nada"
    )
)
# Words of denial that deny nothing.
_POLITE = re.compile(
    words(
        "no.problem not.only why.not no.doubt no.worries don't.worry can't.wait don't.miss can't.beat no.question don't.forget "
        "no.hay.problema no.solo claro.que.no no.te.preocupes sin.duda sin.problema"
    )
)
_CLAUSE = re.compile(
    r",\s*(?:and |y |so )?"
    + words("we i you our it there have serve offer try enjoy tenemos servimos hay ofrecemos nuestro nuestra te pide prueba")
)
BUT = re.compile(words("but however although though pero embargo aunque sino") + r"|[:—]")


def is_denied(text: str) -> bool:
    """Whether the part of a sentence behind its last "but", in its last clause, denies something."""
    scope = BUT.split(text)[-1]
    if clauses := list(_CLAUSE.finditer(scope)):
        scope = scope[clauses[-1].start() :]
    return bool(DENIED.search(_POLITE.sub("", scope)))
