"""What an offload will do, known before its first byte: where the card goes, what each target has room for afterwards,
and what is known of this card already.

Made by the job, shown by `onset offload` before it starts. A label is not a card: what came before is told by
fingerprints and by the files that earlier jobs have on record.
"""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from types import MappingProxyType

from onset.domain.measures import in_bytes
from onset.offload.card import Card, read_write
from onset.offload.disks import standing, whole_disks
from onset.offload.journal import JobSummary, files_of
from onset.offload.names import twin
from onset.offload.outcome import Room
from onset.offload.place import Place
from onset.offload.preflight import bytes_needed, long_paths
from onset.offload.room_ahead import too_little_later
from onset.offload.stands import copies_of, found_bad
from onset.offload.verdict import SAFE, Copied, distinct_media
from onset.text import safe_path, safe_text

_NS = 1_000_000_000
_LAST_JOBS = 3  # a target's speed is the median of so many
_LAST_RESULTS = 50  # among which they are looked for
_TELLS_S, _TELLS_BYTES = 1.0, 16_000_000  # less tells the speed of a buffer, or of what is done once a job
_LOOKED_AT = 8  # earlier jobs of one label whose files are compared
_GLANCED_AT = 200  # newest jobs of other labels of which a few files are compared
_GLANCE = 3
_MANY = 99  # further ahead nobody looks
_SAME_LABEL_NS = 14 * 86_400 * _NS  # reel names come again in the next production; older ones say nothing


@dataclass(frozen=True, slots=True)
class Plan:
    """An offload that nothing speaks against.

    Attributes:
        earlier: jobs of this very state of this card, newest first.
        rooms: one a target, in the order of `places`.
        eta_s: how long it will take by the last jobs' speed; None where a target has no such jobs.
        notes: sentences worth reading before it starts.
        media: why the copies will be on fewer media than there are targets; empty where each has its own.
        complete: an earlier job finished exactly these copies, and nothing of them is missing.
        other_card: why it may be another card than the one its name stands for on a target; None where nothing says so.
        renamed: what it was called when it was offloaded, where it would be copied once more under the name it has now.
    """

    card: Card
    places: tuple[Place, ...]
    earlier: tuple[JobSummary, ...]
    rooms: tuple[Room, ...]
    eta_s: float | None
    notes: tuple[str, ...]
    other_card: str | None
    media: tuple[str, ...]
    complete: bool
    renamed: str | None = None

    @property
    def doubts(self) -> tuple[str, ...]:
        """What a person is to say a word about first."""
        return tuple(each for each in (self.renamed, self.other_card) if each is not None)


def make_plan(
    card: Card,
    places: Sequence[Place],
    jobs: Sequence[JobSummary],
    source_check: str,
    now_ns: int,
    later: Sequence[Place] = (),
    known_bad: Mapping[str, str] = MappingProxyType({}),
) -> Plan:
    """Look ahead.

    Args:
        card: as it was found.
        places: where it goes, checked.
        jobs: all on record, newest first.
        source_check: as in a job's record; only jobs of the same kind tell how long this one takes.
        now_ns: wall clock.
        later: where copies are made from these copies, checked.
        known_bad: what the log knows against copies, by the path of their manifest.
    """
    earlier = [job for job in jobs if job.sheet.fingerprint == card.fingerprint]
    etas = [_eta_s(card, place, jobs, source_check) for place in places]
    known = [eta for eta in etas if eta is not None]
    offloaded = _already(card, places, earlier, known_bad)
    came_back, stranger = (None, None) if earlier else _before(card, jobs, now_ns)
    renamed = _renamed(card, places, earlier) if earlier or came_back else _other_label(card, jobs, now_ns)
    notes = [_beside(place, came_back is not None) for place in (*places, *later) if place.warning is not None]
    other = None
    if not earlier and came_back is None and any(place.warning for place in places):
        there = ", ".join(safe_path(place.folder) for place in places if place.warning)
        who = stranger or _strangers(card, places)
        other = f"{safe_text(card.label)} is the name of another card there{who}; this one goes to {there}"
    elif stranger is not None:
        notes.append(f"another card was called {safe_text(card.label)}{stranger}")
    notes += long_paths(card, (*places, *later))
    notes += too_little_later(card, (*places, *later), jobs)
    notes += [note for note in (offloaded or renamed, came_back, read_write(card)) if note is not None]
    return Plan(
        card,
        tuple(places),
        tuple(earlier),
        tuple(_rooms(card, (*places, *later), (*etas, *(None for _ in later)))),
        max(known) if known and len(known) == len(etas) else None,
        tuple(dict.fromkeys(notes)),
        other,
        _media(card, (*places, *later)),
        all(_is_complete(card, place, earlier, known_bad) for place in (*places, *later)),
        renamed,
    )


