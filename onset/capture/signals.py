"""What travels between the capture service, its device workers and the screens.

Orders go down a worker's standard input and reports come up its standard output, one JSON line each, in order and never
lost. Slots go over the live bus (`bus.py`): newest wins, one socket a device and kind, one frame a message.
All monotonic stamps are `Clock.monotonic_ns`, which the processes of one machine share.
"""

from __future__ import annotations

from typing import Literal, get_args

import msgspec

from onset.limits import USUAL, Limits

SERVICE = "capture"  # who reports what is no single device's matter
State = Literal["connecting", "live", "stalled", "lost", "back-off", "missing"]
Medium = Literal["picture", "sound", "deck"]  # a deck only tells: nothing of it is recorded here


class Said(msgspec.Struct, frozen=True, kw_only=True):
    """What people have said of a take so far, `kind` as the log spells it; a sound file is closed with it."""

    circled: bool = False
    no_good: bool = False
    kind: str = "normal"
    note: str = ""


class Slated(msgspec.Struct, frozen=True, kw_only=True):
    """What was known of a take at the roll: file names and file metadata are made from it and never renamed.

    Attributes:
        take_id: the take's id in the log, 32 hex digits.
        day: number of the shooting day.
        tc: the master's label at the key, and `tc_source` where it came from; None when there was none.
        said: the only part that changes while the take rolls (`Remark`).
        peaks: of each track of this device the loudest peak in its files of the day, in dBFS; it had sound then.
        folder: below the media folder, for files that belong to no day; empty: that of the day.
        taken: names below the media folder that the log has for this device and day; no new file may take one.
    """

    take_id: str
    production: str
    unit: str
    day: int
    scene: str
    slate: str
    take: str
    episode: str | None = None
    roll: str | None = None
    tc: str | None = None
    tc_source: str | None = None
    mos: bool = False
    said: Said = Said()
    taken: list[str] = []
    peaks: dict[str, float] = {}
    folder: str = ""


class Setup(msgspec.Struct, frozen=True, kw_only=True, tag="setup"):
    """First line a worker reads: which device it is, and the production it serves.

    Attributes:
        options: the device's own keys from `config.toml`, checked by its adapter.
        production: the production's title, for pictures and file metadata.
        media: absolute folder for recordings; the worker makes `day<NN>/` below it, but never the folder itself
            (it may be a disk that is not mounted).
        bus: absolute folder of the live bus' sockets.
        rate: project rate by name, as `onset.timecode.rate` reads it.
        timecode: the master and who stands in for it, e.g. `["MIX.ltc", "clock"]`.
        files: how a sound device's tracks are written: all in one file, or one file each.
        names: template of file names (`devices/clip_name.py`).
        watch: when trouble is an alarm.
    """

    device: str
    kind: str
    options: dict[str, object]
    production: str
    media: str
    bus: str
    rate: str
    timecode: list[str]
    preroll_s: float = 15.0
    postroll_s: float = 5.0
    files: Literal["poly", "mono"] = "poly"
    names: str = "{slate}-{take}_{camera}"
    watch: Limits = USUAL


class Roll(msgspec.Struct, frozen=True, kw_only=True, tag="roll"):
    """Record this take, from `mono_ns` minus the pre-roll."""

    slated: Slated
    mono_ns: int


class Cut(msgspec.Struct, frozen=True, kw_only=True, tag="cut"):
    """The take was cut at `mono_ns`; record on for the post-roll, then finish the file."""

    take_id: str
    mono_ns: int


class Uncut(msgspec.Struct, frozen=True, kw_only=True, tag="uncut"):
    """The cut was undone: still rolling. Within the post-roll the same file goes on without a gap."""

    take_id: str


class Mark(msgspec.Struct, frozen=True, kw_only=True, tag="mark"):
    """A moment of a take that somebody marked; it becomes a chapter or a cue of the file. `id` is the mark's own."""

    id: str
    take_id: str
    mono_ns: int
    text: str = ""


class Unmark(msgspec.Struct, frozen=True, kw_only=True, tag="unmark"):
    """The mark was taken back, or is there again after all; one that is not known is no matter."""

    id: str
    gone: bool = True


class Remark(msgspec.Struct, frozen=True, kw_only=True, tag="remark"):
    """Something else is said of a take whose file is open: it was circled, a note was written."""

    take_id: str
    said: Said


class Ask(msgspec.Struct, frozen=True, kw_only=True, tag="ask"):
    """Do something that is no fact: `reconnect`, `identify`, `still`, `fault`, `check`. Answered by `Answer`."""

    id: int
    what: str
    args: dict[str, str] = {}


class Quit(msgspec.Struct, frozen=True, kw_only=True, tag="quit"):
    """Finish open files and end. A closed input means the same."""


Order = Roll | Cut | Uncut | Mark | Unmark | Remark | Ask | Quit


