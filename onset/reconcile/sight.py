"""A shooting day as the matcher sees it: takes, files, reports and people's rulings from the log, in real seconds.

Used by day.py and compare.py. Files of our own recorders are left out: they are linked already, and the recorded feed
of a camera must not stand in the way of that camera's original.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import PurePosixPath

from onset.domain.camera import Angle, Clip, Link, LinkState
from onset.domain.claim import Claim, ClaimSource
from onset.domain.production import Day
from onset.domain.sound import SoundFile
from onset.domain.take import Kind, State, Take
from onset.errors import TimecodeError
from onset.logbook.clips import OURS
from onset.logbook.protocol import Logbook
from onset.logbook.terms import TakeFilter
from onset.match.observed import CameraSays, LoggedTake, Medium, Observed, Ruling, Said, Side
from onset.timecode import Rate, Timecode, rate

MediaFile = Clip | SoundFile

_NS = 1_000_000_000
_ENDING = re.compile(r"\.(?=\w*[A-Za-z])\w{2,5}$", re.ASCII)  # .mov, .R3D, .wav; not the .2 of "take 1.2"
_HALF_A_DAY_S = 43_200.0


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenDay:
    """A day of a unit as the log has it.

    Attributes:
        arrival: of the newest edit before anything was read; what `write_links` asks for.
        takes: rolling and deleted ones left out, in shot order.
        media: files brought in for this day, by id.
        guests: files of other days that are linked to its takes, by id.
        links: of the day's takes, and of its files to takes of the days beside it.
        zero_ns: midnight at the beginning of the day's date, by the clock of this place.
    """

    unit: str
    day: Day
    arrival: int
    takes: tuple[Take, ...]
    media: Mapping[str, MediaFile]
    guests: Mapping[str, MediaFile]
    links: tuple[Link, ...]
    claims: tuple[Claim, ...]
    zero_ns: int

    @property
    def nothing_to_match(self) -> bool:
        """A day of our own recordings alone needs no matcher."""
        return not (self.media or self.guests or self.claims)

    @property
    def files(self) -> tuple[MediaFile, ...]:
        """What the takes of this day may have: its own files, but for those that a person put on a take of another day.

        And those of another day that a person put on a take of this one.
        """
        here = {take.id for take in self.takes}
        ruled = {link.media_id: link.take_id in here for link in self.links if ruled_in(link)}
        own = [one for one in self.media.values() if ruled.get(one.id, True)]
        return (*own, *(one for one in self.guests.values() if ruled.get(one.id, False)))


def see(logbook: Logbook, unit: str, day: Day) -> SeenDay:
    """Read a day."""
    arrival = logbook.arrival()
    takes = logbook.takes(TakeFilter(unit=unit, day=day.number, limit=None, oldest_first=True))
    media = {one.id: one for one in logbook.media(unit=unit, day=day.number)}
    links = list(logbook.links(unit=unit, day=day.number))
    foreign = {link.media_id for link in links if link.method != OURS} - media.keys()
    guests = {one.id: one for one in logbook.media(unit=unit) if one.id in foreign} if foreign else {}
    if media:
        for beside in neighbours(logbook, unit, day):
            links += [link for link in logbook.links(unit=unit, day=beside.number) if link.media_id in media]
    cut = [take for take in takes if take.state is not State.ROLLING and not take.deleted]
    return SeenDay(
        unit=unit,
        day=day,
        arrival=arrival,
        takes=tuple(cut),
        media=media,
        guests=guests,
        links=tuple(sorted(links, key=lambda link: (link.take_id, link.media_id))),
        claims=tuple(logbook.claims(unit=unit, day=day.number)),
        zero_ns=midnight_ns(day.date),
    )


def neighbours(logbook: Logbook, unit: str, day: Day) -> tuple[Day, ...]:
    """The shooting days before and after: a card is not always changed at wrap."""
    days = sorted(logbook.days(unit), key=lambda one: one.number)
    place = next((n for n, one in enumerate(days) if one.number == day.number), None)
    if place is None:
        return ()
    return tuple(days[near] for near in (place - 1, place + 1) if 0 <= near < len(days))


def midnight_ns(date: str) -> int:
    """The beginning of a date by the clock of this place, as nanoseconds since 1970; 0 where it is no date."""
    try:
        return int(datetime.fromisoformat(date).astimezone().timestamp()) * _NS
    except (ValueError, OverflowError, OSError):
        return 0


def observed_of(seen: SeenDay, *, more: Iterable[MediaFile] = ()) -> Observed:
    """The day as the matcher wants it.

    Args:
        seen: the day.
        more: files of another day that may belong to takes of this one.
    """
    sets = media_sets({one.id: one for one in (*seen.files, *more)}.values())
    stands_for = {member.id: head for head, members in sets.items() for member in members}
    here = {take.id for take in seen.takes}
    rulings = {
        (link.take_id, stands_for[link.media_id]): link.state is LinkState.CONFIRMED
        for link in sorted(seen.links, key=lambda link: link.state is LinkState.CONFIRMED)  # one "yes" for a set is yes
        if link.decided_by and link.take_id in here and link.media_id in stands_for
    }
    measured = _measured(seen.takes)
    return Observed(
        takes=tuple(_take(take, seen.zero_ns, measured=take.id in measured) for take in seen.takes),
        media=tuple(_medium(members, seen.zero_ns) for members in sets.values()),
        said=(
            *(_said(claim) for claim in seen.claims if claim.slate and claim.take and claim.clip),
            *_named_in_the_log(seen.takes),
        ),
        rulings=tuple(Ruling(take_id=t, medium_id=m, belongs=yes) for (t, m), yes in sorted(rulings.items())),
    )


def media_sets(files: Iterable[MediaFile]) -> dict[str, tuple[MediaFile, ...]]:
    """Files that are one recording (mono files of one FAMILY_UID on one medium), by the id of the first of them.

    The first is the first by name, so that the order in which they came makes no difference.
    """
    families: dict[tuple[str, ...], list[MediaFile]] = {}
    for one in files:
        family = one.family if isinstance(one, SoundFile) else ""
        key = ("set", one.device, card_of(one), family) if isinstance(one, SoundFile) and family else ("file", one.id)
        families.setdefault(key, []).append(one)
    sets = {}
    for members in families.values():
        ordered = tuple(sorted(members, key=lambda one: (one.name, one.id)))
        sets[ordered[0].id] = ordered
    return dict(sorted(sets.items()))


def card_of(file: MediaFile) -> str:
    """What the file lay on together with others: its card, else its reel, else its folder."""
    reel = file.reel if isinstance(file, Clip) else file.roll
    return file.card or reel or str(PurePosixPath(file.path).parent)


def device_of(file: MediaFile) -> str:
    """Camera letter, or the recorder."""
    return file.camera if isinstance(file, Clip) else file.device


def bare_name(name: str) -> str:
    """The name without the ending that tells the format.

    >>> bare_name("A014C007.mov"), bare_name("42C take 1.2"), bare_name("A001_C001_12046M.R3D")
    ('A014C007', '42C take 1.2', 'A001_C001_12046M')
    """
    return _ENDING.sub("", name) or name


def label_s(label: str | None, labelled_at: Rate) -> float | None:
    """A label as real seconds since 00:00:00:00; None without one, or when that rate never shows it."""
    found = parsed(label, labelled_at)
    return None if found is None else float(found.seconds)


def parsed(label: str | None, labelled_at: Rate) -> Timecode | None:
    """The label as a timecode; None without one, or when that rate never shows it."""
    if not label:
        return None
    try:
        return Timecode.parse(label, labelled_at)
    except TimecodeError:
        return None


def rate_of(name: str) -> Rate | None:
    """The rate of that name, None when onset knows none."""
    try:
        return rate(name)
    except TimecodeError:
        return None


def length_s(file: MediaFile) -> float | None:
    """How long it runs: a sound file by its samples, a clip by its frames; None when that cannot be read."""
    if isinstance(file, SoundFile) and file.samples is not None and file.sample_rate:
        return file.samples / file.sample_rate
    known = rate_of(file.rate)
    if file.duration_frames is None or known is None:
        return None
    return float(known.seconds_for(file.duration_frames))


def ruled_in(link: Link) -> bool:
    """Whether a person said that they belong together."""
    return bool(link.decided_by) and link.state is LinkState.CONFIRMED


def _measured(takes: Sequence[Take]) -> frozenset[str]:
    """The takes whose times a clock can be found on.

    A take entered afterwards is remembered, unless its timecode was typed to the frame. A day that was typed in as a
    whole has no better times than those, and they are good enough where they tell seconds.
    """
    exact = {take.id for take in takes if not take.added or take.tc_source == "typed"}
    rest = [take for take in takes if take.id not in exact]
    seconds = sum(take.rolled_ns % (60 * _NS) != 0 for take in rest)
    if len(exact) < len(rest) and seconds * 2 >= len(rest):
        exact |= {take.id for take in rest}
    return frozenset(exact)


def _take(take: Take, zero_ns: int, *, measured: bool) -> LoggedTake:
    project = take.frame_rate
    begins = label_s(take.tc_in, project)
    ends = label_s(take.tc_out, project)
    if ends is None and begins is not None and take.duration_frames is not None:
        ends = begins + float(project.seconds_for(take.duration_frames))
    if ends is not None and begins is not None and ends < begins:  # over midnight
        ends += float(project.seconds_for(project.frames_a_day))
    # The cut of a take that nobody saw is a guess, and a take entered without a length has none.
    known_end = take.state is State.CUT and take.cut_ns is not None and take.duration_frames is not None
    return LoggedTake(
        id=take.id,
        wall_s=(take.rolled_ns - zero_ns) / _NS,
        wall_end_s=(take.cut_ns - zero_ns) / _NS if known_end and take.cut_ns is not None else None,
        scene=take.scene,
        slate=take.slate,
        take=take.take,
        label_s=begins,
        label_end_s=ends if known_end else None,
        label_source=take.tc_source,
        cameras={angle.camera: _camera(angle, take) for angle in take.angles if angle.logged and angle.camera},
        picture=take.kind is not Kind.WILD_TRACK,
        sound=not take.mos,
        sound_roll=take.sound_roll,
        slated_as=take.slated_as,
        measured=measured,
    )


def _camera(angle: Angle, take: Take) -> CameraSays:
    return CameraSays(
        roll=angle.roll,
        late_s=_between(take.tc_in, angle.start, take.frame_rate),
        early_s=_between(angle.end, take.tc_out, take.frame_rate),
    )


def _between(first: str | None, second: str | None, project: Rate) -> float:
    """Real seconds from one label to a later one; 0 where either is missing or the second is not later."""
    begins, ends = parsed(first, project), parsed(second, project)
    if begins is None or ends is None:
        return 0.0
    passed = float(project.seconds_for(ends.since(begins, over_midnight=True)))
    return passed if passed < _HALF_A_DAY_S else 0.0


def _medium(members: tuple[MediaFile, ...], zero_ns: int) -> Medium:
    first = next((one for one in members if one.tc_in), members[0])  # one of a set may be the unreadable one
    known = rate_of(first.rate)
    ahead = next((one.pre_record for one in members if isinstance(one, SoundFile) and one.pre_record), 0)
    sample_rate = first.sample_rate if isinstance(first, SoundFile) else None
    return Medium(
        id=members[0].id,
        side=Side.PICTURE if isinstance(first, Clip) else Side.SOUND,
        device=device_of(first),
        card=card_of(first),
        reel=first.reel if isinstance(first, Clip) else first.roll,
        name=bare_name(members[0].name),
        number=first.number if isinstance(first, Clip) else None,
        start_s=label_s(first.tc_in, known) if known else None,
        length_s=next((length for one in members if (length := length_s(one)) is not None), None),
        ahead_s=ahead / sample_rate if ahead and sample_rate else 0.0,
        created_s=(first.created_ns - zero_ns) / _NS if first.created_ns is not None else None,
        scene=next((one.named_scene for one in members if one.named_scene), ""),
        take=next((one.named_take for one in members if one.named_take), ""),
    )


def _named_in_the_log(takes: Iterable[Take]) -> Iterable[Said]:
    """What a camera's clip is called, as its deck said when it recorded or as somebody typed."""
    for take in takes:
        for angle in take.angles:
            if angle.clip_name:
                name = bare_name(angle.clip_name)
                yield Said(side=Side.PICTURE, device=angle.camera, slate=take.slate, take=take.take, name=name)


def _said(claim: Claim) -> Said:
    return Said(
        side=Side.PICTURE if claim.source is ClaimSource.CAMERA else Side.SOUND,
        device=claim.device,
        slate=claim.slate,
        take=claim.take,
        name=bare_name(claim.clip),
        roll=claim.roll,
    )
