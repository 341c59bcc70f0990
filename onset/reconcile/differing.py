"""A difference and its key: how the parts of the board (agree.py, absent.py, compare.py) make one."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from onset.changes import derived_id
from onset.domain.take import Take
from onset.reconcile.board import Difference, Standing
from onset.text import safe_text

# What a sentence of the matcher counts and measures changes with every clip that comes; what it says does not.
_MEASURED = re.compile(r"[-+]?\d+(?:\.\d+)?\s*(?:s|ppm|frames?|of\s+\d+)\b|[-+]?\d+\.\d+", re.ASCII)
_KEY_LENGTH = 10


def difference_key(field: str, *parts: str) -> str:
    """What an explanation is bound to: it depends on what differs, and on nothing that a later clip may change.

    >>> difference_key("circled", "42C/3", "sound") == difference_key("circled", "42C/3", "sound")
    True
    """
    return derived_id("difference", field, *parts).hex()[:_KEY_LENGTH]


def said_without_numbers(words: str) -> str:
    """A sentence without what was measured, so that it stays the same while it means the same.

    >>> said_without_numbers("offset +37.2 s found on 61 of 64 pairs") == said_without_numbers(
    ...     "offset +37.3 s found on 62 of 65 pairs")
    True
    """
    return _MEASURED.sub("#", words)


def differing(
    field: str,
    what: str,
    cause: str = "",
    *,
    by: Iterable[str],
    take: Take | None = None,
    media_id: str | None = None,
    device: str = "",
    pending: bool = False,
    choices: Sequence[str] = (),
) -> Difference:
    """A difference that nobody has explained.

    Args:
        field: as in `Difference`, with all that is not said here.
        what: one sentence; safe to show afterwards, as `cause` is.
        cause: empty where none can be told.
        by: what its key is made of besides the field, the take and the file: the values that differ.
        take: what it is about.
        media_id: likewise.
        device: likewise.
        pending: nothing is wrong yet.
        choices: ids of files that a person can choose from.
    """
    return Difference(
        key=difference_key(field, take.id if take else "", media_id or "", device, *by),
        standing=Standing.PENDING if pending else Standing.OPEN,
        field=field,
        what=safe_text(what),
        cause=safe_text(cause),
        take_id=take.id if take else None,
        media_id=media_id,
        device=safe_text(device),
        choices=tuple(choices),
    )


def enumerated(names: Sequence[str], most: int = 6) -> str:
    """`42C/1, 42C/2 and 42C/3`; beyond `most`, how many more there are.

    >>> enumerated(["a"]), enumerated(["a", "b", "c"]), enumerated(list("abcd"), most=2)
    ('a', 'a, b and c', 'a, b and 2 more')
    """
    shown = list(names[:most])
    if len(names) > most:
        shown.append(f"{len(names) - most} more")
    return shown[0] if len(shown) == 1 else f"{', '.join(shown[:-1])} and {shown[-1]}" if shown else ""