class Delivers(msgspec.Struct, frozen=True, kw_only=True):
    """What an open device delivers; what does not apply is None or empty.

    Attributes:
        width: of the picture, as `height`, in pixels.
        fps: frames a second, rounded to a thousandth.
        copied: its encoded frames are recorded as they come.
        sample_rate: samples a second, and `tracks` the names of the tracks in their order.
        model: a deck's name, as it says it.
    """

    width: int | None = None
    height: int | None = None
    fps: float | None = None
    copied: bool | None = None
    sample_rate: int | None = None
    tracks: list[str] = []
    model: str | None = None


class StateChanged(msgspec.Struct, frozen=True, kw_only=True, tag="state"):
    """The device went from one state of its life to another; `detail` is a sentence for a person.

    Attributes:
        medium: what the device records, so that no sound is recorded for MOS, no picture for a wild track, and of a
            deck nothing; None means that it records every take.
        delivers: what it delivered when it was last open; None before.
    """

    device: str
    state: State
    detail: str
    mono_ns: int
    medium: Medium | None = None
    delivers: Delivers | None = None


class ClipOpened(msgspec.Struct, frozen=True, kw_only=True, tag="clip-opened"):
    """A file is being written; `path` is below the media folder, `tc_in` labels its first frame or sample.

    Attributes:
        tracks: names of a sound file's tracks in channel order.
        family: the same for all files of a mono set; empty for a file that stands alone.
    """

    device: str
    take_id: str
    path: str
    medium: Literal["picture", "sound"]
    tc_in: str
    tc_source: str
    rate: str
    mono_ns: int
    tracks: list[str] = []
    family: str = ""


class ClipClosed(msgspec.Struct, frozen=True, kw_only=True, tag="clip-closed"):
    """A file is finished and durable.

    Attributes:
        duration_frames: at `rate`; of a sound file rounded down to whole frames (exact length: `samples`).
        dropped: frames (or samples) known to be missing inside it.
        interrupted: the device went away before the cut.
        peak_db: of each track between roll and cut, in dBFS; empty of a picture, and where nothing was measured.
        rms_db: likewise.
    """

    device: str
    take_id: str
    path: str
    medium: Literal["picture", "sound"]
    tc_in: str
    tc_source: str
    rate: str
    duration_frames: int
    samples: int | None = None
    sample_rate: int | None = None
    tracks: list[str] = []
    family: str = ""
    dropped: int = 0
    interrupted: bool = False
    mono_ns: int
    peak_db: list[float] = []
    rms_db: list[float] = []


class Fault(msgspec.Struct, frozen=True, kw_only=True, tag="fault"):
    """Something that went wrong at a moment: frames dropped, a file given up. Goes to the log as an event; the same
    again soon is counted. For what lasts there is `Alarm`.
    """

    device: str
    what: str
    detail: str
    mono_ns: int
    take_id: str | None = None


class Sign(msgspec.Struct, frozen=True, kw_only=True, tag="sign"):
    """What the set itself says of rolling: a deck's record lamp, a trigger line, timecode that starts to run.

    Attributes:
        what: the lamp went on (`record`) or off (`stop`), a button was pressed (`mark`), a timecode that runs only
            while something records began (`running`) or ended (`standing`); the name of what it records, or has just
            recorded, became known (`named`).
        clip: the name that the device gives to what it records, empty when it tells none.
        tc: the device's own label at that moment, at `rate`; None where it tells none.
        mono_ns: when it happened, as well as it is known.
        at_first: it was so when the device was first heard: nothing happened now.
    """

    device: str
    what: Literal["record", "stop", "mark", "running", "standing", "named"]
    mono_ns: int
    clip: str = ""
    tc: str | None = None
    rate: str | None = None
    at_first: bool = False


class StillTaken(msgspec.Struct, frozen=True, kw_only=True, tag="still"):
    """A still was asked for and is on the disk, durable; it becomes one of the take that rolls, or was cut last.

    Attributes:
        path: below the media folder.
        digest: `xxh128:…` of its bytes.
        tc: label of its frame, `tc_source` where that came from.
        mono_ns: when the frame was taken.
    """

    device: str
    path: str
    digest: str
    width: int
    height: int
    tc: str
    tc_source: str
    mono_ns: int


class Alarm(msgspec.Struct, frozen=True, kw_only=True, tag="alarm"):
    """Something that is wrong as long as it lasts: a black picture, no sound. Said when it begins and when it is over.

    Attributes:
        what: in a word or two; with the device it is the alarm's name, so `over` must say the same.
        detail: a sentence for people; of one that is over what is to be added, or nothing.
    """

    device: str
    what: str
    detail: str
    mono_ns: int
    over: bool = False
    take_id: str | None = None


class Answer(msgspec.Struct, frozen=True, kw_only=True, tag="answer"):
    """The reply to an `Ask`; `value` is a sentence or a path."""

    id: int
    ok: bool
    value: str


Report = StateChanged | ClipOpened | ClipClosed | Fault | Alarm | StillTaken | Sign | Answer


class Picture(msgspec.Struct, frozen=True, kw_only=True, tag="picture"):
    """The newest frame, small: `rgb` is height x width x 3 bytes."""

    device: str
    width: int
    height: int
    rgb: bytes
    frame: int
    mono_ns: int


