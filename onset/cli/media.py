"""`onset media`: `repair` finishes what a crash left, `proxy` adds sound to picture, `pictures` makes small ones."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal, get_args

from onset.cli import media_pictures, media_proxy
from onset.cli.find import load_config, open_logbook, production_if_any
from onset.clock import SystemClock
from onset.errors import CaptureError, MediumError, OnsetError, UsageError
from onset.text import safe_path, safe_text

if TYPE_CHECKING:
    from devices.clip import Moment
    from onset.cli.main import CommandParser
    from onset.domain.camera import Clip
    from onset.domain.sound import SoundFile
    from onset.domain.take import Take
    from onset.logbook.protocol import Logbook

_ENDINGS = (".mov", ".wav")
_QUIET_S = 3  # a worker whose service was killed finishes its files by itself, and writes twice a second until then
_PAGE = 500
_NS = 1_000_000_000

_ALL_EXAMPLES = """\
examples:
  onset media repair --dry-run            which recordings of this production a crash has left
  onset media repair /media/SSD/day03     finish those in a folder
  onset media proxy 42C/3                 join picture and sound of a take

  onset media pictures 42C/3              small pictures of its clips

"onset media repair --help", and of the others, say more.
"""
_EXAMPLES = """\
examples:
  onset media repair                      every recording of this production that was never finished
  onset media repair --dry-run            only say which
  onset media repair /media/SSD/day03     files, or all recordings in folders; needs no production

