"""Reactions to a text of ours, as phones send them to whoever cannot show them: `Liked “See you at six!”`. They repeat our words, so nobody
answers them, and no rule takes those words for the customer's. Pure."""

import re

_OURS = r"(?:[“«].+[”»]|\".{16,}\")"  # straight marks come from networks that know no others; few words between them are somebody's own
_VERB = (
    # iOS, in English and Spanish.
    r"loved|liked|disliked|laughed at|emphasi[sz]ed|questioned"
    r"|le (?:gustó|encantó|dio risa|hizo gracia)|no le gustó|se (?:rio|rió) de|(?:enfatizó|destacó|resaltó|cuestionó)|preguntó por"
    r"|reacted \S{1,16} to|reacted with a sticker to|reaccionó con \S{1,16} a"
    r"|removed an? (?:heart|like|dislike|laugh|exclamation(?: mark)?|question mark) from|removed \S{1,16} from"
)
_ATTACHED = r"an? (?:image|photo|picture|movie|video|audio message|attachment)|una? (?:imagen|foto|vídeo|video|archivo adjunto)"
# Other phones write the sign alone, between marks that are not seen.
_SIGN = r"[^\w\s“«\"'?!.,:;()-]{1,12}\s(?:to|a)"
_REACTION = re.compile(rf"(?:{_VERB})\s+(?:{_OURS}|{_ATTACHED})|{_SIGN}\s+{_OURS}", re.DOTALL | re.IGNORECASE)
_UNSEEN = re.compile(r"[\u200a-\u200c\u2060\ufeff]")


def is_reaction(text: str) -> bool:
    """Whether the whole text is one."""
    return _REACTION.fullmatch(_UNSEEN.sub("", text).strip()) is not None
