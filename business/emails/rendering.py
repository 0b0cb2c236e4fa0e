"""A template becomes a mail: its blocks go through MJML once, then values are put in for each mail.

Milliseconds on one core: some 17 to compile (once for each version that is used), some 0.2 for a mail.
"""

import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from jinja2 import StrictUndefined, Template, pass_context
from jinja2.exceptions import TemplateError
from jinja2.runtime import Context
from jinja2.sandbox import ImmutableSandboxedEnvironment
from markupsafe import Markup, escape
from mjml import mjml_to_html

from business.emails import blocks, forms
from business.emails.blocks import Fault
from business.emails.checking import check
from business.profile.figures import figures, listed
from business.profile.figures import money as dollars
from business.profile.schemas import Profile
from business.profile.spoken import exact, moment_of, whole_day

FOLDER = Path(__file__).with_name("templates")
SUBJECT_MOST = 200
BODY_MOST = 60_000
RENDERED_MOST = 2_000_000
FILTERS = ("money", "day", "clock", "moment", "lines", "listed", "upper")
_HREF = re.compile(r'href="([^"]*)"')
_SAFE = re.compile(r"(?:https?://|mailto:|tel:)", re.IGNORECASE)


class Faulty(Exception):
    """A template cannot be used."""

    def __init__(self, faults: list[Fault]) -> None:
        super().__init__("; ".join(f"line {one.line}: {one.message}" for one in faults))
        self.faults = faults


@dataclass(frozen=True, slots=True)
class Rendered:
    subject: str
    html: str
    plain: str


@dataclass(frozen=True, slots=True)
class Compiled:
    """A template that can be filled."""

    subject: Template
    html: Template
    plain: Template

    def fill(self, context: Mapping[str, Any]) -> Rendered:
        """Raises Faulty where a value does not suit what the template does with it."""
        try:
            subject = " ".join("".join(c if c.isprintable() else " " for c in self.subject.render(context)).split())[:SUBJECT_MOST]
            inside = {**context, "subject": subject}
            html, plain = self.html.render(inside), self.plain.render(inside)
        except (TemplateError, TypeError, ValueError, AttributeError) as error:
            raise Faulty([Fault(1, f"A value cannot be shown so: {error}.")]) from error
        if len(html) > RENDERED_MOST:
            raise Faulty([Fault(1, "The mail becomes too long.")])
        if any(not _SAFE.match(link) for link in _HREF.findall(html)):
            raise Faulty([Fault(1, "A link leads to something that is no web address.")])
        return Rendered(subject, html, forms.tidy(plain))


def words(language: str) -> dict[str, Any]:
    """What the layout says, in one language."""
    return _words()[language]


@lru_cache
def _words() -> dict[str, dict[str, Any]]:
    return tomllib.loads((FOLDER / "layout.toml").read_text(encoding="utf-8"))


@lru_cache
def _layout() -> tuple[str, str]:
    return tuple((FOLDER / f"layout.{form}").read_text(encoding="utf-8") for form in ("mjml", "txt"))  # type: ignore[return-value]


def faults(subject: str, body: str, shape: Mapping[str, Any]) -> list[Fault]:
    """What is wrong with a template before any value is put in; none: it can be compiled."""
    if len(subject) > SUBJECT_MOST or len(body) > BODY_MOST:
        return [Fault(0, f"A subject has at most {SUBJECT_MOST} characters, a body {BODY_MOST}.")]
    if not subject.strip() or "\n" in subject:
        return [Fault(0, "The subject is one line, and not empty.")]
    names = dict(shape)
    found = [Fault(0, one.message) for one in check(_PLAIN, subject, names, FILTERS)]
    _, wrong = blocks.parse(body)
    return sorted({*found, *wrong, *check(_HTML, body, names, FILTERS)}, key=lambda one: (one.line, one.message))


@lru_cache(maxsize=256)
def compiled(subject: str, body: str, language: str) -> Compiled:
    """A template that has no faults, ready to be filled: the same words are compiled once."""
    tree, wrong = blocks.parse(body)
    if wrong:
        raise Faulty(wrong)
    page, text = _layout()
    source = page.replace("<!-- body -->", forms.mjml(tree)).replace("LANGUAGE", language)
    html = tree.restore(mjml_to_html(source).html)
    plain = tree.restore(text.replace("BODY\n", forms.plain(tree)))
    return Compiled(_PLAIN.from_string(subject), _HTML.from_string(html), _PLAIN.from_string(plain))


def surroundings(profile: Profile, language: str, now: datetime) -> dict[str, Any]:
    """What every template may name: the business, and the figures of its profile."""
    business = profile.business
    nested: dict[str, Any] = {}
    for name, value in figures(profile, language).items():
        _, section, key = name.split(".", 2)
        nested.setdefault(section, {})[key] = value
    named = {key: getattr(business, key) for key in ("name", "phone", "email", "street", "city", "state", "zip")}
    return {"business": named, "profile": nested, "_place": (business.zone, now, language)}


def _local(context: Context, moment: datetime) -> tuple[datetime, datetime, str]:
    zone, now, language = context["_place"]
    assert isinstance(zone, ZoneInfo)
    return moment.astimezone(zone), now.astimezone(zone), language


@pass_context
def _day(context: Context, moment: datetime) -> str:
    at, now, language = _local(context, moment)
    return whole_day(at.date(), now.date(), language)


@pass_context
def _clock(context: Context, moment: datetime) -> str:
    at, _, _ = _local(context, moment)
    return exact(at.time())


@pass_context
def _moment(context: Context, moment: datetime) -> str:
    at, now, language = _local(context, moment)
    return moment_of(at.date(), at.time(), now.date(), language)


@pass_context
def _listed(context: Context, items: tuple[str, ...]) -> str:
    return listed(items, context["_place"][2])


def _lines_html(text: str) -> Markup:
    return Markup("<br />").join(escape(line) for line in text.splitlines())


def _environment(*, page: bool) -> ImmutableSandboxedEnvironment:
    environment = ImmutableSandboxedEnvironment(autoescape=page, undefined=StrictUndefined, keep_trailing_newline=True)
    environment.globals.clear()
    lines: Callable[[str], str] = _lines_html if page else str
    own: dict[str, Callable[..., Any]] = {
        "money": dollars, "day": _day, "clock": _clock, "moment": _moment, "lines": lines, "listed": _listed, "upper": str.upper,
    }  # fmt: skip
    environment.filters.clear()
    environment.filters.update(own)
    return environment


_HTML = _environment(page=True)
_PLAIN = _environment(page=False)
