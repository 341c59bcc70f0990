"""Cards as a screen shows them: each with its verdict, whether or not an offload job still tells of it.

Used by the Offload screen. Read on the thread beside the desk; whether a disk is plugged in is asked in another one
(`disk_question.py`), because a network disk that has gone may hold up whoever asks.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from onset.domain.card import Card
from onset.logbook.protocol import Logbook
from onset.reconcile.bad_copies import found_now
from onset.reconcile.board import CardVerdict
from onset.reconcile.card import card_verdicts
from onset.reconcile.card_copies import is_there
from onset.text import safe_path, safe_text
from tui.widgets.rows import Row
from tui.widgets.take_row import clock_text

if TYPE_CHECKING:
    from onset.mhl.since import Since


@dataclass(frozen=True, slots=True)
class Disks:
    """What is known of the disks that copies lie on.

    Attributes:
        seen: copies, manifests and their folders that can be seen.
        since: what verifications found of each copy since it was made, by the path of its manifest; it stays known when
            the disk is taken away.
    """

    seen: frozenset[str] = frozenset()
    since: Mapping[str, Since | None] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Known:
    """A card of the log and its verdict."""

    card: Card
    verdict: CardVerdict

    @property
    def word(self) -> str:
        """`safe`, `cleared`, `not safe`, or `older` where the card came back since."""
        return "older" if self.verdict.superseded else self.verdict.verdict


def read_cards(log: Logbook, now_ns: int, disks: Disks) -> Mapping[str, Known]:
    """All cards of the log by fingerprint, newest first."""
    cards = log.cards()
    verdicts = card_verdicts(log, cards, as_of_ns=now_ns, mounted=disks.seen.__contains__, found=disks.since.get)
    return {card.fingerprint: Known(card, verdict) for card, verdict in zip(cards, verdicts, strict=True)}


def paths_of(cards: Sequence[Card]) -> frozenset[str]:
    """The copies, their manifests and their folders."""
    paths = {path for card in cards for copy in card.copies for path in (copy.path, copy.manifest or copy.path)}
    return frozenset(paths | {os.path.dirname(copy.path) for card in cards for copy in card.copies})


def look_for(paths: Collection[str], there: Callable[[str], bool] = is_there) -> frozenset[str]:
    """Which of these can be seen now; may block where a network disk is gone."""
    return frozenset(path for path in paths if there(path))


def look_at_copies(cards: Sequence[Card], others: Collection[str] = ()) -> Disks:
    """Which copies can be seen now, and what was found of them; may block where a network disk is gone.

    Args:
        cards: of the log.
        others: manifests of copies that it does not know.
    """
    seen = look_for(paths_of(cards) | frozenset(others))
    manifests = {copy.manifest for card in cards for copy in card.copies if copy.manifest is not None}
    return Disks(seen, {manifest: found_now(manifest) for manifest in manifests.union(others) & seen})


def card_words(known: Known) -> str:
    """A card in a few words: its copies, its clips."""
    card = known.card
    clips = "" if card.clips is None else f"{card.clips} clip{'' if card.clips == 1 else 's'}"
    copies = f"{len(card.copies)} cop{'y' if len(card.copies) == 1 else 'ies'}"
    return f"{copies}  {clips}".rstrip()


def log_rows(known: Known) -> list[Row]:
    """The verdict in one sentence, then COPIES and LOG with what they rest on."""
    card, verdict = known.card, known.verdict
    good = verdict.verdict != "not safe"
    rows = [
        Row(verdict.sentence, alarm=not good),
        Row(f"COPIES: {verdict.copies.sentence}", alarm=not verdict.copies.ok),
        Row(f"LOG: {verdict.log.sentence}", alarm=not verdict.log.ok),
    ]
    if card.cleared_by:
        note = f": {safe_text(card.cleared_note)}" if card.cleared_note else ""
        rows.append(Row(f"cleared by {safe_text(card.cleared_by)} at {clock_text(card.cleared_ns or 0)}{note}"))
    for names, what in (
        (verdict.log.without_clip, "without a clip"),
        (verdict.log.without_take, "without a take"),
        (verdict.log.unreadable, "unreadable"),
    ):
        rows += [Row(f"  {what}: {name}", alarm=True) for name in names]
    return rows


def copy_rows(known: Known, *, besides: Collection[str] = ()) -> list[Row]:
    """The copies that no job tells of any more; `besides`: folders of which one does."""
    rows = []
    for copy in known.card.copies:
        if copy.path in besides:
            continue
        seen = "mounted" if safe_path(copy.path) in known.verdict.copies.mounted else "not seen now"
        failed = f", {copy.failed} FAILED" if copy.failed else ""
        words = f"{safe_path(copy.path)}: {copy.verified} verified, read back {safe_text(copy.read_back)}"
        found = known.verdict.copies.bad.get(copy.path, "")
        failed += f", but {found}" if found else ""
        rows.append(Row(f"{words}{failed}, {seen}", alarm=bool(failed)))
    of = f"{known.card.files} files, fingerprint {known.card.fingerprint[:8]}"
    rows.append(Row(f"{of}, as of {clock_text(known.verdict.as_of_ns)}", faint=True))
    return rows
