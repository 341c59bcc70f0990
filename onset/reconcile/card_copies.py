"""What the copies say about a card: the COPIES half of its verdict, as its offload proved it and as it is seen now.

Used by card.py. No byte of a copy is read: what verifications found since then is in its history, and in the log.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from onset.domain.card import Card, Copy, FoundBad
from onset.reconcile.bad_copies import bad_now
from onset.reconcile.board import CardCopies
from onset.reconcile.card_log import UnitLog, count
from onset.text import safe_path, safe_text

if TYPE_CHECKING:
    from onset.reconcile.bad_copies import Found

SAFE, NOT_SAFE = "safe", "not safe"
_NS = 1_000_000_000
_SEVERAL = frozenset((".r3d", ".ari", ".arx", ".dng", ".dpx", ".exr"))  # a clip of these may be many files


def is_there(path: str) -> bool:
    """Whether a copy or its manifest can be seen now; an empty folder is a mount point without its disk."""
    try:
        if not os.path.isdir(path):
            return os.path.exists(path)
        with os.scandir(path) as entries:
            return next(entries, None) is not None or os.path.ismount(path)
    except (OSError, ValueError):
        return False


def _files_of(log: UnitLog, card: Card) -> dict[str, int | None]:
    """Clips and sound of a card by their path within it, with their size where it is that of one file."""
    roots = [os.path.join(log.folder, copy.path) for copy in card.copies]
    files: dict[str, int | None] = {}
    for medium in log.media:
        if medium.card != card.id or medium.unreadable:
            continue
        path = os.path.join(log.folder, medium.path)
        root = next((each for each in roots if path.startswith(each + os.sep)), None)
        if root is not None:
            several = os.path.splitext(path)[1].lower() in _SEVERAL
            files[path[len(root) + 1 :]] = None if several else medium.size
    return files


def _spoilt(folder: str, files: Mapping[str, int | None]) -> int:
    """How many of these files are not in a copy any more, or not with their size; a look, not a read."""
    spoilt = 0
    for path, size in files.items() if os.path.isdir(folder) else ():
        try:
            there = os.stat(os.path.join(folder, path)).st_size
        except (OSError, ValueError):
            spoilt += 1
        else:
            spoilt += size is not None and there != size
    return spoilt


def copies_half(log: UnitLog, card: Card, as_of_ns: int, mounted: Callable[[str], bool], found: Found) -> CardCopies:
    """The COPIES sentence: what the offload proved then, and what of it can be seen now."""
    here: list[str] = []
    away: list[str] = []
    gone: list[str] = []
    spoilt: list[str] = []
    known: list[str] = []
    bad: dict[str, str] = {}
    whole = 0
    files = _files_of(log, card)
    for copy in card.copies:
        shown = safe_path(copy.path)
        still = copy.is_whole(card.files)
        what = bad_now(copy, found(copy.manifest)) if still and copy.manifest is not None else None
        if what is not None:
            still = False
            bad[copy.path] = told(what, as_of_ns)
            sentence = f"{shown}: {bad[copy.path]}"
            if card.did_without(copy, what.at_ns):
                known.append(f"{sentence}; the offload since did without it")
            else:
                spoilt.append(sentence)
        if _is_mounted(copy, mounted):
            here.append(shown)
            lost = _spoilt(os.path.join(log.folder, copy.path), files) if still else 0
            if lost:
                still = False
                word = "is" if lost == 1 else "are"
                spoilt.append(f"{lost} of {count(len(files), 'clip')} {word} gone from {shown} or of another size now")
        elif mounted(copy.path) or mounted(os.path.dirname(copy.path)):
            gone.append(shown)
            still = False
        else:
            away.append(shown)
        whole += still
    reasons = [safe_text(each).rstrip(".") for each in card.reasons] if card.verdict != SAFE else []
    if card.verdict != SAFE and not reasons:
        reasons = ["its offload gave no reason"]
    reasons += [f"the copy {each} or its manifest is gone, though its disk is there" for each in gone]
    reasons += spoilt
    word = "safe" if not reasons else "NOT SAFE"
    proved = [f"{word} as of {when(card.wall_ns, as_of_ns, bare=True)}", _whole(whole, len(card.copies))]
    seen = [f"mounted now: {', '.join(here)}"] if here else ["none is mounted now"] if card.copies else []
    seen += [f"not mounted: {', '.join(away)}"] if away and here else []
    return CardCopies(
        ok=not reasons,
        verdict=SAFE if not reasons else NOT_SAFE,
        whole=whole,
        reasons=tuple(reasons),
        as_of_ns=card.wall_ns,
        mounted=tuple(here),
        away=tuple(away),
        bad=bad,
        sentence="; ".join([*proved, *seen, *known, *reasons]) + ".",
        proved="; ".join([*proved, *known, *reasons]) + ".",
    )


def told(bad: FoundBad, as_of_ns: int) -> str:
    """`1 file failed when it was verified at 14:02: A014C003.mov`."""
    at = f" {when(bad.at_ns, as_of_ns)}" if bad.at_ns is not None else ""
    return f"{bad.what}{at}" + f": {bad.names}" * bool(bad.names)


def _is_mounted(copy: Copy, mounted: Callable[[str], bool]) -> bool:
    return mounted(copy.path) and (copy.manifest is None or mounted(copy.manifest))


def _whole(whole: int, copies: int) -> str:
    complete = f"{whole} complete {'copy' if whole == 1 else 'copies'}, every byte read back"
    return complete if whole == copies else f"{whole} of {copies} copies complete"


def when(wall_ns: int, now_ns: int, *, bare: bool = False) -> str:
    """`at 14:02`, or `on 2026-11-20 at 14:02` on another day; in this machine's zone."""
    then = datetime.fromtimestamp(wall_ns / _NS, UTC).astimezone()
    today = datetime.fromtimestamp(now_ns / _NS, UTC).astimezone().date()
    if bare:
        return f"{then:%H:%M}" if then.date() == today else f"{then:%Y-%m-%d %H:%M}"
    return f"at {then:%H:%M}" if then.date() == today else f"on {then:%Y-%m-%d} at {then:%H:%M}"
