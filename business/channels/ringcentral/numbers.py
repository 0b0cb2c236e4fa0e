"""Our numbers, and whether a text can go out from one: asked before anything is sent, for a number without the feature is refused by
RingCentral in a way that says little (MSG-242)."""

import time
from collections.abc import Callable, Sequence
from typing import Any, Literal

from business.channels.provider import NotReached, OwnNumber, Refused
from business.channels.ringcentral.api import Api

PATH = "/restapi/v1.0/account/~/extension/~/phone-number"
PER_PAGE = 200
MOST_PAGES = 20
KEPT = 600.0
"""Seconds for which what was read counts."""
Way = Literal["texts", "high_volume", "pictures"]
HighVolume = Literal["auto", "always", "never"]

WHAT_TO_DO = {
    "no_sending_number": "No number of the account can send texts. Turn SMS on for one in RingCentral's Admin Portal, for the user whose "
    "JWT is used.",
    "not_our_number": "The number is none of the user's whose JWT is used. Set sms.number to one that `hibachi sms numbers` lists.",
    "number_cannot_send": "The number lacks the feature SmsSender or A2PSmsSender. Register it (TCR) and turn SMS on for it.",
    "number_cannot_send_files": "The number lacks the feature MmsSender. Files go as links until it has it.",
    "number_has_no_high_volume": "The number lacks the feature A2PSmsSender. Set sms.high_volume to auto or never.",
    "number_has_high_volume_alone": "The number has A2PSmsSender alone. Set sms.high_volume to auto or always.",
}


class Numbers:
    def __init__(self, api: Api, usual: str | None, high_volume: HighVolume, clock: Callable[[], float] = time.monotonic) -> None:
        self._api = api
        self._usual = usual
        self._high_volume = high_volume
        self._clock = clock
        self._kept: tuple[tuple[OwnNumber, ...], float] | None = None

    async def all(self, *, anew: bool = False) -> tuple[OwnNumber, ...]:
        """As they were read last, where they cannot be read now: no text waits for that. `anew`: as they are. Raises NotReached."""
        if not anew and self._kept is not None and self._clock() < self._kept[1]:
            return self._kept[0]
        try:
            known = await self._read()
        except NotReached:
            if anew or self._kept is None:
                raise
            known = self._kept[0]
        self._kept = (known, self._clock() + KEPT)
        return known

    async def high_volume(self) -> bool:
        """Whether texts may lie in the high-volume store too."""
        return self._high_volume != "never" and any(number.high_volume for number in await self.all())

    async def sender(self, wanted: str | None, *, files: bool) -> tuple[str, Way]:
        """The number a text goes out from, and how. Raises Refused with a code of `WHAT_TO_DO`."""
        known = await self.all()
        number, why = able(known, wanted or self._usual, self._high_volume, files=files)
        if number is None or why is not None:
            raise Refused(why or "no_sending_number", permanent=True)
        return number, self._way(next(one for one in known if one.number == number), files)

    def _way(self, number: OwnNumber, files: bool) -> Way:
        if files:
            return "pictures"
        return "high_volume" if self._high_volume != "never" and number.high_volume else "texts"

    async def _read(self) -> tuple[OwnNumber, ...]:
        found: list[OwnNumber] = []
        for page in range(1, MOST_PAGES + 1):
            data = await self._api.read(PATH, page=page, perPage=PER_PAGE)
            records = data.get("records") if isinstance(data, dict) else None
            if not isinstance(records, list):
                raise NotReached("garbage")
            found += [number for number in map(_number, records) if number is not None]
            if not _more(data, page):
                break
        return tuple(found)


def able(numbers: Sequence[OwnNumber], wanted: str | None, by: HighVolume, *, files: bool = False) -> tuple[str | None, str | None]:
    """(the number that sends, None), or why none can: a key of `WHAT_TO_DO`. `wanted`: that one, None: the first that can."""
    if wanted is None:
        first = next((one.number for one in numbers if _lacks(one, by, files) is None), None)
        return first, None if first is not None else "number_cannot_send_files" if files else "no_sending_number"
    found = next((one for one in numbers if one.number == wanted), None)
    why = "not_our_number" if found is None else _lacks(found, by, files)
    return (wanted, None) if why is None else (None, why)


def _lacks(number: OwnNumber, by: HighVolume, files: bool) -> str | None:
    """Why it cannot send, if it cannot."""
    if files:
        return None if number.pictures else "number_cannot_send_files"
    if by == "always":
        return None if number.high_volume else "number_has_no_high_volume"
    if number.sends or (by == "auto" and number.high_volume):
        return None
    return "number_has_high_volume_alone" if number.high_volume else "number_cannot_send"


def _number(record: Any) -> OwnNumber | None:
    match record:
        case {"phoneNumber": str(number), "features": list(features)}:
            return OwnNumber(number, "SmsSender" in features, "A2PSmsSender" in features, "MmsSender" in features)
        case {"phoneNumber": str(number)}:
            return OwnNumber(number, False, False, False)
    return None


def _more(data: Any, page: int) -> bool:
    paging = data.get("paging")
    total = paging.get("totalPages") if isinstance(paging, dict) else None
    return isinstance(total, int) and page < total
