"""Go on logging when the disk under the log is full: every verb and question is tried again once space was made.

`kept` wraps the public methods of a logbook, so that a verb that is added later is kept like the others. Doing a verb
again is safe: one that fails has changed nothing.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from pathlib import Path
from types import FunctionType
from typing import Any, Protocol, TypeVar

from logging_db import reserve
from onset.errors import LogDiskError
from onset.text import safe_path

_NOT_KEPT = frozenset(("close", "mend", "warn"))


class Mendable(Protocol):
    """A logbook that can do something about its disk."""

    def mend(self, failed: LogDiskError) -> bool:
        """Whether what failed may succeed now."""
        ...


L = TypeVar("L", bound=Mendable)


def kept(logbook: type[L]) -> type[L]:
    """Have every public method of the class, its own and inherited ones, tried again after `mend`."""
    for name in dir(logbook):
        method = getattr(logbook, name)
        if not name.startswith("_") and name not in _NOT_KEPT and isinstance(method, FunctionType):
            setattr(logbook, name, _again(method))
    return logbook


def _again(method: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(method)
    def done(self: Mendable, *args: Any, **named: Any) -> Any:
        try:
            return method(self, *args, **named)
        except LogDiskError as failed:
            if not self.mend(failed):
                raise
        return method(self, *args, **named)

    return done


def full_but(log: Path) -> str:
    """That the reserve was used, and how far what is left goes."""
    left = reserve.room(log)
    return (
        f"The disk of {safe_path(log)} is full; its reserve was released, which lasts for about {left.takes} takes "
        f"({left.free / 1e6:.0f} MB). Free some space now."
    )
