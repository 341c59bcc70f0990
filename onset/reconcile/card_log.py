"""What the log expects on a card and what was found there: the LOG half of its verdict.

Used by card.py. A gap is excused only by a reason that a person typed, on the board or with the clearing of the card.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from onset.domain.camera import Clip, Link, LinkState, Source
from onset.domain.card import Card
from onset.domain.sound import SoundFile
from onset.domain.take import Kind, State, Take
from onset.errors import RefusedError
from onset.logbook.protocol import Logbook
from onset.logbook.terms import TakeFilter
from onset.reconcile.board import CardLog, Difference, Standing
from onset.reconcile.footage import made_of_footage
from onset.reel import read_name, roll_key, same_roll, without_ending
from onset.text import safe_text

_NAMED = 6  # names in a sentence; the lists hold them all
_EXCUSES = frozenset(("clip", "file", "link", "roll"))  # fields of differences whose explanation excuses a gap


@dataclass(frozen=True, slots=True)
class Gap:
    """Something between a card and the log that is not as it should be.

    Attributes:
        kind: `take` (without a clip), `clip` (without a take), `unreadable`, or `pending`.
        words: what, for people (`42C/3 A`, `A014C007`); a whole clause where it is pending without a question.
        key: what an explanation given with the clearing of the card is bound to.
        explained: a person typed a reason.
        question: what is asked of a link; then it is pending.
    """

    kind: str
    words: str
    key: str
    take_id: str | None
    media_id: str | None
    device: str
    unit: str
    day: int
    explained: bool = False
    question: str = ""


@dataclass(frozen=True, slots=True)
class Looked:
    """What a look at a card and the log found.

    Attributes:
        gaps: what is not as it should be.
        expected: takes and angles that should have a clip here; `linked` those that have one, `proposed` those of them
            that nobody and nothing confirmed yet.
        found: clips and sound files of this card in the log.
    """

    gaps: tuple[Gap, ...]
    expected: int
    linked: int
    proposed: int
    found: int


class UnitLog:
    """A unit's takes, files and links, read once for all cards that are asked about."""

    def __init__(self, logbook: Logbook, unit: str) -> None:
        self._logbook = logbook
        self.unit = unit
        self.folder = logbook.folder
        self.takes: Sequence[Take] = logbook.takes(TakeFilter(unit=unit, limit=None, oldest_first=True))
        self.media: Sequence[Clip | SoundFile] = logbook.media(unit=unit, day=None)
        self.by_take: dict[str, list[Link]] = defaultdict(list)
        self.by_media: dict[str, list[Link]] = defaultdict(list)
        for link in logbook.links(unit=unit, day=None):
            if link.state is not LinkState.REFUSED:
                self.by_take[link.take_id].append(link)
                self.by_media[link.media_id].append(link)

    @cached_property
    def take_by_id(self) -> Mapping[str, Take]:
        return {take.id: take for take in self.takes}

    @cached_property
    def media_by_id(self) -> Mapping[str, Clip | SoundFile]:
        return {medium.id: medium for medium in self.media}

    @cached_property
    def angles_of_roll(self) -> Mapping[str, Sequence[tuple[Take, str]]]:
        """Logged angles by the roll they name; under no name those of which nobody typed one."""
        found: dict[str, list[tuple[Take, str]]] = defaultdict(list)
        for take in self.takes:
            for angle in take.angles if take.kind is not Kind.WILD_TRACK else ():
                if angle.logged:
                    found[roll_key(angle.roll) if angle.roll else ""].append((take, angle.camera))
        return found

    @cached_property
    def without_camera(self) -> Sequence[Take]:
        """Takes of which nobody logged a camera, as they are typed in later, and which no camera's file shows."""
        return [
            take
            for take in self.takes
            if take.kind is not Kind.WILD_TRACK
            and not made_of_footage(take)
            and not any(angle.logged for angle in take.angles)
            and not any(isinstance(self.media_by_id.get(link.media_id), Clip) for link in self.by_take[take.id])
        ]

    @cached_property
    def takes_of_sound_roll(self) -> Mapping[str, Sequence[Take]]:
        """Takes with sound by the sound roll they name."""
        found: dict[str, list[Take]] = defaultdict(list)
        for take in self.takes:
            if take.sound_roll and not take.mos:
                found[roll_key(take.sound_roll)].append(take)
        return found

    @cached_property
    def wrapped(self) -> frozenset[int]:
        """Days that a person ended: no card of theirs is still to come into a camera."""
        return frozenset(each.number for each in self._logbook.days(self.unit) if each.wrapped_ns is not None)

    @cached_property
    def typed(self) -> frozenset[str]:
        """Keys of what a person explained, on any day."""
        return frozenset(each.key for each in self._logbook.explanations(unit=self.unit, day=None))

    def differences(self, day: int) -> Sequence[Difference]:
        """Those of a day's board; read when a gap asks whether somebody explained it."""
        if day not in self._boards:
            from onset.reconcile.compare import board_of

            try:
                self._boards[day] = board_of(self._logbook, self.unit, day).differences
            except RefusedError:  # a card may say a day that the log has not
                self._boards[day] = ()
        return self._boards[day]

    @cached_property
    def _boards(self) -> dict[int, Sequence[Difference]]:
        return {}


