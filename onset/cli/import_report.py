"""A report or clip list into the log and matched: the work of `onset import camera`, `ale` and of a CSV for `sound`.

A report seldom says its day. The takes it names do, then the files it names, then the date of the report itself.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from onset.cli.import_files import as_text
from onset.cli.import_told import Rows
from onset.domain.claim import Claim, ClaimSource
from onset.domain.sound import SoundFile
from onset.errors import RefusedError, UsageError
from onset.logbook.protocol import Logbook
from onset.logbook.terms import TakeFilter
from onset.offload.which_card import DATES_INSIDE, ShotOn, iso_day, shot_on
from onset.reel import clip_key, read_name, roll_key, same_clip_name, without_ending
from onset.slate import sort_key, split_take
from onset.text import safe_text
from onset.timecode import Rate

_TRACK = re.compile(r"_(?:\d{1,2}|X)$", re.ASCII)  # of a mono set


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What was asked for.

    Attributes:
        what: `camera`, `sound` or `ale`.
        unit, day: whose report, where a person said so.
        device: camera letter or recorder, for rows that name none.
        columns: headings that a person chose for fields.
        beside: unit and day of the files that lie beside it.
    """

    what: str
    unit: str | None
    day: int | None
    device: str
    columns: Mapping[str, str]
    dry_run: bool
    beside: ShotOn | None = None


def bring_report(logbook: Logbook, path: Path, wanted: Wanted) -> tuple[Rows, ...]:
    """Take in the rows of a report; those of sound in a list of clips are a report of their own.

    Raises:
        ReportError: it cannot be read, or yields no row.
        RefusedError: no such unit or day.
        UsageError: a column for a field that there is not.
    """
    read = _read(path, wanted, logbook.production().rate)
    sources = sorted({claim.source for claim in read.claims})
    there = [
        _bring(logbook, path, wanted, read.of(source, first=number == 0), source)
        for number, source in enumerate(sources)
    ]
    return tuple(each() for each in there)  # every part has found its day before the first of them is written


def _bring(logbook: Logbook, path: Path, wanted: Wanted, read: _Read, source: ClaimSource) -> Callable[[], Rows]:
    """Find where the rows belong.

    Returns:
        What writes them.
    """
    shot = _shot_on(logbook, path, source, read, wanted)
    if shot.day is None:
        raise RefusedError(
            f"The log has no shooting day of {safe_text(shot.unit)} yet, so no row can speak of a take; nothing was "
            "taken in. The first take opens the day."
        )
    if source is ClaimSource.SOUND:
        heard = (wanted.device if wanted.what == "sound" else "") or _only_recorder(logbook, shot)
        read = replace(read, claims=tuple(replace(claim, device=heard) for claim in read.claims))
    name = _name_of(logbook, as_text(path.name), source, shot, read.claims)
    claims = tuple(replace(claim, unit=shot.unit, day=shot.day, report=name) for claim in read.claims)
    moved_from = _elsewhere(logbook, source, name, shot, claims)
    doubts = list(read.doubts)
    nameless = sum(not claim.device for claim in claims)
    if nameless and source is ClaimSource.CAMERA:
        doubts.append(f"{nameless} of its rows tell no camera; say it with --device A")

    def write() -> Rows:
        changed = len(claims)
        if not wanted.dry_run and shot.day is not None:
            if moved_from is not None:
                logbook.take_claims(source, name, *moved_from, ())
            changed = logbook.take_claims(source, name, shot.unit, shot.day, claims)
        return Rows(
            source=source,
            report=name,
            form=read.form,
            shot=shot,
            claims=claims,
            changed=changed,
            columns=read.columns,
            unused=read.unused,
            passed_over=read.passed_over,
            doubts=tuple(doubts),
            takes=_named(logbook, shot, claims),
            file=as_text(path.name),
            moved_from=moved_from,
            dry_run=wanted.dry_run,
        )

    return write


