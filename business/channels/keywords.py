"""What a text that came in means by itself, before anybody answers it: the words that stop, start and ask for help, and refusals in
somebody's own words. Pure."""

import re
import unicodedata
from typing import Literal

from business.profile.figures import language_of_locale
from business.profile.schemas import Profile

Keyword = Literal["stop", "start", "help"]

_WORD = re.compile(r"[^\W_]+")
READ = 1_000  # characters at either end


def heard(text: str, profile: Profile, stopped: bool) -> Keyword | None:
    """Which keyword the whole message is; case, accents, spaces, punctuation and emoji aside. A word among others is none. The words of
    assent (`start_if_stopped`) start a number that is `stopped`; from any other they are an answer in the conversation."""
    said, rules = _words(text), profile.messages.sms
    if _is(said, rules.stop_words):
        return "stop"
    if _is(said, rules.start_words) and (stopped or not _is(said, rules.start_if_stopped)):
        return "start"
    return "help" if _is(said, rules.help_words) else None


def language(text: str, profile: Profile) -> str | None:
    """The language that a keyword tells by itself: `es`, or None. The English ones tell none: our texts ask everybody to send those."""
    return "es" if _is(_words(text), profile.messages.sms.spanish_words) else None


def confirmation(keyword: Keyword, profile: Profile, locale: str | None) -> str:
    """What is answered to it, in the language of `locale`, or else the business's: who we are, and how to end or begin."""
    rules, business = profile.messages.sms, profile.business
    text = {"stop": rules.stopped, "start": rules.started, "help": rules.help}[keyword]
    language = language_of_locale(locale or business.locale)
    return text.in_locale(language).format(
        business=business.name,
        phone=business.phone,
        stop=rules.stop_words[0],
        start=rules.start_words[0],
        help=rules.help_words[0],
    )


def _words(text: str) -> list[str]:
    """The words without case, accents and whatever letters are dressed as: mathematical, circled, wide."""
    bare = unicodedata.normalize("NFKD", text).casefold()
    return _WORD.findall("".join(mark for mark in bare if not unicodedata.combining(mark)))


def _is(said: list[str], words: tuple[str, ...]) -> bool:
    """`STOP ALL` is STOPALL, `opt-out` is OPTOUT, and `stop stop` is STOP."""
    known = {"".join(_words(word)) for word in words}
    return bool(said) and ("".join(said) in known or all(word in known for word in said))


