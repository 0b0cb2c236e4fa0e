"""By which words guests are counted, in English and Spanish: patterns over folded texts with digits."""

import re
from typing import Literal

Kind = Literal["adults", "children", "under_six", "people"]
ADULT = (
    r"(?:adults?|grown[- ]?ups?|teen(?:ager)?s?|seniors?|grandparents?|women|ladies|men\b|adultos?|adultas?|adolescentes?|abuelos|"
    r"mujeres|hombres|mayores(?! de 21))"
)
CHILD = r"(?:kids?|kiddos?|children|childs?|ninos?|ninas?|chicos|chiquitos|peques)"
BABY = r"(?:toddlers?|bab(?:y|ies)|infants?|newborns?|bebes?)"
PEOPLE = r"(?:people|persons?|guests?|of us|pax|ppl|heads|personas?|invitad[oa]s|comensales|gentes?|attendees)"
NOUN = rf"(?:{ADULT}|{CHILD}|{BABY}|{PEOPLE})"
BEFORE_NOUN = r"(?:(?:more|total|extra|additional|little|small|young|other|hungry|mas|otros|otras|total de)\s+){0,2}"
N = r"(?<![\d,.$])(?<!\d[-/])(?<!\s-)(?<!^-)(\d{1,4}|an?|una?|another|otro|otra)"
KINDS: tuple[tuple[Kind, str], ...] = (("adults", ADULT), ("children", CHILD), ("under_six", BABY), ("people", PEOPLE))
# "A kids menu" is no kid.
COUNTED = tuple(
    (
        kind,
        re.compile(
            rf"\b{N}\s+{BEFORE_NOUN}{noun}\b(?![- ](?:menus?|meals?|prices?|sizes?|portions?|friendly|part(?:y|ies)|birthday|tables?)\b)"
        ),
    )
    for kind, noun in KINDS
)
# Girls and boys are children where their ages follow; "8 girls" may be a bachelorette party.
WITH_AGES = re.compile(
    rf"\b{N}\s+{BEFORE_NOUN}(?:girls|boys|daughters|sons|hij[oa]s)\b(?=\s*[,(:]?\s*(?:ages?|aged|de|who are|they are)?\s*[:(]?\s*\d)"
)
FORM = re.compile(rf"^\W*{NOUN}\s*[:=-]?\s*\d{{1,3}}\b")
# "Adults: 12, kids: 3".
LISTED = tuple(
    (
        kind,
        re.compile(
            rf"(?<!\d )\b{noun}\s*(?:[:=]\s*|-\s+| )(\d{{1,3}})\b(?![+\d:/%]|\s*(?:{NOUN}|and|y|,\s*\d|-|to\b|years?|yo\b|anos)|\s+under)"
        ),
    )
    for kind, noun in KINDS
)
FORM_ITEMS = tuple((kind, re.compile(rf"\b{noun}\s*[:=-]?\s*(\d{{1,3}})\b(?![+\d:/%])")) for kind, noun in KINDS)
GROUP = re.compile(
    r"\b(?:party|group|family|total|headcount|head count|count|grupo|fiesta|familia|mesa|table)\s+(?:of|de|is|es)\s+(\d{1,4})\b(?!\s*:)"
)
BARE_GUESTS = re.compile(
    r"\b(?:there are|there's|there will be|there'll be|we are|we're|we will be|we'll be|we'd be|we have"
    r"|it's|somos|seremos|seriamos|for|para)\s+"
    r"(?:just |about |only |around |like |solo |como |unos )?(\d{1,4})(?=\s*(?:$|[?!.,;~()]|and\b|y\b|in\b"
    r"|en\b|on\b|el\b|total\b|now\b|plus\b))(?!\s*[.:,]\d)"
)
SOME_OF_THEM_UNDER = re.compile(
    r"^\s*(?:\(|,?\s*(?=\d{1,3}\s+(?:of them|of those|de ellos)))\s*(\d{1,3})\s+(?:of (?:them|those)\s+|de ellos\s+)?"
    r"(?:are\s+|is\s+|son\s+)?(?:under|younger than|below|menor(?:es)? de)\s+(\d{1,2})\b"
)
SOME_CHILDREN = re.compile(rf"\b(?:half|mitad|some|most|several|a few|few|algunos|varios|unos cuantos)\b[^,.;!?\d]{{0,14}}\b{CHILD}\b")
# Some of a party, not all of it: "one person is allergic", and, of a party that is known, "2 people want lobster".
SOME_WITH = re.compile(
    r"^\s*(?:,\s*)?(?:who |that |que )?(?:is|are|has|have|with|es|son|tienen?|con)\s+(?:\w+\s+){0,3}?"
    r"(?:allerg|vegan|vegetar|celiac|gluten|intoleran|diabet|pregnan|halal|kosher|alerg|celia|embaraz|nut\b"
    r"|lactos|dairy|shellfish|restric|diet)"
)
SOME_WANT = re.compile(
    r"^\s*(?:who |that |que )?(?:will |would )?(?:wants?|gets?|like|having|have|has|can't|cannot|don't"
    r"|doesn't|eats?|quieren?|comen?|no (?:come|comen|puede|pueden))\b"
)
COUPLES = re.compile(rf"\b{N}\s+(?:couples|parejas)\b")
UNDER = re.compile(
    r"^\s*[,(]?\s*(?:kids?\s+|who are\s+|all\s+)?(?:(?:under|younger than|below|menores de|menos de|less than)\s+"
    r"(?:the age of\s+)?(\d{1,2})\b"
    r"|(?:age[sd]?\s+)?(\d{1,2})\s*(?:and|or|y|o)\s+(?:under|younger|below|menos|menores))"
)
OVER = re.compile(
    r"^\s*[,(]?\s*(?:(?:over|above|older than|mayores de|mas de)\s+(\d{1,2})\b|(?:age[sd]?\s+)?(\d{1,2})\s*(?:\+"
    r"|and (?:up|over|older|above)|o mas))"
)
AGES = re.compile(
    r"^\s*[,(:]?\s*(?P<word>(?:ages?|aged|of ages?|de|edades|who are|con edades de|they are|they're)\s+)?"
    r"(?P<list>\d{1,2}(?:\s*(?:,\s*and|,\s*y|,|and|&|y|e|to|-|a)\s*\d{1,2})*)(?![\d%:+])"
)
YEARS_OLD = re.compile(r"\b(?:(\d{1,3}|an?|un|una|my|mi)\s+)?(\d{1,2})[- ](?:years?|yrs?)[- ]olds?\b")
# "Is a 5 year old free?" counts nobody.
ASKS_OF_AGE = re.compile(r"\b(?:is|are|for|does|would|about|if|charge|cost of|un|una)\s+$")
BARE_UNDER = re.compile(rf"\b{N}\s+(?:are |is |que son )?(?:under|younger than|menores? de)\s+(\d{{1,2}})\b")
AGED_LIST = re.compile(
    rf"(?<!\d )(?<!\d)\b(?:{CHILD})\s*[,(:]?\s*(?:ages?|aged|are|de|edades|son de)?\s*[:(]?\s*(\d{{1,2}}(?:\s*(?:,\s*and"
    rf"|,\s*y|,|and|&|y|e)\s*\d{{1,2}})+)"
    rf"(?!\s*{NOUN})(?![\d%:])"
)
# "3 kids, one is 4 and the other two are 9 and 11".
ONE_AND_OTHERS = re.compile(
    rf"(?<=\b)(?P<noun>{CHILD})\s*[,:(]?\s*(?:and\s+)?(?:1|one|uno|una)(?: of them| de ellos)? (?:is|es de|tiene)\s+(?P<first>\d{{1,2}})"
    r"(?: years? old| anos)?,?\s+(?:and |y )?(?:the |el |la |los |las )?(?:other|otro|otra)s?(?: ones?)?(?: (?P<many>\d))?"
    r"(?: are| is| son de| tienen?| de)?(?: both| all)?\s+(?P<rest>\d{1,2}(?:(?:\s*,\s*|\s+)(?:and |y )?\d{1,2})*)\b"
)
AGED_ONE = re.compile(rf"\b{N}\s+{CHILD}\s+(?:who is|who's|that is|aged?|age|de)\s+(\d{{1,2}})\b")
OF_THEM = re.compile(
    rf"\b{N}\s+(?:of (?:them|those|which|whom|us)|de (?:ellos|ellas|los cuales))(?:\s+(?:are|is|will be"
    rf"|being|son|seran))?\s+({CHILD}|{BABY}|{ADULT})\b"
)
ALSO_US = re.compile(
    r"\b(?:(?:my|mi) (?:husband|wife|partner|boyfriend|girlfriend|fiancee?|spouse|mom|dad|mother|father|sister|brother|friend|"
    r"esposo|esposa|marido|novio|novia|pareja|mama|papa|hermana|hermano) (?:and|y|&) (?:me|i|myself|yo)"
    r"|(?:me|myself|yo) (?:and|y|&) (?:my|mi) (?:husband|wife|partner|boyfriend|girlfriend|fiancee?|spouse"
    r"|mom|dad|mother|father|sister|brother|friend|"
    r"esposo|esposa|marido|novio|novia|pareja|mama|papa|hermana|hermano))\b"
)
PLUS = r"(?:plus|and|also|&|\+|y|mas|as well as|along with|ademas de)"
NO_CHILDREN = re.compile(
    rf"\b(?:no|zero|without|sin|0|ningun|ninguna)\s+(?:{CHILD})\b(?! (?:menu|price|meal|discount|rate|menus|prices|meals|portion))"
    r"|\b(?:all|only|just|todos|solo|puros|everyone is|everybody is|all of us are|todos son|todos somos)\s+(?:an )?(?:adults?"
    r"|adultos)\b(?! \d)"
    r"|\badults only\b|\bsolo adultos\b"
)
NOBODY_UNDER = re.compile(
    r"\b(?:nobody|no one|none|noone|nadie|ninguno|no kids?|no children)\s+(?:is |are |es )?(?:under|younger than"
    r"|below|menor(?:es)? de|menos de)\s+(\d{1,2})\b"
)
NO_BABIES = re.compile(rf"\b(?:no|zero|sin|without)\s+{BABY}\b")
RANGE = re.compile(
    rf"\b(?:between|entre|from|de)?\s*(?<![\d,.$/])(\d{{1,3}})\s*(?:-|–|to|a|or|o|or maybe|and|y)\s*"
    rf"(\d{{1,3}})\+?\s+{BEFORE_NOUN}({NOUN})\b"
)
BETWEEN = re.compile(r"\b(?:between|entre)\s+(\d{1,3})\s+(?:and|y)\s+(\d{1,3})\b(?!\s*(?:years|anos|:))")
BARE_RANGE = re.compile(r"(?<![\d,.$/])(\d{1,3})\s*(?:-|–|to|a|or|o)\s*(\d{1,3})\b(?![\d/:])")
AT_LEAST = re.compile(
    r"\b(?:at least|minimum of|minimum|over|more than|al menos|minimo|mas de|por lo menos)\s+(\d{1,3})\b"
    r"|\b(\d{1,3})\s?(?:\+|plus\b(?!\s*\d))"
)
ABOUT = re.compile(
    r"\b(?:about|around|approx(?:imately)?|roughly|like|maybe|probably|up to|unos|unas|como|aproximadamente"
    r"|alrededor de|mas o menos|hasta|quizas)\s+(\d{1,3})\b"
    r"|\b(\d{1,3})\s?-?ish\b|\b(\d{1,3}) or so\b"
)
CHANGE = re.compile(
    r"\b(?:make (?:it|that)|change (?:it|that)? ?to|change to|let's (?:do|say|make it|go with)|actually,?(?: it's"
    r"| we're| we are| make it| we'll be)?|now it's|"
    r"now we're|now we are|it's now|we're now|we are now|no wait,?|wait,?|sorry,?|que sean|mejor|ahora somos"
    r"|somos ahora|cambialo a|perdon,?|digo,?|"
    r"correction:?)\s*(\d{1,3})\b(?!\s*(?::|\d|%|st\b|nd\b|th\b))"
)
LESS = re.compile(
    rf"\b{N}\s+(?:less|fewer|menos)\s+({NOUN})\b|\b(?:minus|remove|take off|quita|menos)\s+{N}\s+({NOUN})\b"
    rf"|\b{N}\s+({NOUN})\s+(?:less|fewer|menos)\b"
    rf"|\b{N}\s+(?:of the\s+)?({NOUN})\s+(?:can't|cant|wont|cannot|can not|won't|dropped|cancell?ed|isn't|aren't|is not"
    r"|are not|no (?:vienen?|van?|puede[n]?))\b"
)
# Somebody of the party, without a noun: "2 can't make it", "ya no vienen 3".
GONE = re.compile(
    r"(?<![\d$.,/:])\b(\d{1,2})\s+(?:can't|cant|cannot|won't|wont|(?:are |r )?not|ya no (?:pueden?|vienen?|van?))\s*"
    r"(?:make it|come|coming|be there|venir|ir)?\b"
    r"|\bya no (?:pueden?|vienen?|van?)(?: a)?(?: venir)?\s+(\d{1,2})\b(?!\s*(?:ninos|adultos))"
    r"|\b(\d{1,2})\s+(?:dropped out|backed out|cancell?ed|bailed|flaked|cancelaron)\b"
)
# Who is brought comes on top.
BROUGHT = r"\b(?:bringing|brings|bring|trae|traera|traigo|va a traer)\s+(?:(?:her|his|their|my|the|sus?|mis?|a sus?|a mis?|los|las)\s+)?~"
MORE = re.compile(
    rf"\b(?:(?:add|plus|and)\s+)?{N}\s+(?:more|extra|additional|mas|other)\s+({NOUN})\b|\b{N}\s+({NOUN})\s+(?:more|extra|mas)\b"
    rf"|\b(?:add|adding|agrega|agregar|suma|anade)\s+{N}\s+({NOUN})\b|\b(another|otro|otra)\s+(?:\d{{1,2}}\s+)?({NOUN})\b"
)
AGES_ANSWER = re.compile(
    r"^\W*(?:(\d{1,2})\s*[,:(-]+\s*(?:ages?|aged|de|they are|edades)?\s*)?(\d{1,2}(?:\s*(?:,\s*and|,\s*y|,|and|&|y|e)\s*\d{1,2})*)"
    r"\s*(years?(?: old)?|yo|y\.?o\.?|anos)?\W*$"
)
NONE = re.compile(r"^\W*(?:no|none|zero|0|nope|nah|no one|nobody|not any|ningun[oa]?|nada|cero|nadie|no hay)\b")
BARE = re.compile(r"(\d{1,3})(?:\s*(?:and|y|,|&|/|\+)\s*(\d{1,3}))?[.!]?")
NUMBER = re.compile(r"(?<![\d$.,/-])(\d{1,4})(?![\d%/:]|[.,]\d|-\d)")


def count_of(word: str) -> int:
    """A number, or "a", "an", "another"."""
    return int(word) if word.isdigit() else 1


def noun_of(word: str) -> Kind:
    """What kind of guest a noun is."""
    return next(kind for kind, noun in KINDS if re.fullmatch(noun, word))
