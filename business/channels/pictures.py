"""Files that came with a text: fetched from the provider before anything is written, known by their bytes as those sent on a page are."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from business.channels import callers, keywords
from business.channels.provider import Incoming, MediaRef, NotReached, Refused, TextProvider
from business.customers.contacts import E164
from business.profile.schemas import Profile
from business.uploads import kinds, records
from business.uploads.folder import Stored, UploadFolder
from business.uploads.records import Sender
from kernel.errors import BadRequest, RateLimited, TooLarge
from kernel.wire.server import Attachment

PATIENCE = timedelta(minutes=5)
AT_MOST = 10  # of one text; a network takes no more
# The text itself once more, and how a phone is to lay it out.
PARTS = frozenset({"text/plain", "application/smil"})
TOO_LARGE, TOO_MANY, GONE = "too large", "too many came at once", "it could not be fetched"
OTHER_KIND, SPENT = "only pictures and PDF files are taken", "too many came today"


@dataclass(frozen=True, slots=True)
class Kept:
    """What became of one file: an attachment, or why it became none."""

    type: str
    size: int | None
    attachment: Attachment | None
    why: str | None

    @property
    def listed(self) -> dict[str, Any]:
        """As it is kept with the text."""
        upload = None if self.attachment is None else str(self.attachment.id)
        return {"type": self.type, "size": self.size, "upload": upload, "why": self.why}


@dataclass(frozen=True, slots=True)
class _Fetched:
    media: MediaRef
    stored: Stored | None
    why: str | None


class Pictures:
    """The files of one text, in their place. `per_day`: how many one conversation may send."""

    def __init__(self, fetched: Sequence[_Fetched], folder: UploadFolder, per_day: int) -> None:
        self._fetched = fetched
        self._folder = folder
        self._per_day = per_day

    async def keep(self, connection: AsyncConnection, conversation: UUID) -> list[Kept]:
        """Record them as the customer's, in the caller's transaction."""
        return [await self._keep(connection, conversation, number, one) for number, one in enumerate(self._fetched, 1)]

    async def _keep(self, connection: AsyncConnection, conversation: UUID, number: int, one: _Fetched) -> Kept:
        if one.stored is None:
            return Kept(one.media.type, one.media.size, None, one.why)
        name = kinds.file_name(f"file-{number}", one.stored.kind)
        sender = Sender(conversation=conversation)
        try:
            attachment = await records.record(connection, sender, name, one.stored, self._folder, self._per_day)
        except RateLimited:
            return Kept(one.stored.kind.type, one.stored.size, None, SPENT)
        return Kept(attachment.type, attachment.size, attachment, None)


async def room(connection: AsyncConnection, profile: Profile, incoming: Incoming, per_day: int) -> int:
    """How many files of this text are worth fetching: none of what nobody is shown, else what is left of the sender's day. A file that is
    fetched and not kept would lie in its place for good."""
    number = incoming.from_number
    if not incoming.media or not E164.fullmatch(number) or keywords.heard(incoming.text, profile, stopped=False) is not None:
        return 0
    conversation = await callers.known(connection, number)
    return per_day if conversation is None else await records.left_today(connection, Sender(conversation=conversation), per_day)


async def fetch(provider: TextProvider, incoming: Incoming, folder: UploadFolder, per_day: int, now: datetime, room: int) -> Pictures:
    """At most `room` of its files. Raises NotReached while a text may wait for them; after that it goes on without them."""
    patient = now - incoming.at < PATIENCE
    wanted = [one for one in incoming.media if one.type.partition(";")[0].strip().lower() not in PARTS]
    asked = wanted[: min(AT_MOST, room)]
    fetched = [await _fetch(provider, one, folder, patient) for one in asked]
    spent = [_Fetched(one, None, SPENT) for one in wanted[len(asked) : AT_MOST]]
    return Pictures([*fetched, *spent, *(_Fetched(one, None, TOO_MANY) for one in wanted[AT_MOST:])], folder, per_day)


async def _fetch(provider: TextProvider, media: MediaRef, folder: UploadFolder, patient: bool) -> _Fetched:
    try:
        content = await provider.read(media, kinds.LARGEST)
        return _Fetched(media, await folder.store(_once(content)), None)
    except Refused as error:
        return _Fetched(media, None, TOO_LARGE if error.code == "too_large" else GONE)
    except NotReached:
        if patient:
            raise
        return _Fetched(media, None, GONE)
    except TooLarge:
        return _Fetched(media, None, TOO_LARGE)
    except BadRequest:
        return _Fetched(media, None, OTHER_KIND)


async def _once(content: bytes) -> AsyncIterator[bytes]:
    yield content
