"""Texts that are handed over: `/sms`, `/mms`, `/a2p-sms/batches`, and what becomes of them. Phones write back here, too."""

import re
from collections.abc import Callable, Sequence

from gateway.simulator import shown
from gateway.simulator.agenda import Agenda
from gateway.simulator.errors import Refusal, invalid
from gateway.simulator.faults import Faults, seconds
from gateway.simulator.records import ACCOUNT, EXTENSION, Account, Batch, Piece, Text, fresh_uuid
from gateway.simulator.webhooks import Webhooks

MOST_UNITS = 1000  # of UTF-16: `CreateSMSMessage.text`
MOST_FILES, MOST_BYTES = 10, 1_500_000  # guide, messaging/sms/sending-images
SENT_AFTER, DELIVERED_AFTER = 0.05, 0.1  # seconds; nothing is published about how long it takes
OPT_OUT = frozenset({"STOP", "UNSUBSCRIBE", "QUIT", "CANCEL", "END"})  # guide, messaging/sms/high-volume/opt-out
OPT_IN = frozenset({"START", "SUBSCRIBE", "RESUME", "CONTINUE", "UNSTOP"})
OPTED_OUT, UNSUPPORTED = "SMS-RC-413", "SMS-RC-410"
_STORE = f"/restapi/v1.0/account/{ACCOUNT}/extension/{EXTENSION}/message-store"
_HIGH_VOLUME = f"/restapi/v1.0/account/{ACCOUNT}/a2p-sms"
_NUMBER = re.compile(r"\+?[1-9]\d{7,14}")


