"""The log as everybody above the database sees it.

One `Logbook` belongs to one writer thread and one reader thread of one process; a screen never calls it on its event
loop. Every verb is one edit: durable when it returns, undoable by the seat that made it, or it raises and nothing has
changed. Questions answer from the newest committed state.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Protocol

from onset.domain.camera import Clip, Link, LinkState
from onset.domain.card import Card
from onset.domain.claim import Claim, ClaimSource, Explanation
from onset.domain.note import Audience, Note
from onset.domain.production import Day, Production, Seat, Unit
from onset.domain.scene import Scene, Setup
from onset.domain.sound import SoundFile
from onset.domain.take import Board, Kind, Stamp, State, Status, Take

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
class TakeFilter:
    """Which takes; None means any. `text` is searched as words with the last one a prefix, never as a query language.

    Attributes:
        before: only takes whose `arrival` is smaller (keyset paging of a newest-first list).
        oldest_first: order by day, then arrival, for reports; newest first otherwise.
    """

    unit: str | None = None
    day: int | None = None
    scene: str | None = None
    slate: str | None = None
    states: Collection[State] | None = None
    statuses: Collection[Status] | None = None
    tag: str | None = None
    text: str | None = None
    deleted: bool = False
    before: int | None = None
    limit: int | None = 200
    oldest_first: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class LoggedChange:
    """One field that one edit changed: a line of the history, or what a feed delivers.

    Attributes:
        arrival: this log's own counter, the feed's cursor.
        entity: `take`, `note`, `clip` …; `take_id` the take it belongs to, where it belongs to one.
        old: the value before, as the editing seat saw it.
        about: what a person calls the thing (a file's name, a card's label); only the history tells it.
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
    about: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Undone:
    """What undo or redo did, in words ("42C/2 no longer circled"), and the take it concerns."""

    sentence: str
    take: Take | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Conflict:
    """Two seats changed one field without having seen each other; a person picks."""

    take: Take | None
    entity: str
    entity_id: str
    field: str
    values: tuple[Value, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Something that happened to a device: a fault, a gap, a reconnect.

    Attributes:
        alarm: every seat shows it at once.
    """

    wall_ns: int
    device: str
    what: str
    detail: str
    take_id: str | None = None
    alarm: bool = False


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


class Logbook(Protocol):
    """A production's log, opened by one seat."""

    @property
    def seat(self) -> Seat: ...

    @property
    def folder(self) -> Path:
        """The production folder; media paths in the log are relative to it."""
        ...

    @property
    def read_only(self) -> str | None:
        """Why this program may only read this log (a sentence), or None."""
        ...

    def close(self) -> None: ...

    def feed(self, *, after: int | None = None) -> Feed:
        """A feed that starts after the arrival `after`; None: after what is committed now."""
        ...

    # -- production, days, board ------------------------------------------------------------------------------------

    def production(self) -> Production: ...

    def units(self) -> Sequence[Unit]: ...

    def days(self, unit: str = "Main") -> Sequence[Day]: ...

    def open_day(self, unit: str, number: int, date: str) -> Day:
        """Open a shooting day; the one before it is closed by a person with `wrap_day`, never by midnight."""
        ...

    def wrap_day(self, unit: str, stamp: Stamp) -> Day: ...

    def board(self, unit: str = "Main") -> Board: ...

    def set_next(self, change: Next, *, unit: str = "Main") -> Board: ...

    def next_setup(self, *, unit: str = "Main") -> Board:
        """The next slate by the production's slating system."""
        ...

    # -- takes ------------------------------------------------------------------------------------------------------

    def roll(self, stamp: Stamp, *, unit: str = "Main", change: Next | None = None, author: str | None = None) -> Take:
        """Start the proposed take (after applying `change` in the same edit); its number is given inside the edit.

        Raises:
            RefusedError: a take of this unit rolls already; names it. Carries `take_id`.
        """
        ...

    def action(self, take_id: str, stamp: Stamp) -> Take:
        """A new run; a second one within a take is a reset and makes it a series."""
        ...

    def cut(self, take_id: str, stamp: Stamp) -> Take:
        """End it.

        Raises:
            RefusedError: it does not roll (any more).
        """
        ...

    def earlier(self, take_id: str, seconds: int) -> Take:
        """Its newest stamp (roll, action or cut) was that much earlier: moment and label alike, durations follow.

        Raises:
            RefusedError: the stamp would come before the one that it follows.
        """
        ...

    def interrupt(self, take_id: str, stamp: Stamp) -> Take:
        """Close a take whose cut nobody saw; its state becomes `interrupted`."""
        ...

    def add_take(
        self,
        *,
        slate: str,
        take: str | None,
        stamp: Stamp,
        unit: str = "Main",
        scene: str | None = None,
        fields: Mapping[str, Value] | None = None,
        duration_frames: int | None = None,
        day: int | None = None,
    ) -> Take:
        """Insert a take that was missed: cut already, timed by `stamp`; of that `day`, else of the open one."""
        ...

    def set_take(
        self, take_id: str, fields: Mapping[str, Value], *, angles: Mapping[str, Mapping[str, Value]] | None = None
    ) -> Take:
        """Change fields of a take (see `onset.logbook.fields.TAKE_FIELDS`), and in the same edit those of its cameras.

        Raises:
            RefusedError: no such field, or a value it cannot hold; names both.
        """
        ...

    def set_angle(self, take_id: str, camera: str, fields: Mapping[str, Value]) -> Take: ...

    def set_setup(self, slate: str, fields: Mapping[str, Value], *, scene: str | None = None) -> Setup: ...

    def set_camera_setup(self, slate: str, camera: str, fields: Mapping[str, Value]) -> Setup: ...

    def set_scene(self, number: str, fields: Mapping[str, Value], *, episode: str | None = None) -> Scene: ...

    def rehearsal(self, duration_ns: int, *, unit: str = "Main") -> Setup:
        """The proposed setup was rehearsed for so long; kept on the setup and on its scene, in one edit.

        Raises:
            RefusedError: the board has no slate yet.
        """
        ...

    def note(
        self,
        take_id: str,
        text: str,
        *,
        audience: Audience = Audience.EDITOR,
        stamp: Stamp | None = None,
        author: str | None = None,
    ) -> Note:
        """Add a note; `stamp` is the moment of its first keystroke while the take rolled."""
        ...

    def mark(self, take_id: str, stamp: Stamp, text: str = "") -> Note: ...

    def rate_take(self, take_id: str, voter: str, value: str | None) -> Take: ...

    def tag(self, take_id: str, *, add: Collection[str] = (), remove: Collection[str] = ()) -> Take: ...

    def delete(self, take_id: str) -> Take:
        """Hide a take; nothing is erased, and `restore` brings it back."""
        ...

    def restore(self, take_id: str) -> Take: ...

    def undo(self, *, wall_ns: int) -> Undone:
        """Take back this seat's newest edit that is not undone yet. A roll is never undone.

        Raises:
            OverwrittenError: another seat changed the same since; told once, the next undo passes over that edit.
            RefusedError: nothing to undo; or the edit cannot be taken back, says why.
        """
        ...

    def redo(self, *, wall_ns: int) -> Undone: ...

    def undo_preview(self) -> str | None:
        """What `undo` would do, or that another seat overwrote it, in words; None when there is nothing."""
        ...

    # -- what the devices and the offload write -----------------------------------------------------------------------

    def clip_opened(self, take_id: str, clip: Clip) -> str:
        """A recorder of ours writes this file for that take; linked and confirmed. Returns the clip's id."""
        ...

    def clip_closed(self, clip_id: str, *, duration_frames: int | None, dropped: int, interrupted: bool) -> None:
        """The file is complete; without a length (it cannot be read for now) only `interrupted` is written."""
        ...

    def sound_opened(self, take_id: str, sound: SoundFile) -> str: ...

    def sound_closed(
        self, sound_id: str, *, duration_frames: int | None, samples: int, sample_rate: int, interrupted: bool
    ) -> None:
        """As `clip_closed`, for a sound file."""
        ...

    def event(self, event: Event) -> None: ...

    def record_card(self, card: Card) -> Card:
        """Remember an offload with its copies and verdict; the same fingerprint again updates that card."""
        ...

    def clear_card(self, card_id: str, *, by: str, note: str = "", cleared: bool = True) -> Card:
        """A named person cleared the card, as its fingerprint is now, for formatting; or took that back.

        Raises:
            RefusedError: no such card, or no name.
        """
        ...

    # -- what other departments' files and reports bring ---------------------------------------------------------------

    def bring_in(self, media: Sequence[Clip | SoundFile]) -> tuple[int, int]:
        """Remember files that are not our recorders', in one edit; those the log knows are updated, never doubled.

        Identity is (digest, name) where there is a digest, else (card, path). A readable file takes the place of the
        unreadable one of the same card label and path.

        Returns:
            How many are new, and how many were known.
        """
        ...

    def take_claims(self, source: ClaimSource, report: str, unit: str, day: int, claims: Sequence[Claim]) -> int:
        """Remember the rows of a report, in one edit; the rows of an earlier import of that report give way.

        Returns:
            How many rows are new or were changed.
        """
        ...

    def write_links(self, unit: str, day: int, wanted: Sequence[WantedLink], *, seen: int) -> int | None:
        """Make the matcher's links of a day what it wants, in one edit, writing differences only.

        Links of our own recorders, and those a person decided, are left as they are. Files of the day that are not
        wanted any more lose the matcher's links.

        Args:
            unit: whose day.
            day: its number.
            wanted: all links the matcher wants for that day.
            seen: `arrival()` as it was before the matcher read the day.

        Returns:
            How many links changed; None when the log has moved on since `seen` in what a match depends on, and nothing
            was written.
        """
        ...

    def decide_link(self, take_id: str, media_id: str, state: LinkState, *, reason: str = "") -> Take:
        """A person's word on a take and a file: confirmed or refused; stands whatever the matcher finds later.

        `proposed` takes the person's word back.

        Raises:
            RefusedError: no such take or file; or a file of our own recorders is refused.
        """
        ...

    def explain(self, key: str, text: str, *, unit: str, day: int) -> Explanation:
        """A difference is explained by this person; an empty text takes the explanation back."""
        ...

    def arrival(self) -> int:
        """Arrival of the newest edit."""
        ...

    def media(self, *, unit: str = "Main", day: int | None = None) -> Sequence[Clip | SoundFile]:
        """Files of a day that are not our recorders', linked or not, in order of name; None: of all days."""
        ...

    def links(self, *, unit: str = "Main", day: int | None = None) -> Sequence[Link]:
        """All links of the takes of a day, refused ones too; None: of all days."""
        ...

    def claims(self, *, unit: str = "Main", day: int | None = None) -> Sequence[Claim]:
        """Rows of reports, in order of report and row."""
        ...

    def explanations(self, *, unit: str = "Main", day: int | None = None) -> Sequence[Explanation]: ...

    # -- questions --------------------------------------------------------------------------------------------------

    def take(self, take_id: str) -> Take | None: ...

    def find_take(self, argument: str, *, unit: str = "Main") -> Take:
        """The take a person means: `42C/3`, an id, or `last`.

        Raises:
            RefusedError: no such take, or several; names them.
        """
        ...

    def takes(self, wanted: TakeFilter = TakeFilter()) -> Sequence[Take]:
        """Whole takes, newest first unless asked otherwise."""
        ...

    def count_takes(self, wanted: TakeFilter = TakeFilter()) -> int: ...

    def rolling(self, unit: str | None = None) -> Sequence[Take]: ...

    def setup(self, slate: str) -> Setup | None: ...

    def setups(self, *, scene: str | None = None) -> Sequence[Setup]: ...

    def scene(self, number: str, *, episode: str | None = None) -> Scene | None: ...

    def tags(self) -> Sequence[str]:
        """Tags in use, most used first."""
        ...

    def cards(self) -> Sequence[Card]: ...

    def events(self, *, take_id: str | None = None, limit: int = 100) -> Sequence[Event]: ...

    def history(self, take_id: str | None = None, *, limit: int = 200) -> Sequence[LoggedChange]:
        """Newest first; of one take (with its notes, runs, clips) or of the whole log."""
        ...

    def conflicts(self) -> Sequence[Conflict]: ...

    def draft(self, key: str) -> str | None:
        """A half-typed text this seat left behind (not an edit, not merged)."""
        ...

    def keep_draft(self, key: str, text: str | None) -> None: ...
