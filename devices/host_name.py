"""Where a host on the network is, asked of a resolver that may never answer.

Used by hyperdeck.py. The system's resolver has no time-out of its own (a name server that is away costs it ten seconds
and more) and cannot be called off, so it is asked on a thread that nobody has to wait for.
"""

from __future__ import annotations

import ipaddress
import socket
import threading
from collections.abc import Callable

_LOOK_S = 0.05

Resolver = Callable[[str], list[str]]


def resolve(host: str) -> list[str]:
    """The addresses of a host, as the system finds them; may take for ever.

    Raises:
        OSError: there is none.
    """
    found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(address[0]) for _, _, _, _, address in found))


class HostName:
    """A host by its name or its number. `find` belongs to one thread."""

    def __init__(self, host: str, resolver: Resolver = resolve) -> None:
        self._host = host
        self._resolver = resolver
        self._asked: _Asked | None = None

    def find(self, seconds: float, closing: threading.Event) -> list[str]:
        """Its addresses. A question that was not answered in time is not asked again, but waited for the next time.

        Args:
            seconds: how long to wait.
            closing: ends the wait at once.

        Raises:
            OSError: it has none, or (`TimeoutError`) they were not found in time.
        """
        if _is_number(self._host):
            return [self._host]
        asked = self._asked
        if asked is None:
            asked = self._asked = _Asked(self._resolver, self._host)
        for _ in range(max(1, round(seconds / _LOOK_S))):
            if asked.done.wait(_LOOK_S):
                self._asked = None
                return asked.answer()
            if closing.is_set():
                break
        raise TimeoutError(f"no name server says in {seconds:g} s where it is; its number would do without")


class _Asked:
    """One question, on a thread of its own."""

    def __init__(self, resolver: Resolver, host: str) -> None:
        self.done = threading.Event()
        self._found: list[str] = []
        self._error: OSError | None = None
        threading.Thread(target=self._ask, args=(resolver, host), name=f"where is {host}", daemon=True).start()

    def _ask(self, resolver: Resolver, host: str) -> None:
        try:
            self._found = resolver(host)
        except OSError as error:
            self._error = error
        except UnicodeError:  # an empty label, or one that is too long
            self._error = OSError("no host can have that name")
        finally:
            self.done.set()

    def answer(self) -> list[str]:
        if self._error is not None:
            raise self._error
        return self._found


def _is_number(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True