def _media(card: Card, places: Sequence[Place]) -> tuple[str, ...]:
    """Why some target will not count as a copy on a medium of its own: worth knowing before hours of copying."""
    copies = []
    for place in places:
        there = standing(place.folder)
        device = there.stat().st_dev
        on_card = device == card.root.stat().st_dev
        copies.append(Copied(str(place.folder), whole_disks(there, device), place.target.disk, on_card, device))
    reasons: list[str] = []
    warnings: list[str] = []
    media = distinct_media(copies, card, whole_disks(Path("/")), reasons, warnings)
    return tuple(dict.fromkeys((*reasons, *warnings))) if media < len(copies) else ()


def _is_complete(card: Card, place: Place, earlier: Sequence[JobSummary], known_bad: Mapping[str, str]) -> bool:
    """Whether an earlier job of this very state made this copy whole, its files are there, and none was found bad."""
    for job in earlier:
        told = job.result.get("targets") if job.result is not None else None
        for each in told if isinstance(told, list) else ():
            if isinstance(each, dict) and each.get("path") == str(place.folder):
                whole = not each.get("failed") and each.get("lost") is None and each.get("manifest") is not None
                there = whole and len(place.present) == len(card.tree.files)
                return there and found_bad(str(each["manifest"]), known_bad) is None
    return False


def _beside(place: Place, came_back: bool) -> str:
    """Why a card goes to a folder of its own."""
    if not came_back:
        return place.warning or ""
    what = "nothing is ever written over, so this card goes whole to"
    return f"{safe_path(place.target.path / place.target.folder)} holds it as it was; {what} {safe_path(place.folder)}"


def _rooms(card: Card, places: Sequence[Place], etas: Sequence[float | None]) -> list[Room]:
    """What each target has free now and afterwards; targets on one file system share both."""
    shares: defaultdict[int, list[int]] = defaultdict(list)
    whole: dict[int, int] = {}  # bytes of the card by the size of a cluster
    found = []
    for place in places:
        there = standing(place.folder)
        device, system = there.stat().st_dev, os.statvfs(there)
        cluster = system.f_frsize or 4096
        if cluster not in whole:
            whole[cluster] = bytes_needed(card.tree, None, cluster)
        needed = bytes_needed(card.tree, place, cluster)
        shares[device].append(needed)
        found.append((device, cluster, system.f_bavail * system.f_frsize, needed))
    rooms = []
    for place, (device, cluster, free, needed), eta in zip(places, found, etas, strict=True):
        after = max(0, free - sum(shares[device]))
        more = after // (whole[cluster] * len(shares[device]))
        rooms.append(Room(str(place.folder), place.target.name, needed, free, after, more, eta))
    return rooms


def _eta_s(card: Card, place: Place, jobs: Sequence[JobSummary], source_check: str) -> float | None:
    """Seconds by the speed of the last whole jobs to this target. What lies there is only read back: half the work."""
    speed = speed_to(place.target.path, jobs, source_check)
    if speed is None:
        return None
    there = sum(entry.size for path, entry in card.tree.files.items() if path in place.present)
    return (card.tree.bytes - there / 2) / speed


def speed_to(target: Path, jobs: Sequence[JobSummary], source_check: str) -> float | None:
    """Bytes of a card per second by the last whole jobs to a target, all reading included; None where it has none.

    Jobs of less than a second or 16 MB do not count, and of the others the larger ones count more.

    Args:
        target: its folder.
        jobs: all on record, newest first.
        source_check: as in a job's record; jobs of another kind do not count.
    """
    speeds: list[tuple[float, int]] = []
    below = f"{str(target).rstrip('/')}/"
    there = (job for job in jobs if job.finished and any(folder.startswith(below) for folder in job.sheet.folders))
    for job in islice(there, _LAST_RESULTS):  # there may be thousands, and each result is a file
        result = job.result or {}
        seconds, size = result.get("seconds"), result.get("bytes")
        if not isinstance(seconds, int | float) or not isinstance(size, int):
            continue
        if seconds < _TELLS_S or size < _TELLS_BYTES or result.get("source_check") != source_check:
            continue
        if _copied_to(job, target):
            speeds.append((size / seconds, size))
        if len(speeds) == _LAST_JOBS:
            break
    half, so_far = sum(size for _, size in speeds) / 2, 0
    for speed, size in sorted(speeds):  # the median of the bytes, not of the jobs
        so_far += size
        if so_far >= half:
            return speed
    return None


