"""Web push without a network: the standard's own example, quiet hours over midnight, what is no subscription, what a push says."""

from datetime import UTC, datetime

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from business.push import rules
from business.push.encryption import CURVE, encrypt, point
from business.push.rules import QuietHours
from business.push.vapid import contact, decoded, encoded, new_key, public_key
from kernel.errors import BadRequest

# RFC 8291, section 5 and appendix A.
SENDER = "yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw"
RECEIVER = "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4"
SECRET = "BTBZMqHH6r4Tts7J_aSIgg"
SALT = "DGv6ra1nlYgDCS1FRnbzlw"
BODY = (
    "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A_yl95bQpu6cVPT"
    "pK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN"
)
SERVICES = ("push.example.com", "*.push.example.org")
ENDPOINT = "https://push.example.com/send/abc"


class TestEncryption:
    def test_is_the_standard_s_own_example(self) -> None:
        sender = ec.derive_private_key(int.from_bytes(decoded(SENDER), "big"), CURVE)
        body = encrypt(b"When I grow up, I want to be a watermelon", decoded(RECEIVER), decoded(SECRET), sender=sender, salt=decoded(SALT))
        assert encoded(body) == BODY

    def test_a_name_does_not_show_in_the_length(self) -> None:
        bodies = {len(encrypt(payload, decoded(RECEIVER), decoded(SECRET), room=512)) for payload in (b"", b"Al", b"Wolfeschlegelstein")}
        assert len(bodies) == 1
        assert encrypt(b"", decoded(RECEIVER), decoded(SECRET)) != encrypt(b"", decoded(RECEIVER), decoded(SECRET)), "a key for each"

    def test_a_public_key_is_a_point_of_the_curve(self) -> None:
        key = new_key()
        assert len(decoded(key)) == 32 and len(decoded(public_key(key))) == 65
        assert public_key(SENDER) == encoded(point(ec.derive_private_key(int.from_bytes(decoded(SENDER), "big"), CURVE).public_key()))

    def test_push_services_find_somebody(self) -> None:
        assert contact("https://chat.example.com", "ana@example.com") == "https://chat.example.com"
        assert contact("http://10.0.0.1:8000", "ana@example.com") == "mailto:ana@example.com"


class TestSubscriptions:
    @pytest.mark.parametrize(
        ("endpoint", "p256dh", "auth"),
        [
            ("http://push.example.com/x", RECEIVER, SECRET),
            ("https://169.254.169.254/latest/meta-data", RECEIVER, SECRET),
            ("https://localhost/x", RECEIVER, SECRET),
            ("https://push.example.com.evil.example/x", RECEIVER, SECRET),
            ("https://push.example.org/x", RECEIVER, SECRET),
            ("https://evilpush.example.org/x", RECEIVER, SECRET),
            ("https://user:word@push.example.com/x", RECEIVER, SECRET),
            ("https://push.example.com:port/x", RECEIVER, SECRET),
            ("https://push.example.com/x\r\nX: y", RECEIVER, SECRET),
            ("https://push.example.com/" + "x" * 1000, RECEIVER, SECRET),
            ("file:///etc/passwd", RECEIVER, SECRET),
            ("", RECEIVER, SECRET),
            (ENDPOINT, RECEIVER[:-4], SECRET),
            (ENDPOINT, encoded(b"\x04" + bytes(64)), SECRET),
            (ENDPOINT, "not base64!", SECRET),
            (ENDPOINT, "é", SECRET),
            (ENDPOINT, RECEIVER, SECRET[:-2]),
        ],
    )
    def test_that_are_none(self, endpoint: str, p256dh: str, auth: str) -> None:
        with pytest.raises(BadRequest):
            rules.keys(endpoint, p256dh, auth, SERVICES)

    @pytest.mark.parametrize("endpoint", [ENDPOINT, "https://a1.push.example.org:443/x?y=z"])
    def test_of_a_known_service_are_taken(self, endpoint: str) -> None:
        assert rules.keys(endpoint, RECEIVER, SECRET, SERVICES).endpoint == endpoint


class TestQuietHours:
    @pytest.mark.parametrize(
        ("starts", "ends", "hour", "quiet"),
        [(22, 8, 23, True), (22, 8, 3, True), (22, 8, 8, False), (22, 8, 21, False), (13, 14, 13, True), (13, 14, 14, False)],
    )
    def test_by_the_clock_of_their_zone(self, starts: int, ends: int, hour: int, quiet: bool) -> None:
        hours = QuietHours(starts * 60, ends * 60, "America/New_York")
        assert hours.hold(datetime(2026, 1, 15, (hour + 5) % 24, 0, tzinfo=UTC)) is quiet
        # The clocks have changed meanwhile.
        assert hours.hold(datetime(2026, 7, 15, (hour + 4) % 24, 0, tzinfo=UTC)) is quiet

    @pytest.mark.parametrize(
        ("starts", "ends", "zone"),
        [(0, 0, "UTC"), (-1, 5, "UTC"), (5, 1440, "UTC"), (1, 2, "Mars/Base"), (1, 2, "../../etc/passwd"), (1, 2, "")],
    )
    def test_that_are_none(self, starts: int, ends: int, zone: str) -> None:
        with pytest.raises(BadRequest):
            rules.quiet_hours(starts, ends, zone)


class TestWords:
    def test_say_a_first_name_at_most(self) -> None:
        assert rules.words("handoff", "Ana Perez", None) == ("A person is needed", "Ana asks for a person.")
        assert rules.words("handoff", None, None)[1] == "A visitor asks for a person."
        assert rules.words("mention", "Ana Perez", "Dana Kim") == ("Dana mentioned you", "In a note about Ana.")
        assert len(rules.words("handoff", "x" * 500, None)[1]) < 80
