"""What the village sees: slate, take, what rolls, what was circled. No notes, no reasons, nobody's words.

Used by `onset board`, on the screen and as text. What is not in these values cannot be shown by mistake.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from onset.domain.production import Production, Unit
from onset.domain.take import Board, Kind, State, Status, Take
from onset.logbook.as_json import Json
from onset.logbook.terms import TakeFilter

_NS = 1_000_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class VillageTake:
    """A take, as far as it is everybody's.

    Attributes:
        since_ns: of the newest action, or of the roll where no action was stamped (`estimated`); wall clock, UTC.
        length_s: action to cut, in whole seconds; None while it rolls, and where nobody knows.
        estimated: from roll to cut, because no action was stamped.
        elsewhere: it rolls in the log of another laptop.
        cameras: letter and roll of each.
    """

    id: str
    scene: str
    slate: str
    take: str
    state: State
    status: Status
    kind: Kind
    mos: bool
    rolled_ns: int
    since_ns: int
    length_s: int | None
    estimated: bool
    elsewhere: bool
    cameras: tuple[tuple[str, str], ...]

    @property
    def label(self) -> str:
        """`42C/3`, as people say it."""
        return f"{self.slate}/{self.take}"

    @property
    def words(self) -> str:
        """What became of it, in the order in which it matters; empty: it was shot, and nothing was said."""
        said = [
            {Status.CIRCLED: "CIRCLED", Status.HOLD: "hold", Status.NG: "no good"}.get(self.status, ""),
            "" if self.kind is Kind.NORMAL else str(self.kind),
            "MOS" if self.mos else "",
            "interrupted" if self.state is State.INTERRUPTED else "",
            "rolls elsewhere" if self.elsewhere and self.state is State.ROLLING else "",
        ]
        return ", ".join(filter(None, said))


@dataclass(frozen=True, slots=True, kw_only=True)
class VillageBoard:
    """A unit's board as it hangs in the village.

    Attributes:
        slate, take: of the take that a roll would start; empty before the first slate.
        rolling: the take that rolls; None: none does.
        left_rolling: nobody can have seen the cut of that one (see `onset.logbook.broken_off`).
        takes: of the day, newest first, without the one that rolls.
    """

    title: str
    unit: str
    day: int
    scene: str
    heading: str
    slate: str
    take: str
    kind: Kind
    mos: bool
    tail_slate: bool
    rolling: VillageTake | None
    left_rolling: bool
    takes: tuple[VillageTake, ...]

    @property
    def flags(self) -> str:
        """What the next take is besides a take: `pickup, MOS`."""
        said = ["" if self.kind is Kind.NORMAL else str(self.kind), "MOS" * self.mos, "tail slate" * self.tail_slate]
        return ", ".join(filter(None, said))


class VillageBook(Protocol):
    """The questions it asks; every `Logbook` answers them."""

    def production(self) -> Production: ...

    def units(self) -> Sequence[Unit]: ...

    def board(self, unit: str = "Main") -> Board: ...

    def takes(self, wanted: TakeFilter = ...) -> Sequence[Take]: ...


def village_board(
    log: VillageBook, unit: str, *, most: int, broken_off: Callable[[], Sequence[Take]] = lambda: ()
) -> VillageBoard:
    """The board of a unit now.

    Args:
        log: asked for the board and the takes of its day.
        unit: whose board.
        most: takes at most.
        broken_off: asked while something rolls: which takes were left rolling.
    """
    board = log.board(unit)
    takes = log.takes(TakeFilter(unit=unit, day=board.day, limit=most))
    rolling = board.rolling
    return VillageBoard(
        title=log.production().title,
        unit=unit,
        day=board.day,
        scene=board.scene,
        heading=board.heading,
        slate=board.slate,
        take=board.take,
        kind=board.kind,
        mos=board.mos,
        tail_slate=board.tail_slate,
        rolling=_of(rolling) if rolling is not None else None,
        left_rolling=rolling is not None and any(each.id == rolling.id for each in broken_off()),
        takes=tuple(_of(each) for each in takes if rolling is None or each.id != rolling.id),
    )


def _of(take: Take) -> VillageTake:
    frames = take.timing_frames
    return VillageTake(
        id=take.id,
        scene=take.scene,
        slate=take.slate,
        take=take.take,
        state=take.state,
        status=take.status,
        kind=take.kind,
        mos=take.mos,
        rolled_ns=take.rolled_ns,
        since_ns=take.runs[-1].action_ns if take.runs else take.rolled_ns,
        length_s=None if frames is None else round(take.frame_rate.seconds_for(frames)),
        estimated=take.timing_estimated,
        elsewhere=take.elsewhere,
        cameras=tuple((angle.camera, angle.roll or "") for angle in take.angles),
    )


def running(take: VillageTake, now_ns: int) -> str:
    """How long it runs: `0:41`, with `~` where no action was stamped.

    Args:
        take: one that rolls.
        now_ns: now, by the wall clock.
    """
    return ("~" if take.estimated else "") + stopwatch((now_ns - take.since_ns) // _NS)


def stopwatch(seconds: int) -> str:
    """As a stopwatch reads, hours only where there are some.

    >>> stopwatch(41), stopwatch(3723), stopwatch(-2)
    ('0:41', '1:02:03', '0:00')
    """
    minutes, rest = divmod(max(0, seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{rest:02d}" if hours else f"{minutes}:{rest:02d}"


def village_json(board: VillageBoard, now_ns: int) -> dict[str, Json]:
    """As JSON; what is not there is null."""
    rolling = board.rolling
    return {
        "production": board.title,
        "unit": board.unit,
        "day": board.day,
        "next": {
            "scene": board.scene or None,
            "heading": board.heading or None,
            "slate": board.slate or None,
            "take": board.take if board.slate else None,
            "kind": str(board.kind),
            "mos": board.mos,
            "tail_slate": board.tail_slate,
        },
        "rolling": None if rolling is None else _take_json(rolling) | {"running_s": (now_ns - rolling.since_ns) // _NS},
        "left_rolling": board.left_rolling,
        "takes": [_take_json(take) for take in board.takes],
    }


def _take_json(take: VillageTake) -> dict[str, Json]:
    return {
        "scene": take.scene or None,
        "slate": take.slate,
        "take": take.take,
        "state": str(take.state),
        "status": str(take.status),
        "kind": str(take.kind),
        "mos": take.mos,
        "length_s": take.length_s,
    }