def _copied_to(job: JobSummary, target: Path) -> bool:
    """Whether a finished job copied its whole card to this target; it may tell of copies that others made, too."""
    targets = (job.result or {}).get("targets")
    for each in targets if isinstance(targets, list) else ():
        if not isinstance(each, dict) or each.get("source") != job.sheet.source:
            continue
        if Path(str(each.get("path"))).is_relative_to(target):
            return not each.get("recognised") and not each.get("failed") and each.get("lost") is None
    return False


def _already(
    card: Card, places: Sequence[Place], earlier: Sequence[JobSummary], known_bad: Mapping[str, str]
) -> str | None:
    """When this very card was offloaded, where to, what of that is gone, and what this run adds."""
    finished = next((job for job in earlier if job.result is not None), None)
    if finished is None:
        return None
    folders = {folder for job in earlier for folder in _begun(job)}
    new = [safe_path(place.folder) for place in places if str(place.folder) not in folders]
    lacks = [told for place in places if str(place.folder) in folders and (told := _lacks(card, place)) is not None]
    if new:
        lacks.append(f"this run adds {', '.join(new)}")
    mine = sorted({str(place.folder) for place in places})
    these = "these" if len(mine) == len(folders) else ", ".join(map(safe_path, mine))
    adds = "; ".join(lacks) or f"this run adds no copy, it verifies {these} again"
    there = ", ".join(safe_path(folder) for folder in sorted(folders))
    label, was = safe_text(card.label), safe_text(finished.sheet.label)
    called, now = (f" as {was}", f"now it is called {label}; ") if was != label else ("", "")
    when, verdict = spell_moment(finished.sheet.started_ns), _verdict(finished, known_bad)
    return f"offloaded already{called}, {when}, to {there} ({verdict}); {now}{adds}"


def _begun(job: JobSummary) -> list[str]:
    """The folders in which a finished job verified a file; one that was full at once is no copy that could be gone."""
    told = (job.result or {}).get("targets")
    targets = [each for each in told if isinstance(each, dict)] if isinstance(told, list) else []
    return [str(each.get("path")) for each in targets if each.get("verified")]


def _lacks(card: Card, place: Place) -> str | None:
    """What is gone of a copy that was made earlier; None where every file is there."""
    missing = [path for path in card.tree.files.keys() - place.present if not os.path.lexists(place.folder / path)]
    if not missing:
        return None
    folder = safe_path(place.folder)
    if len(missing) == len(card.tree.files):
        return f"the copy {folder} is gone and is made again"
    many = len(missing) > 1
    of = f"{len(missing)} of {len(card.tree.files)} files" if many else safe_text(missing[0])
    return f"{of} {'are' if many else 'is'} gone from {folder} and {'are' if many else 'is'} copied again"


def _before(card: Card, jobs: Sequence[JobSummary], now_ns: int) -> tuple[str | None, str | None]:
    """What earlier jobs know of a card of this name: that it came back with more, or that it was another one."""
    stranger = None
    same_name = [job for job in jobs if job.sheet.label == card.label and job.result is not None]
    if not same_name:
        return None, None
    mine = _stamps(card)
    folded = {twin(path): path for path in mine}
    for job in same_name[:_LOOKED_AT]:
        there = files_of(job)
        now = {path: path if path in mine else folded.get(twin(path), path) for path in there}
        same = [path for path, stamp in there.items() if mine.get(now[path]) == stamp]
        changed = sorted(path for path, stamp in there.items() if path in mine and mine[path] != stamp)
        when = spell_moment(job.sheet.started_ns)
        if same and len(same) + len(changed) == len(there) and len(same) >= len(changed):
            more = len(mine) - len(there)
            parts = [f"{more} more file{'s'[: more != 1]}"] if more else []
            parts += [f"{len(changed) if len(changed) > 1 else safe_text(changed[0])} changed"] if changed else []
            parts += _recased({path: now[path] for path in same if now[path] != path})
            told = f"it was offloaded {when} and came back{' with ' * bool(parts)}{', '.join(parts)}"
            return f"{told}; what was said of it then ({_verdict(job)}) holds no more", None
        if stranger is None and now_ns - job.sheet.started_ns < _SAME_LABEL_NS:
            theirs, ours = job.sheet.fingerprint[:8], card.fingerprint[:8]
            stranger = f" (offloaded {when}, fingerprint {theirs}; this one is {ours})"
    return None, stranger


def _stamps(card: Card) -> dict[str, tuple[int, int]]:
    """As `files_of` gives them."""
    return {path: (entry.size, entry.mtime_ns) for path, entry in card.tree.files.items()}


