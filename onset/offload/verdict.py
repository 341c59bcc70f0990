"""May the card be formatted? Computed from what was proven, with every reason against it in words.

Used by the job at its end. A verdict holds as of a time and for one fingerprint; it is never a green tick.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

from onset.offload.card import Card, read_write
from onset.offload.disks import whole_disks
from onset.offload.outcome import Gravity, Problem, TargetOutcome
from onset.offload.readback import Method
from onset.text import safe_text

SAFE, NOT_SAFE = "safe", "not safe"


@dataclass(frozen=True, slots=True)
class Verdict:
    """`reasons` is empty when it is safe; `warnings` are worth reading in any case."""

    word: str
    reasons: tuple[str, ...]
    warnings: tuple[str, ...]


def judge_card(
    card: Card,
    targets: Sequence[TargetOutcome],
    problems: Collection[Problem],
    *,
    copies: int,
    source_checked: bool,
    source_method: Method | None = None,
    system: frozenset[str] | None = None,
    then: Sequence[tuple[str, str]] = (),
    earlier: Sequence[tuple[Copied, str]] = (),
    away: Sequence[str] = (),
) -> Verdict:
    """Decide.

    Args:
        card: what was copied.
        targets: what became of each target.
        problems: everything that went wrong.
        copies: on how many distinct media the card must be.
        source_checked: the card was read a second time around the cache, and agreed.
        source_method: the weakest way that second read was made.
        system: disks of the running system; looked up when None.
        then: copies that are still to be made, each with the one that it is made from.
        earlier: whole copies that this run did not make or look into, each with when it was read back.
        away: folders of such copies whose disks are not connected.
    """
    system = whole_disks(Path("/")) if system is None else system
    reasons: list[str] = []
    warnings: list[str] = []
    complete = [target for target in targets if _complete(card, target, reasons)]
    mine = [Copied.of(target) for target in complete]
    media = distinct_media(mine, card, system, reasons, warnings)
    if media < copies and earlier:
        media = max(media, _with_earlier(mine, earlier, media, card, system, warnings))
    if media < copies:
        have = "1 complete copy on a medium of its own" if media == 1 else f"{media} complete copies on distinct media"
        reasons.append(f"there {'is' if media == 1 else 'are'} {have}, {copies} are wanted")
        reasons += [
            f"the copy {safe_text(path)} is not connected, so it was not counted; connect it and give the same command "
            "again"
            for path in away
        ]
    if not source_checked and source_method is Method.CACHE:
        reasons.append("the card could only be read again through the cache, which proves nothing about the first read")
    elif not source_checked:
        reasons.append("the card was not read a second time, so a bad read of it would not have been noticed")
    for kind in (Gravity.MISMATCH, Gravity.INCOMPLETE, Gravity.NOTICE):
        reasons += _told([p for p in problems if p.gravity is kind and p.target is None])
    to_do = [still_to_fill(folder, source) for folder, source in then]
    if reasons:
        reasons += to_do
    else:
        warnings += to_do
    writable = read_write(card)
    if writable is not None:
        warnings.append(writable)
    return Verdict(NOT_SAFE if reasons else SAFE, tuple(dict.fromkeys(reasons)), tuple(dict.fromkeys(warnings)))


def _with_earlier(
    mine: Sequence[Copied],
    earlier: Sequence[tuple[Copied, str]],
    media: int,
    card: Card,
    system: frozenset[str],
    warnings: list[str],
) -> int:
    """On how many media this run's copies and earlier ones lie; the earlier are named where they make a difference."""
    more: list[str] = []
    together = distinct_media([*mine, *(copy for copy, _ in earlier)], card, system, [], more)
    if together > media:
        warnings += more
        warnings += [f"{safe_text(copy.path)} counts as it was read back {when}, not now" for copy, when in earlier]
    return together


def still_to_fill(folder: str, source: str) -> str:
    """What is said of a copy that is to be made from another one."""
    return f"{safe_text(folder)} is still to be filled from {safe_text(source)}"


def _complete(card: Card, target: TargetOutcome, reasons: list[str]) -> bool:
    """Whether one target holds everything, proven and sealed; why not, otherwise."""
    shown = safe_text(target.path)
    files = len(card.tree.files)
    if target.lost is not None:
        reasons.append(f"{shown} was given up: {safe_text(target.lost)}")
    elif target.verified < files:
        reasons.append(f"{shown} holds {target.verified} of {files} files verified")
    elif target.manifest is None:
        reasons.append(f"{shown} has no manifest")
    elif target.read_back is Method.CACHE:
        reasons.append(f"{shown} could only be read back through the cache, which proves nothing about the medium")
    else:
        return True
    return False


@dataclass(frozen=True, slots=True)
class Copied:
    """Where a copy lies, or will lie: as `TargetOutcome` says it."""

    path: str
    disks: frozenset[str]
    disk: str | None
    on_card: bool
    device: int

    @classmethod
    def of(cls, target: TargetOutcome) -> Copied:
        return cls(target.path, target.disks, target.disk, target.on_card, target.device)


def distinct_media(
    targets: Sequence[Copied], card: Card, system: frozenset[str], reasons: list[str], warnings: list[str]
) -> int:
    """On how many media copies lie; why not on more is added to `reasons` and `warnings`.

    Copies that share a disk are one; the system's disk is one, with a warning; the card's own is none; what cannot be
    told apart is one, unless the configuration names its disk. Such a name never overrules what the system knows, and
    one file system is one medium by whatever names.
    """
    media: list[frozenset[str]] = []
    for target in targets:
        shown = safe_text(target.path)
        disks = target.disks
        if target.on_card or disks & card.disks:
            reasons.append(f"{shown} lies on the card's own disk, so it does not count")
            continue
        if not disks and target.disk is not None:
            disks = frozenset({f"disk {target.disk}"})
        elif not disks:
            disks = frozenset({"unknown"})
            warnings.append(f"the disk under {shown} cannot be told; name it in the configuration (disk = …)")
        if disks & system:
            warnings.append(f"{shown} lies on this computer's system disk")
        if target.device:
            disks |= {f"device {target.device}"}
        if any(disks & other for other in media):
            warnings.append(f"{shown} shares its disk with another target; together they count once")
        media.append(disks)
    groups: list[set[str]] = []
    for disks in media:
        touching = [group for group in groups if group & disks]
        groups = [group for group in groups if not group & disks] + [set(disks).union(*touching)]
    return len(groups)


def _told(problems: Sequence[Problem]) -> list[str]:
    """Problems of the card itself as reasons; many of one kind as one."""
    by_what: dict[str, list[Problem]] = {}
    for problem in problems:
        by_what.setdefault(problem.what, []).append(problem)
    told = []
    for what, alike in by_what.items():
        path = alike[0].path
        more = f" (and {len(alike) - 1} more)" if len(alike) > 1 else ""
        told.append(f"{safe_text(path)}{more}: {what}" if path is not None else what)
    return told
