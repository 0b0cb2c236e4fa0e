"""Mails as the world writes them."""

from email.message import EmailMessage
from typing import Any
from uuid import uuid4

GMAIL = """Yes, twelve of us.

Ana

On Sat, Nov 28, 2026 at 6:00 PM My Hibachi <hello@hibachi.house>
wrote:

> Hi Ana,
> how many are you?
"""
OUTLOOK = (
    "Twelve.\r\n\r\n________________________________\r\nFrom: My Hibachi <hello@hibachi.house>\r\nSent: Saturday, November 28, 2026\r\n"
    "To: Ana\r\nSubject: Hi\r\n\r\nhow many are you?\r\n"
)
OUTLOOK_ES = "Somos doce.\n\nDe: My Hibachi <a@b.c>\nEnviado el: sábado\nPara: Ana\nAsunto: Hola\n\n¿cuántos son?"
APPLE = "Twelve of us\n\nSent from my iPhone\n\n> On Nov 28, 2026, at 6:00 PM, My Hibachi <a@b.c> wrote:\n> \n> how many?\n"
APPLE_ES = "Somos doce\n\nEnviado desde mi iPhone\n\n> El 28 nov 2026, a la(s) 6:00 p. m., My Hibachi <a@b.c> escribió:\n> \n> ¿cuántos?\n"
GMAIL_ES = "Somos doce\n\nEl sáb, 28 nov 2026 a las 18:00, My Hibachi (<a@b.c>) escribió:\n\n> ¿cuántos?\n"
BELOW = "On Sat, Nov 28, 2026 My Hibachi <a@b.c> wrote:\n> how many are you?\n\nTwelve of us.\n"
SIGNED = "Twelve of us.\n\n-- \nAna Perez\nACME Inc.\n"
ORIGINAL = "Twelve of us.\n\n-----Original Message-----\nFrom: us\nHow many?"


def mail(to: str, text: str = "Twelve of us.", *, sender: str = "Ana <ana@customers.house>", **headers: str) -> EmailMessage:
    """With a Message-ID of its own, unless it is given one."""
    made = EmailMessage()
    given: dict[str, Any] = {"From": sender, "To": to, "Subject": "Re: Hi", "Message_ID": f"<{uuid4()}@customers.house>", **headers}
    for name, value in given.items():
        made[name.replace("_", "-")] = value
    made.set_content(text)
    return made


def report(original: str, *, status: str = "5.1.1", action: str = "failed", whole: bool = True) -> bytes:
    """A report of delivery, as servers write it."""
    about = f"Content-Type: message/rfc822\r\n\r\nMessage-ID: {original}\r\nSubject: Hi\r\n\r\nHi\r\n"
    headers = f"Content-Type: text/rfc822-headers\r\n\r\nSubject: Hi\r\nMessage-ID: {original}\r\n"
    return (
        f"From: Mail Delivery <mailer-daemon@customers.house>\r\nTo: hello@hibachi.house\r\nMessage-ID: <{uuid4()}@mx>\r\n"
        "Subject: Undelivered\r\nMIME-Version: 1.0\r\nAuto-Submitted: auto-replied\r\n"
        'Content-Type: multipart/report; report-type=delivery-status; boundary="b"\r\n\r\n'
        "--b\r\nContent-Type: text/plain\r\n\r\nIt did not arrive.\r\n"
        "--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx\r\n\r\n"
        f"Final-Recipient: rfc822; ana@customers.house\r\nAction: {action}\r\nStatus: {status}\r\n\r\n"
        f"--b\r\n{about if whole else headers}\r\n--b--\r\n"
    ).encode()
