"""The operations of the API that are played, by the names of its description: address, limit, handler."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from aiohttp import web

from gateway.simulator.errors import Refusal
from gateway.simulator.faults import On
from gateway.simulator.records import ACCOUNT, EXTENSION
from gateway.simulator.writing import ENVELOPE

_OWN = "/restapi/v1.0/account/{account}/extension/{extension}"
_HIGH_VOLUME = "/restapi/v1.0/account/{account}/a2p-sms"
_SUBSCRIPTION = "/restapi/v1.0/subscription"


@dataclass(frozen=True, slots=True)
class Operation:
    """`id`: as the description calls it; `kind`: of its faults; `group`: of its limit."""

    id: str
    method: str
    path: str
    handler: str
    kind: On
    group: str

    def check_owner(self, request: web.Request) -> None:
        """`~`, or the ids of the account. Raises Refusal for somebody else's."""
        if request.match_info.get("account", "~") not in ("~", ACCOUNT) or request.match_info.get("extension", "~") not in ("~", EXTENSION):
            raise Refusal(403, "CMN-404", "Attempt to access another extension")


OPERATIONS = (
    Operation("getToken", "POST", "/restapi/oauth/token", "server.token", "token", "Auth"),
    Operation("listExtensionPhoneNumbers", "GET", f"{_OWN}/phone-number", "reading.numbers", "numbers", "Light"),
    Operation("createSMSMessage", "POST", f"{_OWN}/sms", "writing.text", "send", "Medium"),
    Operation("createMMS", "POST", f"{_OWN}/mms", "writing.text", "send", "Medium"),
    Operation("listMessages", "GET", f"{_OWN}/message-store", "reading.messages", "read", "Light"),
    Operation("readMessage", "GET", f"{_OWN}/message-store/{{id}}", "reading.message", "read", "Light"),
    Operation("readMessageContent", "GET", f"{_OWN}/message-store/{{id}}/content/{{piece}}", "reading.content", "media", "Medium"),
    Operation("syncMessages", "GET", f"{_OWN}/message-sync", "reading.sync", "read", "Light"),
    Operation("createA2PSMS", "POST", f"{_HIGH_VOLUME}/batches", "writing.batch", "send", "Light"),
    Operation("listA2PBatches", "GET", f"{_HIGH_VOLUME}/batches", "reading.batches", "read", "Light"),
    Operation("readA2PBatch", "GET", f"{_HIGH_VOLUME}/batches/{{id}}", "reading.batch", "read", "Light"),
    Operation("listA2PSMS", "GET", f"{_HIGH_VOLUME}/messages", "reading.high_volume_messages", "read", "Light"),
    Operation("readA2PSMS", "GET", f"{_HIGH_VOLUME}/messages/{{id}}", "reading.high_volume_message", "read", "Light"),
    Operation("readA2PSMSOptOuts", "GET", f"{_HIGH_VOLUME}/opt-outs", "reading.opt_outs", "read", "Light"),
    Operation("listSubscriptions", "GET", _SUBSCRIPTION, "writing.subscriptions", "subscribe", "Light"),
    Operation("createSubscription", "POST", _SUBSCRIPTION, "writing.subscribe", "subscribe", "Medium"),
    Operation("readSubscription", "GET", f"{_SUBSCRIPTION}/{{id}}", "writing.subscription", "subscribe", "Light"),
    Operation("updateSubscription", "PUT", f"{_SUBSCRIPTION}/{{id}}", "writing.change", "subscribe", "Medium"),
    Operation("deleteSubscription", "DELETE", f"{_SUBSCRIPTION}/{{id}}", "writing.unsubscribe", "subscribe", "Medium"),
    Operation("renewSubscription", "POST", f"{_SUBSCRIPTION}/{{id}}/renew", "writing.renew", "subscribe", "Light"),
)


@dataclass(frozen=True, slots=True)
class Exchange:
    """A request and its answer, for whoever compares them with the published description. `body`, `answer`: JSON, None where there is
    none or it is something else."""

    operation: str
    query: Sequence[tuple[str, str]]
    content_type: str
    body: Any
    status: int
    answer: Any


async def observed(operation: Operation, request: web.Request, answer: web.Response) -> Exchange:
    """What was asked and answered."""
    return Exchange(
        operation.id,
        list(request.query.items()),
        request.content_type if request.can_read_body or request.body_exists else "",
        await _body(request),
        answer.status,
        _json(answer.body) if answer.content_type == "application/json" else None,
    )


async def _body(request: web.Request) -> object:
    if ENVELOPE in request:
        return request[ENVELOPE]
    if request.content_type == "application/x-www-form-urlencoded":
        return dict(await request.post())
    return _json(await request.read()) if request.content_type == "application/json" else None


def _json(body: object) -> object:
    try:
        return json.loads(body) if isinstance(body, bytes) and body else None
    except ValueError:
        return None
