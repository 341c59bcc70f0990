"""Documentary days: clips and sound that nobody logged become takes by time, ready to tag.

Used by day.py where the production slates nothing (`slating = "none"`). A take made here is known by where its timecode
comes from (`footage`), never by its label, which a person may change. All footage of a day is grouped anew each time:
the takes are the same whatever the order in which cards came. What a person has touched keeps its name and files.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from onset.domain.camera import Clip, LinkState
from onset.domain.sound import SoundFile
from onset.domain.take import Kind, Stamp, Status, Take
from onset.errors import RefusedError
from onset.logbook.protocol import Logbook
from onset.logbook.terms import TakeFilter, Value, WantedLink
from onset.match.documentary import Together, takes_of
from onset.match.found import FoundClock
from onset.match.observed import Medium
from onset.reconcile.sight import MediaFile, SeenDay, bare_name, ruled_in
from onset.reel import set_name
from onset.slate import MAX_LABEL
from onset.text import safe_text
from onset.timecode import Rate, Timecode

FOOTAGE = "footage"  # the timecode source of such a take, and the method of the links to its files
_NS = 1_000_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class FootageTake:
    """A take as the footage wants it.

    Attributes:
        take: the one that is in the log for it, None when there is none yet.
        label: slate that its files give it; `number` the take number where it needs one, free when it was looked for.
        members: its files, the one it is named after first.
        evidence: why they belong together, empty for one file alone.
        fixed: a person touched it, and its name and times stay.
        namesakes: how many of its first files are the recording it is named after, as a mono set is.
    """

    take: Take | None
    label: str
    scene: str | None
    rolled_ns: int
    tc_in: str | None
    duration_frames: int | None
    members: tuple[MediaFile, ...]
    evidence: str
    fixed: bool
    number: str | None = None
    namesakes: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Footage:
    """What footage makes of a day.

    Attributes:
        takes: in order of time.
        gone: files of takes that a person deleted; they make no take again.
        empty: takes whose files have all gone to others and that nobody touched.
    """

    takes: tuple[FootageTake, ...]
    gone: Mapping[str, tuple[str, ...]]
    empty: tuple[Take, ...]

    @property
    def to_enter(self) -> bool:
        """Whether the log has to change before links can be written."""
        return any(one.take is None or _other_fields(one) for one in self.takes)


def made_of_footage(take: Take) -> bool:
    """Whether the take was made from its files."""
    return take.added and take.tc_source == FOOTAGE


def files_in_use(seen: SeenDay) -> frozenset[str]:
    """Files of takes made from them that a person has named or tagged since: no logged take gets them any more."""
    found: set[str] = set()
    for take in filter(made_of_footage, seen.takes):
        own = [link.media_id for link in seen.links if link.take_id == take.id and link.state is not LinkState.REFUSED]
        if _touched(take, [seen.media[one] for one in own if one in seen.media]):
            found.update(own)
    return frozenset(found)


def footage_of(
    logbook: Logbook,
    seen: SeenDay,
    media: Mapping[str, Medium],
    sets: Mapping[str, tuple[MediaFile, ...]],
    clocks: Iterable[FoundClock],
) -> Footage:
    """Group what no logged take has.

    Args:
        logbook: asked for takes that a person deleted.
        seen: the day.
        media: media without a logged take, by id.
        sets: the files of each.
        clocks: of the day's logged takes.
    """
    project = logbook.production().rate
    gone = _deleted(logbook, seen)
    dismissed = {media_id for files in gone.values() for media_id in files}
    made = {take.id: take for take in seen.takes if made_of_footage(take)}
    held: dict[str, str] = {}  # file → the take made from it
    refused: set[str] = set()
    for link in seen.links:
        if link.take_id in made and link.state is LinkState.REFUSED:
            refused.add(link.media_id)
        elif link.take_id in made:
            held[link.media_id] = link.take_id
    fixed = {link.media_id for link in seen.links if link.take_id in made and ruled_in(link)}
    left = {one: medium for one, medium in media.items() if one not in dismissed and one not in fixed}
    groups = list(takes_of([medium for one, medium in left.items() if one not in refused], tuple(clocks)))
    for one in sorted(set(left) & refused):  # a person said that it is not of the take it was grouped into
        groups += takes_of([left[one]])
    named = [_take_of(group, sets, seen, project) for group in groups]
    takes = _numbered(logbook, _with_their_takes(named, made, held))
    kept = {one.take.id for one in takes if one.take is not None}
    empty = tuple(take for take in made.values() if take.id not in kept and not _touched(take, ()))
    return Footage(takes=tuple(takes), gone=gone, empty=empty)


def wanted_of(footage: Footage) -> Iterable[WantedLink]:
    """Links of footage: its namesake is confirmed, for the take exists by it alone; what joined it is proposed."""
    for one in footage.takes:
        if one.take is None:
            continue
        for place, file in enumerate(one.members):
            first = place < one.namesakes
            evidence = "this take was made from it" if first else one.evidence or "of the same recording"
            state = LinkState.CONFIRMED if first else LinkState.PROPOSED
            yield WantedLink(take_id=one.take.id, media_id=file.id, state=state, method=FOOTAGE, evidence=evidence)
    for take_id, files in footage.gone.items():
        for media_id in files:  # restoring the take brings its files back with it
            yield WantedLink(
                take_id=take_id, media_id=media_id, state=LinkState.PROPOSED, method=FOOTAGE, evidence="deleted with it"
            )


def enter(logbook: Logbook, seen: SeenDay, footage: Footage) -> None:
    """Write takes that are missing, and names and times that footage of later cards has changed.

    Two programs that do so at once cannot enter one take twice: its label is taken by then, and is found again.
    """
    for one in footage.takes:
        try:
            if one.take is not None:
                fields = _other_fields(one)
                if fields:
                    logbook.set_take(one.take.id, fields)
                continue
            logbook.add_take(
                slate=one.label,
                take=one.number,
                stamp=Stamp(wall_ns=one.rolled_ns, mono_ns=0, tc=one.tc_in, tc_source=FOOTAGE),
                unit=seen.unit,
                scene=one.scene,
                duration_frames=one.duration_frames,
                day=seen.day.number,
            )
        except RefusedError:
            continue  # somebody entered or renamed it at this moment; the next look sees that


def retire(logbook: Logbook, footage: Footage) -> None:
    """Delete takes that lost all their files to another one and that nobody touched."""
    for take in footage.empty:
        now = logbook.take(take.id)
        if now is not None and not now.deleted and not _files_of(now) and not _touched(now, ()):
            logbook.delete(take.id)


def _deleted(logbook: Logbook, seen: SeenDay) -> dict[str, tuple[str, ...]]:
    """Takes made of footage that a person deleted, with their files."""
    takes = logbook.takes(TakeFilter(unit=seen.unit, day=seen.day.number, deleted=True, limit=None))
    gone = {take.id: tuple(_files_of(take)) for take in takes if take.deleted and made_of_footage(take)}
    return {take_id: files for take_id, files in gone.items() if files}


def _files_of(take: Take) -> list[str]:
    clips = [clip.id for angle in take.angles for clip in angle.clips]
    return [*clips, *(file.id for sound in take.sound for file in sound.files)]


def _take_of(group: Together, sets: Mapping[str, tuple[MediaFile, ...]], seen: SeenDay, project: Rate) -> FootageTake:
    leading = next(
        (one for one in group.media if sets[one][0].name and group.name in sets[one][0].name), group.media[0]
    )
    order = (leading, *(one for one in group.media if one != leading))
    members = tuple(member for one in order for member in sets[one])
    first = members[0]
    start_ns = round(group.start_s * _NS) if group.start_s is not None else None
    created = first.created_ns if first.created_ns is not None else seen.zero_ns
    frames = project.frames_in(group.length_s) if group.length_s is not None and group.length_s >= 0 else None
    return FootageTake(
        take=None,
        label=_label(_set_name(sets[leading]) or group.name) or _label(first.id),
        scene=_label(first.reel) if isinstance(first, Clip) else None,
        rolled_ns=seen.zero_ns + start_ns if start_ns is not None else created,
        tc_in=Timecode.at(group.start_s, project).label if group.start_s is not None else None,
        duration_frames=min(frames, project.frames_a_day) if frames is not None else None,
        members=members,
        evidence=group.evidence,
        fixed=False,
        namesakes=len(sets[leading]),
    )


def _with_their_takes(
    named: Sequence[FootageTake], made: Mapping[str, Take], held: Mapping[str, str]
) -> list[FootageTake]:
    """Each group with the take that is in the log for it; a group with several touched takes is left parted."""
    shares: dict[str, Counter[int]] = defaultdict(Counter)
    for place, one in enumerate(named):
        for member in one.members:
            if member.id in held:
                shares[held[member.id]][place] += 1
    owners: dict[int, list[Take]] = defaultdict(list)
    for take_id, count in sorted(shares.items()):
        most = max(count.values())
        owners[min(place for place, held_there in count.items() if held_there == most)].append(made[take_id])
    free = [take for take in made.values() if take.id not in shares]
    found: list[FootageTake] = []
    for place, one in enumerate(named):
        candidates = sorted(owners[place], key=lambda take: take.shot)
        touched = [take for take in candidates if _touched(take, one.members)]
        if len(touched) > 1:
            found += _parted(one, touched, held)
            continue
        take = next(iter(touched or candidates), None)
        if take is None:  # entered by another program at this moment, and its links are not written yet
            take = next((each for each in free if (each.slate, each.tc_in) == (one.label, one.tc_in)), None)
            free = [each for each in free if each is not take]
        found.append(replace(one, take=take, fixed=bool(touched)))
    return found


def _parted(one: FootageTake, touched: Sequence[Take], held: Mapping[str, str]) -> Iterable[FootageTake]:
    """Takes that a person named or tagged stay apart; what nobody has yet joins the first."""
    known = {take.id for take in touched}
    for take in touched:
        own = [member for member in one.members if held.get(member.id) == take.id]
        if take is touched[0]:
            own += [member for member in one.members if held.get(member.id) not in known]
        yield replace(one, take=take, members=tuple(own), fixed=True, namesakes=1)


def _touched(take: Take, members: Iterable[MediaFile]) -> bool:
    """Whether a person has said anything about it: a name that none of its files gives, a tag, a note, a status."""
    names = {
        _label(stem)
        for member in members
        for stem in (member.name, bare_name(member.name), _set_name((member, member)))  # however many of a set are left
    }
    said = take.notes or take.tags or take.ratings or take.description or take.slated_as or take.runs
    renamed = bool(names) and take.slate not in names
    return bool(said) or renamed or take.status is not Status.NONE or take.kind is not Kind.NORMAL


def _other_fields(one: FootageTake) -> dict[str, Value]:
    """What has to change on a take that nobody touched."""
    if one.take is None or one.fixed:
        return {}
    wanted: dict[str, Value] = {"tc_in": one.tc_in, "duration_frames": one.duration_frames}
    has = {"tc_in": one.take.tc_in, "duration_frames": one.take.duration_frames}
    changed = {name: value for name, value in wanted.items() if has[name] != value}
    return changed if one.take.slate == one.label else changed | {"slate": one.label, "take": one.number}


def _numbered(logbook: Logbook, takes: Sequence[FootageTake]) -> list[FootageTake]:
    """With a free number for those that get a new label: cards of one name give takes of one name."""
    used: dict[str, set[str]] = {}
    found = []
    for one in takes:
        number = None
        if one.take is None or (not one.fixed and one.take.slate != one.label):
            if one.label not in used:
                used[one.label] = {take.take for take in logbook.takes(TakeFilter(slate=one.label, limit=None))}
            number = next(str(n) for n in range(1, len(used[one.label]) + 2) if str(n) not in used[one.label])
            used[one.label].add(number)
        found.append(replace(one, number=number))
    return found


def _set_name(members: Sequence[MediaFile]) -> str:
    """What a mono set is called without its tracks; empty for any other file."""
    mono = all(isinstance(one, SoundFile) and one.family for one in members)
    return set_name([one.name for one in members]) if mono and len(members) > 1 else ""


def _label(text: str) -> str:
    """As much of a file's name as a board holds."""
    return safe_text(text.strip())[:MAX_LABEL].strip()
