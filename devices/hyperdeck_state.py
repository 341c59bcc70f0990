"""What a HyperDeck has said so far, as one state: its lamp, its media, its timecode, the names of its clips.

Used by `hyperdeck.py`, which puts each message in with the moment it is true for. No socket, no clock.
"""

from __future__ import annotations

import re
from fractions import Fraction

from devices.adapter import NS, Wrong
from devices.hyperdeck_lines import Message
from onset.capture.signals import SlotNow
from onset.errors import TimecodeError
from onset.text import safe_text
from onset.timecode import RATES, Rate, Timecode, rate

RECORD = "record"
_PLAYBACK = ("play", "forward", "rewind", "jog", "shuttle")  # its timecode is then a clip's, not that of the set
# "1080p2997", "1080i50", "4Kp23976", "2160p59.94": a rate, mostly without its point; fields where it is interlaced.
_FORMAT = re.compile(r".*?([pi])(\d+(?:\.\d+)?)")
_DIGITS = {"2398": "23.976", "23976": "23.976", "2997": "29.97", "4795": "47.952", "47952": "47.952", "5994": "59.94"}
_HALVES = {"50": "25", "59.94": "29.97", "60": "30"}
_CLIP = re.compile(r"(.+) \d\d:\d\d:\d\d[:;.]\d\d \d\d:\d\d:\d\d[:;.]\d\d")  # clips get, since protocol 1.1
_LOOKS = 8


def rate_of(video_format: str) -> Rate | None:
    """The rate of a video format as the protocol names it; None where there is none, or we do not know it.

    >>> [rate_of(each).name for each in ("1080p2398", "1080i5994", "PAL", "4Kp50", "2160p59.94")]
    ['23.976', '29.97', '25', '50', '59.94']
    >>> rate_of("none") is None
    True
    """
    if video_format.startswith(("PAL", "NTSC")):
        return RATES["25" if video_format.startswith("PAL") else "29.97"]
    found = _FORMAT.fullmatch(video_format)
    if found is None:
        return None
    name = _DIGITS.get(found[2], found[2])
    if found[1] == "i":
        name = _HALVES.get(name, name)
    try:
        return rate(name)
    except TimecodeError:
        return None


def read_label(text: str, counted: Rate) -> Timecode:
    """A label as the deck writes it, at the rate it counts at.

    At 29.97 and 59.94 a `;` or `.` before the frames means drop frame. A `:` means nothing in older protocols: it is
    taken as written, non-drop, unless the configuration names the drop-frame rate.

    Raises:
        TimecodeError: no label, or one that its rate never shows.
    """
    digits, mark, frames = text[:-3], text[-3:-2], text[-2:]
    if mark in (";", ".") and not counted.drop and f"{counted.name}df" in RATES:
        counted = RATES[f"{counted.name}df"]
    return Timecode.parse(f"{digits}{counted.separator}{frames}", counted)


class RunningLabel:
    """A timecode that is looked at now and then, as one that runs evenly.

    Each look gives the label of a frame that began up to a frame ago; the look that came soonest after its frame began
    tells best when frames begin, so the earliest is kept until the timecode jumps or has drifted by a frame.
    """

    def __init__(self) -> None:
        self._rate: Rate | None = None
        self._offset = Fraction(0)  # frame of the day at monotonic 0
        self._seen: tuple[int, int] | None = None  # frame and moment of the look it is measured against
        self._runs = False

    def forget(self) -> None:
        """Nobody knows how it goes on."""
        self._seen, self._runs = None, False

    def look(self, label: Timecode, mono_ns: int, *, runs: bool) -> None:
        """Take a label in; `runs` says that it is known to run, else two looks that differ say so."""
        counted = label.rate
        if counted != self._rate:
            self._rate = counted
            self.forget()
        offset = label.frames - mono_ns * counted.fps / NS
        if self._seen is None:
            self._seen, self._runs, self._offset = (label.frames, mono_ns), runs, offset
            return
        ahead = offset - self._offset
        if not -1 <= ahead <= 0:  # a better look, a jump, or a drift of a frame
            self._offset = offset
        frames, seen_ns = self._seen
        if label.frames != frames:
            self._seen, self._runs = (label.frames, mono_ns), True
        elif runs or (mono_ns - seen_ns) * counted.fps >= 2 * NS:
            self._runs = runs

    def at(self, mono_ns: int) -> tuple[Timecode, int] | None:
        """The label at a moment, and when its frame began; None while it stands, or was never seen."""
        if self._rate is None or not self._runs:
            return None
        frame = (mono_ns * self._rate.fps / NS + self._offset).__floor__()
        began_ns = int((frame - self._offset) / self._rate.fps * NS)
        return Timecode(frame % self._rate.frames_a_day, self._rate), began_ns


