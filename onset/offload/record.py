"""Turn a finished offload into edits on a log: the card, its copies, its clips and sound files, and the result.

Used by `onset offload` inside a production, on a `Logbook` it is given; outside of one an offload works alone. Clips
are opened in the first copy that was verified, never on the card. The same offload again changes nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath

from onset.camera.clips import CardContents, CardFile, OnCard, clips_on
from onset.camera.original import read_clip
from onset.domain.camera import Clip, Source
from onset.domain.card import Card, Copy
from onset.domain.sound import SoundFile
from onset.errors import RefusedError
from onset.logbook.protocol import Logbook
from onset.media import MediaReader
from onset.offload.outcome import FileOutcome, Outcome
from onset.offload.prove import PROOF
from onset.offload.which_card import ShotOn, day_of_footage, earlier_state, iso_day, shot_on
from onset.reel import camera_of_roll, read_name
from onset.sound.folder import read_sound
from onset.timecode import Rate

MediaFile = Clip | SoundFile


@dataclass(frozen=True, slots=True)
class Recorded:
    """What of an offload is in the log now.

    Attributes:
        card: as the log has it.
        shot: the unit and day, and what decided.
        media: ids of the card's clips and sound files; `new` of them were not in the log before.
        not_copied: names of clips that are in no copy yet, for a reason that is not the card's.
    """

    card: Card
    shot: ShotOn
    media: tuple[str, ...]
    new: int
    not_copied: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Roll:
    """What is true of a whole card: its camera's letter, its reel, and the recorder, should it hold sound."""

    camera: str
    reel: str
    recorder: str


def card_of(outcome: Outcome) -> Card:
    """The card as the log remembers it; targets without a single verified file are no copies."""
    copies = tuple(
        Copy(
            path=safe_bytes(target.path),
            verified=target.verified,
            failed=target.failed,
            read_back=target.read_back.value,
            manifest=safe_bytes(target.manifest) if target.manifest is not None else None,
            disk=target.disk or "+".join(sorted(target.disks)) or None,
        )
        for target in outcome.targets
        if target.read_back is not None
    )
    return Card(
        id="",
        label=outcome.label,
        fingerprint=outcome.fingerprint,
        files=outcome.files,
        size=outcome.bytes,
        verdict=outcome.verdict,
        reasons=outcome.reasons,
        wall_ns=outcome.as_of_ns,
        copies=copies,
    )


def record_outcome(
    logbook: Logbook,
    outcome: Outcome,
    reader: MediaReader,
    *,
    recorder: Callable[[Sequence[Path]], str] = lambda _: "SOUND",
    unit: str | None = None,
    day: int | None = None,
) -> Recorded:
    """Write card, copies, clips and verdict into the log; the same card again updates what is there.

    Args:
        logbook: of the production.
        outcome: of the job, with its contents.
        reader: opens the copies.
        recorder: names the recorder that made some sound files, which it may open.
        unit: whose card it is, where the person said so.
        day: likewise.

    Raises:
        RefusedError: no such unit or day.
        LogError: the log could not take it; the copies stand nevertheless.
    """
    found = clips_on(CardFile(each.path, each.size, each.mtime_ns) for each in outcome.contents)
    sounds = [path for each in found.sounds if (path := _first_copy(each, outcome)) is not None]
    heard_by = recorder(sounds) if found.sounds else ""
    roll = Roll(found.camera or camera_of_roll(outcome.label), found.reel or outcome.label, heard_by)
    media, not_copied = _read_all(found, outcome, reader, logbook.production().rate, roll)
    named = [date for each in media if (date := read_name(each.name).date)]
    inside = [iso_day(each.created_ns) for each in media if each.created_ns is not None]
    files = [iso_day(each.mtime_ns) for each in outcome.contents]
    shot = shot_on(logbook, roll.reel, named=named, inside=inside, files=files, unit=unit, day=day)
    if day is None and media:
        shot = day_of_footage(logbook, shot, (named, inside, files), today=iso_day(outcome.as_of_ns))
    held = {each.name: each.digest for each in media}
    card = replace(
        card_of(outcome),
        unit=shot.unit,
        day=shot.day,
        camera=roll.camera,
        reel=roll.reel,
        clips=len({(each.digest or each.path, each.name) for each in media}) + len(not_copied),  # twice on it: one
        supersedes=earlier_state(
            logbook.cards(), logbook.media(unit=shot.unit, day=None), outcome.label, outcome.fingerprint, held
        ),
    )
    card = logbook.record_card(card)
    placed = [_placed(each, card, shot) for each in media]
    new, _ = bring_in_each(logbook, placed)
    return Recorded(card, shot, _ids(logbook, card, placed), new, tuple(not_copied))


# -- the card's files ------------------------------------------------------------------------------------------------