def _read(path: Path, wanted: Wanted, rate: Rate) -> _Read:
    """Read by the one reader that understands it; an ALE is known by what is in it."""
    from onset.camera.ale import ALE_COLUMNS, is_ale
    from onset.camera.report import COLUMNS, read_ale_report, read_camera_report
    from onset.sound.report import COLUMNS as SOUND_COLUMNS
    from onset.sound.report import read_sound_report

    ale = wanted.what == "ale" or is_ale(path)
    fields = ALE_COLUMNS if ale else COLUMNS if wanted.what == "camera" else SOUND_COLUMNS
    for name in wanted.columns:
        if name not in fields:
            raise UsageError(f'There is no field "{safe_text(name)}" to map; there are {", ".join(fields)}.')
    if not ale and wanted.what == "sound":
        sound = read_sound_report(path, unit="Main", day=1, device=wanted.device, rate=rate, columns=wanted.columns)
        return _Read(
            "CSV", sound.claims, sound.sheet.columns, sound.sheet.unused, sound.passed_over, sound.doubts, sound.dates
        )
    read = read_ale_report if ale else read_camera_report
    camera = "" if wanted.what == "sound" else wanted.device
    found = read(path, unit="Main", day=1, camera=camera, rate=rate, columns=wanted.columns)
    sheet = found.sheet
    return _Read(
        "ALE" if ale else "CSV",
        found.claims, sheet.columns, sheet.unused, found.passed_over, found.doubts, found.dates,
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Read:
    """What either reader found."""

    form: str
    claims: tuple[Claim, ...]
    columns: Mapping[str, str]
    unused: tuple[str, ...]
    passed_over: tuple[int, ...]
    doubts: tuple[str, ...]
    dates: tuple[str, ...] = ()

    def of(self, source: ClaimSource, *, first: bool) -> _Read:
        """The rows of one department; what is told of the whole file stands with the first."""
        return replace(
            self,
            claims=tuple(claim for claim in self.claims if claim.source is source),
            passed_over=self.passed_over if first else (),
            doubts=self.doubts if first else (),
        )


def _shot_on(logbook: Logbook, path: Path, source: ClaimSource, read: _Read, wanted: Wanted) -> ShotOn:
    claims, unit, day, beside = read.claims, wanted.unit, wanted.day, wanted.beside
    if unit is None and day is None:
        before = _elsewhere(logbook, source, as_text(path.name), ShotOn("", None, ""), claims)
        if before is not None:
            return ShotOn(*before, "as when it was brought in before")
    rolls = Counter(claim.roll for claim in claims if claim.roll)
    label = max(sorted(rolls), key=lambda roll: rolls[roll]) if rolls else ""
    by_date = shot_on(logbook, label, inside=read.dates, files=[_dated(path)], unit=unit, day=day)
    if by_date.why == DATES_INSIDE:
        by_date = replace(by_date, why="by the dates it names")
    if day is not None:
        return by_date
    units = [by_date.unit] if unit is not None else [one.name for one in logbook.units()]
    units.sort(key=lambda name: name != by_date.unit)  # the one whose rolls these are comes first
    for found, why in (
        (_by_takes(logbook, units, claims), "by the takes it names"),
        ((beside.unit, beside.day) if beside is not None and beside.day else None, "by the files beside it"),
        (_by_files(logbook, units, claims), "by the files it names"),
    ):
        if found is not None:
            return ShotOn(*found, why)
    return by_date


def _by_takes(logbook: Logbook, units: Sequence[str], claims: Sequence[Claim]) -> tuple[str, int] | None:
    """The day that has most of the takes, more than half of the rows', and more than any other day."""
    named = {(sort_key(claim.slate), sort_key(claim.take)) for claim in claims if claim.slate and claim.take}
    votes: Counter[tuple[str, int]] = Counter()
    for unit in units if named else ():
        for take in logbook.takes(TakeFilter(unit=unit, limit=None)):
            if (sort_key(take.slate), sort_key(take.take)) in named:
                votes[unit, take.day] += 1
    return _winner(votes, len(named))


def _by_files(logbook: Logbook, units: Sequence[str], claims: Sequence[Claim]) -> tuple[str, int] | None:
    names = {clip_key(claim.clip): claim.clip for claim in claims if claim.clip}
    alike: dict[str, list[str]] = {}
    for name in names.values():
        for key in _keys(name):
            alike.setdefault(key, []).append(name)
    votes: Counter[tuple[str, int]] = Counter()
    for unit in units if names else ():
        for one in logbook.media(unit=unit):
            if one.day is not None and any(
                same_clip_name(one.name, other) for key in _keys(one.name) for other in alike.get(key, ())
            ):
                votes[unit, one.day] += 1
    return _winner(votes, len(names))


def _keys(name: str) -> set[str]:
    """Of two spellings of one clip at least one is the same: the name, its set, or its number after a reel.

    A list of three hundred clips beside a log of ten thousand files would take a minute to compare one by one.
    """
    said = read_name(name)
    keys = {clip_key(name), clip_key(_TRACK.sub("", without_ending(name)))}
    return keys | ({f"{roll_key(said.reel)} {said.number}"} if said.reel else set())


def _winner(votes: Counter[tuple[str, int]], named: int) -> tuple[str, int] | None:
    best = votes.most_common(2)
    if not best or best[0][1] * 2 <= named or (len(best) > 1 and best[1][1] == best[0][1]):
        return None
    return best[0][0]


# -- one report or another of the same name ----------------------------------------------------------------------------


def _name_of(logbook: Logbook, name: str, source: ClaimSource, shot: ShotOn, claims: Sequence[Claim]) -> str:
    """The report's name in the log: two cameras' `report.csv` are two reports, a corrected one is the same again."""
    known: dict[str, set[tuple[str, ...]]] = {}
    for claim in logbook.claims(unit=shot.unit, day=shot.day):
        if claim.source is source:
            known.setdefault(claim.report, set()).add(_about(claim))
    mine = {_about(claim) for claim in claims}
    tried, number = name, 1
    while tried in known and mine.isdisjoint(known[tried]):
        number += 1
        tried = f"{name} ({number})"
    return tried


def _about(claim: Claim) -> tuple[str, ...]:
    """What a row speaks of; of whose recorder it is was found by us, not read."""
    camera = claim.device if claim.source is ClaimSource.CAMERA else ""
    return camera, sort_key(claim.slate), sort_key(claim.take), clip_key(claim.clip)


def _elsewhere(
    logbook: Logbook, source: ClaimSource, name: str, shot: ShotOn, claims: Sequence[Claim]
) -> tuple[str, int] | None:
    """Another unit and day under which the log has this very report, word for word."""
    held: dict[tuple[str, int], set[tuple[object, ...]]] = {}
    for unit in logbook.units():
        for claim in logbook.claims(unit=unit.name):
            if claim.source is source and claim.report == name:
                held.setdefault((claim.unit, claim.day), set()).add(_words(claim))
    wanted = {_words(claim) for claim in claims}
    return next((where for where, words in held.items() if where != (shot.unit, shot.day) and words == wanted), None)


def _words(claim: Claim) -> tuple[object, ...]:
    said = (claim.slate, claim.take, claim.clip, claim.roll, claim.circled, claim.tc_in, claim.duration_frames)
    return (claim.row, *said, claim.note)


def _only_recorder(logbook: Logbook, shot: ShotOn) -> str:
    """Whose files the day has, where it is one recorder; empty says nothing, and every file of the day may be meant."""
    media = logbook.media(unit=shot.unit, day=shot.day)
    devices = {one.device for one in media if isinstance(one, SoundFile)}
    return devices.pop() if len(devices) == 1 else ""


def _named(logbook: Logbook, shot: ShotOn, claims: Sequence[Claim]) -> tuple[str, ...]:
    """For each row, the take of the day that it names, as it was logged or as it was slated."""
    labels: dict[tuple[str, str], str] = {}
    for take in logbook.takes(TakeFilter(unit=shot.unit, day=shot.day, limit=None)):
        if take.slated_as:
            slate, number = split_take(take.slated_as)
            labels.setdefault((sort_key(slate), sort_key(number)), take.label)
        labels[sort_key(take.slate), sort_key(take.take)] = take.label
    return tuple(labels.get((sort_key(claim.slate), sort_key(claim.take)), "") for claim in claims)


def _dated(path: Path) -> str:
    try:
        return iso_day(path.stat().st_mtime_ns)
    except OSError:
        return ""
