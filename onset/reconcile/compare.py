"""The reconciliation board of a day: what each department claims of each take, and where that differs.

Used by `onset reconcile`, the Review and Day screens, the wrap summary and a card's verdict. It reads the links as they
stand in the log; whoever wants them fresh brings the day up to date first (day.py).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import replace

from onset.domain.camera import Clip, Link, LinkState
from onset.domain.claim import Claim, Explanation
from onset.domain.sound import SoundFile
from onset.domain.take import Take
from onset.errors import RefusedError
from onset.logbook.protocol import Logbook
from onset.match.found import Found
from onset.match.solve import Matcher
from onset.reconcile.absent import absences, arrived, pending_rolls
from onset.reconcile.agree import disagreements, silent_departments
from onset.reconcile.board import Board, Difference, Standing, Stray, TakeClaims
from onset.reconcile.claimed import DayClaims, claims_about, gather, refused_for
from onset.reconcile.clock_lines import clock_lines, pace_of
from onset.reconcile.differing import differing, enumerated
from onset.reconcile.footage import made_of_footage
from onset.reconcile.sight import MediaFile, card_of, device_of, length_s, media_sets, observed_of, see
from onset.reel import same_clip_name, same_roll
from onset.text import safe_text

_MANY = 6  # takes named in a sentence
_BUMPED_S = 4.0


def board_of(logbook: Logbook, unit: str, day: int, matcher: Matcher | None = None) -> Board:
    """The board of a day.

    Args:
        logbook: of this thread; nothing is written.
        unit: whose day.
        day: its number.
        matcher: for the clocks; kept between calls by whoever draws the board often.

    Raises:
        RefusedError: no such day.
    """
    found_day = next((one for one in logbook.days(unit) if one.number == day), None)
    if found_day is None:
        raise RefusedError(f"There is no day {day} of unit {safe_text(unit)} in this log.")
    seen = see(logbook, unit, found_day)
    logged = replace(seen, takes=tuple(take for take in seen.takes if not made_of_footage(take)))
    found = Found() if seen.nothing_to_match else (matcher or Matcher()).match(observed_of(logged))
    claimed = gather(seen, found, logbook.cards())
    explained = {one.key: one for one in logbook.explanations(unit=unit, day=day)}
    silent = silent_departments(claimed)
    come = arrived(claimed)
    takes = []
    for take in seen.takes:
        differences = (
            *disagreements(claimed, take, silent),
            *_unreadable(claimed, take),
            *absences(claimed, take, come),
        )
        takes.append(
            TakeClaims(
                take_id=take.id,
                label=safe_text(take.label),
                scene=safe_text(take.scene),
                state=take.state,
                status=take.status,
                kind=take.kind,
                claims=claims_about(claimed, take),
                differences=_told(differences, explained),
            )
        )
    others = [
        differing(
            "circled",
            f"{department} circled nothing all day; script circled {enumerated([one.label for one in missed], _MANY)}",
            "its marks were not made, or not written",
            by=[str(department), "nothing"],
        )
        for department, missed in silent.items()
    ]
    others += [*_typed_rolls(claimed), *_unknown_takes(claimed)]
    production = logbook.production()
    return Board(
        title=safe_text(production.title),
        unit=safe_text(unit),
        day=day,
        date=found_day.date,
        takes=tuple(takes),
        strays=tuple(sorted(_strays(claimed, explained), key=lambda one: (one.device, one.name, one.media_id))),
        clocks=found.clocks,
        clock_lines=clock_lines(found.clocks, pace_of(production.rate)),
        rolls_pending=tuple(map(safe_text, pending_rolls(claimed, come))),
        others=_told(others, explained),
    )


def _told(differences: Iterable[Difference], explained: Mapping[str, Explanation]) -> tuple[Difference, ...]:
    """Open ones first, each once; those that somebody explained with the reason."""
    found = {one.key: _explained(one, explained) for one in differences}
    order = (Standing.OPEN, Standing.PENDING, Standing.EXPLAINED)
    return tuple(sorted(found.values(), key=lambda one: order.index(one.standing)))


def _explained(one: Difference, explained: Mapping[str, Explanation]) -> Difference:
    reason = explained.get(one.key)
    if reason is None:
        return one
    return replace(
        one,
        standing=Standing.EXPLAINED,
        explanation=safe_text(reason.text),
        explained_by=safe_text(reason.author),
    )


def _unreadable(day: DayClaims, take: Take) -> Iterable[Difference]:
    for hand in day.hands.get(take.id, ()):
        for file in hand.members:
            if file.unreadable:
                yield _cannot_be_read(day, file, [take])


def _cannot_be_read(day: DayClaims, file: MediaFile, takes: list[Take]) -> Difference:
    labels = [f"{take.label}{' circled' if take.status == 'circled' else ''}" for take in takes]
    whose = f": {enumerated(labels)}" if labels else ""
    return differing(
        "file",
        f"{file.name} cannot be read{whose}",
        file.unreadable,
        by=["unreadable"],
        take=takes[0] if takes else None,
        media_id=file.id,
        device=device_of(file),
    )


# -- what is not about one take ----------------------------------------------------------------------------------------


def _typed_rolls(day: DayClaims) -> Iterable[Difference]:
    """A roll that was typed, or reported, otherwise than the files say: once for each roll, with its takes."""
    wrong: dict[tuple[str, str, str, str], list[Take]] = defaultdict(list)
    for take in day.seen.takes:
        rolls = {angle.camera: angle.roll for angle in take.angles if angle.logged}
        for hand in day.hands.get(take.id, ()):
            file = hand.file
            if isinstance(file, Clip):
                typed, reel = rolls.get(file.camera), file.reel
            else:
                typed, reel = take.sound_roll, file.roll
            if hand.link.question or not reel:
                continue
            if typed and not same_roll(typed, reel):
                wrong["the log", device_of(file), typed, reel].append(take)
            for row in day.rows.get(take.id, ()):
                if row.roll and same_clip_name(row.clip, file.name) and not same_roll(row.roll, reel):
                    wrong[f"the {row.source}", device_of(file), row.roll, reel].append(take)
    for (who, device, typed, reel), takes in sorted(wrong.items()):
        once = list({take.id: take for take in takes}.values())
        labels = enumerated([take.label for take in once], _MANY)
        yield differing(
            "roll",
            f"{who} has roll {typed} for {labels}, the files say {reel}",
            f"{typed} was typed for {reel}, or the roll was not changed on the board",
            by=[who, typed, reel],
            device=device,
        )


def _unknown_takes(day: DayClaims) -> Iterable[Difference]:
    """Rows of reports whose take the log does not have."""
    wrong: dict[tuple[str, str, str], list[Claim]] = defaultdict(list)
    for row in day.unclaimed:
        wrong[str(row.source), row.slate, row.take].append(row)
    for (source, slate, number), rows in sorted(wrong.items()):
        named = sorted({row.clip for row in rows if row.clip})
        clips = f" ({enumerated(named)})" if named else ""
        yield differing(
            "clip",
            f"the {source} has {slate}/{number}{clips}, the log has no such take",
            "it was not logged, or the slate was wrong",
            by=[source, slate, number],
            device=rows[0].device,
        )


def _strays(day: DayClaims, explained: Mapping[str, Explanation]) -> Iterable[Stray]:
    """Files of the day that no take of it has; those that fit the day beside it say so."""
    here = {take.id for take in day.seen.takes}
    whys = {one.medium_id: one.why for one in day.found.unmatched if one.medium_id}
    linked: dict[str, list[Link]] = defaultdict(list)
    for link in day.seen.links:
        if link.state is not LinkState.REFUSED:
            linked[link.media_id].append(link)
    for head, members in media_sets(day.seen.media.values()).items():
        links = [link for one in members for link in linked[one.id]]
        if any(link.take_id in here for link in links):
            continue
        file = members[0]
        if any(link.decided_by for link in links):
            continue  # a person put it on a take of another day
        question = next((link for link in links if link.question), None)
        broken = next((one for one in members if one.unreadable), None)
        if broken is not None:
            difference = _cannot_be_read(day, broken, [])
        elif question is not None:
            difference = _about(file, "link", f"{file.name}: {question.question}", question.evidence, "beside")
        else:
            why = _why_stray(day, file, whys.get(head))
            difference = _about(file, "file", f"{_files(members)} belongs to no take", why, "stray")
        yield Stray(
            media_id=file.id,
            name=safe_text(file.name),
            device=safe_text(device_of(file)),
            card=safe_text(_card_label(day, file)),
            start=safe_text(file.tc_in) if file.tc_in else None,
            length_s=length_s(file),
            difference=_explained(difference, explained),
        )


def _about(file: MediaFile, field: str, what: str, cause: str, by: str) -> Difference:
    return differing(field, what, cause, by=[by], media_id=file.id, device=device_of(file))


def _files(members: tuple[MediaFile, ...]) -> str:
    more = f" with {len(members) - 1} more of its set" if len(members) > 1 else ""
    return f"{members[0].name}{more}"


def _why_stray(day: DayClaims, file: MediaFile, why: str | None) -> str:
    refused = refused_for(day, media_id=file.id)
    if refused:
        return f"{refused[0][1].decided_by} said that it is not {enumerated([label for label, _ in refused])}"
    named = [f"{row.slate}/{row.take}" for row in day.unclaimed if row.clip and same_clip_name(row.clip, file.name)]
    if named:
        return f"a report names it {enumerated(named)}, which the log does not have"
    length = length_s(file)
    if length is not None and length < _BUMPED_S:
        return "very short: a bumped button, or a slate test"
    if isinstance(file, SoundFile) and file.wild:
        return "the recorder calls it a wild track; none such is in the log"
    return why or ""


def _card_label(day: DayClaims, file: MediaFile) -> str:
    card = next((one for one in day.cards if one.id == file.card), None)
    return card.label if card else card_of(file)
