"""Signed links: what they open, and that nothing else does."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from business.links.signing import Links
from kernel.errors import NotFound

LINKS = Links(lambda: "https://chat.my-hibachi.test", "secret")
OTHERS = Links(lambda: "https://chat.my-hibachi.test", "another secret")


def token_of(link: str) -> str:
    return link.rpartition("/")[2].removesuffix(".ics")


class TestLinks:
    def test_open_what_they_were_made_for(self) -> None:
        booking, chef = uuid4(), uuid4()
        assert LINKS.booking(booking).startswith("https://chat.my-hibachi.test/b/")
        assert LINKS.booking_of(token_of(LINKS.booking(booking))) == booking
        assert LINKS.chef_of(token_of(LINKS.feed(chef))) == chef
        assert LINKS.address_of(token_of(LINKS.unsubscribe("ana@example.org"))) == "ana@example.org"

    def test_open_nothing_else(self) -> None:
        token = token_of(LINKS.booking(uuid4()))
        for wrong in (LINKS.chef_of, LINKS.address_of, OTHERS.booking_of):
            with pytest.raises(NotFound):
                wrong(token)

    @given(at=st.integers(0, 42), letter=st.sampled_from("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"))
    def test_one_letter_makes_it_void(self, at: int, letter: str) -> None:
        token = token_of(LINKS.booking(uuid4()))
        changed = token[:at] + letter + token[at + 1 :]
        if changed != token:
            with pytest.raises(NotFound):
                LINKS.booking_of(changed)

    @given(st.text(max_size=80))
    def test_rubbish_is_not_found(self, token: str) -> None:
        for opened in (LINKS.booking_of, LINKS.chef_of, LINKS.address_of, LINKS.conversation_of):
            with pytest.raises(NotFound):
                opened(token)


class TestReplyAddress:
    def test_leads_back_whatever_a_server_did_to_its_case(self) -> None:
        conversation = uuid4()
        address = LINKS.reply_to(conversation, "replies@my-hibachi.test")
        name = address.partition("@")[0]
        assert len(name) <= 64, "RFC 5321: a local part has at most 64 octets"
        for seen in (address, address.upper(), address.title()):
            assert LINKS.conversation_of(seen) == conversation

    def test_of_another_install_leads_nowhere(self) -> None:
        with pytest.raises(NotFound):
            LINKS.conversation_of(OTHERS.reply_to(uuid4(), "replies@my-hibachi.test"))


class TestThread:
    NOW = datetime(2026, 11, 28, 20, 0, tzinfo=UTC)
    NUMBER = "+14155557001"

    def token(self) -> str:
        return token_of(LINKS.thread(uuid4(), self.NUMBER, self.NOW))

    def opens(self, token: str, now: datetime = NOW, number: str = NUMBER) -> bool:
        try:
            return LINKS.leads_to(LINKS.thread_of(token, now), number)
        except NotFound:
            return False

    def test_opens_for_a_week_and_for_its_number_alone(self) -> None:
        token = self.token()
        assert self.opens(token) and self.opens(token, self.NOW + timedelta(days=7))
        assert not self.opens(token, self.NOW + timedelta(days=8)) and not self.opens(token, number="+14155557002")
        assert not self.opens(token_of(OTHERS.thread(uuid4(), self.NUMBER, self.NOW)))

    @given(at=st.integers(0, 38), letter=st.sampled_from("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"))
    def test_one_letter_makes_it_void(self, at: int, letter: str) -> None:
        token = self.token()
        changed = token[:at] + letter + token[at + 1 :]
        assert self.opens(changed) is (changed == token)

    def test_another_spelling_of_it_is_none(self) -> None:
        token = self.token()
        for spelled in (f"{token}=", f"{token[:9]}!{token[9:]}", f"{token[:9]}+{token[9:]}", f"{token}\n", f"{token[:9]} {token[9:]}"):
            assert not self.opens(spelled), spelled

    @given(st.text(max_size=80))
    def test_rubbish_opens_nothing(self, token: str) -> None:
        assert not self.opens(token)