def _read_all(
    found: CardContents, outcome: Outcome, reader: MediaReader, rate: Rate, roll: Roll
) -> tuple[list[MediaFile], list[str]]:
    """The card's clips and sound files out of the copies, and the names of those that are in no copy yet."""
    contents = {each.path: each for each in outcome.contents}
    media: list[MediaFile] = []
    not_copied = []
    for clip in (*found.clips, *found.sounds):
        own = [contents[path] for path in clip.files]
        failed = next((why for each in (*own, *_beside(clip, contents)) if (why := _failed_on_card(each, clip))), "")
        copy = next((n for n in range(len(outcome.targets)) if all(n in each.verified for each in own)), None)
        if copy is None and not failed:
            not_copied.append(clip.name)
            continue
        one = _read(clip, Path(outcome.targets[copy or 0].path), reader, rate, roll, failed if copy is None else "")
        media.append(replace(one, size=clip.size, digest=_digest(own[0]), unreadable=failed or one.unreadable))
    return media, not_copied


def _read(clip: OnCard, root: Path, reader: MediaReader, rate: Rate, roll: Roll, unreadable: str) -> MediaFile:
    """A file as its copy in `root` has it; where there is none, its name, number and size are all there is."""
    shown = safe_bytes(str(root / clip.path))
    if not clip.sound:
        return read_clip(
            clip, root, reader, shown=shown, camera=roll.camera, reel=roll.reel, unit="Main", day=None, rate=rate,
            source=Source.CARD, unreadable=unreadable,
        )  # fmt: skip
    if not unreadable:
        return read_sound(root / clip.path, shown=shown, device=roll.recorder, unit="Main", day=None, rate=rate)
    return SoundFile(
        id="", name=PurePosixPath(clip.path).name, path=shown, device=roll.recorder, tc_in=None, tc_source=None,
        rate=rate.name, duration_frames=None, unreadable=unreadable,
    )  # fmt: skip


def _first_copy(clip: OnCard, outcome: Outcome) -> Path | None:
    """Where a clip's first file can be opened."""
    file = next(each for each in outcome.contents if each.path == clip.path)
    return next((Path(outcome.targets[n].path) / clip.path for n in sorted(file.verified)), None)


def _beside(clip: OnCard, contents: Mapping[str, FileOutcome]) -> list[FileOutcome]:
    return [contents[path] for path in clip.beside]


def _failed_on_card(file: FileOutcome, clip: OnCard) -> str:
    """Why a file could not be read from the card, empty where it could; what fails on a target is not the card's."""
    why = next((problem.what for problem in file.problems if problem.target is None), "")
    return f"{PurePosixPath(file.path).name} {why}" if why and file.path != clip.path else why


def _digest(file: FileOutcome) -> str | None:
    """`xxh128:…`, the digest that every offload makes, whatever else was asked for."""
    if not file.digests:
        return None
    return f"{PROOF.value}:{file.digests[PROOF]}" if PROOF in file.digests else None


def _placed(medium: MediaFile, card: Card, shot: ShotOn) -> MediaFile:
    """A file as one of this card."""
    name, path = safe_bytes(medium.name), safe_bytes(medium.path)
    return replace(medium, name=name, path=path, source=Source.CARD, card=card.id, unit=shot.unit, day=shot.day)


def bring_in_each(logbook: Logbook, media: Sequence[MediaFile]) -> tuple[int, int]:
    """All files in one edit; one that says impossible things of itself comes in without them, and holds up no other.

    Returns:
        How many are new and how many the log knew, as `Logbook.bring_in` does.

    Raises:
        RefusedError: one of them cannot be in this log, whatever it says.
    """
    if not media:
        return 0, 0
    try:
        return logbook.bring_in(media)
    except RefusedError:
        new = 0
        for each in media:
            try:
                new += logbook.bring_in([each])[0]
            except RefusedError:
                new += logbook.bring_in([_bare(each)])[0]
        return new, len(media) - new


def _bare(medium: MediaFile) -> MediaFile:
    """A file without anything that it says of itself."""
    nothing = replace(
        medium, tc_in=None, tc_source=None, duration_frames=None, created_ns=None, named_scene="", named_take=""
    )
    if isinstance(nothing, Clip):
        return replace(nothing, fps=None)
    return replace(nothing, samples=None, sample_rate=None, tracks=(), pre_record=None, note="", family="")


def safe_bytes(name: str) -> str:
    r"""A file's name as a log can hold it: bytes that are not UTF-8 become visible escapes.

    >>> safe_bytes("A014.mov"), safe_bytes("A\udcff.mov")
    ('A014.mov', 'A\\udcff.mov')
    """
    return name.encode("utf-8", "backslashreplace").decode()


def _ids(logbook: Logbook, card: Card, placed: Sequence[MediaFile]) -> tuple[str, ...]:
    """Ids of the card's files: by their digests, or, where they have none, by their names on this card."""
    bytes_of = {(each.digest, each.name) for each in placed if each.digest}
    names = {each.name for each in placed}
    return tuple(
        each.id
        for each in logbook.media(unit=card.unit, day=None)
        if (each.digest, each.name) in bytes_of or (each.card == card.id and each.name in names)
    )
