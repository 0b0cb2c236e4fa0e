"""A push service on loopback, and devices that read what it was sent: written from RFC 8291, 8188 and 8292, not from our sender.

async with PushService() as service:
    phone = Device(service)
    service.behave("429+7", "hang")      # the next two requests; after that 201
"""

import asyncio
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

import jwt
import orjson
from aiohttp import web
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat


def text(value: bytes) -> str:
    return urlsafe_b64encode(value).rstrip(b"=").decode()


def raw(value: str) -> bytes:
    return urlsafe_b64decode(value + "=" * (-len(value) % 4))


@dataclass(frozen=True, slots=True)
class Pushed:
    """One POST as it arrived."""

    path: str
    head: Mapping[str, str]
    body: bytes


class PushService:
    """What it does where nothing else was planned is 201, as push services answer. `hang` answers nothing until it is closed."""

    def __init__(self) -> None:
        self.received: list[Pushed] = []
        self._planned: list[str] = []
        self._runner: web.AppRunner | None = None
        self._arrived = asyncio.Condition()
        self._closing = asyncio.Event()
        self.base = ""

    async def __aenter__(self) -> "PushService":
        application = web.Application()
        application.router.add_post("/{device}", self._take)
        self._runner = web.AppRunner(application, shutdown_timeout=1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        self.base = f"http://127.0.0.1:{self._runner.addresses[0][1]}"
        return self

    async def __aexit__(self, *_: object) -> None:
        self._closing.set()
        assert self._runner is not None
        await self._runner.cleanup()

    def behave(self, *how: str) -> None:
        """Plan the next answers: a status, `STATUS+SECONDS` to be asked again later, or `hang`."""
        self._planned += how

    async def got(self, enough: Callable[[list[Pushed]], bool], within: float = 30.0) -> list[Pushed]:
        """Wait until what arrived is enough."""
        async with asyncio.timeout(within), self._arrived:
            await self._arrived.wait_for(lambda: enough(self.received))
        return list(self.received)

    async def _take(self, request: web.Request) -> web.Response:
        pushed = Pushed(request.path, {name.lower(): value for name, value in request.headers.items()}, await request.read())
        how = self._planned.pop(0) if self._planned else "201"
        self.received.append(pushed)
        async with self._arrived:
            self._arrived.notify_all()
        if how == "hang":
            await self._closing.wait()
        status, _, again = how.partition("+")
        return web.Response(status=201 if how == "hang" else int(status), headers={"Retry-After": again} if again else {})


@dataclass
class Device:
    """A browser's subscription at a push service, with the private key that no other has."""

    service: PushService
    name: str = field(default_factory=lambda: uuid4().hex)
    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    secret: bytes = field(default_factory=lambda: uuid4().bytes)

    @property
    def public(self) -> bytes:
        return self.key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)

    @property
    def subscription(self) -> dict[str, str]:
        """What its browser tells the console."""
        return {"endpoint": f"{self.service.base}/{self.name}", "p256dh": text(self.public), "auth": text(self.secret)}

    @property
    def pushes(self) -> list[Pushed]:
        return [pushed for pushed in self.service.received if pushed.path == f"/{self.name}"]

    @property
    def shown(self) -> list[dict[str, Any]]:
        """What it was told, decrypted; what it cannot read raises."""
        return [self.read(pushed) for pushed in self.pushes]

    def read(self, pushed: Pushed) -> dict[str, Any]:
        assert pushed.head["content-encoding"] == "aes128gcm"
        salt, length = pushed.body[:16], pushed.body[20]
        sender, sealed = pushed.body[21 : 21 + length], pushed.body[21 + length :]
        assert len(sealed) <= int.from_bytes(pushed.body[16:20], "big")
        shared = self.key.exchange(ec.ECDH(), ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), sender))
        material = HKDF(SHA256(), 32, self.secret, b"WebPush: info\x00" + self.public + sender).derive(shared)
        key = HKDF(SHA256(), 16, salt, b"Content-Encoding: aes128gcm\x00").derive(material)
        nonce = HKDF(SHA256(), 12, salt, b"Content-Encoding: nonce\x00").derive(material)
        opened = AESGCM(key).decrypt(nonce, sealed, None).rstrip(b"\x00")
        assert opened.endswith(b"\x02"), "the last record says that it is the last"
        found: dict[str, Any] = orjson.loads(opened[:-1])
        return found

    def sender_of(self, pushed: Pushed, install_key: str) -> dict[str, Any]:
        """The claims of who sent it, once the signature is proved to be of the key that the browser subscribed with."""
        scheme, _, rest = pushed.head["authorization"].partition(" ")
        given = dict(part.strip().split("=", 1) for part in rest.split(","))
        assert scheme == "vapid" and given["k"] == install_key
        public = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), raw(install_key))
        claims: dict[str, Any] = jwt.decode(given["t"], public, algorithms=["ES256"], audience=self.service.base)
        return claims