def bare_name(name: str) -> str:
    """A file's name as people say it, safe to show: without its ending, and without what the camera adds behind.

    >>> bare_name("A014C007_260305_R2KD.mov"), bare_name("A001_C001_12046M.RDC"), bare_name("49WT-T01_1.WAV")
    ('A014C007', 'A001_C001', '49WT-T01_1')
    """
    stem = without_ending(name)
    reel = read_name(name).reel
    spoken = re.match(rf"{re.escape(reel)}_?[A-Z]\d{{3,4}}(?=[A-Z_])", stem, re.ASCII) if reel else None
    return safe_text(spoken[0] if spoken else stem)


def device_of(medium: Clip | SoundFile) -> str:
    """Camera letter, or the recorder's name."""
    return medium.camera if isinstance(medium, Clip) else medium.device


def names_card(roll: str | None, card: Card) -> bool:
    """Whether a roll as somebody typed it means this card."""
    return bool(roll) and any(same_roll(str(roll), each) for each in (card.label, card.reel) if each)


def look(log: UnitLog, card: Card) -> Looked:
    """Compare a card with the log, without asking what somebody explained."""
    here = {medium.id: medium for medium in log.media if medium.card == card.id}
    expected: dict[tuple[str, str], Take] = {}
    linked: set[tuple[str, str]] = set()
    proposed: set[tuple[str, str]] = set()
    lost: set[tuple[str, str]] = set()  # their clip is here and cannot be read: that is said of the clip
    gaps: list[Gap] = []
    for medium in here.values():
        device = device_of(medium)
        for link in log.by_media[medium.id]:
            take = log.take_by_id.get(link.take_id)
            if take is None:
                continue
            pair = (take.id, device)
            expected[pair] = take
            (lost if medium.unreadable else linked).add(pair)
            if link.state is LinkState.PROPOSED and not medium.unreadable:
                proposed.add(pair)
            if link.question:
                words = f"{take.label} and {bare_name(medium.name)}"
                asked = safe_text(link.question.rstrip("."))
                gaps.append(replace(_gap("pending", words, card, take, medium, device), question=asked))
    for take, device in _by_roll(log, card, here.values()):
        if take.state is State.ROLLING:
            gaps.append(_gap("pending", f"{take.label} {device} still rolls", card, take, None, device))
        else:
            expected.setdefault((take.id, device), take)
    for (take_id, device), take in expected.items():
        if (take_id, device) not in linked | lost:
            gaps.append(_gap("take", f"{take.label} {device}".rstrip(), card, take, None, device))
    for medium in here.values():
        if medium.unreadable:
            gaps.append(_gap("unreadable", bare_name(medium.name), card, None, medium, device_of(medium)))
        elif not log.by_media[medium.id]:
            gaps.append(_gap("clip", bare_name(medium.name), card, None, medium, device_of(medium)))
    gaps += _unseen(card, len(here))
    return Looked(tuple(_excused(log, gaps)), len(expected), len(linked), len(proposed), len(here))