A finished file keeps its name: it is written beside the old one (which needs as much room again), every frame is
decoded, every byte of sound compared, and then it takes the old one's place. Whole files are left alone. Inside a
production the log gets the true lengths, also of whole files that it still takes for open. --json prints
{"files": [{"path", "state", "detail", "duration_frames", "samples", "logged"}]}; a state is whole, repairable (with
--dry-run), repaired, hopeless, busy or failed. Exit 1 when a file is one of the last three.
"""

State = Literal["whole", "repairable", "repaired", "hopeless", "busy", "failed"]


@dataclass(slots=True)
class _Row:
    """A file and what became of it; `logged` means that the log got its length, `quiet` that nobody writes to it."""

    path: Path
    state: State
    detail: str = ""
    duration_frames: int | None = None
    samples: int | None = None
    sample_rate: int = 0
    dropped: int = 0
    logged: bool = False
    quiet: bool = True


def add_parser(subparsers: argparse._SubParsersAction[CommandParser]) -> None:
    """Describe the command."""
    parser = subparsers.add_parser(
        "media",
        help="recordings as files: finish what a crash left, join picture and sound",
        description=__doc__,
        epilog=_ALL_EXAMPLES,
    )
    parser.set_defaults(run=run)
    verbs = parser.add_subparsers(title="verbs", metavar="VERB", dest="verb", required=True)
    media_proxy.add_verb(verbs)
    media_pictures.add_verb(verbs)
    repair = verbs.add_parser(
        "repair",
        help="finish files that a crash left",
        description="Make ordinary files of recordings that were never finished: picture with an index and timecode "
        "track, sound with its length.",
        epilog=_EXAMPLES,
    )
    repair.add_argument("paths", nargs="*", metavar="PATH", help="files or folders; this production's by default")
    repair.add_argument("--dry-run", action="store_true", help="say what would be done, and write nothing")
    repair.add_argument("--json", action="store_true", help="one JSON document on standard output")
    repair.set_defaults(act=_repair)


def run(args: argparse.Namespace) -> int:
    """Do what the verb says."""
    act: Callable[[argparse.Namespace], int] = args.act
    return act(args)


def _repair(args: argparse.Namespace) -> int:
    production = production_if_any(args)
    if not args.paths and production is None:
        raise UsageError("There is no production here; go into one, name one with -p DIR, or name files.")
    recording = set() if production is None else _being_recorded(production)
    paths = _files(args.paths, production)
    still_open = _open_in_log(production) if production is not None and paths and not args.dry_run else set()
    rows = []
    for path in paths:
        row = _look_at(path, recording)
        if row.state == "repairable" and not args.dry_run:
            row = _finish(row, [] if production is None else _marks_of(production, path))
        elif row.state == "whole" and path.resolve() in still_open:
            _measure(row)
        if row.duration_frames is not None and production is not None:
            _tell_log(production, row)
        rows.append(row)
        if not args.json and (row.state != "whole" or row.logged):
            print(_line(row), flush=True)
    if args.json:
        json.dump({"files": [_as_json(row) for row in rows]}, sys.stdout, ensure_ascii=False)
        print()
    else:
        print(_summary(rows))
    return 1 if any(row.state in ("hopeless", "busy", "failed") for row in rows) else 0


def _files(named: Sequence[str], production: Path | None) -> list[Path]:
    """The recordings below the places that were named, in order; those that were named themselves whatever they are."""
    places = [Path(each) for each in named]
    if production is not None and not named:
        places = [load_config(production).capture.media]
    found: dict[Path, None] = {}
    for place in places:
        if place.is_dir():
            inside = [path for path in place.rglob("*") if path.suffix.lower() in _ENDINGS and path.name[0] != "."]
            found |= dict.fromkeys(sorted(path for path in inside if path.is_file() and not path.is_symlink()))
        elif place.is_file() and place.suffix.lower() in _ENDINGS:
            found[place] = None
        elif named:
            raise UsageError(f"{safe_path(place)} is no recording (.mov or .wav) and no folder.")
    return list(found)


def _being_recorded(production: Path) -> set[Path]:
    """What the running capture service writes at this moment."""
    from onset.capture.asks import status
    from onset.capture.lock import lock_holder

    held = lock_holder(production, SystemClock())
    if held is None or not held.folder:
        return set()
    media = load_config(production).capture.media
    try:
        devices = status(Path(held.folder)).devices
    except CaptureError as error:
        raise CaptureError(f"The capture service does not say what it records: {error}") from error
    return {(media / path).resolve() for device in devices for path in device.recording}


def _look_at(path: Path, recording: set[Path]) -> _Row:
    from devices.repair import examine

    try:
        if path.resolve() in recording:
            return _Row(path, "busy", "it is being recorded")
        found = examine(path)
        age_s = SystemClock().wall_ns() / _NS - path.stat().st_mtime
    except (MediumError, OSError) as error:
        return _Row(path, "failed", str(error))
    quiet = not 0 <= age_s < _QUIET_S
    if found.state not in ("whole", "busy") and not quiet:
        return _Row(path, "busy", "it has just been written to; try again in a moment")
    return _Row(path, found.state, found.detail, quiet=quiet)


def _finish(row: _Row, marks: Sequence[Moment]) -> _Row:
    from devices.media_av import AvMediaReader
    from devices.repair import repair

    try:
        done = repair(row.path, marks)
        info = AvMediaReader().probe(row.path)
    except OnsetError as error:
        return _Row(row.path, "failed", str(error))
    finished = _Row(row.path, "repaired", row.detail, info.duration_frames, done.samples, done.sample_rate or 0)
    if done.frames is not None and info.duration_frames is not None:
        finished.dropped = max(0, info.duration_frames - done.frames)
    return finished


def _measure(row: _Row) -> None:
    """The length of a file that is whole although the log waits for its end: its worker outlived the service."""
    from devices.media_av import AvMediaReader

    if not row.quiet:
        return
    with suppress(OnsetError):  # nothing was wrong with it a moment ago; the next start of the service looks again
        info = AvMediaReader().probe(row.path)
        row.duration_frames, row.samples, row.sample_rate = info.duration_frames, info.samples, info.sample_rate or 0


def _open_in_log(production: Path) -> set[Path]:
    """Recordings of ours of which the log says that they are being recorded."""
    from onset.capture.leftovers import METHOD

    log = open_logbook(production)
    try:
        ours = (one for one in _media_in(log) if one.method == METHOD and one.duration_frames is None)
        return {(log.folder / one.path).resolve() for one in ours}
    finally:
        log.close()


def _tell_log(production: Path, row: _Row) -> None:
    """Give the log the length of what was finished, where it has another; at once, however this command ends."""
    log = open_logbook(production)
    try:
        for one in _media_in(log):
            if row.path.name == Path(one.path).name and (log.folder / one.path).resolve() == row.path.resolve():
                row.logged = _correct(log, one, row)
    finally:
        log.close()


def _media_in(log: Logbook) -> Iterator[Clip | SoundFile]:
    """Every picture and sound file that the log names."""
    for take in _takes_in(log):
        yield from (clip for angle in take.angles for clip in angle.clips)
        yield from (file for sound in take.sound for file in sound.files)


def _takes_in(log: Logbook) -> Iterator[Take]:
    """Every take, deleted ones too: their files are still there."""
    from onset.logbook.terms import TakeFilter

    before = None
    while page := log.takes(TakeFilter(deleted=True, before=before, limit=_PAGE)):
        before = page[-1].id
        yield from page


def _marks_of(production: Path, path: Path) -> list[Moment]:
    """The marks of the take that a picture of ours was recorded for, from its roll, in the order in which they came."""
    from devices.clip import Moment
    from onset.capture.leftovers import METHOD

    log = open_logbook(production)
    try:
        for take in _takes_in(log):
            clips = [clip for angle in take.angles for clip in angle.clips if Path(clip.path).name == path.name]
            if any(clip.method == METHOD and (log.folder / clip.path).resolve() == path.resolve() for clip in clips):
                marks = sorted((note for note in take.notes if note.mark), key=lambda note: note.wall_ns)
                return [Moment(mark.offset_ns, mark.text) for mark in marks if mark.offset_ns is not None]
        return []
    finally:
        log.close()


def _correct(log: Logbook, one: Clip | SoundFile, row: _Row) -> bool:
    """Whether the log had another length; what was cut off stays so."""
    from onset.domain.camera import Clip

    if isinstance(one, Clip):
        if one.duration_frames == row.duration_frames:
            return False
        log.clip_closed(one.id, duration_frames=row.duration_frames, dropped=row.dropped, interrupted=True)
        return True
    if one.samples == row.samples or row.samples is None:
        return False
    log.sound_closed(
        one.id,
        duration_frames=row.duration_frames,
        samples=row.samples,
        sample_rate=row.sample_rate,
        interrupted=True,
    )
    return True


def _line(row: _Row) -> str:
    length = ""
    if row.duration_frames is not None:
        length = f"  {row.duration_frames} frames" + (", in the log" if row.logged else "")
    detail = safe_text(row.detail.removeprefix(f"{safe_path(row.path)} "))
    shown = f"  {detail}" if detail and row.state != "repaired" else ""
    return f"{row.state:<10} {safe_path(row.path)}{length}{shown}"


def _summary(rows: Sequence[_Row]) -> str:
    counts = [(state, sum(row.state == state for row in rows)) for state in get_args(State)]
    return (
        ", ".join(f"{count} {state}" for state, count in counts if count) + "." if rows else "There are no recordings."
    )


def _as_json(row: _Row) -> dict[str, object]:
    return {
        "path": str(row.path),
        "state": row.state,
        "detail": row.detail,
        "duration_frames": row.duration_frames,
        "samples": row.samples,
        "logged": row.logged,
    }
