"""Where departments speak of the same take and do not agree: circled, clip, start, duration, MOS, a questioned link.

Used by compare.py. A difference that the question of a link asks already is not told a second time.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from onset.domain.camera import LinkState
from onset.domain.claim import ClaimSource
from onset.domain.sound import SoundFile
from onset.domain.take import Status, Take
from onset.reconcile.board import Department, Difference
from onset.reconcile.claimed import DayClaims, hands_of
from onset.reconcile.clock_lines import around_midnight
from onset.reconcile.differing import differing, enumerated, said_without_numbers
from onset.reconcile.sight import MediaFile, bare_name, device_of, label_s, rate_of
from onset.reconcile.times import times_differ
from onset.reel import same_clip_name

_SILENT = 4  # so many takes that a department did not circle, of none that it did: it does not circle at all
_CHOICES = 8


def disagreements(day: DayClaims, take: Take, silent: Iterable[Department]) -> Iterable[Difference]:
    """All of a take.

    Args:
        day: everything that is claimed.
        take: of that day.
        silent: departments that circle nothing on this day, which is told once for the day.
    """
    yield from _questions(day, take)
    yield from _circled(day, take, silent)
    yield from _named_otherwise(day, take)
    yield from _mos(day, take)
    yield from times_differ(day, take)


# -- links -----------------------------------------------------------------------------------------------------------


def _questions(day: DayClaims, take: Take) -> Iterable[Difference]:
    for hand in day.hands.get(take.id, ()):
        link, file = hand.link, hand.file
        if link.question and not link.decided_by and link.state is LinkState.PROPOSED:
            yield differing(
                "link",
                f"{file.name} may not be {take.label}: {link.question}",
                link.evidence,
                by=[said_without_numbers(link.question)],
                take=take,
                media_id=file.id,
                device=device_of(file),
                choices=_choices(day, file),
            )


def _choices(day: DayClaims, asked: MediaFile) -> tuple[str, ...]:
    """The file itself, and those of its device that have no take, the nearest by their labels first."""
    labelled = rate_of(asked.rate)
    begins = label_s(asked.tc_in, labelled) if labelled else None

    def far(file: MediaFile) -> tuple[float, str, str]:
        known = rate_of(file.rate)
        at = label_s(file.tc_in, known) if known else None
        away = abs(around_midnight(at - begins)) if at is not None and begins is not None else float("inf")
        return away, file.name, file.id

    free = [
        one
        for one in day.seen.media.values()
        if not day.holds.get(one.id) and type(one) is type(asked) and device_of(one) == device_of(asked)
    ]
    return (asked.id, *(one.id for one in sorted(free, key=far)[: _CHOICES - 1]))


# -- circled ---------------------------------------------------------------------------------------------------------


def circles_of(day: DayClaims, take: Take) -> dict[Department, bool]:
    """Which departments say whether the take is circled, and what."""
    said = {Department.SCRIPT: take.status is Status.CIRCLED}
    rows = {
        Department.CAMERA: day.rows_of(take, ClaimSource.CAMERA),
        Department.SOUND: day.rows_of(take, ClaimSource.SOUND),
    }
    for department, claims in rows.items():
        marks = [row.circled for row in claims if row.circled is not None]
        if marks:
            said[department] = any(marks)
    if not rows[Department.SOUND]:
        files = [hand.file for hand in day.sounds(take)]
        marks = [file.circled for file in files if isinstance(file, SoundFile) and file.circled is not None]
        if marks:
            said[Department.SOUND] = any(marks)
    return said


def silent_departments(day: DayClaims) -> dict[Department, list[Take]]:
    """Departments that circled nothing all day, with the takes that script circled and they did not."""
    marks = {take.id: circles_of(day, take) for take in day.seen.takes}
    found = {}
    for department in (Department.CAMERA, Department.SOUND):
        if any(said.get(department) for said in marks.values()):
            continue
        missed = [
            take
            for take in day.seen.takes
            if marks[take.id][Department.SCRIPT] and marks[take.id].get(department) is False
        ]
        if len(missed) >= _SILENT:
            found[department] = missed
    return found


def _circled(day: DayClaims, take: Take, silent: Iterable[Department]) -> Iterable[Difference]:
    said = {department: mark for department, mark in circles_of(day, take).items() if department not in silent}
    yes = [str(department) for department, mark in said.items() if mark]
    no = [str(department) for department, mark in said.items() if not mark]
    if not yes or not no:
        return
    yield differing(
        "circled",
        f"{enumerated(yes)} circled {take.label}, {enumerated(no)} did not",
        _why_circled(day, take, said),
        by=[*(f"{department}+" for department in yes), *(f"{department}-" for department in no)],
        take=take,
    )


def _why_circled(day: DayClaims, take: Take, said: Mapping[Department, bool]) -> str:
    """Another take of the slate for which the same two disagree the other way round: a mark on the wrong take."""
    for other in day.seen.takes:
        if other.slate != take.slate or other.id == take.id:
            continue
        there = circles_of(day, other)
        swapped = [
            department
            for department, mark in said.items()
            if department is not Department.SCRIPT and there.get(department) is said[Department.SCRIPT] is not mark
        ]
        if swapped and there[Department.SCRIPT] is not said[Department.SCRIPT]:
            return f"{enumerated([str(one) for one in swapped])} has it on {other.label} instead"
    return ""


# -- clip, MOS -------------------------------------------------------------------------------------------------------


def _named_otherwise(day: DayClaims, take: Take) -> Iterable[Difference]:
    for row in day.rows.get(take.id, ()):
        if not row.clip:
            continue
        hands = hands_of(day, take, row)
        if not hands or any(hand.link.question for hand in hands):
            continue
        if any(same_clip_name(row.clip, member.name) for hand in hands for member in hand.members):
            continue
        named = [one for one in day.seen.media.values() if same_clip_name(row.clip, one.name)]
        elsewhere = [other.label for one in named for other in day.seen.takes if other.id in day.holds.get(one.id, ())]
        if elsewhere:
            cause = f"{row.clip} is linked to {enumerated(elsewhere)}"
        elif named:
            cause = f"{row.clip} is there and belongs to no take"
        else:
            cause = f"no file {row.clip} has been brought in"
        linked = enumerated([bare_name(hand.file.name) for hand in hands])
        yield differing(
            "clip",
            f"the {row.source} has {row.clip} for {take.label}, {linked} is linked",
            cause,
            by=[str(row.source), row.clip, *(hand.file.id for hand in hands)],
            take=take,
            media_id=hands[0].file.id,
            device=row.device or device_of(hands[0].file),
        )


def _mos(day: DayClaims, take: Take) -> Iterable[Difference]:
    sounds = day.sounds(take)
    if take.mos and sounds:
        names = [hand.file.name for hand in sounds]
        yield differing(
            "mos",
            f"{take.label} is MOS in the log, and {enumerated(names)} is linked to it",
            "sound ran on, or the take was not MOS",
            by=[hand.file.id for hand in sounds],
            take=take,
            media_id=sounds[0].file.id,
            device=device_of(sounds[0].file),
        )
    for source in ClaimSource:
        marks = {row.mos for row in day.rows_of(take, source) if row.mos is not None}
        if marks and take.mos not in marks:
            words = ("is MOS", "is not MOS") if not take.mos else ("is not MOS", "is MOS")
            yield differing(
                "mos",
                f"{take.label} {words[0]} in the {source} and {words[1].removeprefix('is ')} in the log",
                by=[str(source), str(take.mos)],
                take=take,
            )
