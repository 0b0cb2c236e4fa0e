"""What a customer reads of payments, by language."""

from business.profile.spoken import language_of
from kernel.placeholders import fill

_LINES = {
    "en": {
        "deposit": "Deposit of booking {{number}}",
        "balance": "Balance of booking {{number}}",
        "fee": "Fee of booking {{number}}",
        "other": "Payment for booking {{number}}",
        "received": "We received {{amount}} by {{method}}. Thank you!",
        "received_rest": "We received {{amount}} by {{method}}. Thank you! {{missing}} of the deposit is still missing.",
        "received_late": "We received {{amount}} by {{method}}. Your slot was still free, so it is yours again.",
        "too_late": "We received {{amount}} by {{method}}, but after the slot had gone to somebody else. We are giving the money back; a "
        "person of our team writes to you about another date.",
        "coupon": "A coupon takes {{amount}} off booking {{number}}.",
        "refunded": "We have sent {{amount}} back to you by {{method}}.",
        "not_charged": "Your bank did not let the payment through, and nothing was charged. You can try again.",
        "send_to": "Send it to {{to}} and write your phone number in the note.",
        "by_card": "Pay by card on a secure page.",
        "by_cash": "Hand it to your chef at the party.",
        "methods": {"card": "card", "venmo": "Venmo", "zelle": "Zelle", "cash": "cash"},
    },
    "es": {
        "deposit": "Depósito de la reserva {{number}}",
        "balance": "Saldo de la reserva {{number}}",
        "fee": "Cargo de la reserva {{number}}",
        "other": "Pago de la reserva {{number}}",
        "received": "Recibimos {{amount}} por {{method}}. ¡Gracias!",
        "received_rest": "Recibimos {{amount}} por {{method}}. ¡Gracias! Todavía faltan {{missing}} del depósito.",
        "received_late": "Recibimos {{amount}} por {{method}}. Tu horario seguía libre, así que vuelve a ser tuyo.",
        "too_late": "Recibimos {{amount}} por {{method}}, pero el horario ya era de otra persona. Te devolvemos el dinero y una persona "
        "del equipo te escribe para buscar otra fecha.",
        "coupon": "Un cupón descuenta {{amount}} de la reserva {{number}}.",
        "refunded": "Te devolvimos {{amount}} por {{method}}.",
        "not_charged": "Tu banco no dejó pasar el pago y no se cobró nada. Puedes intentarlo de nuevo.",
        "send_to": "Envíalo a {{to}} y escribe tu número de teléfono en la nota.",
        "by_card": "Paga con tarjeta en una página segura.",
        "by_cash": "Entrégaselo a tu chef en la fiesta.",
        "methods": {"card": "tarjeta", "venmo": "Venmo", "zelle": "Zelle", "cash": "efectivo"},
    },
}


def line(locale: str | None, name: str, **values: str) -> str:
    """The line, filled."""
    text = _LINES[language_of(locale)][name]
    assert isinstance(text, str)
    return fill(text, values)


def method_name(locale: str | None, method: str) -> str:
    """How a way to pay is called in a sentence."""
    names = _LINES[language_of(locale)]["methods"]
    assert isinstance(names, dict)
    return str(names[method])
