"""The words that figures are made of, English and Spanish, folded (lower case, no accents). No fact of a business."""

UNITS = {
    "zero": 0, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9,
    "ten": 10, "eleven": 11, "twelve": 12, "thirteen": 13, "fourteen": 14, "fifteen": 15, "sixteen": 16,
    "seventeen": 17, "eighteen": 18, "nineteen": 19,
    "cero": 0, "uno": 1, "dos": 2, "tres": 3, "cuatro": 4, "cinco": 5, "seis": 6, "siete": 7, "ocho": 8, "nueve": 9,
    "diez": 10, "once": 11, "doce": 12, "trece": 13, "catorce": 14, "quince": 15, "dieciseis": 16, "diecisiete": 17,
    "dieciocho": 18, "diecinueve": 19, "veinte": 20, "veintiuno": 21, "veintiun": 21, "veintiuna": 21, "veintidos": 22,
    "veintitres": 23, "veinticuatro": 24, "veinticinco": 25, "veintiseis": 26, "veintisiete": 27, "veintiocho": 28,
    "veintinueve": 29,
}  # fmt: skip
TENS = {
    "twenty": 20, "thirty": 30, "forty": 40, "fourty": 40, "fifty": 50, "sixty": 60, "seventy": 70, "eighty": 80,
    "ninety": 90, "treinta": 30, "cuarenta": 40, "cincuenta": 50, "sesenta": 60, "setenta": 70, "ochenta": 80,
    "noventa": 90,
}  # fmt: skip
HUNDREDS = {
    "hundred": 100, "hundreds": 100, "cien": 100, "ciento": 100, "cientos": 100, "doscientos": 200, "doscientas": 200, "trescientos": 300,
    "trescientas": 300, "cuatrocientos": 400, "cuatrocientas": 400, "quinientos": 500, "quinientas": 500,
    "seiscientos": 600, "seiscientas": 600, "setecientos": 700, "setecientas": 700, "ochocientos": 800,
    "ochocientas": 800, "novecientos": 900, "novecientas": 900,
}  # fmt: skip
SCALES = {
    "thousand": 1_000, "thousands": 1_000, "mil": 1_000, "grand": 1_000,
    "million": 1_000_000, "millon": 1_000_000, "millones": 1_000_000,
}  # fmt: skip
DOZENS = {"dozen": 12, "dozens": 12, "docena": 12, "docenas": 12}
NUMBERS = {**UNITS, **TENS, **HUNDREDS, "thousand": 1_000, "mil": 1_000, "million": 1_000_000, "millon": 1_000_000}
# Numbers in one language, plain words in the other: numbers only where that is the language, or a unit of it follows.
SPANISH_ONLY = frozenset({"once", "mil"})
ENGLISH_ONLY = frozenset({"ten"})
# Plain words more often than numbers: numbers only before a unit or after another number.
ARTICLES = frozenset({"one", "uno"})

MONTHS = {
    "january": 1, "february": 2, "march": 3, "april": 4, "may": 5, "june": 6, "july": 7, "august": 8, "september": 9,
    "october": 10, "november": 11, "december": 12, "enero": 1, "febrero": 2, "marzo": 3, "abril": 4, "mayo": 5,
    "junio": 6, "julio": 7, "agosto": 8, "septiembre": 9, "setiembre": 9, "octubre": 10, "noviembre": 11,
    "diciembre": 12, "jan": 1, "feb": 2, "mar": 3, "apr": 4, "jun": 6, "jul": 7, "aug": 8, "sep": 9, "sept": 9,
    "oct": 10, "nov": 11, "dec": 12, "ene": 1, "abr": 4, "ago": 8, "dic": 12,
}  # fmt: skip
# Months and weekdays that are other words, too: only beside a day or another part of a date.
DOUBTFUL = frozenset(
    "may march mayo mar jan dec sep ago sat sun mon wed thu fri tue dom vie lun mie jue sab jun jul apr aug feb oct nov dic "
    "ene abr sept tues thur thurs".split()
)
WEEKDAYS = {
    "monday": 0, "tuesday": 1, "wednesday": 2, "thursday": 3, "friday": 4, "saturday": 5, "sunday": 6,
    "mondays": 0, "tuesdays": 1, "wednesdays": 2, "thursdays": 3, "fridays": 4, "saturdays": 5, "sundays": 6,
    "mon": 0, "tue": 1, "tues": 1, "wed": 2, "thu": 3, "thur": 3, "thurs": 3, "fri": 4, "sat": 5, "sun": 6,
    "lunes": 0, "martes": 1, "miercoles": 2, "jueves": 3, "viernes": 4, "sabado": 5, "sabados": 5, "domingo": 6,
    "domingos": 6, "lun": 0, "mie": 2, "jue": 3, "vie": 4, "sab": 5, "dom": 6,
}  # fmt: skip
ORDINALS = {
    "first": 1, "second": 2, "third": 3, "fourth": 4, "fifth": 5, "sixth": 6, "seventh": 7, "eighth": 8, "ninth": 9,
    "tenth": 10, "eleventh": 11, "twelfth": 12, "thirteenth": 13, "fourteenth": 14, "fifteenth": 15,
    "sixteenth": 16, "seventeenth": 17, "eighteenth": 18, "nineteenth": 19, "twentieth": 20, "thirtieth": 30,
    "primero": 1,
}  # fmt: skip
ORDINAL_ENDS = frozenset({"st", "nd", "rd", "th"})

