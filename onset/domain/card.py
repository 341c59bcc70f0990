"""A camera or sound roll in its life, and the card that it was offloaded as, with its verified copies."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

_STAMP = re.compile(r"\d{4}-\d{2}-\d{2}_\d{6}Z\.mhl\Z")


class RollState(StrEnum):
    """Where a camera or sound roll is in its life."""

    LOADED = "loaded"
    PULLED = "pulled"
    WAITING = "waiting"  # with the DIT, not copied yet
    COPYING = "copying"
    SAFE = "safe"
    CLEARED = "cleared"
    REUSED = "reused"  # cleared, and loaded again: what is on it now is another roll


@dataclass(frozen=True, slots=True, kw_only=True)
class Roll:
    """A camera or sound roll in its life. Its label is used again once it was cleared: then it is another roll.

    Attributes:
        device: letter of the camera that it was loaded in, `sound` for a sound roll, empty when nobody said.
        day: the shooting day it was loaded on, or first shot on; None before that.
        serial: of the magazine.
        holder: who has it, empty when nobody said.
        changed_ns: when it came into its state.
        card: id of what the newest offload of it made, None before the first.
    """

    id: str
    unit: str
    label: str
    device: str
    day: int | None
    state: RollState
    serial: str = ""
    holder: str = ""
    note: str = ""
    loaded_ns: int | None = None
    pulled_ns: int | None = None
    changed_ns: int | None = None
    card: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundBad:
    """What somebody who looked found wrong with a copy after it was made; true wherever its disk is now.

    Attributes:
        what: in words, without the moment: `1 file failed when it was verified`.
        names: of the first files concerned, in words; empty where it is about none.
        at_ns: when it was found; None where the history that tells so does not say. In a log it is always there.
    """

    what: str
    names: str
    at_ns: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Copy:
    """One copy of a card.

    Attributes:
        path: folder of the copy.
        verified: files that were read back and matched.
        failed: files that were not.
        read_back: `direct`, `evicted` or `cache`: how the page cache was kept out.
        manifest: path of the ASC MHL manifest, None where none could be written.
        disk: what tells its medium from another one.
        bad: what was found of it since `manifest` was written, as the log knows; None where nobody found anything.
    """

    path: str
    verified: int
    failed: int
    read_back: str
    manifest: str | None
    disk: str | None = None
    bad: FoundBad | None = None

    @property
    def stamp(self) -> str:
        """Of the run that made it, as the name of its manifest has it, empty without one; stamps sort by time."""
        found = _STAMP.search(self.manifest or "")
        return found[0] if found is not None else ""

    def is_whole(self, files: int) -> bool:
        """Whether all of a card's files were proved and sealed on it; its target may have gone half way."""
        return not self.failed and self.verified >= files and self.manifest is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """A card as it was offloaded. `fingerprint` is its identity; `label` is only what is written on it.

    Attributes:
        files: number of files, `size` their bytes.
        verdict: `safe` or `not safe`, with `reasons`, as of `wall_ns`: of the copies alone.
        unit, day: the shooting day it was offloaded for, None where the log had no day yet.
        camera: letter of the camera it came from, empty when nothing tells; `reel` the camera's own name for it.
        cleared_by: the person who cleared this very state of the card (its fingerprint) for formatting, at
            `cleared_ns`; empty: nobody did. `cleared_note` is what that person typed.
        clips: how many clips or sound files were found on it, None where nobody looked.
        supersedes: id of the earlier state of this very card, which came back with more on it; None for a card that is
            new to the log.
    """

    id: str
    label: str
    fingerprint: str
    files: int
    size: int
    verdict: str
    reasons: tuple[str, ...]
    wall_ns: int
    copies: tuple[Copy, ...] = ()
    unit: str = "Main"
    day: int | None = None
    camera: str = ""
    reel: str = ""
    cleared_by: str = ""
    cleared_ns: int | None = None
    cleared_note: str = ""
    clips: int | None = None
    supersedes: str | None = None

    def did_without(self, copy: Copy, found_ns: int | None) -> bool:
        """As `did_without`, for a copy of this card."""
        return did_without(self.copies, copy, found_ns, self.wall_ns)

    @property
    def held_back_by(self) -> tuple[Copy, ...]:
        """As `held_back_by`, as far as the log knows."""
        return held_back_by(self.copies, self.files, self.wall_ns)


def did_without(copies: Sequence[Copy], copy: Copy, found_ns: int | None, offloaded_ns: int) -> bool:
    """Whether the newest offload did not count a copy that was found bad at `found_ns`: one of an earlier run, then.

    For copies of the newest run no clock is asked: two machines' clocks may differ by minutes.

    Args:
        copies: all of a card.
        copy: one of them.
        found_ns: None where nobody knows.
        offloaded_ns: when the newest offload ended.
    """
    newest = max((each.stamp for each in copies), default="")
    return copy.stamp != newest and found_ns is not None and found_ns <= offloaded_ns


def held_back_by(copies: Sequence[Copy], files: int, offloaded_ns: int) -> tuple[Copy, ...]:
    """Those copies of a card of so many files that are known to be bad and that its newest offload counted."""
    return tuple(
        copy
        for copy in copies
        if copy.bad is not None and copy.is_whole(files) and not did_without(copies, copy, copy.bad.at_ns, offloaded_ns)
    )