class Traffic:
    """`changed` is called whenever a text came or became something else: pages that show it look again."""

    def __init__(self, account: Account, agenda: Agenda, faults: Faults, webhooks: Webhooks, base: Callable[[], str]) -> None:
        self.changed: Callable[[], None] = lambda: None
        self._account = account
        self._agenda = agenda
        self._faults = faults
        self._webhooks = webhooks
        self._base = base

    def post(self, sender: str, to: Sequence[str], text: str, files: Sequence[Piece]) -> Text:
        """One text into the message store. Raises Refusal."""
        features = self._account.numbers.get(sender)
        if features is None:
            raise Refusal(403, "MSG-304", "Phone number doesn't belong to extension")
        if ("MmsSender" if files else "SmsSender") not in features:
            raise Refusal(403, "MSG-242", "Sending SMS is not available from the number specified.")
        if len(to) != 1:
            raise invalid("to")
        number = _number(to[0])
        if not number.startswith("+1") and "InternationalSmsSender" not in features:
            raise Refusal(403, "MSG-240", f"Specified recipient [{to[0]}] isn't an US phone number")
        _check_size(text, files)
        sent = self._fresh("Outbound", sender, number, text, "Queued", files)
        self._becomes(sent, OPTED_OUT if self._account.has_opted_out(sender, number) else None)
        return sent

    def post_batch(self, sender: str, messages: Sequence[tuple[str, str]]) -> Batch:
        """High-volume texts, each a number and its words. Raises Refusal."""
        if not self._account.is_high_volume(sender):
            raise Refusal(400, "MSG-242", "Sending SMS is not available from the number specified.")
        now = self._agenda.clock()
        batch = Batch(fresh_uuid(), sender, [], now, now)
        self._account.batches[batch.id] = batch
        for place, (to, text) in enumerate(messages, start=1):
            if _NUMBER.fullmatch(to) is None:
                said = {"index": place, "to": [to], "errorCode": UNSUPPORTED, "description": "The recipient number is invalid"}
                batch.rejected.append(said)
                continue
            sent = self._fresh("Outbound", sender, _number(to), text, "Queued", (), high_volume=True)
            sent.batch = batch.id
            batch.texts.append(sent)
            self._becomes(sent, OPTED_OUT if self._account.has_opted_out(sender, sent.to) else None)
        self._agenda.after(DELIVERED_AFTER, lambda: self._complete(batch))
        return batch

    def say(self, theirs: str, ours: str, text: str, files: Sequence[Piece] = ()) -> Text:
        """A phone writes to us."""
        high_volume = self._account.is_high_volume(ours)
        late = seconds(self._faults.take("list"), "late")
        came = self._fresh("Inbound", theirs, ours, text, "Delivered" if high_volume else "Received", files, high_volume)
        came.listed = late == 0
        if late:
            self._agenda.after(late, lambda: setattr(came, "listed", True))
        self._hear(theirs, ours, text, high_volume)
        if high_volume:
            self._tell_high_volume(came)
        else:
            self._webhooks.tell(f"{_STORE}/instant", {"type": "SMS"}, shown.instant(came, self._base()), came.id)
            self._tell_store(came, new=1)
        return came

    def _fresh(
        self, direction: str, sender: str, to: str, text: str, status: str, files: Sequence[Piece], high_volume: bool = False
    ) -> Text:
        now = self._agenda.clock()
        number = self._account.fresh_id(high_volume)
        fresh = Text(number, direction, sender, to, text, now, now, status, tuple(files), high_volume=high_volume)
        self._account.keep(fresh)
        self.changed()
        return fresh

    def _becomes(self, text: Text, refused: str | None) -> None:
        """Sent and delivered, or what was asked to happen instead."""
        how = self._faults.take("delivery")
        error = refused or (how if how.startswith("SMS-") else None)
        if error is not None and error.startswith("SMS-RC-"):
            self._agenda.after(SENT_AFTER, lambda: self._change(text, "SendingFailed", error))
            return
        self._agenda.after(SENT_AFTER, lambda: self._change(text, "Sent"))
        if how == "silent":
            return
        last = ("DeliveryFailed", error) if error else ("Delivered", None)
        self._agenda.after(DELIVERED_AFTER + seconds(how, "delay"), lambda: self._change(text, *last))

    def _change(self, text: Text, status: str, error: str | None = None) -> None:
        text.status, text.error, text.changed = status, error, self._agenda.clock()
        if text.high_volume:
            self._tell_high_volume(text)
        else:
            self._tell_store(text, updated=1)
        self.changed()

    def _complete(self, batch: Batch) -> None:
        batch.status, batch.changed = "Completed", self._agenda.clock()
        body = {name: value for name, value in shown.batch(batch, rejected=False).items() if name not in ("rejected", "cost")}
        self._webhooks.tell(f"{_HIGH_VOLUME}/batches", {"from": batch.sender}, body)

    def _tell_store(self, text: Text, *, new: int = 0, updated: int = 0) -> None:
        changes = {"type": "SMS"} | ({"newCount": new} if new else {}) | ({"updatedCount": updated} if updated else {})
        body = {"accountId": ACCOUNT, "extensionId": EXTENSION, "lastUpdated": shown.moment(text.changed), "changes": [changes]}
        self._webhooks.tell(_STORE, {"type": "SMS", "direction": text.direction}, body)

    def _tell_high_volume(self, text: Text) -> None:
        query = {"direction": text.direction, "from": text.sender, "to": text.to, "batchId": text.batch}
        self._webhooks.tell(f"{_HIGH_VOLUME}/messages", query, shown.high_volume(text), text.id if text.direction == "Inbound" else None)

    def _hear(self, theirs: str, ours: str, text: str, high_volume: bool) -> None:
        """The provider's own words for no more and for again, for this pair of numbers."""
        word = text.strip().upper()
        if word not in OPT_OUT | OPT_IN:
            return
        self._account.opted_out[ours, theirs] = word in OPT_OUT
        if high_volume:
            body = {"from": ours, "to": theirs, "active": word in OPT_OUT}
            self._webhooks.tell(f"{_HIGH_VOLUME}/opt-outs", {"from": ours, "to": theirs}, body)


def _number(given: str) -> str:
    if _NUMBER.fullmatch(given) is None:
        raise invalid("to.phoneNumber")
    return given if given.startswith("+") else f"+{given}"


def _check_size(text: str, files: Sequence[Piece]) -> None:
    if len(text.encode("utf-16-le")) // 2 > MOST_UNITS:
        raise Refusal(400, "MSG-338", "Message size limit exceeded")
    if len(files) > MOST_FILES or sum(len(piece.content) for piece in files) > MOST_BYTES:
        raise Refusal(400, "MSG-337", "Attachment size limit exceeded")
