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

from onset.cli.import_known import Held, as_known
from onset.cli.import_told import Brought, MediaFile, device_of
from onset.clock import SystemClock
from onset.config import Config
from onset.domain.camera import Clip, Source
from onset.errors import MediumError, OnsetError, RefusedError
from onset.logbook.protocol import Logbook
from onset.offload.record import bring_in_each
from onset.offload.which_card import ShotOn, day_of_footage, iso_day, shot_on
from onset.reel import camera_of_roll, read_name
from onset.text import safe_path, safe_text

_BLOCK = 4 * 1024 * 1024
_MOST = 200_000  # files in a folder; a drive of raw frames has about so many
_LONGEST_DEVICE = 24
_AS_BEFORE = "as when it was brought in before"
_MOST_REPORTS = 50  # in a folder of sound; a day has one or two
_MOST_NAMED = 6  # files that a note names
_NO_DEVICE = re.compile(r"[^A-Za-z0-9 _-]+")
_A_ROLL = re.compile(r"[A-Z]_?\d{3,4}(?:[A-Z_][0-9A-Z_]{0,8})?", re.ASCII | re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Import:
    """What was asked for.

    Attributes:
        path: a folder, or one wave file.
        unit, day: over what is found, None where nobody said.
        device: recorder or camera that a person named, else empty.
        hashed: read whole files, so that each is known again under another path; a dry run does not.
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
        MediumError: it cannot be read, holds no wave file, or is a single file that is none.
        RefusedError: no such unit or day.
    """
    from onset.sound.folder import read_sound, wave_files

    if not wanted.path.is_file() and not wanted.path.is_dir():
        raise MediumError(f"{safe_path(wanted.path)} is no file and no folder; name a wave file or a folder of them.")
    paths = [wanted.path] if wanted.path.is_file() else list(wave_files(wanted.path))
    if not paths:
        raise MediumError(f"There is no sound in {safe_path(wanted.path)}: no wave file, no report (CSV).")
    device = wanted.device or recorder_of(wanted.config, paths)
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
        if sound.unreadable and path == wanted.path:
            raise MediumError(f"{sound.unreadable} Nothing was taken in.")
        groups[path.parent].append((path, _clean(_told_apart(sound, path, wanted))))
    cut = [safe_text(one.name) for group in groups.values() for _, one in group if one.interrupted]
    notes = [f"{', '.join(cut[:_MOST_NAMED])} holds less sound than its head says; it was cut short"] if cut else []
    makers = [] if wanted.device else sorted({name for path in paths if (name := _made_by(path))})
    if len(makers) > 1:
        notes.append(f"these are files of {', '.join(makers)}; bring each in by itself, with --device")
    return _bring(logbook, wanted, "sound", list(groups.values()), notes)


def bring_clips(logbook: Logbook, wanted: Import) -> Brought:
    """Bring in camera originals that lie in a folder.

    Raises:
        MediumError: it cannot be read, or holds no clip.
        RefusedError: no such unit or day.
    """
    from devices.media_av import AvMediaReader
    from onset.camera.clips import CardFile, OnCard
    from onset.camera.original import read_clip
    from onset.cards.contents import card_contents

    if not wanted.path.is_dir():
        raise MediumError(f"{safe_path(wanted.path)} is no folder; name the folder that the clips lie in.")
    found = card_contents(CardFile(*each) for each in _listed(wanted.path))
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
    nameless = sum(not device_of(one) for group in groups for _, one in group)
    if nameless:
        notes.append(f"nothing tells the camera of {nameless} of {every} clips; say it with --device A")
    notes += found.problems
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
    """Say each group's day and write it into the log."""
    held = Held(logbook)
    by_day: dict[tuple[str, int | None], tuple[ShotOn, list[MediaFile]]] = {}
    known = 0
    said = wanted.unit is not None or wanted.day is not None
    for group in sorted(groups, key=_first_date):  # a day that footage opens follows the one before it
        before = [held.same(one) for _, one in group]
        shot = _shot_on(logbook, wanted, group, [one for one in before if one is not None])
        for (_, one), same in zip(group, before, strict=True):
            one = replace(one, unit=shot.unit, day=shot.day)
            if same is not None:
                one = as_known(logbook, one, same, own_day=said, own_device=bool(wanted.device))
            own = shot if (one.unit, one.day) == (shot.unit, shot.day) else ShotOn(one.unit, one.day, _AS_BEFORE)
            by_day.setdefault((one.unit, one.day), (own, []))[1].append(one)
        known += sum(one is not None for one in before)
    days = tuple((shot, tuple(files)) for _, (shot, files) in sorted(by_day.items(), key=lambda each: str(each[0])))
    every = [one for _, files in days for one in files]
    new = len(every) - known
    if not wanted.dry_run:
        new, known = bring_in_each(logbook, every)
    return Brought(
        what=what, where=str(wanted.path), days=days, new=new, known=known, notes=tuple(notes), dry_run=wanted.dry_run
    )  # fmt: skip


def _shot_on(
    logbook: Logbook, wanted: Import, group: Sequence[tuple[Path, MediaFile]], before: Sequence[MediaFile]
) -> ShotOn:
    """Unit and day of a group; `before` are those of its files that the log has already."""
    if wanted.unit is None and wanted.day is None:
        earlier = Counter((one.unit, one.day) for one in before if one.day is not None)
        if earlier:
            return ShotOn(*earlier.most_common(1)[0][0], _AS_BEFORE)
    roll = _most(one.reel if isinstance(one, Clip) else one.roll for _, one in group)
    named, inside, files = dates = _dates(group)
    label = roll or wanted.path.name
    shot = shot_on(logbook, label, named=named, inside=inside, files=files, unit=wanted.unit, day=wanted.day)
    if wanted.day is None:
        today = iso_day(SystemClock().wall_ns())
        shot = day_of_footage(logbook, shot, dates, today=today, dry_run=wanted.dry_run)
    if shot.day is None:
        raise RefusedError(
            f"The log has no shooting day of {safe_text(shot.unit)} yet, so nothing can belong to one; nothing was "
            "brought in. The first take opens the day."
        )
    return shot


def _dates(group: Sequence[tuple[Path, MediaFile]]) -> tuple[list[str], list[str], list[str]]:
    """ISO dates in names, in files, and of files."""
    return (
        [date for _, one in group if isinstance(one, Clip) and (date := read_name(one.name).date)],
        [iso_day(one.created_ns) for _, one in group if one.created_ns is not None],
        [date for path, _ in group if (date := _dated(path))],
    )


def _first_date(group: Sequence[tuple[Path, MediaFile]]) -> str:
    return next((min(dates) for dates in _dates(group) if dates), "")


# -- one file ---------------------------------------------------------------------------------------------------------


def _told_apart(one: MediaFile, path: Path, wanted: Import) -> MediaFile:
    """With its digest: the same bytes under another path, or on a card offloaded later, are the same file."""
    if not wanted.hashed or wanted.dry_run or not one.size or one.unreadable:
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
        name: as_text(value)
        for name in ("name", "path", "note", "roll", "reel", "family", "named_scene", "named_take", "unreadable")
        if isinstance(value := getattr(one, name, None), str)
    }
    return replace(one, **changes)  # type: ignore[arg-type]  # all of these fields are text


