"""No provider, no key: a customer books a party from "hi" to a held slot and changes her mind twice, takes the terms and moves the party;
the team sees it within a second."""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from playwright.async_api import expect

from business.profile.loader import load_profile
from business.profile.spoken import whole_day
from tests.browser.look import Look
from tests.browser.people import Customer, until
from tests.browser.place import Place

pytestmark = pytest.mark.browser


@dataclass(frozen=True)
class Party:
    """What a customer writes, in order, and what must stand in the reply to each; `{first}` and `{second}` are dates. `after`: what
    follows the hold. `pay`: what the card's button says."""

    language: str
    lines: tuple[tuple[str, str], ...]
    after: tuple[tuple[str, str], ...]
    pay: str


ENGLISH = Party(
    "en",
    (
        ("hi", r"welcome to My Hibachi"),
        ("I'd like to book a party for 12 adults, no kids, on {first} at 6pm", r"{first} at 6:00 PM is free"),
        ("123 Main Street, Fremont CA 94539", r"Everybody picks 2"),
        ("everyone chicken and steak", r"name"),
        ("one guest is allergic to shrimp and one to eggs", r"shared grill"),
        ("no wait, 14 adults", r"\$770"),
        ("Ana Perez", r"phone"),
        ("510-555-0199", r"e-mail"),
        ("ana@example.org", r"14 adults[\s\S]*123 Main Street, Fremont CA 94539[\s\S]*yes"),
        ("actually make it {second} at 3pm", r"{second} at 3:00 PM[\s\S]*14 adults"),
        ("yes", r"{second} at 3:00 PM is held for you until[\s\S]*refundable[\s\S]*I accept"),
    ),
    (
        ("I accept, how do I pay?", r"terms are agreed[\s\S]*\$100[\s\S]*/b/"),
        ("is my booking confirmed?", r"{second} at 3:00 PM is held for you[\s\S]*deposit is due"),
        ("can we move it to noon instead?", r"{second} at 12:00 PM is free[\s\S]*costs nothing"),
        ("yes", r"Done: {second} at 12:00 PM"),
        ("we are 2 more", r"16 adults[\s\S]*\$880"),
        ("yes", r"Done: 16 adults"),
    ),
    "Pay the deposit",
)
SPANISH = Party(
    "es",
    (
        ("hola", r"bienvenido a My Hibachi"),
        ("quiero reservar una fiesta para 12 adultos, sin niños, el {first} a las 6 de la tarde", r"{first} a las 6:00 PM está libre"),
        ("47 Calle Luna, San José CA 95112", r"Cada quien elige 2"),
        ("pollo y camarones para todos", r"nombre"),
        ("un invitado es alérgico al huevo y otro a los mariscos", r"misma parrilla"),
        ("no, espera, son 14 adultos", r"14 adultos"),
        ("me llamo Rosa Díaz", r"teléfono"),
        ("408 555 0142", r"correo"),
        ("rosa@example.org", r"14 adultos[\s\S]*47 Calle Luna[\s\S]*sí"),
        ("mejor el {second} a las 12", r"{second} a las 12:00 PM[\s\S]*14 adultos"),
        ("sí", r"{second} a las 12:00 PM queda apartado[\s\S]*reembolsable[\s\S]*acepto"),
    ),
    (
        ("acepto", r"condiciones están acordadas[\s\S]*\$100"),
        ("¿está confirmada mi reserva?", r"apartado para ti[\s\S]*El depósito de"),
        ("¿podemos pasarla a las 3 de la tarde?", r"{second} a las 3:00 PM hay lugar[\s\S]*no cuesta nada"),
        ("sí", r"Listo: {second} a las 3:00 PM es tu nueva fecha"),
        ("quiero cancelar la fiesta", r"dos pasos"),
        ("no", r"se queda como está"),
    ),
    "Pagar el depósito",
)


def dates(language: str, ahead: int) -> tuple[str, str]:
    """Two days that are free whatever today is, as the reply names them."""
    today = datetime.now(ZoneInfo(load_profile().business.time_zone)).date()
    first, second = (whole_day(today + timedelta(days=days), today, language) for days in (ahead, ahead + 1))
    return first, second


def spoken(day: str, language: str) -> str:
    """The date as a customer writes it: without its weekday."""
    return day.split(", ", 1)[1] if language == "en" else day.split(" ", 1)[1]


async def says(customer: Customer, party: Party, lines: tuple[tuple[str, str], ...], ahead: int, so_far: int = 0) -> None:
    """`so_far`: replies before these lines."""
    first, second = dates(party.language, ahead)
    for number, (line, expected) in enumerate(lines, start=so_far + 1):
        await customer.say(line.format(first=spoken(first, party.language), second=spoken(second, party.language)))
        await customer.answered(number)
        wanted = expected.replace("{first}", re.escape(first)).replace("{second}", re.escape(second))
        await expect(customer.reply).to_contain_text(re.compile(wanted, re.IGNORECASE))


@pytest.mark.parametrize(
    ("party", "phone", "ahead"), [(ENGLISH, False, 40), pytest.param(SPANISH, True, 50, marks=pytest.mark.slow)], ids=["en", "es"]
)
async def test_from_hi_to_a_held_slot(house: Place, tmp_path: Path, party: Party, phone: bool, ahead: int) -> None:
    size = {"viewport": {"width": 390, "height": 844}, "has_touch": True} if phone else {}
    customer = await house.customer(locale=f"{party.language}-US", **size)
    admin = await house.admin()
    look = Look("light", phone, tmp_path)
    await says(customer, party, party.lines, ahead)
    held = [card for card in (body["card"] for body in customer.wire.events("card")) if card["type"] == "hold"]
    assert [card["state"] for card in held] == ["held"]
    await expect(customer.log.get_by_text(held[-1]["title"])).to_be_visible()
    await look.at(customer.page, f"booked-{party.language}")

    # The reply's end and the handoff are told by one transaction each; the list has it while the customer still reads.
    def handoffs() -> list[dict[str, str]]:
        return [body for body in admin.wire.received("handoff") if body["kind"] == "booking"]

    (told,) = await until(handoffs, admin.page, "the handoff", 1000)
    assert told["state"] == "open" and party.lines[-1][0] not in told["summary"]
    await admin.page.get_by_role("button", name=re.compile("^Handoffs")).click()
    await expect(admin.page.get_by_text(told["summary"])).to_be_visible()
    await look.at(admin.page, f"booking-handoff-{party.language}")

    await says(customer, party, party.after, ahead, len(party.lines))
    last = customer.wire.events("card")[-1]["card"]
    assert (last["id"], last["state"], last["action"]["label"]) == (held[-1]["id"], "deposit_pending", party.pay)
    # The page of it by a secure address; on this one, words.
    assert "/b/" in last["action"]["url"]
    await expect(
        customer.log.get_by_role("button", name=party.pay).or_(customer.log.get_by_role("link", name=party.pay)).last
    ).to_be_visible()
    await look.at(customer.page, f"booking-life-{party.language}")
    assert not look.found