def _unseen(card: Card, found: int) -> list[Gap]:
    """Clips that the log cannot know about."""
    if card.clips is None:
        words = "nobody looked which clips are on it; offload it again, nothing is copied twice"
    elif card.clips > found:
        words = f"{count(card.clips - found, 'clip')} of it {_is(card.clips - found)} in no copy yet"
    else:
        return []
    return [_gap("pending", words, card, None, None, "")]


def _gap(kind: str, words: str, card: Card, take: Take | None, medium: Clip | SoundFile | None, device: str) -> Gap:
    take_id = take.id if take is not None else None
    media_id = medium.id if medium is not None else None
    day = take.day if take is not None else medium.day if medium is not None else card.day
    key = ":".join(("card", card.id, kind, take_id or "", media_id or "", device))
    return Gap(kind, safe_text(words), key, take_id, media_id, device, card.unit, day or card.day or 1)


def _by_roll(log: UnitLog, card: Card, here: Iterable[Clip | SoundFile]) -> Iterable[tuple[Take, str]]:
    """Takes and angles whose clip should be on this card and does not lie on another one.

    Those that name its roll; and of the time that it was in the camera, those that were shot without a roll, and those
    of which nobody logged a camera and no camera has a clip.
    """
    media = list(here)
    recorder = next((each.device for each in media if isinstance(each, SoundFile)), "")
    named = {key for each in (card.label, card.reel) if (key := roll_key(each))}
    if not media or any(isinstance(each, Clip) for each in media):
        may_hold = _stretch(log, media)
        angles = [pair for key in named for pair in log.angles_of_roll.get(key, ())]
        angles += [(take, camera) for take, camera in log.angles_of_roll.get("", ()) if may_hold(take, camera)]
        cameras = {each.camera for each in media if isinstance(each, Clip)}
        angles += [
            (take, camera) for take in log.without_camera for camera in sorted(cameras) if may_hold(take, camera)
        ]
        for take, camera in angles:
            mine = camera == card.camera if card.camera else True
            if mine and not _lies_elsewhere(log, take, camera, card):
                yield take, camera
    if recorder:
        for take in (take for key in named for take in log.takes_of_sound_roll.get(key, ())):
            if not _lies_elsewhere(log, take, recorder, card):
                yield take, recorder


def _stretch(log: UnitLog, media: Sequence[Clip | SoundFile]) -> Callable[[Take, str], bool]:
    """Whether a camera shot a take while this card may have been in it.

    From after the last take of the day that lies on another card of that camera (from the start of the day, where there
    is none) to the last of its takes on this one: what was shot after that may lie on a card that is still to come,
    unless this is the camera's last one of a day that a person has ended.
    """
    rolled: dict[str, list[Take]] = defaultdict(list)
    for device, take in _takes_of(log, media):
        rolled[device].append(take)
    spans = {device: (min(takes, key=_when), max(takes, key=_when)) for device, takes in rolled.items()}
    own = {medium.id for medium in media}
    before = dict.fromkeys(spans, -1)
    newest = {device: last.day in log.wrapped for device, (_, last) in spans.items()}
    for device, take in _takes_of(log, [each for each in log.media if each.id not in own]):
        if device in spans and take.day == spans[device][0].day and take.rolled_ns < spans[device][0].rolled_ns:
            before[device] = max(before[device], take.rolled_ns)
        elif device in spans and take.day == spans[device][1].day and take.rolled_ns > spans[device][1].rolled_ns:
            newest[device] = False

    def may_hold(take: Take, device: str) -> bool:
        if device not in spans:
            return False
        first, last = spans[device]
        if take.rolled_ns < first.rolled_ns:
            return take.day == first.day and take.rolled_ns > before[device]
        return take.rolled_ns < last.rolled_ns or (newest[device] and take.day == last.day)

    return may_hold


def _takes_of(log: UnitLog, media: Iterable[Clip | SoundFile]) -> Iterable[tuple[str, Take]]:
    """Takes that originals are linked to, with the originals' devices."""
    for medium in media:
        for link in log.by_media[medium.id] if medium.source is not Source.RECORDER else ():
            take = log.take_by_id.get(link.take_id)
            if take is not None:
                yield device_of(medium), take


def _when(take: Take) -> int:
    return take.rolled_ns


