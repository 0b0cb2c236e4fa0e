"""Every kind in every language makes a mail that reads well in both forms; no template can do more than show its values; no value can do
more than be shown."""

import re
import time
from typing import Any
from uuid import uuid4

import pytest

from business.emails import message, templates
from business.emails.kinds import KINDS, LOCALES
from business.emails.message import Letter
from business.emails.rendering import Rendered, compiled
from business.emails.samples import Samples
from business.emails.templates import Template
from business.profile.schemas import Profile
from tests.emails.office import BASE, NOW

BODY = "<mj-text><p>{{ hello }}</p></mj-text>"


def shown(profile: Profile, kind: str, locale: str, template: Template | None = None, **values: Any) -> Rendered:
    given = {**Samples(profile, BASE, NOW).of(kind).model_dump(), **values}
    unsubscribe = f"{BASE}/u/token" if KINDS[kind].marketing else None
    return templates.render(
        template or templates.shipped(kind, locale), given, profile, locale, NOW, name="Ana Perez", unsubscribe=unsubscribe
    )


def faults(profile: Profile, subject: str, body: str, kind: str = "refund") -> list[tuple[int, str]]:
    found = templates.check(kind, subject, body, Samples(profile, BASE, NOW), profile, "en", NOW)
    return [(one.line, one.message) for one in found]


class TestWhatShips:
    @pytest.mark.parametrize("locale", LOCALES)
    @pytest.mark.parametrize("kind", KINDS)
    def test_every_kind_in_every_language(self, profile: Profile, kind: str, locale: str) -> None:
        template = templates.shipped(kind, locale)
        assert templates.check(kind, template.subject, template.body, Samples(profile, BASE, NOW), profile, locale, NOW) == []
        found = shown(profile, kind, locale)
        assert found.subject and "{{" not in found.html + found.plain and "None" not in found.html + found.plain
        assert "⟦" not in found.html + found.plain and "<" not in found.plain.replace("<3", "")
        assert f'<html lang="{locale}"' in found.html and found.html.count("<title>") == 1
        loaded = re.findall(r"<(?:link|img|script|iframe)|@import|url\(|src=", found.html)
        assert not loaded, "a mail loads nothing, which would tell somebody that it was opened"
        assert profile.business.name in found.plain and profile.business.street in found.plain
        assert (f"{BASE}/u/token" in found.plain and f"{BASE}/u/token" in found.html) == KINDS[kind].marketing

    def test_the_kinds_of_the_profile_are_all_there(self, profile: Profile) -> None:
        assert set(profile.messages.emails) <= set(KINDS)

    def test_no_figure_stands_in_a_template(self, profile: Profile) -> None:
        for kind in KINDS:
            for locale in LOCALES:
                template = templates.shipped(kind, locale)
                words = re.sub(r"\{[{%].*?[%}]\}|</?[a-z0-9-]+[^>]*>", " ", template.subject + template.body)
                assert not re.search(r"\d", words), (kind, locale, re.search(r".{20}\d.{10}", words))

    def test_times_are_the_venues_and_money_is_to_the_cent(self, profile: Profile) -> None:
        found = shown(profile, "deposit_received", "en", paid_cents=10050)
        assert "$100.50" in found.html and "$100.50" in found.plain and "6:00 PM" in found.plain

    def test_the_text_is_written_and_not_stripped(self, profile: Profile) -> None:
        plain = shown(profile, "deposit_request", "en").plain
        assert "When: Saturday, December 12 at 6:00 PM\n" in plain
        assert f"Pay the deposit:\n{BASE}/b/preview\n" in plain and "\n\n\n" not in plain
        assert not any(line != line.strip() for line in plain.splitlines())

    def test_compiled_once_and_quick_after_that(self, profile: Profile) -> None:
        shown(profile, "booking_confirmation", "en")
        before, began = compiled.cache_info().misses, time.perf_counter()
        for _ in range(20):
            shown(profile, "booking_confirmation", "en")
        assert compiled.cache_info().misses == before and (time.perf_counter() - began) / 20 < 0.02


