"""Sound files and clips that lie in a folder, into the log and matched: the work of `onset import sound` and `clips`.

A file that cannot be read comes in with its name and why; it holds up none of the others. Files of one roll or folder
are of one day, which is found as for an offloaded card.
"""

from __future__ import annotations

import os
import re
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from onset.cli.import_told import Brought, MediaFile
from onset.clock import SystemClock
from onset.config import Config
from onset.domain.camera import Clip, Source
from onset.errors import MediumError, OnsetError, RefusedError
from onset.logbook.protocol import Logbook
from onset.offload.which_card import ShotOn, iso_day, shot_on
from onset.reel import camera_of_roll, read_name
from onset.text import safe_path, safe_text

_BLOCK = 4 * 1024 * 1024
_MOST = 200_000  # files in a folder; a drive of raw frames has about so many
_LONGEST_DEVICE = 24
_NO_DEVICE = re.compile(r"[^A-Za-z0-9 _-]+")
_A_ROLL = re.compile(r"[A-Z]_?\d{3,4}(?:[A-Z_][0-9A-Z_]{0,8})?", re.ASCII | re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Import:
    """What was asked for.

    Attributes:
        path: a folder, or one wave file.
        unit, day: over what is found, None where nobody said.
        device: recorder or camera that a person named, else empty.
        hashed: read whole files, so that each is known again under another path.
    """

    production: Path
    path: Path
    config: Config
    unit: str | None
    day: int | None
    device: str
    hashed: bool
    dry_run: bool


def bring_sound(logbook: Logbook, wanted: Import) -> Brought:
    """Bring in a folder of wave files, or one.

    Raises:
        MediumError: it cannot be read, or holds no wave file.
        RefusedError: no such unit or day.
    """
    from onset.sound.folder import read_sound, wave_files

    paths = [wanted.path] if wanted.path.is_file() else list(wave_files(wanted.path))
    if not paths:
        raise MediumError(f"There is no wave file in {safe_path(wanted.path)}; nothing was brought in.")
    device = wanted.device or _recorder(wanted.config, paths)
    groups: dict[Path, list[tuple[Path, MediaFile]]] = defaultdict(list)
    for path in _watched(paths):
        sound: MediaFile = read_sound(
            path,
            shown=_shown(path, wanted.production),
            device=device,
            unit="Main",
            day=None,
            rate=wanted.config.production.rate,
        )
        groups[path.parent].append((path, _clean(_told_apart(sound, path, wanted))))
    notes = [
        f"{safe_text(path.name)} may be its sound report; bring it in with: onset import sound {safe_text(path.name)}"
        for folder in groups
        for path in _reports_in(folder)
        if wanted.path.is_dir()
    ]
    return _bring(logbook, wanted, "sound", list(groups.values()), notes)


def bring_clips(logbook: Logbook, wanted: Import) -> Brought:
    """Bring in camera originals that lie in a folder.

    Raises:
        MediumError: it cannot be read, or holds no clip.
        RefusedError: no such unit or day.
    """
    from devices.media_av import AvMediaReader
    from onset.camera.clips import CardFile, OnCard, clips_on
    from onset.camera.original import read_clip

    if not wanted.path.is_dir():
        raise MediumError(f"{safe_path(wanted.path)} is no folder; name the folder that the clips lie in.")
    found = clips_on(CardFile(*each) for each in _listed(wanted.path))
    if not found.clips:
        raise MediumError(f"There is no clip in {safe_path(wanted.path)}; nothing was brought in.")
    reader = AvMediaReader()
    rolls: dict[str, list[OnCard]] = defaultdict(list)
    for on_card in found.clips:
        rolls[on_card.said.reel or _roll_above(wanted.path, on_card.path)].append(on_card)
    groups: list[list[tuple[Path, MediaFile]]] = []
    every = len(found.clips)
    done = 0
    for roll, on_cards in sorted(rolls.items()):
        letter = wanted.device or _most(each.said.camera for each in on_cards) or camera_of_roll(roll)
        group: list[tuple[Path, MediaFile]] = []
        for on_card in on_cards:
            done += 1
            _progress(done, every)
            path = wanted.path / on_card.path
            clip: MediaFile = read_clip(
                on_card,
                wanted.path,
                reader,
                shown=_shown(path, wanted.production),
                camera=letter,
                reel="" if "/" in roll else roll,
                unit="Main",
                day=None,
                rate=wanted.config.production.rate,
                source=Source.FOLDER,
            )
            if wanted.device and isinstance(clip, Clip):
                clip = replace(clip, camera=wanted.device)
            group.append((path, _clean(_told_apart(clip, path, wanted))))
        groups.append(group)
    notes = []
    if found.gaps:
        notes.append(f"clip numbers that are missing: {safe_text(', '.join(found.gaps[:12]))}")
    if found.sounds:
        notes.append(f"{len(found.sounds)} wave files were left alone; onset import sound brings them in")
    return _bring(logbook, wanted, "clips", groups, notes)


def _bring(
    logbook: Logbook,
    wanted: Import,
    what: str,
    groups: Sequence[Sequence[tuple[Path, MediaFile]]],
    notes: Sequence[str],
) -> Brought:
    """Say each group's day, write it into the log, match."""
    from onset.cli.matching import Matched, match_days
    from onset.reconcile.unreadable import tell_unreadable

    by_day: dict[tuple[str, int | None], tuple[ShotOn, list[MediaFile]]] = {}
    for group in groups:
        shot = _shot_on(logbook, wanted, group)
        files = by_day.setdefault((shot.unit, shot.day), (shot, []))[1]
        files += [replace(one, unit=shot.unit, day=shot.day) for _, one in group]
    days = tuple((shot, tuple(files)) for _, (shot, files) in sorted(by_day.items(), key=lambda each: str(each[0])))
    brought = Brought(
        what=what, where=str(wanted.path), days=days, notes=tuple(notes), dry_run=wanted.dry_run, matched=Matched()
    )
    if wanted.dry_run:
        return brought
    new, known = logbook.bring_in(brought.files)
    matched = Matched()
    events: list[str] = []
    for unit in sorted({shot.unit for shot, _ in days}):
        ids, numbers = _in_log(logbook, unit, [one for shot, files in days if shot.unit == unit for one in files])
        if ids:
            counted = match_days(logbook, unit, numbers, only=ids)
            matched = Matched(
                changed=matched.changed + counted.changed,
                linked=matched.linked + counted.linked,
                proposed=matched.proposed + counted.proposed,
                questions=matched.questions + counted.questions,
                without_take=matched.without_take + counted.without_take,
            )
        events += [event.detail for event in tell_unreadable(logbook, unit, wall_ns=SystemClock().wall_ns())]
    return replace(brought, new=new, known=known, matched=matched, events=tuple(events))


def _shot_on(logbook: Logbook, wanted: Import, group: Sequence[tuple[Path, MediaFile]]) -> ShotOn:
    roll = _most(one.reel if isinstance(one, Clip) else one.roll for _, one in group)
    shot = shot_on(
        logbook,
        roll or wanted.path.name,
        named=[date for _, one in group if isinstance(one, Clip) and (date := read_name(one.name).date)],
        inside=[iso_day(one.created_ns) for _, one in group if one.created_ns is not None],
        files=[date for path, _ in group if (date := _dated(path))],
        unit=wanted.unit,
        day=wanted.day,
    )
    if shot.day is None:
        raise RefusedError(
            f"The log has no shooting day of {safe_text(shot.unit)} yet, so nothing can belong to one; nothing was "
            "brought in. The first take opens the day."
        )
    return shot


def _in_log(logbook: Logbook, unit: str, files: Sequence[MediaFile]) -> tuple[set[str], set[int]]:
    """Ids of these files in the log, and the days they are on there: a card's clip keeps the card's day."""
    digests = {(one.digest, one.name) for one in files if one.digest}
    paths = {one.path for one in files}
    there = [one for one in logbook.media(unit=unit) if (one.digest, one.name) in digests or one.path in paths]
    return {one.id for one in there}, {one.day for one in there if one.day is not None}


# -- one file ---------------------------------------------------------------------------------------------------------


def _told_apart(one: MediaFile, path: Path, wanted: Import) -> MediaFile:
    """With its digest: the same bytes under another path, or on a card offloaded later, are the same file."""
    if not wanted.hashed or not one.size or one.unreadable:
        return one
    try:
        return replace(one, digest=_digest(path))
    except OSError as error:
        return replace(one, unreadable=f"{safe_path(path.name)} cannot be read: {error.strerror}.")


def _digest(path: Path) -> str:
    from onset.mhl.hashes import HashFormat, new_hasher

    hasher = new_hasher(HashFormat.XXH128)
    with path.open("rb", buffering=0) as file:
        while block := file.read(_BLOCK):
            hasher.update(block)
    return f"xxh128:{hasher.spell()}"


def _clean(one: MediaFile) -> MediaFile:
    """Names as text: bytes that are no UTF-8 become visible, for the log holds text alone."""
    changes = {
        name: _text(value)
        for name in ("name", "path", "note", "roll", "reel", "family", "named_scene", "named_take", "unreadable")
        if isinstance(value := getattr(one, name, None), str)
    }
    return replace(one, **changes)  # type: ignore[arg-type]  # all of these fields are text


def _text(written: str) -> str:
    return written.replace("\0", "").encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")


def _shown(path: Path, production: Path) -> str:
    """As the log keeps paths: from the production's folder where the file lies in it."""
    try:
        return path.relative_to(production).as_posix()
    except ValueError:
        return str(path)


def _dated(path: Path) -> str:
    try:
        return iso_day(path.stat().st_mtime_ns)
    except OSError:
        return ""


# -- folders ----------------------------------------------------------------------------------------------------------


def _listed(folder: Path) -> Iterable[tuple[str, int, int]]:
    """Path from the folder, size and time of each file; symbolic links are not followed."""

    def refuse(error: OSError) -> None:
        raise MediumError(f"{safe_path(error.filename or folder)} cannot be read: {error.strerror}.") from error

    count = 0
    for place, folders, names in os.walk(folder, onerror=refuse):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(names):
            path = Path(place) / name
            if name.startswith(".") or not path.is_file() or path.is_symlink():
                continue
            count += 1
            if count > _MOST:
                raise MediumError(f"{safe_path(folder)} holds more than {_MOST} files; give one day's or one card's.")
            stat = path.stat()
            yield path.relative_to(folder).as_posix(), stat.st_size, stat.st_mtime_ns


def _roll_above(root: Path, path: str) -> str:
    """The nearest folder above a clip that is called like a roll, else the clip's folder."""
    for part in (*reversed(path.split("/")[:-1]), root.name):
        if _A_ROLL.fullmatch(part):
            return part
    return f"{path.rpartition('/')[0]}/"


def _reports_in(folder: Path) -> list[Path]:
    try:
        return sorted(path for path in folder.iterdir() if path.suffix.lower() == ".csv")[:3]
    except OSError:
        return []


# -- devices ----------------------------------------------------------------------------------------------------------


def _recorder(config: Config, paths: Sequence[Path]) -> str:
    """The only sound device of the configuration, else what the recorder calls itself, else SOUND."""
    return _only_sound_device(config) or _maker(paths) or "SOUND"


def _only_sound_device(config: Config) -> str:
    if not config.devices:
        return ""
    from devices.registry import load_kind

    found = []
    for device in config.devices:
        try:
            medium = getattr(load_kind(device.kind), "medium", "")  # of the class; a plain function tells none
        except OnsetError:
            continue  # a device that this machine does not know records nothing here
        if medium == "sound":
            found.append(device.name)
    return found[0] if len(found) == 1 else ""


def _maker(paths: Sequence[Path]) -> str:
    from onset.sound.wave import read_wave

    for path in paths:
        try:
            name = recorder_name(read_wave(path).maker)
        except MediumError:
            continue
        if name:
            return name
    return ""


def recorder_name(maker: str) -> str:
    """A short name from a wave file's originator: the model, without what comes before and its serial number.

    >>> recorder_name("Sound Dev: 702T S#GR1112089007"), recorder_name("ZOOM Handy Recorder F8"), recorder_name("")
    ('702T', 'ZOOM Handy Recorder F8', '')
    """
    model = maker.partition(" S#")[0].rpartition(":")[2]
    return " ".join(_NO_DEVICE.sub(" ", model).split())[:_LONGEST_DEVICE].strip()


# -- small ------------------------------------------------------------------------------------------------------------


def _most(words: Iterable[str]) -> str:
    counted: Mapping[str, int] = Counter(word for word in words if word)
    return max(sorted(counted), key=lambda word: counted[word]) if counted else ""


def _watched(paths: Sequence[Path]) -> Iterable[Path]:
    for number, path in enumerate(paths, 1):
        _progress(number, len(paths))
        yield path


def _progress(number: int, every: int) -> None:
    """How far it is, at a terminal only: a folder of a day is gigabytes."""
    if sys.stderr.isatty():
        end = "\r" if number < every else "\r\x1b[K"
        print(f"reading {number} of {every}", end=end, file=sys.stderr, flush=True)
