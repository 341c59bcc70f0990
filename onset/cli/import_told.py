"""What `onset import` brought in, for people (80 columns) and for programs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from onset.cli.matching import Matched
from onset.domain.camera import Clip
from onset.domain.claim import Claim, ClaimSource
from onset.domain.sound import SoundFile
from onset.offload.which_card import ShotOn
from onset.text import safe_path, safe_text

MediaFile = Clip | SoundFile

_LISTED = 12  # files that are named one by one; all of them stand in --json


@dataclass(frozen=True, slots=True, kw_only=True)
class Brought:
    """Files that were brought in, or would be.

    Attributes:
        what: `sound` or `clips`.
        where: the folder or file that was named.
        days: unit and day of each part of it, with what decided, and its files.
        new, known: how many the log did not have, and had; 0 in a dry run.
        matched: how they stand now.
        notes: what else a person should know, one sentence each.
        events: alarms that were raised, or ended.
    """

    what: str
    where: str
    days: tuple[tuple[ShotOn, tuple[MediaFile, ...]], ...]
    new: int = 0
    known: int = 0
    matched: Matched = field(default_factory=Matched)
    notes: tuple[str, ...] = ()
    events: tuple[str, ...] = ()
    dry_run: bool = False

    @property
    def files(self) -> tuple[MediaFile, ...]:
        """All of them."""
        return tuple(one for _, files in self.days for one in files)

    @property
    def unreadable(self) -> tuple[MediaFile, ...]:
        """Those that could not be read."""
        return tuple(one for one in self.files if one.unreadable)

    def as_json(self) -> dict[str, object]:
        """For programs; names are as they are, never shortened."""
        return {
            "what": self.what,
            "path": safe_path(self.where),
            "dry_run": self.dry_run,
            "days": [
                {"unit": shot.unit, "day": shot.day, "because": shot.why, "files": len(files)}
                for shot, files in self.days
            ],
            "new": self.new,
            "known": self.known,
            "recordings": recordings(self.files),
            "linked": self.matched.linked,
            "proposed": self.matched.proposed,
            "questions": self.matched.questions,
            "without_take": self.matched.without_take,
            "unreadable": [{"name": safe_text(one.name), "why": safe_text(one.unreadable)} for one in self.unreadable],
            "files": [_file_json(one) for one in self.files],
            "notes": list(self.notes),
            "alarms": list(self.events),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Rows:
    """A report that was taken in, or would be.

    Attributes:
        changed: rows that the log did not have so.
        columns: field → heading it was read from; `unused` the other headings.
        passed_over: numbers of rows that name no take and no file; `doubts` cells that were left out, in words.
        matched: how the files of the day stand now.
    """

    source: ClaimSource
    report: str
    shot: ShotOn
    claims: tuple[Claim, ...]
    changed: int
    columns: Mapping[str, str]
    unused: tuple[str, ...]
    passed_over: tuple[int, ...]
    doubts: tuple[str, ...]
    matched: Matched = field(default_factory=Matched)
    dry_run: bool = False

    def as_json(self) -> dict[str, object]:
        """For programs."""
        return {
            "what": str(self.source),
            "report": safe_text(self.report),
            "dry_run": self.dry_run,
            "days": [
                {"unit": self.shot.unit, "day": self.shot.day, "because": self.shot.why, "rows": len(self.claims)}
            ],
            "rows": len(self.claims),
            "new": self.changed,
            "columns": dict(self.columns),
            "unused_columns": list(self.unused),
            "passed_over": list(self.passed_over),
            "doubts": list(self.doubts),
            "linked": self.matched.linked,
            "proposed": self.matched.proposed,
            "questions": self.matched.questions,
            "without_take": self.matched.without_take,
            "claims": [_claim_json(claim) for claim in self.claims],
        }


def recordings(files: Sequence[MediaFile]) -> int:
    """How many takes the files are by their own word: a mono set is one."""
    alone = sum(1 for one in files if isinstance(one, Clip) or not one.family)
    sets = {(one.device, one.roll, one.family) for one in files if isinstance(one, SoundFile) and one.family}
    return alone + len(sets)


def tell_brought(brought: Brought) -> None:
    """For people."""
    what = "sound file" if brought.what == "sound" else "clip"
    for shot, files in brought.days:
        parts = recordings(files)
        told = _count(len(files), what) + (f" of {_count(parts, 'recording')}" if parts != len(files) else "")
        devices = sorted({one.camera if isinstance(one, Clip) else one.device for one in files} - {""})
        by = f" from {', '.join(map(safe_text, devices))}" if devices else ""
        print(f"{told}{by}, {_day(shot)}")
        if brought.dry_run:
            for one in files[:_LISTED]:
                print(f"  {_line(one)}")
            if len(files) > _LISTED:
                print(f"  and {len(files) - _LISTED} more; --json lists them all")
    for one in brought.unreadable[:_LISTED]:
        print(f"  ! {safe_text(one.name)}: {safe_text(one.unreadable)}")
    if len(brought.unreadable) > _LISTED:
        print(f"  ! and {len(brought.unreadable) - _LISTED} more that cannot be read; --json lists them all")
    for note in brought.notes:
        print(f"note: {note}")
    if brought.dry_run:
        print("nothing was written (--dry-run)")
        return
    print(f"{_count(brought.new, 'file')} new, {brought.known} in the log already")
    if brought.matched.sentence:
        print(brought.matched.sentence)
    for event in brought.events:
        print(safe_text(event))


def tell_rows(rows: Rows) -> None:
    """For people."""
    circled = sum(1 for claim in rows.claims if claim.circled)
    print(
        f"{safe_text(rows.report)}: {_count(len(rows.claims), 'row')} of a {rows.source}, {circled} circled, "
        f"{_day(rows.shot)}"
    )
    for name, heading in rows.columns.items():
        same = name.casefold() == heading.casefold()
        if rows.dry_run or not same:
            print(f'  {name} from "{safe_text(heading)}"')
    if rows.unused and rows.dry_run:
        print(f"  not used: {', '.join(safe_text(one) for one in rows.unused[:20])}")
    if rows.dry_run:
        for claim in rows.claims[:_LISTED]:
            print(f"  {_claim_line(claim)}")
        if len(rows.claims) > _LISTED:
            print(f"  and {len(rows.claims) - _LISTED} more; --json lists them all")
    for doubt in rows.doubts[:_LISTED]:
        print(f"  ? {safe_text(doubt)}")
    if len(rows.doubts) > _LISTED:
        print(f"  ? and {len(rows.doubts) - _LISTED} more; --json lists them all")
    if rows.passed_over:
        numbers = ", ".join(map(str, rows.passed_over[:20])) + (" …" if len(rows.passed_over) > 20 else "")
        print(f"  passed over, for they name no take and no file: row {numbers}")
    if rows.dry_run:
        print("nothing was written (--dry-run)")
        return
    print(f"{_count(rows.changed, 'row')} new or changed, {len(rows.claims) - rows.changed} in the log already")
    if rows.matched.sentence:
        print(rows.matched.sentence)


def _day(shot: ShotOn) -> str:
    unit = "" if shot.unit == "Main" else f" of {safe_text(shot.unit)}"
    return f"day {shot.day}{unit} ({shot.why})"


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"


def _line(one: MediaFile) -> str:
    marks = [one.tc_in or "no timecode"]
    if one.named_scene or one.named_take:
        marks.append(f"{one.named_scene or '?'}/{one.named_take or '?'}")
    if isinstance(one, SoundFile):
        marks += ["circled"] * bool(one.circled) + ["wild"] * bool(one.wild)
    return safe_text(f"{one.name[:44]}  {'  '.join(marks)}")


def _claim_line(claim: Claim) -> str:
    parts = [f"{claim.slate or '?'}/{claim.take or '?'}", claim.device, claim.roll, claim.clip, claim.tc_in or ""]
    parts += ["circled"] * bool(claim.circled)
    return safe_text(f"row {claim.row}: {'  '.join(part for part in parts if part)}"[:78])


def _file_json(one: MediaFile) -> dict[str, object]:
    return {
        "name": safe_text(one.name),
        "path": safe_path(one.path),
        "device": safe_text(one.camera if isinstance(one, Clip) else one.device),
        "roll": safe_text(one.reel if isinstance(one, Clip) else one.roll),
        "tc_in": one.tc_in,
        "rate": one.rate,
        "duration_frames": one.duration_frames,
        "scene": safe_text(one.named_scene),
        "take": safe_text(one.named_take),
        "circled": one.circled if isinstance(one, SoundFile) else None,
        "digest": one.digest,
        "unreadable": safe_text(one.unreadable) or None,
    }


def _claim_json(claim: Claim) -> dict[str, object]:
    return {
        "row": claim.row,
        "device": safe_text(claim.device),
        "slate": safe_text(claim.slate),
        "take": safe_text(claim.take),
        "clip": safe_text(claim.clip),
        "roll": safe_text(claim.roll),
        "circled": claim.circled,
        "mos": claim.mos,
        "wild": claim.wild,
        "tc_in": claim.tc_in,
        "duration_frames": claim.duration_frames,
        "note": safe_text(claim.note),
    }