def _lies_elsewhere(log: UnitLog, take: Take, device: str, card: Card) -> bool:
    """Whether a readable original of this angle lies on another card: then its roll was typed wrong."""
    for link in log.by_take[take.id]:
        medium = log.media_by_id.get(link.media_id)
        if medium is None or medium.source is Source.RECORDER or medium.card == card.id or medium.unreadable:
            continue
        if device_of(medium) == device:
            return True
    return False


def _excused(log: UnitLog, gaps: Sequence[Gap]) -> Sequence[Gap]:
    """The gaps, each with whether a person explained it."""
    if not log.typed:
        return gaps
    return [replace(gap, explained=gap.key in log.typed or _on_board(log, gap)) for gap in gaps]


def _on_board(log: UnitLog, gap: Gap) -> bool:
    """Whether the day's board holds an explained difference about the same take or file."""
    for each in log.differences(gap.day):
        if each.standing is not Standing.EXPLAINED or each.field not in _EXCUSES:
            continue
        if gap.kind == "unreadable" and each.field != "file":  # whose it is was explained, not that nothing opens it
            continue
        same_take = gap.take_id is not None and each.take_id == gap.take_id and each.device in ("", gap.device)
        same_file = gap.media_id is not None and each.media_id == gap.media_id
        if (same_take and same_file) if gap.take_id and gap.media_id else (same_take or same_file):
            return True
    return False


def log_half(card: Card, looked: Looked) -> tuple[CardLog, list[str]]:
    """The LOG sentence with its lists, and the reasons why it is not good."""

    def words(kind: str) -> tuple[str, ...]:
        return tuple(gap.words for gap in looked.gaps if gap.kind == kind and not gap.explained)

    without_clip, without_take, unreadable = (words(each) for each in ("take", "clip", "unreadable"))
    pending = _pending(looked.gaps)
    explained = sum(gap.explained for gap in looked.gaps)
    reasons = []
    if without_clip:
        reasons.append(f"{_some(without_clip)} {'has' if len(without_clip) == 1 else 'have'} no clip on it")
    if without_take:
        reasons.append(f"{_some(without_take)} {'belongs' if len(without_take) == 1 else 'belong'} to no take")
    if unreadable:
        reasons.append(f"{_some(unreadable)} cannot be read")
    reasons += pending
    notes = [f"{explained} explained"] if explained else []
    if looked.proposed:
        notes.append(f"{count(looked.proposed, 'link')} {_is(looked.proposed)} proposed and not confirmed")
    found = CardLog(
        ok=not reasons,
        expected=looked.expected,
        linked=looked.linked,
        without_clip=without_clip,
        without_take=without_take,
        unreadable=unreadable,
        pending=(*pending, *notes[-1:]) if looked.proposed else pending,
        explained=explained,
        sentence="; ".join([_expected(looked), *reasons, *notes]) + ".",
    )
    return found, reasons


def _pending(gaps: Sequence[Gap]) -> tuple[str, ...]:
    """Clauses; links of which the same is asked, as of all of a card whose clock is not certain, share one."""
    clauses: dict[str, list[str]] = {}
    for gap in gaps:
        if gap.kind == "pending" and not gap.explained:
            clauses.setdefault(gap.question or gap.words, []).append(gap.words if gap.question else "")
    found = []
    for clause, names in clauses.items():
        asked = "a question is" if len(names) == 1 else "questions are"
        found.append(f"{asked} open about {_some(names)}: {clause}" if names[0] else clause)
    return tuple(found)


def _expected(looked: Looked) -> str:
    expected, linked, found = looked.expected, looked.linked, looked.found
    if not expected and not found:
        return "the log expects nothing on it, and no clip was found on it"
    if not expected:
        return f"no take of the log names it, {count(found, 'clip')} {_is(found)} on it"
    each = "angle of a take" if expected == 1 else "angles of takes"
    return f"{expected} {each} expected, {'all' if linked == expected else linked} linked"


def _some(names: Sequence[str]) -> str:
    shown = ", ".join(names[:_NAMED])
    return shown if len(names) <= _NAMED else f"{shown} and {len(names) - _NAMED} more"


def count(number: int, noun: str) -> str:
    """`1 clip`, `2 clips`."""
    return f"{number} {noun}{'' if number == 1 else 's'}"


def _is(number: int) -> str:
    return "is" if number == 1 else "are"
