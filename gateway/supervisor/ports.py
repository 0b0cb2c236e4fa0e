"""The gateway's port, chosen before it starts: what was asked for, or the next free one where nothing was."""

import errno
import socket

_TRIES = 100


class PortTaken(Exception):
    """The operator asked for this port and it is not free (or cannot be had)."""


def choose(host: str, port: int, *, explicit: bool) -> int:
    """The port to use. Raises PortTaken where the operator named it himself and cannot have it."""
    try:
        for candidate in range(port, min(port + _TRIES, 65_536)):
            if _is_free(host, candidate):
                return candidate
            if explicit:
                raise PortTaken(
                    f"port {port} on {host} is taken.\n"
                    "Stop what uses it, set HIBACHI_PORT to another one, or leave it unset to get the next free one."
                )
    except (PermissionError, socket.gaierror) as error:
        raise PortTaken(f"port {port} on {host} cannot be used: {error.strerror}") from None
    except OSError as error:
        raise PortTaken(f"{host} is not an address of this machine: {error.strerror}") from None
    raise PortTaken(f"no free port on {host} from {port} on")


def _is_free(host: str, port: int) -> bool:
    """Whether a server could listen there now. Other failures than "taken" are the caller's to explain."""
    family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    with socket.socket(family, kind, protocol) as probe:
        # As the gateway does: connections of a predecessor in TIME_WAIT are no obstacle.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(address)
            probe.listen(1)
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                return False
            raise
    return True


def reachable_host(host: str) -> str:
    """Where this machine reaches a server that listens on `host`; IPv6 in brackets."""
    if host in ("0.0.0.0", ""):  # noqa: S104 - compared, not bound
        return "127.0.0.1"
    if host == "::":
        return "[::1]"
    return f"[{host}]" if ":" in host else host