DOLLARS = frozenset("dollar dollars buck bucks usd dolar dolares".split())
OTHER_MONEY = frozenset("euro euros eur pound pounds gbp peso pesos mxn quid".split())
CENTS = frozenset("cent cents centavo centavos".split())
CURRENCY = {"$": "", "€": "eur ", "£": "gbp ", "¥": "jpy ", "¢": "cent", "₿": "btc ", "₱": "php ", "₩": "krw ", "₹": "inr "}
PERCENT = frozenset("percent percentage pct".split())
MILES = frozenset("mile miles mi milla millas".split())
# Minutes that one of it has.
SPANS = {
    "minute": 1, "minutes": 1, "min": 1, "mins": 1, "minuto": 1, "minutos": 1,
    "hour": 60, "hours": 60, "hr": 60, "hrs": 60, "h": 60, "hora": 60, "horas": 60,
    "day": 1_440, "days": 1_440, "dia": 1_440, "dias": 1_440,
    "week": 10_080, "weeks": 10_080, "semana": 10_080, "semanas": 10_080,
    "month": 43_200, "months": 43_200, "mes": 43_200, "meses": 43_200,
}  # fmt: skip
COUNTED = {
    "adult": "adult", "adults": "adult", "grownup": "adult", "grownups": "adult", "adulto": "adult", "adultos": "adult", "adulta": "adult",
    "adultas": "adult", "child": "child", "children": "child", "kid": "child", "kids": "child", "nino": "child", "ninos": "child",
    "nina": "child", "ninas": "child", "toddler": "under_six", "toddlers": "under_six", "baby": "under_six", "babies": "under_six",
    "infant": "under_six", "infants": "under_six", "bebe": "under_six", "bebes": "under_six", "pequeno": "under_six",
    "pequenos": "under_six", "guest": "guest", "guests": "guest", "people": "guest", "person": "guest", "persons": "guest",
    "persona": "guest", "personas": "guest", "invitado": "guest", "invitados": "guest", "comensal": "guest", "comensales": "guest",
    "eaters": "guest", "heads": "guest", "ppl": "guest", "pax": "guest",
    "protein": "protein", "proteins": "protein", "pick": "pick", "picks": "pick", "proteina": "protein", "proteinas": "protein",
    "eleccion": "pick", "elecciones": "pick", "chef": "chef", "chefs": "chef", "point": "point", "points": "point", "punto": "point",
    "puntos": "point", "course": "course", "courses": "course",
}  # fmt: skip
# May stand between a number and what it counts.
BETWEEN = frozenset(
    "more little small young hungry total of your our other free extra additional different mas de tus nuestros otros base".split()
)
AM_PM = {"am": 0, "pm": 12, "a": 0, "p": 12}
DAY_PARTS = {"morning": 0, "afternoon": 12, "evening": 12, "night": 12, "manana": 0, "tarde": 12, "noche": 12}
CLOCKS = {"noon": "12:00", "midday": "12:00", "mediodia": "12:00", "midnight": "00:00", "medianoche": "00:00"}
STREETS = frozenset(
    "st street ave avenue av blvd boulevard rd road dr drive ln lane way ct court pl place ter terrace cir circle hwy highway pkwy "
    "parkway expy expressway sq square loop trail trl real calle avenida camino".split()
)
TOP_DOMAINS = frozenset("com net org io co us app me ly dev info biz shop store site online link gg xyz club mx es uk ai tv cc".split())
SCHEMES = frozenset("http https www ftp mailto tel sms javascript data whatsapp".split())
HEDGES = frozenset(
    "about around roughly approximately approx circa nearly almost ballpark estimated maybe perhaps probably "
    "alrededor aproximadamente aprox unos unas casi cerca quizas mas".split()
)
LATE_HEDGES = (
    "or so",
    "ish",
    "give or",
    "approximately",
    "approx",
    "mas o",
    "roughly",
    "aproximadamente",
    "aprox",
    "or thereabouts",
    "ballpark",
)
RANGES = frozenset(["-", "—", "to", "a", "al", "and", "y", "or", "o", "&", "through", "until", "hasta", "thru"])