class Levels(msgspec.Struct, frozen=True, kw_only=True, tag="levels"):
    """Levels of the last tenth of a second in dBFS (-inf is -200.0), one entry a track."""

    device: str
    tracks: list[str]
    peak_db: list[float]
    rms_db: list[float]
    clipped: list[int]
    mono_ns: int


class TimecodeNow(msgspec.Struct, frozen=True, kw_only=True, tag="timecode"):
    """A running clock: `frames` is the frame of day at `mono_ns`; it counts on at `rate` from there.

    Attributes:
        user: the user bits, eight hex digits as recorders show them (a date, a reel); empty when there are none.
        polled: the device was asked, and the label may have stood there for up to a frame.
    """

    source: str
    frames: int
    rate: str
    mono_ns: int
    user: str = ""
    polled: bool = False


class ClockNow(msgspec.Struct, frozen=True, kw_only=True):
    """One clock of the set, compared with the master.

    Attributes:
        state: `jammed` while it is within half a frame of the master (1.5 where one of the two is polled); `free` when
            it runs, but not so; `other rate` when its labels cannot be those of the production.
        tc: what it shows now; None when it does not run.
        ppm: parts of a million by which it is faster than this machine's monotonic clock; of any two clocks, the
            difference says how they drift. None in the first half minute.
        drift_ppm: the same against the master.
        apart_frames: how far it is ahead of the master.
        jammed_ns: wall time since when it agrees with the master.
        heard_ns: wall time of its last word.
    """

    source: str
    state: Literal["master", "jammed", "free", "other rate", "stopped", "not heard"]
    tc: str | None = None
    rate: str | None = None
    ppm: float | None = None
    drift_ppm: float | None = None
    apart_frames: float | None = None
    jammed_ns: int | None = None
    heard_ns: int | None = None
    user: str = ""


class ClocksNow(msgspec.Struct, frozen=True, kw_only=True, tag="clocks"):
    """Every clock of the set, in the order of the configuration, the machine's own last; said twice a second."""

    device: str
    master: str
    clocks: list[ClockNow]
    mono_ns: int


class SlotNow(msgspec.Struct, frozen=True, kw_only=True):
    """A medium in a deck: `minutes` of recording left, None when the deck does not say."""

    name: str
    state: str
    minutes: float | None = None


class DeckNow(msgspec.Struct, frozen=True, kw_only=True, tag="deck"):
    """What a deck, a trigger box or a clock tells.

    Attributes:
        transport: in the device's words (`record`, `play`, `stopped` …); empty when it has none.
        recording: whether its lamp is on; None when it does not tell.
        remote: whether it takes orders from here; None when it does not tell.
        dropped: frames that it says it lost since it was connected; None when it does not tell.
    """

    device: str
    model: str
    transport: str
    recording: bool | None
    clip: str
    tc: str | None
    slots: list[SlotNow]
    remote: bool | None
    dropped: int | None
    mono_ns: int


class Health(msgspec.Struct, frozen=True, kw_only=True, tag="health"):
    """How a device is, twice a second."""

    device: str
    kind: str
    state: State
    detail: str
    recording: str | None
    dropped: int
    free_minutes: float | None
    mono_ns: int


class AlarmNow(msgspec.Struct, frozen=True, kw_only=True):
    """An alarm that stands.

    Attributes:
        since_ns: wall time; `count` how often it came since.
        on: False where it comes and goes and is away for this moment.
        rings: every seat shows it at once; else it only stands in the list.
    """

    device: str
    what: str
    detail: str
    since_ns: int
    count: int = 1
    take_id: str | None = None
    on: bool = True
    rings: bool = True


class Standing(msgspec.Struct, frozen=True, kw_only=True, tag="standing"):
    """All alarms that stand, oldest first; `device` is the capture service itself. Said at each change.

    Attributes:
        last: the service ends as it was asked to; without this word it was killed, or hangs.
    """

    device: str
    alarms: list[AlarmNow]
    mono_ns: int
    last: bool = False


class Proposal(msgspec.Struct, frozen=True, kw_only=True):
    """What a device says and a person has to accept: its key does.

    Attributes:
        what: `roll` the take that the unit's board proposes, or `cut` the one that rolls.
        mono_ns: when the device began or stopped.
        take_id: the take to cut; empty for a roll.
    """

    device: str
    what: Literal["roll", "cut"]
    unit: str
    mono_ns: int
    take_id: str = ""


class Proposed(msgspec.Struct, frozen=True, kw_only=True, tag="proposed"):
    """All that stands proposed, oldest first; `device` is the capture service itself. Said at each change."""

    device: str
    proposals: list[Proposal]
    mono_ns: int


Slot = Picture | Levels | TimecodeNow | ClocksNow | DeckNow | Health | Standing | Proposed

SLOT_KINDS: dict[type, str] = {kind: str(kind.__struct_config__.tag) for kind in get_args(Slot)}
