"""A camera or sound report into the log and matched: the work of `onset import camera` and of a CSV given to `sound`.

A report seldom says its day. The takes it names do, then the files it names, then the date of the report itself.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from onset.cli.import_told import Rows
from onset.domain.claim import Claim, ClaimSource
from onset.errors import RefusedError
from onset.logbook.protocol import Logbook, TakeFilter
from onset.offload.which_card import ShotOn, iso_day, shot_on
from onset.reel import clip_key, same_clip_name
from onset.slate import sort_key
from onset.text import safe_text


def bring_report(
    logbook: Logbook,
    path: Path,
    *,
    what: str,
    unit: str | None,
    day: int | None,
    device: str,
    columns: Mapping[str, str],
    dry_run: bool,
) -> Rows:
    """Take in the rows of a report.

    Args:
        logbook: of the production.
        path: a CSV file.
        what: `camera` or `sound`.
        unit: whose report, where a person said so.
        day: likewise.
        device: camera letter or recorder, for rows that name none.
        columns: headings that a person chose for fields.
        dry_run: write nothing.

    Raises:
        ReportError: it cannot be read, or yields no row.
        RefusedError: no such unit or day.
    """
    from onset.camera.report import read_camera_report
    from onset.cli.matching import Matched, match_days
    from onset.sound.report import read_sound_report

    rate = logbook.production().rate
    if what == "camera":
        source = ClaimSource.CAMERA
        camera = read_camera_report(path, unit="Main", day=1, camera=device, rate=rate, columns=columns)
        read = _Read(camera.claims, camera.sheet.columns, camera.sheet.unused, camera.passed_over, camera.doubts)
    else:
        source = ClaimSource.SOUND
        sound = read_sound_report(path, unit="Main", day=1, device=device, rate=rate, columns=columns)
        read = _Read(sound.claims, sound.sheet.columns, sound.sheet.unused, sound.passed_over, sound.doubts)
    shot = _shot_on(logbook, path, read.claims, unit, day)
    if shot.day is None:
        raise RefusedError(
            f"The log has no shooting day of {safe_text(shot.unit)} yet, so no row can speak of a take; nothing was "
            "taken in. The first take opens the day."
        )
    name = path.name.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
    claims = tuple(replace(claim, unit=shot.unit, day=shot.day, report=name) for claim in read.claims)
    changed, matched = 0, Matched()
    if not dry_run:
        changed = logbook.take_claims(source, name, shot.unit, shot.day, claims)
        matched = match_days(logbook, shot.unit, {shot.day})
    return Rows(
        source=source,
        report=name,
        shot=shot,
        claims=claims,
        changed=changed,
        columns=read.columns,
        unused=read.unused,
        passed_over=read.passed_over,
        doubts=read.doubts,
        matched=matched,
        dry_run=dry_run,
    )


@dataclass(frozen=True, slots=True)
class _Read:
    """What either reader found."""

    claims: tuple[Claim, ...]
    columns: Mapping[str, str]
    unused: tuple[str, ...]
    passed_over: tuple[int, ...]
    doubts: tuple[str, ...]


def _shot_on(logbook: Logbook, path: Path, claims: Sequence[Claim], unit: str | None, day: int | None) -> ShotOn:
    rolls = Counter(claim.roll for claim in claims if claim.roll)
    label = max(sorted(rolls), key=lambda roll: rolls[roll]) if rolls else ""
    by_date = shot_on(logbook, label, files=[_dated(path)], unit=unit, day=day)
    if day is not None:
        return by_date
    units = [by_date.unit] if unit is not None else [one.name for one in logbook.units()]
    units.sort(key=lambda name: name != by_date.unit)  # the one whose rolls these are comes first
    for found, why in (
        (_by_takes(logbook, units, claims), "by the takes it names"),
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
    votes: Counter[tuple[str, int]] = Counter()
    for unit in units if names else ():
        for one in logbook.media(unit=unit):
            if one.day is not None and _is_named(one.name, names.values()):
                votes[unit, one.day] += 1
    return _winner(votes, len(names))


def _is_named(name: str, names: Collection[str]) -> bool:
    return any(same_clip_name(name, one) for one in names)


def _winner(votes: Counter[tuple[str, int]], named: int) -> tuple[str, int] | None:
    best = votes.most_common(2)
    if not best or best[0][1] * 2 <= named or (len(best) > 1 and best[1][1] == best[0][1]):
        return None
    return best[0][0]


def _dated(path: Path) -> str:
    try:
        return iso_day(path.stat().st_mtime_ns)
    except OSError:
        return ""
