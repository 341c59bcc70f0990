"""What was owed, shot again, recorded wild and used on a day: the lists of the progress report, asked of the log.

Used by `progress_day.py`. All words pass `safe_text` here.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from onset.domain.credit import Owed, OwedTake
from onset.domain.note import Anchor, Audience
from onset.domain.production import Day
from onset.domain.scene import OwedKind, scene_label
from onset.domain.take import Status, Take
from onset.logbook.terms import NoteFilter
from onset.logbook.totals import APART, shot_in
from onset.reports.camera_rolls import rolls_of_day
from onset.reports.day import take_timing
from onset.reports.progress import OwedLine, RemarkLine, RetakeLine, RollLine, WildLine
from onset.reports.progress_script import ProgressBook, ScriptSoFar
from onset.reports.sound_rolls import sound_rolls_of
from onset.text import safe_text


def capital(text: str) -> str:
    """With a capital letter, as a line of a form begins."""
    return text[:1].upper() + text[1:]


def still_owed(logbook: ProgressBook, unit: str, day: int) -> Iterable[OwedLine]:
    """What was owed when the day ended, also where a later day settled it."""
    for one in logbook.owed(every=True):
        if one.unit != unit or one.dropped or (one.day or 0) > day:
            continue
        later = _day_of(logbook, one.shot)
        if one.shot is None:
            by_then = [take for take in one.proposed if (_day_of(logbook, take) or 0) <= day]
            yield _owed_line(one, *(", ".join(take.label for take in takes) for takes in (one.proposed, by_then)))
        elif later is not None and later > day:
            yield _owed_line(one, f"{one.shot.label}, day {later}", "")


def settled(logbook: ProgressBook, unit: str, day: int) -> Iterable[OwedLine]:
    """What takes of that day were."""
    for one in logbook.owed(every=True):
        if one.unit == unit and one.shot is not None and _day_of(logbook, one.shot) == day:
            yield _owed_line(one, one.shot.label, one.shot.label)


def _day_of(logbook: ProgressBook, shot: OwedTake | None) -> int | None:
    take = logbook.take(shot.id) if shot is not None else None
    return take.day if take is not None else None


def _owed_line(one: Owed, how: str, then: str) -> OwedLine:
    return OwedLine(
        key=one.id,
        about=safe_text(one.label),
        kind=str(one.kind),
        what=safe_text(one.text),
        since=f"day {one.day}" if one.day is not None else "",
        how=safe_text(how),
        then=safe_text(then),
    )


def retakes(logbook: ProgressBook, takes: Sequence[Take], script: ScriptSoFar) -> Iterable[RetakeLine]:
    """Setups of scenes that were complete before, and of those that a retake was owed to."""
    again = {one.shot.id for one in logbook.owed(every=True) if one.kind is OwedKind.RETAKE and one.shot is not None}
    setups: dict[str, dict[str, int]] = {}
    for take in takes:
        root = script.root_of(take.scene, take.episode)
        if take.kind not in APART and (root in script.complete_before or take.id in again):
            label = scene_label(take.scene, take.episode)
            slates = setups.setdefault(label, {})
            slates[take.slate] = slates.get(take.slate, 0) + 1
    for label, slates in setups.items():
        said = ", ".join(f"{slate} ({count} take{'' if count == 1 else 's'})" for slate, count in slates.items())
        yield RetakeLine(key=label, scene=safe_text(label), setups=safe_text(said))


def wild_line(take: Take) -> WildLine:
    """A wild track, with what production may read of it."""
    notes = [note.text for note in take.notes if note.audience is Audience.PRODUCTION and not note.deleted]
    return WildLine(
        key=take.id,
        take=safe_text(take.label),
        circled=take.status is Status.CIRCLED,
        scene=safe_text(scene_label(take.scene, take.episode)),
        timing=take_timing(take),
        rolls=safe_text(", ".join(one.roll for one in sound_rolls_of([take], {}) if one.roll)),
        comment=safe_text("; ".join(filter(None, (take.description, *notes)))),
    )


def rolls(takes: Sequence[Take]) -> Iterable[RollLine]:
    """Rolls by device, each in the order in which it came to be used."""
    cameras = sorted(rolls_of_day(takes, (), (), {}), key=lambda sheet: sheet.camera)  # as their sheets have them
    used = [(f"Camera {one.camera}", one.roll, [take for take, _ in one.angles]) for one in cameras]
    sounds = sorted(sound_rolls_of(takes, {}), key=lambda sheet: sheet.recorder)
    used += [(f"Sound {one.recorder}".rstrip(), one.roll, [take for take, _, _ in one.recorded]) for one in sounds]
    for device, roll, own in used:
        if roll:
            shot = shot_in({take.id: take for take in own}.values())
            yield RollLine(device=safe_text(device), roll=safe_text(roll), takes=shot.takes, circled=shot.circled)


def remarks(logbook: ProgressBook, day: Day) -> Iterable[RemarkLine]:
    """Notes to production that are about no take, after that of the day itself."""
    if day.note:
        yield RemarkLine(key=day.id, about="The day", text=safe_text(day.note, lines=True))
    wanted = NoteFilter(unit=day.unit, day=day.number, audience=Audience.PRODUCTION, limit=None)
    for one in logbook.notes(wanted):
        if one.anchor is not Anchor.TAKE and not one.note.deleted:
            yield RemarkLine(
                key=one.note.id,
                about=safe_text(f"{capital(one.anchor)} {one.about}"),
                text=safe_text(one.note.text, lines=True),
            )
