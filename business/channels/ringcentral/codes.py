"""What RingCentral's error codes mean for a text: whether the number can be written to, whether it is worth another try."""

from business.channels.provider import Refused

# Of the number that a text was to go to (docs: messaging/sms/sms-errors, basics/errors).
_NUMBERS = frozenset(
    {
        "MSG-240", "MSG-243",
        "SMS-RC-410", "SMS-RC-413",
        "SMS-UP-410", "SMS-UP-411", "SMS-UP-412", "SMS-UP-413",
        "SMS-CAR-400", "SMS-CAR-411", "SMS-CAR-412", "SMS-CAR-413",
    }
)  # fmt: skip
_OPTED_OUT = frozenset({"SMS-RC-413", "SMS-UP-413", "SMS-CAR-413"})
# Limits of a day or a month, and faults of theirs: what is sent later may go.
_LATER = frozenset({"MSG-290", "SMS-RC-403", "SMS-RC-500", "SMS-UP-500", "SMS-CAR-410", "SMS-CAR-500", "SMS-CAR-412"})
# Not errors: the network does not tell what became of it.
_UNTOLD = frozenset({"SMS-CAR-104", "SMS-CAR-199"})


def refused(code: str, *, of_number: bool = False) -> Refused:
    """`of_number`: the answer itself says that it is about the recipient."""
    return Refused(code, permanent=code not in _LATER, number=of_number or is_of_number(code), opted_out=is_opted_out(code))


def is_of_number(code: str | None) -> bool:
    """Whether no text reaches the number, whatever it says."""
    return code in _NUMBERS


def is_opted_out(code: str | None) -> bool:
    """Whether whoever has the number told them that no more may come."""
    return code in _OPTED_OUT


def untold(code: str | None) -> bool:
    """Whether a text that carries the code may well have arrived."""
    return code in _UNTOLD
