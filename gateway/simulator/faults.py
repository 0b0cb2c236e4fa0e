"""What goes wrong when it is asked to: for the next call of a kind, or for all of them.

    behave("429+7")                       the next text is refused with 429 and Retry-After: 7
    behave("lost", "cut")                 the next two: taken but not answered, then not taken and not answered
    behave("500", on="read", always=True) every read, until behave(on="read")

Of calls (`send`, `read`, `media`, `numbers`, `subscribe`, `token`): a status (`500`), `STATUS+SECONDS` with Retry-After, `cut` (nothing
was done), `lost` (it was done), `slow:SECONDS`, `expired` (the token that came along is no more). Of `webhook`: `xN` (N times at once),
`lost`, `delay:SECONDS`, `reorder` (after the next one). Of `delivery`: a code like `SMS-CAR-411`, `silent` (nobody says what became of
it), `delay:SECONDS`. Of `list`: `late:SECONDS` (lists have the text so much later than its webhook).
"""

import re
from typing import Literal, get_args

On = Literal["send", "read", "media", "numbers", "subscribe", "token", "webhook", "delivery", "list"]
_CALL = r"[1-5]\d\d(\+\d+)?|cut|lost|slow:[\d.]+|expired"
_KNOWN = {
    "webhook": r"x\d+|lost|delay:[\d.]+|reorder",
    "delivery": r"SMS-(RC|UP|CAR)-\d{3}|silent|delay:[\d.]+",
    "list": r"late:[\d.]+",
}


class Faults:
    """Plans by kind. `ok` stands for a call as it should be."""

    def __init__(self) -> None:
        self._next: dict[str, list[str]] = {}
        self._always: dict[str, str] = {}

    def behave(self, *how: str, on: On = "send", always: bool = False) -> None:
        """The next calls of this kind; with `always` all further ones. Without `how` everything is well again. Raises ValueError for a
        fault that there is not."""
        if on not in get_args(On):
            raise ValueError(f"{on}: nothing that can go wrong; {', '.join(get_args(On))} can")
        for one in how:
            if one != "ok" and re.fullmatch(_KNOWN.get(on, _CALL), one) is None:
                raise ValueError(f"{one} is no fault of {on}")
        if not how:
            self._next.pop(on, None)
            self._always.pop(on, None)
        elif always:
            self._always[on] = how[0]
        else:
            self._next.setdefault(on, []).extend(how)

    def take(self, on: On) -> str:
        """What the next one does; "" where all is well."""
        planned = self._next.get(on)
        found = planned.pop(0) if planned else self._always.get(on, "")
        return "" if found == "ok" else found

    def standing(self) -> dict[str, str]:
        """What holds for all calls, by kind."""
        return dict(self._always)


def seconds(how: str, name: str) -> float:
    """Of `name:SECONDS`; 0 where it is something else."""
    found = re.fullmatch(rf"{name}:([\d.]+)", how)
    return float(found[1]) if found else 0.0
