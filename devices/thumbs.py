"""The small pictures of takes: at the start, in the middle, at the end; made of frames as they come.

Used by `desk_picture.py`: the worker's thread shows it frames, the disk's thread asks for three of a clip when it is
closed. Where the middle of a take is nobody knows before the cut, so some are kept, at most 64, further and further
apart the longer the take rolls.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field

from devices.adapter import NS

MOST = 64
_APART_NS = NS
_REMEMBERED = 16  # takes that were cut: their clips close within the post-roll


@dataclass(slots=True)
class _OfTake:
    rolled_ns: int
    cut_ns: int | None = None
    apart_ns: int = _APART_NS
    kept: list[tuple[int, bytes]] = field(default_factory=list)


class TakeThumbs:
    """Small pictures of the takes that roll, and of those that were cut just now."""

    def __init__(self) -> None:
        """Nothing rolls."""
        self._takes: dict[str, _OfTake] = {}
        self._lock = threading.Lock()

    def roll(self, take_id: str, rolled_ns: int) -> None:
        """A take rolls."""
        with self._lock:
            self._takes.setdefault(take_id, _OfTake(rolled_ns))
            over = [key for key, take in self._takes.items() if take.cut_ns is not None]
            for key in over[:-_REMEMBERED]:
                del self._takes[key]

    def cut(self, take_id: str, cut_ns: int, mono_ns: int, small: Callable[[], bytes]) -> None:
        """It was cut; the newest frame, of `mono_ns`, is its last."""
        with self._lock:
            take = self._takes.get(take_id)
            if take is not None:
                take.cut_ns = cut_ns
                if take.rolled_ns <= mono_ns <= cut_ns and (not take.kept or take.kept[-1][0] < mono_ns):
                    take.kept.append((mono_ns, small()))

    def uncut(self, take_id: str) -> None:
        """It rolls on."""
        with self._lock:
            if take_id in self._takes:
                self._takes[take_id].cut_ns = None

    def see(self, mono_ns: int, small: Callable[[], bytes]) -> None:
        """A frame came; `small` makes a small JPEG of it, which is done only where it is wanted."""
        made: bytes | None = None
        with self._lock:
            for take in self._takes.values():
                due = not take.kept or mono_ns - take.kept[-1][0] >= take.apart_ns
                if take.cut_ns is None and mono_ns >= take.rolled_ns and due:
                    made = small() if made is None else made
                    take.kept.append((mono_ns, made))
                    if len(take.kept) > MOST:
                        take.kept = take.kept[::2]
                        take.apart_ns *= 2

    def of_clip(self, take_id: str, from_ns: int, to_ns: int) -> list[bytes]:
        """The first, the middle and the last of what a clip holds of its take; empty where there is none.

        Args:
            take_id: its take.
            from_ns: where the clip begins, its pre-roll too.
            to_ns: and ends.
        """
        with self._lock:
            take = self._takes.get(take_id)
            if take is None:
                return []
            end_ns = to_ns if take.cut_ns is None else min(to_ns, take.cut_ns)
            kept = [each for each in take.kept if max(from_ns, take.rolled_ns) <= each[0] <= end_ns]
        if not kept:
            return []
        middle_ns = (kept[0][0] + kept[-1][0]) // 2
        middle = min(kept, key=lambda each: abs(each[0] - middle_ns))
        return [kept[0][1], middle[1], kept[-1][1]]