def as_text(written: str) -> str:
    """As the log can hold it: bytes that are no UTF-8 become visible."""
    return written.replace("\0", "").encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")


def _shown(path: Path, production: Path) -> str:
    """As the log keeps paths: from the production's folder where the file lies in it, by whatever way it was named."""
    real = Path(os.path.realpath(path))
    for there, base in ((path, production), (real, Path(os.path.realpath(production)))):
        if there.is_relative_to(base):
            return there.relative_to(base).as_posix()
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


def reports_in(folder: Path) -> list[Path]:
    """CSV and ALE files in and below a folder, in order of path."""
    found = []
    for place, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        found += [
            Path(place) / name for name in sorted(names) if name.lower().endswith((".csv", ".ale")) and name[0] != "."
        ]
    return [path for path in found if path.is_file() and not path.is_symlink()][:_MOST_REPORTS]


# -- devices ----------------------------------------------------------------------------------------------------------


def recorder_of(config: Config, paths: Sequence[Path]) -> str:
    """The only sound device of the configuration, else what the recorder calls itself, else SOUND.

    A card of sound that is offloaded is called the same.
    """
    return _only_sound_device(config) or next((name for path in paths if (name := _made_by(path))), "SOUND")


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


def _made_by(path: Path) -> str:
    from onset.sound.wave import read_wave

    try:
        return recorder_name(read_wave(path).maker)
    except MediumError:
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
