"""A take: one attempt at a setup, from roll to cut, with all that belongs to it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from onset.domain.camera import Angle, CameraOnBoard
from onset.domain.note import Note
from onset.domain.sound import SoundTake
from onset.domain.still import Still
from onset.timecode import Rate, Timecode, rate


class State(StrEnum):
    """Where a take is in its life."""

    ROLLING = "rolling"
    CUT = "cut"
    INTERRUPTED = "interrupted"  # closed afterwards by a person or by the program, because no cut was seen


class Status(StrEnum):
    """What the director said of it."""

    NONE = "none"
    CIRCLED = "circled"
    HOLD = "hold"
    NG = "ng"


class Kind(StrEnum):
    """What sort of attempt it was."""

    NORMAL = "normal"
    PICKUP = "pickup"
    SERIES = "series"
    FALSE_START = "false start"
    WILD_TRACK = "wild track"
    PLATE = "plate"
    CHART = "chart"


@dataclass(frozen=True, slots=True, kw_only=True)
class Stamp:
    """A moment on set, as the seat that pressed the key saw it.

    Attributes:
        wall_ns: nanoseconds since 1970, UTC.
        mono_ns: the machine's monotonic clock; with `boot` it gives durations no clock change can spoil.
        boot: names the machine's boot; None when unknown.
        program: names the program that stays while the take rolls, see `onset.clock.program_id`; None: it did not stay.
        tc: the master's label, `tc_source` where it came from (`MIX.ltc`, `clock`).
        user_bits: of that timecode, eight hex digits as recorders show them (a date, a reel); None when it has none.
    """

    wall_ns: int
    mono_ns: int
    boot: str | None = None
    program: str | None = None
    tc: str | None = None
    tc_source: str | None = None
    user_bits: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """From action to cut (or to the next action, a reset) within a take. Labels, their sources, nanoseconds."""

    id: str
    action: str | None
    cut: str | None
    action_ns: int
    cut_ns: int | None = None
    action_source: str | None = None
    cut_source: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Take:
    """A take as it stands now.

    Labels are verbatim. `tc_in` is the master's label at the key; a clip has its own. Wall stamps are nanoseconds UTC.

    Attributes:
        ordinal: position among the takes of its slate, for sorting labels such as `2PK`.
        arrival: position in this log file, of which another file knows nothing; lists go by `shot`.
        rolled_mono_ns: the roll on the monotonic clock of the machine's boot `boot`; None where it was not seen.
        program: that rolled it and stayed; see `Stamp`.
        duration_frames: roll to cut, at the project rate; None while rolling, and where nobody knows.
        tag_places: where it was put among the takes of a tag, by the tags of which somebody said so; see `selects.py`.
        rating_reasons: why, by the voters of `ratings` who said so.
        sound_roll: as the board had it at the roll.
        user_bits: of the timecode at the roll; see `Stamp`.
        rolled_by, cut_by: the device (or trigger line) that started and ended it; empty: a person did.
        elsewhere: it rolls in the log of another laptop; nothing here waits for its cut.
        duplicate: another take has the same number: two seats that were apart gave it.
        added: entered afterwards: its times are somebody's memory, no key was pressed.
    """

    id: str
    unit: str
    day: int
    episode: str | None
    scene: str
    slate: str
    take: str
    ordinal: int
    arrival: int
    state: State
    rate: str
    rolled_ns: int
    rolled_mono_ns: int | None = None
    boot: str | None = None
    program: str | None = None
    cut_ns: int | None = None
    status: Status = Status.NONE
    status_reason: str | None = None
    kind: Kind = Kind.NORMAL
    mos: bool = False
    tail_slate: bool = False
    slated_as: str | None = None
    tc_in: str | None = None
    tc_out: str | None = None
    tc_source: str | None = None
    tc_out_source: str | None = None
    user_bits: str | None = None
    duration_frames: int | None = None
    description: str = ""
    runs: tuple[Run, ...] = ()
    notes: tuple[Note, ...] = ()
    tags: tuple[str, ...] = ()
    tag_places: Mapping[str, str] = field(default_factory=dict)
    ratings: Mapping[str, str] = field(default_factory=dict)
    rating_reasons: Mapping[str, str] = field(default_factory=dict)
    angles: tuple[Angle, ...] = ()
    sound: tuple[SoundTake, ...] = ()
    stills: tuple[Still, ...] = ()
    deleted: bool = False
    sound_roll: str | None = None
    added: bool = False
    duplicate: bool = False
    elsewhere: bool = False
    rolled_by: str = ""
    cut_by: str = ""

    @property
    def shot(self) -> tuple[int, int, str]:
        """Its place in shooting order, the same in every log: by day, by the moment it rolled, then by id."""
        return self.day, self.rolled_ns, self.id

    @property
    def label(self) -> str:
        """`42C/3`, as people say it."""
        return f"{self.slate}/{self.take}"

    @property
    def frame_rate(self) -> Rate:
        """The project rate it was logged at."""
        return rate(self.rate)

    @property
    def timing_estimated(self) -> bool:
        """No action was stamped, so timing runs from roll to cut (shown with `~`)."""
        return not self.runs

    @property
    def timing_frames(self) -> int | None:
        """Sum of the runs, action to cut; roll to cut where no action was stamped; None while rolling or unknown."""
        if self.state is State.ROLLING or self.duration_frames is None:
            return None
        if not self.runs:
            return self.duration_frames
        end = self.cut_ns
        total = sum((run.cut_ns or end or run.action_ns) - run.action_ns for run in self.runs)
        return int(total * self.frame_rate.fps / 1_000_000_000)

    @property
    def start(self) -> Timecode | None:
        """`tc_in` as a timecode."""
        return Timecode.parse(self.tc_in, self.frame_rate) if self.tc_in else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Board:
    """What a unit's board shows: the take that a roll would start, and what rolls now.

    Attributes:
        episode, scene, slate, take: the proposed take; labels verbatim.
        heading: of the scene, when a script is known.
        rolling: the take that rolls now.
        last_cut: the take that was cut here last, on which status keys act; one that was entered afterwards only where
            none was cut here, another laptop's only where there is neither.
        rehearsal_ns: how long the newest rehearsal of the proposed setup took, None before the first.
    """

    unit: str
    day: int
    episode: str | None
    scene: str
    slate: str
    take: str
    kind: Kind
    mos: bool
    tail_slate: bool
    heading: str
    cameras: tuple[CameraOnBoard, ...]
    sound_roll: str | None
    sound_in_next: bool
    rolling: Take | None
    last_cut: Take | None
    rehearsal_ns: int | None = None
