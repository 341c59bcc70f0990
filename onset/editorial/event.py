"""What a cutting room gets of a shooting day: events, each a take on one file, as frozen values.

Made by `day.py` from a logbook's answers; every format writes these and asks the log nothing. All texts are as they
were typed: each format puts them through its own gate in `onset/text.py`.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from onset.domain.camera import NOTHING_SAID, Angle, CameraData
from onset.domain.production import Day, Production
from onset.domain.scene import Scene, Setup
from onset.domain.sound import SoundFile
from onset.domain.take import State, Status, Take
from onset.timecode import Rate, Timecode

_SAID = frozenset(map(str, Status)) - {str(Status.NONE)}
TIMECODE_TRACKS = frozenset({"ltc", "tc", "timecode"})  # what mixers call a track that is not to be heard


@dataclass(frozen=True, slots=True, kw_only=True)
class Marker:
    """A moment of a take that somebody marked, or at which a note was begun.

    Attributes:
        frame: counted from the file's first frame, at the event's rate; None where nobody can say.
        tc: the same moment as the master's label, at the take's rate; None: it had none.
        mark: a mark, not a note; its text may be empty.
    """

    frame: int | None
    tc: Timecode | None
    text: str
    author: str
    mark: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Media:
    """The file of an event; its link to the take is confirmed, and it can be read.

    Attributes:
        id: in the log; two events of one file have the same.
        name: of the file, with its ending; `path` as in `where.path_elsewhere`, never one of this machine.
        start: label of the first frame, renamed and moved as the options ask; None: the file has no timecode.
        frames: length at the label's rate; None: nobody could read it.
        reel: the roll as the file names it, else as it was typed; empty for our own recording of a camera's feed.
        sound: it is a sound file; `tracks` are then its names in channel order.
        fps: frames a second of the picture as it plays, None unless known.
        own: our recorder made it: the feed of a camera, not its original.
        interrupted: it ended before the take did; `dropped` is how many frames of it were lost.
    """

    id: str
    name: str
    path: str
    rate: Rate
    start: Timecode | None
    frames: int | None
    reel: str
    sound: bool = False
    tracks: tuple[str, ...] = ()
    fps: Fraction | None = None
    own: bool = False
    interrupted: bool = False
    dropped: int = 0

    @property
    def channels(self) -> tuple[tuple[int, str], ...]:
        """Tracks of a sound file that carry sound, with their numbers from 1; one where nobody named them."""
        named = tuple((n, name) for n, name in enumerate(self.tracks, 1) if name.casefold() not in TIMECODE_TRACKS)
        return named or ((1, ""),)


@dataclass(frozen=True, slots=True)
class Part:
    """A stretch of a file in frames from its first one, `last` excluded."""

    first: int
    last: int

    @property
    def frames(self) -> int:
        """How long."""
        return self.last - self.first


@dataclass(frozen=True, slots=True)
class Heard:
    """A sound file of a picture's take; `part` is from roll to cut within it, None where labels cannot tell."""

    media: Media
    part: Part | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """A take on one file; or, without `media`, a take (or an angle of it) whose file is not known for sure.

    Attributes:
        name: what the clip shall be called, by the pattern of the options.
        take: as the cutting room may see it: notes for the editor only, and of its files only those that are confirmed.
        camera: empty for sound alone.
        roll: of the camera, or of the sound where it is a sound file: as typed, else as the file says.
        master_in: the master's label at the roll (or where this camera began), `master_out` at the cut; renamed and
            moved as the options ask.
        roll_part: from roll to cut (with the camera's own start and end) within the file; None where labels cannot
            tell. `part` is the same with the handles that were asked for, as far as the file goes.
        shared: the file holds other takes too.
        sensor_fps: what the sensor ran at, where somebody said that it was not the rate it plays at.
        sound: confirmed sound files of the take; `heard` the same beside a picture, with labels as the options ask.
        data: what the camera was set to; where nobody said it of the take, what the setup meant.
        markers: marks and notes with a timecode, for the editor, in the order of time.
    """

    name: str
    take: Take
    camera: str
    roll: str
    angle: Angle | None = None
    media: Media | None = None
    master_in: Timecode | None = None
    master_out: Timecode | None = None
    roll_part: Part | None = None
    part: Part | None = None
    shared: bool = False
    sensor_fps: Fraction | None = None
    sound: tuple[SoundFile, ...] = ()
    heard: tuple[Heard, ...] = ()
    scene: Scene | None = None
    setup: Setup | None = None
    data: CameraData = NOTHING_SAID
    markers: tuple[Marker, ...] = ()

    @property
    def status(self) -> Status:
        """What this camera has of the take, where somebody said so, else the take's."""
        own = (self.angle.rating or "").strip().casefold() if self.angle is not None else ""
        return Status(own) if own in _SAID else self.take.status

    @property
    def circled(self) -> bool:
        """This camera's take is to be used: circled by itself, or with the take and not otherwise by itself."""
        return self.status is Status.CIRCLED

    @property
    def sound_rolls(self) -> tuple[str, ...]:
        """Each once: what the files say, else as it was logged; a MOS take has none that no file tells of."""
        rolls = [file.roll for file in self.sound if file.roll]
        if not rolls and self.take.mos:
            return ()
        rolls = rolls or [each.roll for each in self.take.sound if each.roll]
        return tuple(dict.fromkeys(rolls or ([self.take.sound_roll] if self.take.sound_roll else [])))

    @property
    def comments(self) -> tuple[str, ...]:
        """What an editor has to know, a sentence each: notes as written, ratings, what went wrong; no marks."""
        said = [f"slated as {self.take.slated_as}"] if self.take.slated_as else []
        if self.take.description:
            said.append(self.take.description)
        said += [note.text for note in self.take.notes if not note.mark and note.text]
        for voter, rating in self.take.ratings.items():
            why = self.take.rating_reasons.get(voter)
            said.append(f"{voter}: {rating}{f' ({why})' if why else ''}")
        if self.angle is not None and self.angle.rating:
            said.append(f"camera {self.camera}: {self.angle.rating}")
            if self.take.status not in (self.status, Status.NONE):
                said.append(f"the take: {self.take.status}")
        if self.take.state is State.INTERRUPTED:
            said.append("nobody saw the cut")
        if self.media is not None and self.media.interrupted:
            said.append(f"{self.media.name} was interrupted")
        if self.media is not None and self.media.dropped:
            said.append(f"{self.media.name} lost {self.media.dropped} frame{'s' if self.media.dropped > 1 else ''}")
        return tuple(said)

    @property
    def whole(self) -> Part | None:
        """The whole file."""
        frames = self.media.frames if self.media is not None else None
        return Part(0, frames) if frames else None

    @property
    def known_part(self) -> Part | None:
        """The take with its handles; the whole file where labels cannot tell where the take lies in it."""
        return self.part or self.whole

    @property
    def own_part(self) -> Part | None:
        """What the event is of its file: all of it, but for a file of several takes."""
        return self.known_part if self.shared else self.whole

    def label(self, frame: int) -> Timecode | None:
        """The label of a frame of the file, going round at midnight; None where the file has no timecode."""
        start = self.media.start if self.media is not None else None
        return start.later(frame) if start is not None else None


