"""What `onset import` brought in, for people (80 columns) and for programs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from textwrap import wrap

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
        new, known: how many the log did not have, and had.
        notes: what else a person should know, one sentence each.
    """

    what: str
    where: str
    days: tuple[tuple[ShotOn, tuple[MediaFile, ...]], ...]
    new: int = 0
    known: int = 0
    notes: tuple[str, ...] = ()
    dry_run: bool = False

    @property
    def files(self) -> tuple[MediaFile, ...]:
        """All of them."""
        return tuple(one for _, files in self.days for one in files)

    @property
    def unreadable(self) -> tuple[MediaFile, ...]:
        """Those that could not be read."""
        return tuple(one for one in self.files if one.unreadable)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rows:
    """A report that was taken in, or would be.

    Attributes:
        changed: rows that the log did not have so.
        columns: field → heading it was read from; `unused` the other headings.
        passed_over: numbers of rows that name no take and no file; `doubts` cells that were left out, in words.
        takes: for each row, the label of the take of that day that it names; empty where there is none.
        form: `CSV` or `ALE`.
        file: the report's own name; `report` has a number behind it where another report of that day has the same.
        moved_from: the unit and day under which the log had this very report.
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
    takes: tuple[str, ...]
    file: str
    form: str = "CSV"
    moved_from: tuple[str, int] | None = None
    dry_run: bool = False

    @property
    def naming(self) -> int:
        """How many rows name a take of that day."""
        return sum(bool(label) for label in self.takes)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """All that one command brought in, and how it stands.

    Attributes:
        passed_over: tables in a folder of sound that are no sound report, in words.
        matched: how the files stand after the match: those that came in, or, after a report alone, all of its day.
        events: alarms that were raised, or ended.
        trouble: why the links are not up to date, empty when they are.
    """

    brought: Brought | None
    rows: tuple[Rows, ...] = ()
    passed_over: tuple[str, ...] = ()
    matched: Matched = field(default_factory=Matched)
    events: tuple[str, ...] = ()
    trouble: str = ""
    dry_run: bool = False

    @property
    def files(self) -> tuple[MediaFile, ...]:
        """Files that came in."""
        return self.brought.files if self.brought is not None else ()

    @property
    def failed(self) -> bool:
        """Whether something did not come in as it should; a script looks at it."""
        return bool(self.trouble or (self.brought is not None and self.brought.unreadable))

    @property
    def days(self) -> tuple[ShotOn, ...]:
        """Units and days that were brought something, the one with most files or rows first."""
        counted: Counter[ShotOn] = Counter()
        for shot, files in self.brought.days if self.brought is not None else ():
            counted[shot] += len(files)
        for rows in self.rows:
            counted[rows.shot] += len(rows.claims)
        return tuple(shot for shot, _ in counted.most_common())

    @property
    def doubts(self) -> tuple[str, ...]:
        """Everything that a person should look at, one sentence each."""
        notes = self.brought.notes if self.brought is not None else ()
        cells = [f"{safe_text(rows.report)}, {safe_text(doubt)}" for rows in self.rows for doubt in rows.doubts]
        return (*notes, *self.passed_over, *cells, *([self.trouble] if self.trouble else []))

    def as_json(self) -> dict[str, object]:
        """For programs; names are as they are, never shortened."""
        devices = Counter(device_of(one) for one in self.files) or Counter(
            claim.device for rows in self.rows for claim in rows.claims
        )
        named = [device for device, _ in devices.most_common() if device]
        unreadable = self.brought.unreadable if self.brought is not None else ()
        return {
            "files": len(self.files),
            "recordings": recordings(self.files),
            "new": self.brought.new if self.brought is not None else 0,
            "known": self.brought.known if self.brought is not None else 0,
            "rows": sum(len(rows.claims) for rows in self.rows),
            "rows_changed": sum(rows.changed for rows in self.rows),
            "unreadable": [{"path": safe_path(one.path), "why": safe_text(one.unreadable)} for one in unreadable],
            "unit": self.days[0].unit,
            "day": self.days[0].day,
            "days": [{"unit": shot.unit, "day": shot.day, "because": shot.why} for shot in self.days],
            "device": safe_text(named[0]) if named else None,
            "devices": [safe_text(device) for device in named],
            "linked": self.matched.linked,
            "proposed": self.matched.proposed,
            "questions": self.matched.questions,
            "without_take": self.matched.without_take,
            "media": [_file_json(one) for one in self.files],
            "reports": [_report_json(rows) for rows in self.rows],
            "alarms": [safe_text(event) for event in self.events],
            "doubts": list(self.doubts),
            "dry_run": self.dry_run,
        }


def device_of(file: MediaFile) -> str:
    """Camera letter, or the recorder."""
    return file.camera if isinstance(file, Clip) else file.device


def recordings(files: Sequence[MediaFile]) -> int:
    """How many takes the files are by their own word: a mono set is one."""
    alone = sum(1 for one in files if isinstance(one, Clip) or not one.family)
    sets = {(one.device, one.roll, one.family) for one in files if isinstance(one, SoundFile) and one.family}
    return alone + len(sets)


def tell(answer: Answer) -> None:
    """For people, in 80 columns; only a path that is longer runs over."""
    for line in _lines(answer):
        inward = " " * (len(line) - len(line.lstrip()) + 4)
        for folded in wrap(line, 80, subsequent_indent=inward, break_long_words=False, break_on_hyphens=False):
            print(folded)


def _lines(answer: Answer) -> Iterator[str]:
    if answer.brought is not None:
        yield from _of_files(answer.brought)
    for rows in answer.rows:
        yield from _of_rows(rows)
    yield from (f"note: {doubt}" for doubt in answer.doubts[:_LISTED])
    if len(answer.doubts) > _LISTED:
        yield f"note: and {len(answer.doubts) - _LISTED} more; --json lists them all"
    if answer.dry_run:
        yield "nothing was written (--dry-run)"
        return
    if answer.matched.sentence:
        of_day = "" if answer.files else "of the day, "
        yield of_day + answer.matched.sentence
    yield from (safe_text(event) for event in answer.events)


def _of_files(brought: Brought) -> Iterator[str]:
    what = "sound file" if brought.what == "sound" else "clip"
    for shot, files in brought.days:
        parts = recordings(files)
        told = _count(len(files), what) + (f" of {_count(parts, 'recording')}" if parts != len(files) else "")
        devices = sorted({device_of(one) for one in files} - {""})
        by = f" from {', '.join(map(safe_text, devices))}" if devices else ""
        yield f"{told}{by}, {_day(shot)}"
        if brought.dry_run:
            yield from (f"  {_line(one)}" for one in files[:_LISTED])
            if len(files) > _LISTED:
                yield f"  and {len(files) - _LISTED} more; --json lists them all"
    yield f"{brought.new} new, {brought.known} in the log already"
    for one in brought.unreadable[:_LISTED]:
        named = safe_text(one.name)
        why = safe_text(one.unreadable)
        yield f"  ! {why}" if named in why else f"  ! {named}: {why}"
    if len(brought.unreadable) > _LISTED:
        yield f"  ! and {len(brought.unreadable) - _LISTED} more that cannot be read; --json lists them all"


def _of_rows(rows: Rows) -> Iterator[str]:
    circled = sum(1 for claim in rows.claims if claim.circled)
    yield (
        f"{safe_text(rows.report)}: {_count(len(rows.claims), 'row')} of a {_source(rows)}, {circled} circled, "
        f"{_day(rows.shot)}"
    )
    yield (
        f"  {_count(rows.naming, 'row')} name{'s' if rows.naming == 1 else ''} a take of that day; "
        f"{rows.changed} new or changed, {len(rows.claims) - rows.changed} in the log already"
    )
    if rows.report != rows.file:
        yield f"  another {safe_text(rows.file)} of that day is in the log; this one stands beside it"
    if rows.moved_from is not None:
        yield f"  moved here from day {rows.moved_from[1]} of {safe_text(rows.moved_from[0])}"
    if rows.dry_run:
        taken = (f'{name} from "{safe_text(heading)}"' for name, heading in rows.columns.items())
        yield f"  columns: {', '.join(taken)}"
        if rates := sorted({claim.rate for claim in rows.claims if claim.tc_in}):
            yield f"  timecode at {' and '.join(rates)}"
    if rows.unused and rows.dry_run:
        yield f"  not used: {', '.join(safe_text(one) for one in rows.unused[:20])}"
    if rows.dry_run:
        for claim, label in list(zip(rows.claims, rows.takes, strict=True))[:_LISTED]:
            yield f"  {_claim_line(claim)}: {safe_text(label) or 'no take of that day'}"
        if len(rows.claims) > _LISTED:
            yield f"  and {len(rows.claims) - _LISTED} more; --json lists them all"
    if rows.passed_over:
        numbers = ", ".join(map(str, rows.passed_over[:20])) + (" …" if len(rows.passed_over) > 20 else "")
        yield f"  passed over, for they name no take and no file: row {numbers}"


def _source(rows: Rows) -> str:
    return f"{rows.source} (ALE)" if rows.form == "ALE" else str(rows.source)


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
        "device": safe_text(device_of(one)),
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


def _report_json(rows: Rows) -> dict[str, object]:
    return {
        "report": safe_text(rows.report),
        "source": str(rows.source),
        "form": rows.form,
        "unit": rows.shot.unit,
        "day": rows.shot.day,
        "because": rows.shot.why,
        "columns": dict(rows.columns),
        "unused_columns": list(rows.unused),
        "passed_over": list(rows.passed_over),
        "changed": rows.changed,
        "claims": [
            {**_claim_json(claim), "names": label or None}
            for claim, label in zip(rows.claims, rows.takes, strict=True)
        ],
    }  # fmt: skip


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
        "rate": claim.rate,
        "note": safe_text(claim.note),
    }