class DeckState:
    """All that a deck has said.

    Attributes:
        model: its own name for itself.
        transport: in its own words; empty before it said.
        clip: the name of what it records, or recorded last; empty while it has told none.
        stale_clips: its list of clips should be asked for.
        lost: frames it says it lost.
        remote: whether it takes orders from here; None while it has not said.
        unreadable: messages that made no sense.
    """

    def __init__(self, counted: Rate | None) -> None:
        """Begin to hear a deck; `counted` is what its timecode counts at, None: by its video format."""
        self._counted = counted
        self._format_rate: Rate | None = None
        self._label = RunningLabel()
        self._names: set[str] | None = None  # of clips that were there before the one that is recorded
        self._ordered = ""
        self._looks_left = 0  # how often the list is asked for the name of what it records; 0: the name is known
        self._slots: dict[str, SlotNow] = {}
        self._remarks: list[str] = []
        self._took_orders = False  # since it was connected
        self.model = "HyperDeck"
        self.protocol = ""
        self.slot_count = 0
        self.transport = ""
        self.clip = ""
        self.stale_clips = True
        self.lost = 0
        self.remote: bool | None = None
        self.unreadable = 0

    @property
    def rate(self) -> Rate | None:
        """What its timecode counts at."""
        return self._counted or self._format_rate

    @property
    def recording(self) -> bool | None:
        """Its lamp; None before it said."""
        return None if not self.transport else self.transport == RECORD

    @property
    def slots(self) -> tuple[SlotNow, ...]:
        """Its media, in order."""
        return tuple(self._slots[key] for key in sorted(self._slots))

    def label_at(self, mono_ns: int) -> tuple[Timecode, int] | None:
        """Its timecode at a moment and when that frame began; None while it stands, plays back or has none."""
        return None if self.transport in _PLAYBACK else self._label.at(mono_ns)

    def remarks(self) -> tuple[str, ...]:
        """Sentences for a person since the last call."""
        said, self._remarks = tuple(self._remarks), []
        return said

    def wrong(self, name: str) -> tuple[Wrong, ...]:
        """What keeps a deck of that name (safe to show) from recording, or from obeying as it did before."""
        found = []
        if self._took_orders and self.remote is False:
            sentence = f"Remote control of {name} was switched off at the deck; it takes no orders now. Press its REM."
            found.append(Wrong("remote off", sentence))
        told = [slot.state for slot in self._slots.values() if slot.state]
        if told and len(told) >= self.slot_count and "mounted" not in told:
            found.append(Wrong("no medium", f"{name} has no medium that it can record on; put one in."))
        return tuple(found)

    def ordered(self, clip: str) -> None:
        """It is told to record under this name; empty: under one of its own, or it refused."""
        self._ordered = clip

    def take(self, message: Message, mono_ns: int) -> None:
        """Put a message in; `mono_ns` is when it was true."""
        match message.code:
            case 500 | 204:
                self._introduced(message)
            case 208 | 508:
                self._transported(message, mono_ns)
            case 513:
                self._looked(message.values.get("display timecode", ""), mono_ns)
            case 202 | 502:
                self._slotted(message)
            case 210 | 510:
                self._remoted(message.values.get("enabled", ""))
            case 205:
                self._listed(message)
            case _ if message.unasked and message.text == "dropped frames":
                # The manuals name the notification and print no message for it, so it is known by its name.
                counts = [int(value) for value in message.values.values() if value.isdecimal()]
                self.lost += sum(counts) if counts else 1
            case _:
                pass

    def _introduced(self, message: Message) -> None:
        self.model = message.values.get("model", self.model)
        self.protocol = message.values.get("protocol version", self.protocol)
        count = message.values.get("slot count", "")
        self.slot_count = min(int(count), 8) if count.isdecimal() else self.slot_count

    def _transported(self, message: Message, mono_ns: int) -> None:
        """508 may hold only what has changed."""
        values = message.values
        self._format_rate = rate_of(values.get("video format", "")) or self._format_rate
        before, self.transport = self.transport, values.get("status", self.transport)
        if self.transport == RECORD and before not in (RECORD, ""):
            self.clip, self._ordered = self._ordered, ""
            self._looks_left = _LOOKS  # also where it was told a name: it may add a number of its own
            self.stale_clips = True
        elif before == RECORD != self.transport:
            self.stale_clips = True
        if "display timecode" in values:
            self._looked(values["display timecode"], mono_ns)

    def _looked(self, text: str, mono_ns: int) -> None:
        if self.rate is None or not text:
            return
        try:
            label = read_label(text, self.rate)
        except TimecodeError:
            self.unreadable += 1
            self._label.forget()
        else:
            self._label.look(label, mono_ns, runs=self.transport == RECORD)

    def _slotted(self, message: Message) -> None:
        key = message.values.get("slot id", "")
        if not key.isdecimal():
            return
        before = self._slots.get(key, SlotNow(name=f"slot {key}", state=""))
        state = message.values.get("status", before.state)
        seconds = message.values.get("recording time", "")
        minutes = int(seconds) / 60 if seconds.isdecimal() else before.minutes
        if state != "mounted":
            minutes = None
        volume = message.values.get("volume name", "")
        name = f"slot {key} ({volume})" if volume else before.name
        self._slots[key] = SlotNow(name=name, state=state, minutes=minutes)
        if before.state and state != before.state:
            self.stale_clips = True
            if self.recording and state != "mounted":
                self._remarks.append(f"Slot {key} is {safe_text(state)} while the deck records.")

    def _remoted(self, enabled: str) -> None:
        self.remote = {"true": True, "false": False}.get(enabled, self.remote)
        self._took_orders = self._took_orders or self.remote is True

    def _listed(self, message: Message) -> None:
        """The clips it has. A name that was not there before the lamp is that of what it recorded."""
        found = {int(key): name for key, value in message.values.items() if (name := _clip_name(key, value))}
        before, names = self._names, set(found.values())
        new = [number for number, name in found.items() if before is not None and name not in before]
        new = [number for number in new if found[number].startswith(self.clip)]
        if self._looks_left and new:
            name = found[max(new)]
            self.clip, self._looks_left = self.clip if _bare(name) == self.clip else name, 0
        elif self._looks_left and not self.recording:  # some decks list a clip only when its file is closed
            self._looks_left -= 1
            self.stale_clips = self._looks_left > 0
        if not self.recording and not self._looks_left:
            self._names = names


def _bare(name: str) -> str:
    """Without its ending: decks are told names that have none."""
    return name.rpartition(".")[0] or name


def _clip_name(key: str, value: str) -> str | None:
    found = _CLIP.fullmatch(value)
    return found[1] if found is not None and key.isdecimal() else None