def _recased(names: Mapping[str, str]) -> list[str]:
    """Files whose names have other capitals now: a system that reads FAT may spell them as it likes."""
    if not names:
        return []
    was, now = next(iter(sorted(names.items())))
    more = f" and {len(names) - 1} more" if len(names) > 1 else ""
    return [f"{safe_text(was)} spelled {safe_text(now)}{more}"]


def _renamed(card: Card, places: Sequence[Place], earlier: Sequence[JobSummary]) -> str | None:
    """What jobs of this very state called it, where none called it what it is called now and it gets another folder."""
    folders = {folder for job in earlier for folder in job.sheet.folders}
    if not earlier or any(job.sheet.label == card.label for job in earlier):
        return None
    if all(str(place.folder) in folders for place in places):
        return None
    newest = earlier[0]
    alike = [job for job in earlier if (job.sheet.label, job.finished) == (newest.sheet.label, newest.finished)]
    return _called(card, newest, sorted({folder for job in alike for folder in job.sheet.folders}))


def _other_label(card: Card, jobs: Sequence[JobSummary], now_ns: int) -> str | None:
    """What a card of another name was called whose files are all on this one, as they were: it is that card."""
    newer = [job for job in jobs if job.finished and now_ns - job.sheet.started_ns < _SAME_LABEL_NS]
    others = [job for job in newer if job.sheet.label != card.label][:_GLANCED_AT]
    mine = _stamps(card) if others else {}
    for job in others:
        glance = files_of(job, first=_GLANCE)
        if any(mine.get(path) != stamp for path, stamp in glance.items()):
            continue
        there = files_of(job)
        if any(size for size, _ in there.values()) and all(mine.get(path) == stamp for path, stamp in there.items()):
            return _called(card, job, job.sheet.folders, len(mine) - len(there))
    return None


def _called(card: Card, job: JobSummary, folders: Sequence[str], more: int = 0) -> str:
    """Under which name, and to which folders, a job copied this card, or `more` files less of it."""
    was, when = safe_text(job.sheet.label), spell_moment(job.sheet.started_ns)
    there = ", ".join(map(safe_path, folders))
    told = f"A copy of this card as {was} was begun, {when}, to {there}, and did not end"
    if job.finished:
        told = f"This card was offloaded as {was}, {when}, to {there} ({_verdict(job)})"
        told += f" and came back with {more} more file{'s'[: more != 1]}" if more else ""
    return f"{told}; now it is called {safe_text(card.label)}"


def _strangers(card: Card, places: Sequence[Place]) -> str:
    """Both fingerprints, where only the folders on the targets tell of the other card."""
    theirs = sorted({each[:8] for place in places for each in place.strangers})
    return f" (fingerprint {' and '.join(theirs)}; this one is {card.fingerprint[:8]})" if theirs else ""


def _verdict(job: JobSummary, known_bad: Mapping[str, str] = MappingProxyType({})) -> str:
    """What a job said of its copies, if that still stands."""
    said = str((job.result or {}).get("verdict"))
    bad = any(found_bad(manifest, known_bad) is not None for _, manifest in copies_of(job)) if said == SAFE else False
    return "not safe any more" if bad else said


def spell_room(room: Room) -> str:
    """`shuttle: 2.1 TB free, 1.6 TB afterwards, full in 3 more cards like this one`."""
    name = safe_text(room.name) if room.name is not None else safe_path(Path(room.path).parent)
    full = "no room for another card like this one"
    if room.more_cards:
        full = f"full in {room.more_cards} more card{'s'[: room.more_cards != 1]} like this one"
    told = f"{name}: {spell_free(room)}"
    return told if room.more_cards > _MANY else f"{told}, {full}"


def spell_free(room: Room) -> str:
    """`2.1 TB free, 1.6 TB afterwards`."""
    return f"{in_bytes(room.free)} free, {in_bytes(room.free_after)} afterwards"


def rooms_of(result: Mapping[str, object]) -> list[Room]:
    """What was foreseen, out of a job's result; empty for a result of a version that foresaw nothing."""
    forecast = result.get("forecast")
    targets = forecast.get("targets") if isinstance(forecast, dict) else None
    try:
        return [Room(**each) for each in targets or ()]
    except TypeError:
        return []


def spell_moment(wall_ns: int) -> str:
    """A moment on this machine's calendar and clock, to the minute."""
    return datetime.fromtimestamp(wall_ns // _NS, UTC).astimezone().strftime("%Y-%m-%d %H:%M")