# A refusal has a wish to end, and texts or a list that it is about; or it is one of the phrases that mean nothing else.
_THING = r"(?:texts?|texting|txts?|txting|messages?|messaging|msgs?|sms|spam(?:ming)?|promos?|promotions?|offers?|ads?|marketing)"
_YOU = (
    r"(?:(?:all|any|more|of|the|these|those|your|this|me|us|my|phone|with|from|sending|to|anymore|so|many|getting|receiv(?:e|ing)|promotional)"
    r"\s+)"
)
_COSA = r"(?:mensajes?|mensajitos?|textos?|sms|msjs?|promociones|promos?|ofertas|publicidad|propaganda|anuncios)"
_ESTO = r"(?:(?:de|los?|las?|estos|estas|esos|esas|tus?|sus?|mas|tantos|tantas|mandar(?:me|nos)?|enviar(?:me|nos)?|recibir)\s+)"
_REFUSALS = tuple(
    re.compile(pattern)
    for pattern in (
        # Stop texting me; please stop sending messages; quit spamming us; no more texts.
        rf"\b(?:stop|quit|cease|end|halt|discontinue|no more|enough)\s+{_YOU}*{_THING}\b",
        r"\bstop\s+(?:contacting|messaging|texting|bothering|harassing|spamming)\b",
        r"\b(?:stop|quit)\s+(?:contacting|bothering|harassing|spamming)\b",
        # Do not text me; never message me again; don't send me any more offers; do not contact me.
        r"\b(?:do not|dont|never|please no)\s+(?:ever\s+)?(?:text|txt|message|msg|sms|spam)\s+"
        r"(?:me|us|again|anymore|(?:this|my) (?:phone|number|cell|mobile))\b",
        rf"\b(?:do not|dont|never)\s+(?:ever\s+)?send\s+{_YOU}*{_THING}\b",
        r"\b(?:do not|dont|never)\s+(?:ever\s+)?contact\s+(?:me|us|this number)\b",
        # I do not want these texts; we no longer wish to receive messages; not interested in your offers.
        rf"\b(?:do not|dont|no longer|never)\s+(?:want|wish|need|like)\s+{_YOU}*{_THING}\b",
        rf"\bdidnt\s+(?:ask|sign up|agree|consent)\s+(?:for|to)\s+{_YOU}*{_THING}\b",
        rf"\bnot interested in\s+{_YOU}*{_THING}\b",
        # Take me off; remove my number; unsubscribe me; opt me out; lose my number; leave me alone.
        r"\b(?:take|get|remove|delete|drop|scratch)\s+(?:me|us|my (?:phone )?number|this number|my name)\s+"
        r"(?:off|from|out of)\b(?!\s+(?:the\s+|your\s+)?(?:waitlist|waiting list|guest list|party))",
        r"\b(?:remove|delete)\s+(?:me|my (?:phone )?number|this number)\s*(?:please|now|$)",
        r"\b(?:unsubscribe|unsub)\s+(?:me|us|my|this|please|now|from)\b|\b(?:please|want to|wanna|to) (?:unsubscribe|unsub)\b",
        r"\bopt (?:me|us) out\b|\b(?:want to|wanna|like to|wish to|please|i) opt out\b",
        r"\b(?:revoke|withdraw|do not|dont|never)\s+(?:g[ai]ve\s+)?(?:you\s+)?(?:my\s+|any\s+|all\s+)*(?:consent|permission)\b",
        r"\b(?:on|to)\s+(?:your|the)\s+do not (?:call|contact|text) list\b",
        r"\blose my number\b|\bleave (?:me|us) alone\b|\bwrong number\b.*\b(?:stop|remove|off)\b",
        # Nothing but: wrong number; you have the wrong person; número equivocado. Whoever is not meant wants no offers.
        r"^(?:sorry |i think )*(?:youve |you |u )?(?:have |got )?(?:the |a )?wrong (?:number|person)(?: sorry)?$",
        r"^(?:disculpa |perdon |es |tienes? )*(?:el )?(?:numero|persona) equivocad[oa]$",
        # No me manden más mensajes; dejen de escribirme; paren de mandar textos; ya no quiero recibir ofertas.
        rf"\bno\s+(?:me|nos)\s+(?:mand|envi|escrib|text|mensaj|contact|molest)\w*\s+(?:mas|otra vez|nunca|nada|{_ESTO}*{_COSA})\b",
        rf"\bno\s+(?:me|nos)\s+(?:mand|envi)\w+\s+{_ESTO}*{_COSA}\b|\bno (?:me|nos) (?:escriban|contacten|molesten|texteen)\b",
        r"\b(?:dej|par)(?:a|e|en|as)\s+de\s+(?:mandar|enviar|escribir|textear|contactar|molestar)\w*\b",
        r"\bya no (?:me|nos) (?:mand|envi|escrib|text|molest|contact)\w+",
        rf"\b(?:no|ya no)\s+(?:quiero|queremos|deseo|deseamos|necesito)\s+(?:recibir\s+)?{_ESTO}*{_COSA}\b",
        rf"\b(?:ya )?no mas {_COSA}\b|\bbasta (?:ya )?de {_ESTO}*{_COSA}\b|\bno envien mas\b|\bno manden mas\b",
        # Quítenme de la lista; bórrenme; denme de baja; déjenme en paz.
        r"\b(?:quit|saqu|sac|borr|elimin|remuev)\w*(?:me|nos)\b.*\b(?:lista|base|numero|contactos|sistema)\b",
        r"\b(?:quit|saqu|sac|borr|elimin)\w*\s+(?:mi numero|mi telefono|este numero)\b",
        r"\b(?:den|de|da|dar|denme|dame|deme|darme)(?:me|nos)?\s+de\s+baja\b|\bdarme de baja\b|\bdejenme en paz\b|\bdejame en paz\b",
    )
)
# Its first line or its last clause is nothing but a wish to end: "I'm not interested. Stop", "stop please", "STOP" above a signature.
_BREAK = re.compile(r"[.!?;,\n\r]+")
_SOFT = r"(?:(?:please|pls|plz|just|now|ok|okay|no|hey|i said|can you|could you|will you|would you|por favor|ya)\s+)*"
_ENDS = re.compile(
    _SOFT
    + r"(?:stop|stopall|unsubscribe|optout|opt out|quit it|basta|alto|paren)"
    + r"(?:\s+(?:please|pls|plz|it|this|that|now|already|all|stop|thanks|thank you|immediately|por favor|ya))*"
)
# What looks like one and is none.
_KEEPS = re.compile(
    r"\b(?:dont|do not|please dont|never|no need to)\s+stop\b"
    r"|\bno\s+(?:dejen|dejes|paren|pares)\s+de\b"
    r"|\b(?:can|could|did|do|will|would|should|does) (?:you|we|i|they) (?:stop|remove me|unsubscribe)\b.*\b(?:by|at|over|the booking)\b"
)


def refuses(text: str) -> bool:
    """Whether somebody asks in words of their own to get no more texts. It is heard so that an order's "take the shrimp off" is none. Of a
    long text its beginning and its end are read: whoever writes chooses the words, and some are slow to look through."""
    if len(text) > 2 * READ:
        text = f"{text[:READ]}\n{text[-READ:]}"
    bare = text.replace("'", "").replace("\u2019", "")
    said = " ".join(_words(bare))
    if _KEEPS.search(said):
        return False
    return any(pattern.search(said) for pattern in _REFUSALS) or any(_ENDS.fullmatch(part) for part in _edges(bare))


def _edges(text: str) -> tuple[str, str]:
    """The first line and the last clause, in words."""
    lines = [" ".join(_words(line)) for line in text.splitlines()]
    clauses = [" ".join(_words(clause)) for clause in _BREAK.split(text)]
    return next(filter(None, lines), ""), next(filter(None, reversed(clauses)), "")
