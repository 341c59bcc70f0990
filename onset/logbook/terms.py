"""The words in which the log is asked and answers: filters, changes, conflicts, events. For all above the database."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum, StrEnum
from typing import Protocol

from onset.domain.camera import LinkState
from onset.domain.card import Copy, FoundBad
from onset.domain.note import Anchor, Audience
from onset.domain.take import Kind, State, Status, Take

Value = None | int | float | str | bytes


class Unset(Enum):
    """The one value that means "leave it as it is" where None means "empty"."""

    UNSET = "unset"


UNSET = Unset.UNSET


@dataclass(frozen=True, slots=True, kw_only=True)
class Next:
    """What the next take shall be; a field left UNSET stays as the board has it.

    A changed scene or slate makes the take number follow; `take` overrides it once, verbatim.
    """

    episode: str | Unset | None = UNSET
    scene: str | Unset = UNSET
    slate: str | Unset = UNSET
    take: str | Unset | None = UNSET
    kind: Kind | Unset = UNSET
    mos: bool | Unset = UNSET
    tail_slate: bool | Unset = UNSET
    sound: bool | Unset = UNSET
    sound_roll: str | Unset = UNSET
    cameras: Mapping[str, bool] | Unset = UNSET
    rolls: Mapping[str, str] | Unset = UNSET


@dataclass(frozen=True, slots=True, kw_only=True)
class SetupPlan:
    """A setup on a shot list, under a working name; fields and cameras as for `set_setup`."""

    name: str
    scene: str
    episode: str | None = None
    fields: Mapping[str, Value] = field(default_factory=dict)
    cameras: Mapping[str, Mapping[str, Value]] = field(default_factory=dict)


class Part(StrEnum):
    """What a take may have or lack."""

    NOTES = "notes"
    MARKS = "marks"
    DESCRIPTION = "description"
    REASON = "reason"  # of its status
    CIRCLED = "circled"  # the take, or what one of its cameras has of it
    RATINGS = "ratings"
    TAGS = "tags"
    TIMECODE = "timecode"
    ACTION = "action"  # a run from action to cut was stamped
    CAMERAS = "cameras"
    ROLL = "roll"  # every camera that took part has its roll
    CLIPS = "clips"  # a picture file that nobody refused for it; `sound` likewise
    SOUND = "sound"
    STILLS = "stills"
    SLATED_AS = "slated as"


@dataclass(frozen=True, slots=True, kw_only=True)
class TakeFilter:
    """Which takes; None means any. What a person types for one, and which words are read, is in `query.py`.

    Attributes:
        days: the first and the last, None for an open end; `scenes` likewise, in the order of scenes on paper, with
            what was inserted between them.
        scene: in any spelling (`042` is scene 42), and so is `slate`; empty: takes without one.
        cameras: of each group one took part; case makes no difference.
        rolls: of each group one is a camera's or the sound's.
        tags: of each group the take has one.
        ratings: voters and what they said, None for anything, empty for nothing; all of them.
        audiences: a note is for one of them.
        has: all of these, and none of what it `lacks`.
        text: words that a take has all of, each as the beginning of one of its own; never a query language.
        duplicates: only takes whose number another one has too.
        deleted: also deleted ones.
        before: id of a take, deleted or not; only what follows it in the list, so that a page's last take begins the
            next: what was shot before it, or after it where the oldest come first.
        oldest_first: as reports go; newest first otherwise. In shooting order (`Take.shot`), the same in every log.
    """

    unit: str | None = None
    day: int | None = None
    days: tuple[int | None, int | None] | None = None
    episode: str | None = None
    scene: str | None = None
    scenes: tuple[str | None, str | None] | None = None
    slate: str | None = None
    states: Collection[State] | None = None
    statuses: Collection[Status] | None = None
    kinds: Collection[Kind] | None = None
    cameras: Collection[Collection[str]] = ()
    rolls: Collection[Collection[str]] = ()
    tags: Collection[Collection[str]] = ()
    ratings: Collection[tuple[str, str | None]] = ()
    audiences: Collection[Audience] | None = None
    has: Collection[Part] = ()
    lacks: Collection[Part] = ()
    mos: bool | None = None
    tail_slate: bool | None = None
    added: bool | None = None
    text: str | None = None
    deleted: bool = False
    duplicates: bool = False
    before: str | None = None
    limit: int | None = 200
    oldest_first: bool = False


EVERY_TAKE = TakeFilter()


@dataclass(frozen=True, slots=True)
class SavedFilter:
    """A query that a person keeps under a name; `author` saved it last."""

    name: str
    query: str
    author: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteFilter:
    """Which notes; None means any.

    Attributes:
        about_id: of this take, setup or scene.
        text: words that all stand in it, however they are written.
        limit: the newest so many.
    """

    unit: str | None = None
    day: int | None = None
    audience: Audience | None = None
    anchor: Anchor | None = None
    about_id: str | None = None
    text: str | None = None
    limit: int | None = 200


EVERY_NOTE = NoteFilter()


@dataclass(frozen=True, slots=True, kw_only=True)
class Thing:
    """What a person calls something whose history is asked for: `scene:101:42`, `setup:42C`, `card:A014`, `day:3`.

    Attributes:
        kind: scene, setup, day, card, roll, clip, sound, unit, episode, person or filter.
        label: in any spelling.
        episode: of a scene or setup; None: of any.
        unit: of a day.
    """

    kind: str
    label: str
    episode: str | None = None
    unit: str = "Main"


@dataclass(frozen=True, slots=True, kw_only=True)
class LoggedChange:
    """One field that one edit changed: a line of the history, or what a feed delivers.

    Attributes:
        arrival: this log's own counter, the feed's cursor.
        entity: `take`, `note`, `clip` …; `take_id` the take it belongs to, where it belongs to one.
        old: the value before, as the editing seat saw it.
        undoes: an undo made it.
        merged: it came from the log of another laptop.
        about: what a person calls the thing (`42C/3`, a file's name, a card's label). The history alone tells this and
            what follows: `verb`, what was asked for; `undone`, that it was taken back since; and what the old and the
            new value are called where they are ids.
    """

    arrival: int
    seat: str
    seat_name: str
    author: str
    wall_ns: int
    entity: str
    entity_id: str
    take_id: str | None
    field: str
    old: Value
    new: Value
    undoes: bool = False
    merged: bool = False
    about: str = ""
    verb: str = ""
    undone: bool = False
    old_about: str = ""
    new_about: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shift:
    """How far a take is moved in time.

    Attributes:
        ns: nanoseconds, negative for earlier.
        tc_in: the label that its roll then has, where the moment itself was said; None: as far on as the take moves.
    """

    ns: int
    tc_in: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CopiedFrom:
    """Where camera data is copied from: a take, or the setup of a slate in an episode."""

    take_id: str | None = None
    slate: str | None = None
    episode: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Undone:
    """What undo or redo did, in words ("42C/2 no longer circled"), and the take it concerns."""

    sentence: str
    take: Take | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Conflict:
    """Seats changed one field without having seen each other; a person picks.

    Attributes:
        take: that the thing belongs to.
        values: each once, the one that stands meanwhile first; `by` and `wall_ns` say who set it, and when.
        seats: what each of these people's seats is called (`Maya, script`).
        about: what a person calls the thing (`B of 42C/3`, a scene's number), empty where nobody knows.
    """

    take: Take | None
    entity: str
    entity_id: str
    field: str
    values: tuple[Value, ...]
    by: tuple[str, ...] = ()
    wall_ns: tuple[int, ...] = ()
    seats: tuple[str, ...] = ()
    about: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Something that happened to a device: a fault, a gap, a reconnect. Or an alarm that lasts, until it is over.

    Attributes:
        wall_ns: when it happened, or began; nanoseconds UTC.
        alarm: every seat shows it at once.
        last_ns: of one that lasts, when it came last; None for what only happened.
        cleared_ns: when it was over; None while it stands.
        count: how often it came: one that comes back within moments is the same alarm.
        id: in the log; empty before it is there.
        seat: that raised it, where alarms that stand were asked for; else empty.
    """

    wall_ns: int
    device: str
    what: str
    detail: str
    take_id: str | None = None
    alarm: bool = False
    last_ns: int | None = None
    cleared_ns: int | None = None
    count: int = 1
    id: str = field(default="", compare=False)
    seat: str = field(default="", compare=False)

    @property
    def stands(self) -> bool:
        """Whether it lasts and is not over."""
        return self.last_ns is not None and self.cleared_ns is None

    @property
    def passed(self) -> bool:
        """Whether it lasted a while, and is over. What only happened, once or often, is not."""
        return self.last_ns is not None and self.cleared_ns is not None and self.cleared_ns > self.last_ns


@dataclass(frozen=True, slots=True, kw_only=True)
class LookedAt:
    """A copy of a card that somebody looked at again.

    Attributes:
        copy: as the log had it then.
        bad: what was found of it; None: what the log knows of it is put right.
    """

    card_id: str
    copy: Copy
    bad: FoundBad | None


@dataclass(frozen=True, slots=True, kw_only=True)
class WantedLink:
    """A link as the matcher wants it to stand.

    Attributes:
        state: proposed or confirmed; never refused, which only a person says.
        question: why a person has to look; empty: nothing speaks against it.
    """

    take_id: str
    media_id: str
    state: LinkState
    method: str
    evidence: str
    question: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SaidOfStill:
    """What a person says of a still; what is left out stays.

    Attributes:
        state: confirmed or refused; proposed takes the person's word back.
        take_id: the take that it belongs to, in place of what was proposed; `setup_id` likewise.
        continuity: character, scene and episode of the entry that it is put to; None takes it off.
        caption: empty takes it away.
    """

    state: LinkState | None = None
    take_id: str | None = None
    setup_id: str | None = None
    continuity: tuple[str, str, str | None] | Unset | None = UNSET
    caption: str | Unset = UNSET


class Feed(Protocol):
    """Every committed change, this process' own included, in order of arrival. Owns a connection; one thread only."""

    @property
    def cursor(self) -> int:
        """Arrival of the newest change delivered."""
        ...

    def poll(self) -> Sequence[LoggedChange]:
        """What was committed since the last poll; cheap when nothing was (called up to 100 times a second)."""
        ...

    def close(self) -> None: ...