@dataclass(frozen=True, slots=True)
class LeftOut:
    """What is not exported: `what` as people call it, and why."""

    what: str
    why: str

    def __str__(self) -> str:
        return f"{self.what}: {self.why}"


@dataclass(frozen=True, slots=True, kw_only=True)
class EditorialDay:
    """A shooting day for the cutting room.

    Attributes:
        rate: the project's, or the one that was asked for.
        events: in the order that was asked for, takes without a file among them.
        sync_sound: an event a sound file that was recorded with a picture, for formats whose rows are files; no format
            counts it as a take.
        left_out: files that are no fact yet, and takes that still roll.
        warnings: what a reader must know before trusting it.
    """

    production: Production
    unit: str
    day: Day
    rate: Rate
    events: tuple[Event, ...]
    sync_sound: tuple[Event, ...] = ()
    left_out: tuple[LeftOut, ...] = ()
    warnings: tuple[str, ...] = ()

    @property
    def with_file(self) -> tuple[Event, ...]:
        """Events that have a file."""
        return tuple(event for event in self.events if event.media is not None)

    @property
    def files(self) -> tuple[Event, ...]:
        """An event a take and file, sound beside pictures too."""
        return (*self.with_file, *self.sync_sound)

    @property
    def without_file(self) -> tuple[LeftOut, ...]:
        """Takes and cameras without a file, for a format that has no place for them."""
        missing = [event for event in self.events if event.media is None]
        labels = [" ".join(filter(None, (event.take.label, event.camera))) for event in missing]
        return tuple(LeftOut(label, "no file of it is confirmed") for label in dict.fromkeys(labels))
