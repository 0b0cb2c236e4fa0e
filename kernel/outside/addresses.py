"""Where connections may go that somebody's settings ask for (a webhook, a page that is read): to http(s) addresses of the world outside,
never into the network that the install itself stands in.

Whoever may name an address could otherwise have a worker knock at the database, at a router or at a cloud's metadata service. The rule is
asked when an address is saved, for a clear answer, and again for each connection, of the address that is connected to.
"""

import ipaddress
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network
from urllib.parse import urlsplit

from kernel.errors import BadRequest

LONGEST = 2000
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")

Network = IPv4Network | IPv6Network


class Outside:
    """The rule. `private` are networks of one's own that are wanted all the same (`private_networks` of the settings)."""

    def __init__(self, private: tuple[str, ...] = ()) -> None:
        self._private: tuple[Network, ...] = tuple(ipaddress.ip_network(one) for one in private)

    def admits(self, address: str) -> bool:
        """Whether a connection to this IP address is allowed."""
        try:
            ip = _plain(ipaddress.ip_address(address.partition("%")[0]))
        except ValueError:
            return False
        if any(ip in network for network in self._private if network.version == ip.version):
            return True
        return ip.is_global and not ip.is_multicast


def _plain(ip: IPv4Address | IPv6Address) -> IPv4Address | IPv6Address:
    """The IPv4 address that an IPv6 address leads to, where it does."""
    if isinstance(ip, IPv6Address):
        if ip in _NAT64:
            return IPv4Address(int(ip) & 0xFFFFFFFF)
        return ip.ipv4_mapped or ip.sixtofour or (ip.teredo[1] if ip.teredo else ip)
    return ip


def web_address(url: str, *, of: str, example: str) -> tuple[str, str, int]:
    """The address in the form that is stored, with its host and port. `of`: whose it is, as a sentence begins ("A page"). Raises
    BadRequest with what is wrong."""
    url = url.strip()
    try:
        parts = urlsplit(url)
        port = parts.port or (443 if parts.scheme == "https" else 80)
    except ValueError:
        raise BadRequest(f"That is not a web address. Give one like {example}.") from None
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise BadRequest(f"{of} has an address that begins with https:// or http://.")
    if parts.username is not None or parts.password is not None:
        raise BadRequest("Leave user name and password out of the address: it is stored and shown.")
    if parts.fragment:
        raise BadRequest("Leave out what stands after the #: it is never sent.")
    if len(url) > LONGEST or not url.isprintable() or not url.isascii() or " " in url:
        raise BadRequest(f"A web address has at most {LONGEST} plain characters, without spaces.")
    return url, parts.hostname, port
