"""Short days made by hand for the matcher's tests: takes a few minutes apart, and media laid beside them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from onset.match.found import Found, FoundLink
from onset.match.observed import CameraSays, LoggedTake, Medium, Side
from onset.match.solve import match

# Rolls and lengths that no shift lays upon each other: found with a pencil, not with the matcher.
ROLLS = (0, 95, 260, 344, 700, 808, 1101, 1180, 1555, 1700, 1822, 2100, 2333, 2402, 2790, 2888, 3300, 3377, 3600, 3990)
LENGTHS = (31, 44, 27, 90, 61, 38, 52, 29, 75, 33, 120, 47, 40, 66, 36, 58, 49, 81, 35, 64)
TEN = 36_000.0


def takes(
    count: int = 14, *, start_s: float = TEN, cameras: Sequence[str] = ("A", "B"), **changes: object
) -> list[LoggedTake]:
    """That many takes of slate 42C (42D from the eighth on), with labels of the mixer's timecode."""
    found = []
    for number in range(count):
        roll = start_s + ROLLS[number]
        take = LoggedTake(
            id=f"t{number:02d}",
            wall_s=roll,
            wall_end_s=roll + LENGTHS[number],
            scene="42",
            slate="42C" if number < 7 else "42D",
            take=str(number % 7 + 1),
            label_s=roll,
            label_end_s=roll + LENGTHS[number],
            label_source="MIX.ltc",
            cameras={letter: CameraSays() for letter in cameras},
        )
        found.append(replace(take, **changes))  # type: ignore[arg-type]  # fields of a take
    return found


def clip(number: int, *, device: str = "A", off_s: float = 0.0, start_s: float = TEN, **changes: object) -> Medium:
    """The clip of the take of that number: begins 0.3 s after the roll and ends a second after the cut."""
    medium = Medium(
        id=f"{device}{number:02d}",
        side=Side.PICTURE,
        device=device,
        card=f"card {device}",
        reel=f"{device}014",
        name=f"{device}014C{number + 1:03d}",
        number=number + 1,
        start_s=(start_s + ROLLS[number] + 0.3 + off_s) % 86_400,
        length_s=LENGTHS[number] + 0.7,
    )
    return replace(medium, **changes)  # type: ignore[arg-type]  # fields of a medium


def sound(number: int, *, off_s: float = 0.0, **changes: object) -> Medium:
    """The sound file of that take: begins 2 s before the roll and ends 3 s after the cut."""
    medium = Medium(
        id=f"s{number:02d}",
        side=Side.SOUND,
        device="MIX",
        card="261121",
        reel="261121",
        name=f"261121_{number + 1:03d}",
        number=number + 1,
        start_s=(TEN + ROLLS[number] - 2 + off_s) % 86_400,
        length_s=LENGTHS[number] + 5.0,
    )
    return replace(medium, **changes)  # type: ignore[arg-type]  # fields of a medium


def pairs(found: Found, *, asked: bool | None = None) -> set[tuple[str, str]]:
    """Take and medium of each link; with `asked` only those with (True) or without (False) a question."""
    return {
        (link.take_id, link.medium_id) for link in found.links if asked is None or asked == (link.question is not None)
    }


def link(found: Found, take: str, medium: str) -> FoundLink:
    """The link of that pair."""
    (one,) = [each for each in found.links if (each.take_id, each.medium_id) == (take, medium)]
    return one


def straight(count: int, device: str = "A") -> set[tuple[str, str]]:
    """The pairs in which each take has the medium of its number."""
    return {(f"t{number:02d}", f"{device}{number:02d}") for number in range(count)}


__all__ = ["LENGTHS", "ROLLS", "TEN", "clip", "link", "match", "pairs", "sound", "straight", "takes"]