class TestHostileTemplates:
    @pytest.mark.parametrize(
        "hostile",
        [
            "{{ ''.__class__.__mro__[1].__subclasses__() }}",
            "{{ hello.__class__ }}",
            "{{ hello.__init__.__globals__ }}",
            "{{ hello['__class__'] }}",
            "{{ hello|attr('__class__') }}",
            "{{ cycler.__init__.__globals__.os.popen('id').read() }}",
            "{{ self._TemplateReference__context }}",
            "{{ request.application }}",
            "{{ lipsum.__globals__['os'] }}",
            "{{ namespace() }}",
            "{{ range(100000000) }}",
            "{{ 'a' * 1000000000 }}",
            "{{ 9 ** 9 ** 9 }}",
            "{{ hello.format(hello) }}",
            "{{ hello ~ hello }}",
            "{{ _place }}",
            "{{ business.model_dump() }}",
            "{% import 'os' as os %}",
            "{% include '/etc/passwd' %}",
            "{% extends 'layout' %}",
            "{% set x = 1 %}",
            "{% macro m() %}{% endmacro %}",
            "{% for a in 'abc' %}{{ a }}{% endfor %}",
            "{% for x in hello.split() %}{% endfor %}",
            "{{ hello|safe }}",
            "{{ hello|map('upper') }}",
            "{% autoescape false %}{{ hello }}{% endautoescape %}",
            "{% raw %}{{ x }}{% endraw %}",
            "{{ nothing }}",
            "{{ business.secret }}",
            "{{ hello",
            "{% if hello %}",
        ],
    )
    def test_is_refused_in_body_and_subject(self, profile: Profile, hostile: str) -> None:
        assert faults(profile, "Hi", f"<mj-text><p>{hostile}</p></mj-text>"), hostile
        assert faults(profile, hostile, BODY), hostile

    @pytest.mark.parametrize(
        ("hostile", "line"),
        [
            ("<mj-text>\n<script>alert(1)</script></mj-text>", 2),
            ("<mj-raw><b>x</b></mj-raw>", 1),
            ("<mj-include path='/etc/passwd' />", 1),
            ("<mj-text><img src='https://tracker.example/p.gif'></mj-text>", 1),
            ("<mj-text>\n\n<p onclick='x()'>a</p></mj-text>", 3),
            ("<mj-text><p style='position:fixed'>a</p></mj-text>", 1),
            ("<mj-button href='javascript:alert(1)'>Pay</mj-button>", 1),
            ("<mj-text><a href='data:text/html,x'>a</a></mj-text>", 1),
            ("<mj-style>p{}</mj-style>", 1),
            ("words alone", 1),
            ("<mj-text><p>a</mj-text>", 1),
            ("<mj-text>a", 1),
            ("", 1),
            ("<mj-text>{% if hello %}</mj-text><mj-text>{% endif %}</mj-text>", 1),
            ("<mj-text>⟦0⟧</mj-text>", 1),
            ("<mj-text>a</mj-text>\n<mj-section></mj-section>", 2),
        ],
    )
    def test_markup_that_does_not_belong_is_named_with_its_line(self, profile: Profile, hostile: str, line: int) -> None:
        assert line in [at for at, _ in faults(profile, "Hi", hostile)], faults(profile, "Hi", hostile)

    def test_a_name_that_there_is_not_is_named_with_its_line(self, profile: Profile) -> None:
        ((line, said),) = faults(profile, "Hi", "<mj-text>\n<p>{{ hello }}</p>\n<p>{{ refnd_cents|money }}</p></mj-text>")
        assert line == 3 and "refnd_cents" in said and "refund_cents" in said

    def test_one_that_cannot_bear_few_values_is_refused(self, profile: Profile) -> None:
        assert faults(profile, "Hi", "<mj-text><p>{{ total_cents|money }}</p></mj-text>", "booking_confirmation")
        guarded = "<mj-text><p>{% if total_cents is not none %}{{ total_cents|money }}{% endif %}</p></mj-text>"
        assert faults(profile, "Hi", guarded, "booking_confirmation") == []


HOSTILE = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "{{ 7*7 }}{% for x in y %}",
    "</td></tr></table><h1>Pay here</h1>",
    "<!-- <![endif]--> <b>x</b>",
    "⟦0⟧⟦1⟧",
    "&lt;b&gt; &amp; 'quotes' \"double\"",
]


class TestHostileValues:
    @pytest.mark.parametrize("value", HOSTILE)
    @pytest.mark.parametrize("kind", ["complaint_received", "booking_changed", "chef_sheet"])
    def test_is_shown_as_it_stands_and_does_nothing(self, profile: Profile, kind: str, value: str) -> None:
        field = {"complaint_received": "summary", "booking_changed": "note", "chef_sheet": "customer"}[kind]
        found, plain = shown(profile, kind, "en", **{field: value}), shown(profile, kind, "en", **{field: "QUIET"})
        tags = re.compile(r"<[a-z!/][^>]*>")
        assert tags.findall(found.html) == tags.findall(plain.html), "the page has the same elements"
        assert found.plain.count("\n") == plain.plain.count("\n") and value in found.plain

    def test_no_value_is_a_link_to_what_is_no_web_address(self, profile: Profile) -> None:
        with pytest.raises(Exception, match="web address"):
            shown(profile, "refund", "en", link="javascript:alert(1)")

    @pytest.mark.parametrize("value", ["Ana\r\nBcc: all@customers.house", "Ana\nX-Evil: 1", "Ana\x0bX: 1\u2028Y: 2", 'Ana" <x@y.z>, "'])
    def test_no_header_is_left(self, profile: Profile, value: str) -> None:
        subject = shown(profile, "newsletter", "en", title=value).subject
        assert "\n" not in subject and "\r" not in subject
        raw = message.build(letter(subject=f"{subject}\r\nX-Evil: 2", to_name=value, from_name=value), NOW)
        head = raw.split(b"\r\n\r\n")[0]
        names = {line.split(b":")[0].lower() for line in head.split(b"\r\n") if not line.startswith((b" ", b"\t"))}
        assert names <= {
            b"from", b"to", b"subject", b"date", b"message-id", b"content-language", b"mime-version", b"content-type", b"auto-submitted",
        }  # fmt: skip


def letter(**changed: Any) -> Letter:
    given: dict[str, Any] = {
        "id": uuid4(),
        "kind": "refund",
        "to_address": "ana@customers.house",
        "to_name": "Ana",
        "from_address": "us@hibachi.house",
        "from_name": "Us",
        "reply_to": None,
        "locale": "en",
        "subject": "Hi",
        "html": "<p>Hi</p>",
        "plain": "Hi",
        "attachments": (),
        "message_id": "<1@hibachi.house>",
        "in_reply_to": None,
        "references": (),
        "automatic": True,
        "unsubscribe": None,
    }
    return Letter(**{**given, **changed})


class TestMessage:
    def test_letters_of_the_world(self) -> None:
        raw = message.build(letter(to_name="José Núñez 🔥", subject="¿Qué tal? 🔥" * 20, plain="ñ" * 3000), NOW)
        assert raw.isascii() and max(map(len, raw.split(b"\r\n"))) <= 998

    def test_a_domain_of_other_letters(self) -> None:
        assert message.wire_address("ana@münchen.de") == "ana@xn--mnchen-3ya.de"
        assert letter(to_address="añá@customers.house").needs_utf8 and not letter(to_address="ana@münchen.de").needs_utf8
