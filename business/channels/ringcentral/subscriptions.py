"""The webhook that RingCentral has for us: made, looked at, renewed, taken away."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

from business.channels.provider import NotReached, Refused, Subscribed
from business.channels.ringcentral import shapes
from business.channels.ringcentral.api import Api

PATH = "/restapi/v1.0/subscription"
LASTS = 7 * 24 * 3600
"""Seconds that one is asked to live."""
TEXTS = "/restapi/v1.0/account/~/extension/~/message-store/instant?type=SMS"
CHANGES = "/restapi/v1.0/account/~/extension/~/message-store?type=SMS&direction=Outbound"
HIGH_VOLUME = (
    "/restapi/v1.0/account/~/a2p-sms/messages?direction=Inbound",
    "/restapi/v1.0/account/~/a2p-sms/messages?direction=Outbound",
    "/restapi/v1.0/account/~/a2p-sms/opt-outs",
)


class Subscriptions:
    def __init__(self, api: Api) -> None:
        self._api = api

    async def create(self, address: str, token: str, *, high_volume: bool) -> Subscribed:
        """RingCentral calls the address before it answers. One that we have for the address already, of which nobody knows, goes first:
        it would tell everything twice."""
        for known in await self._ours(address):
            await self.delete(known)
        wanted = [TEXTS, CHANGES, *(HIGH_VOLUME if high_volume else ())]
        delivery = {"transportType": "WebHook", "address": address, "verificationToken": token}
        body = {"eventFilters": wanted, "expiresIn": LASTS, "deliveryMode": delivery}
        data = await self._api.do("POST", PATH, group="medium", body=body)
        if (made := _subscribed(data)) is None:
            raise NotReached("garbage")
        if why := _disabled(data):
            await self.delete(made.id)
            raise Refused(why, permanent=False)
        return made

    async def get(self, id: str) -> Subscribed | None:
        return _subscribed(await self._api.read(_path(id)))

    async def renew(self, id: str) -> Subscribed | None:
        return _subscribed(await self._api.do("POST", _path(id) + "/renew", group="light", once=False))

    async def delete(self, id: str) -> None:
        await self._api.do("DELETE", _path(id), group="medium", once=False)

    async def _ours(self, address: str) -> Sequence[str]:
        data = await self._api.read(PATH)
        records = data.get("records") if isinstance(data, dict) else None
        found: list[str] = []
        for record in records if isinstance(records, list) else []:
            match record:
                case {"id": str(id), "deliveryMode": {"address": str(at)}} if at == address:
                    found.append(id)
        return found


def _path(id: str) -> str:
    return f"{PATH}/{quote(id, safe='')}"


def _subscribed(data: Any) -> Subscribed | None:
    """None for None. Raises NotReached where it is not what they describe."""
    match data:
        case None:
            return None
        case {"id": str(id), "status": str(status), "deliveryMode": {"address": str(address)}, "expirationTime": ends}:
            if (moment := shapes.moment(ends)) is not None:
                return Subscribed(id, "active" if status == "Active" else "suspended", address, moment)
    raise NotReached("garbage")


def _disabled(data: Any) -> str | None:
    """The reason why texts would not be told of, where they would not: they note it in an answer that is else a success."""
    listed = data.get("disabledFilters") if isinstance(data, dict) else None
    for one in listed if isinstance(listed, list) else []:
        if isinstance(one, dict) and str(one.get("filter", "")).endswith(TEXTS.rpartition("~")[2]):
            return str(one.get("reason") or "filter_disabled")[:40]
    return None
