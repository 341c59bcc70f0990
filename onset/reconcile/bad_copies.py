"""Whether a copy of a card holds: by its own history where its disk is here, by what the log remembers wherever it is.

Used for the verdict on a card (card_copies.py), and by whoever looks at disks, to let the log know (`let_log_know`).
The newest finding holds; it is put right when every file of the copy was found right after it.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING

from onset.domain.card import Card, Copy, FoundBad
from onset.errors import LogError
from onset.logbook.protocol import Logbook
from onset.logbook.terms import LookedAt
from onset.text import safe_text

if TYPE_CHECKING:
    from onset.mhl.since import Since

    Found = Callable[[str], Since | None]

_NAMED = 3


def found_now(manifest: str) -> Since | None:
    """What verifications found of a copy since it was made, as its history has it now; asks the disk."""
    from onset.mhl.since import found_since

    return found_since(manifest)


def bad_now(copy: Copy, since: Since | None) -> FoundBad | None:
    """What is wrong with a copy, None where nothing is known to be.

    Args:
        copy: as the log has it.
        since: what its history says now; None where it could not be asked.
    """
    told = in_words(since) if since is not None else None
    if told is None:
        return None if copy.bad is not None and _is_put_right(copy.bad, since) else copy.bad
    return copy.bad if copy.bad is not None and _is_newer(copy.bad, told) else told


def in_words(since: Since) -> FoundBad | None:
    """What a history says against its copy, with the names of the first files; None where it says nothing."""
    if since.trouble:
        what = f"its history cannot be trusted any more ({safe_text(since.trouble).rstrip('.')})"
        return FoundBad(what=what, names="", at_ns=None)
    if since.whole:
        return None
    failed, missing = len(since.failed), len(since.missing)
    parts = [f"{failed} file{'s'[: failed != 1]} failed"] if failed else []
    parts += [f"{missing} file{'s'[: missing != 1]} {'was' if missing == 1 else 'were'} gone"] if missing else []
    names = [safe_text(os.path.basename(each)) for each in (*since.failed, *since.missing)]
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return FoundBad(
        what=f"{' and '.join(parts)} when it was verified", names=", ".join(names[:_NAMED]) + more, at_ns=since.at_ns
    )


def news(cards: Iterable[Card], found: Found, now_ns: int) -> list[LookedAt]:
    """What the log is to know of copies and does not; asks the disks that `found` asks.

    A history that cannot be trusted is none of it: a tool that is just writing one looks the same.

    Args:
        cards: as the log has them.
        found: what the history of a copy says, by the path of its manifest; None where it was not asked.
        now_ns: taken for the time of a finding that does not say its own.
    """
    looked = []
    for card in cards:
        for copy in card.copies:
            if copy.manifest is None or not copy.is_whole(card.files):
                continue
            since = found(copy.manifest)
            if since is not None and not since.trouble and (each := news_of(card, copy, since, now_ns)) is not None:
                looked.append(each)
    return looked


def news_of(card: Card, copy: Copy, since: Since, now_ns: int) -> LookedAt | None:
    """As `news`, of one copy, and where its history cannot be trusted too."""
    bad = bad_now(copy, since)
    if bad is not None and bad.at_ns is None:
        known = copy.bad is not None and (copy.bad.what, copy.bad.names) == (bad.what, bad.names)
        bad = copy.bad if known else FoundBad(what=bad.what, names=bad.names, at_ns=now_ns)
    return None if bad == copy.bad else LookedAt(card_id=card.id, copy=copy, bad=bad)


def looked_at(logbook: Logbook, cards: Sequence[Card], now_ns: int) -> tuple[Card, ...]:
    """Look at the copies of cards, let the log know what is new of them where it can be written; the cards as they are.

    Args:
        logbook: that the cards are of.
        cards: whose copies; their disks are asked.
        now_ns: now, wall clock.
    """
    found = {copy.manifest: found_now(copy.manifest) for card in cards for copy in card.copies if copy.manifest}
    looked = news(cards, found.get, now_ns)
    if not looked:
        return tuple(cards)
    with suppress(LogError):  # the verdict is told by what the disks say, whether or not the log remembers it
        let_log_know(logbook, looked, now_ns)
    known = {card.id: card for card in logbook.cards()}
    return tuple(known[card.id] for card in cards)


def let_log_know(logbook: Logbook, looked: Sequence[LookedAt], now_ns: int) -> None:
    """Write down `news` of copies; an alarm that called them safe is told anew.

    Raises:
        LogError: the log cannot be written.
    """
    from onset.reconcile.unreadable import tell_unreadable

    if not looked:
        return
    logbook.copies_looked_at(looked)
    ids = {each.card_id for each in looked}
    for unit in sorted({card.unit for card in logbook.cards() if card.id in ids}):
        tell_unreadable(logbook, unit, wall_ns=now_ns)


def _is_put_right(bad: FoundBad, since: Since | None) -> bool:
    """Whether every file of the copy was found right after this was found, one by one or all at once."""
    return since is not None and since.agreed_ns is not None and since.agreed_ns >= (bad.at_ns or 0)


def _is_newer(known: FoundBad, told: FoundBad) -> bool:
    return known.at_ns is not None and told.at_ns is not None and known.at_ns > told.at_ns
