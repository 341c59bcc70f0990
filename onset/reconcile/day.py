"""Bring the links of a shooting day up to date: read it, match it, write what changed.

Used by every command after media or takes changed (`onset/cli/matching.py`), and by the app in idle moments. The answer
depends on what is in the log and not on the order in which it came there; a second run writes nothing.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace

from onset.domain.camera import Clip, LinkState
from onset.domain.production import Day
from onset.logbook.protocol import Logbook
from onset.logbook.terms import WantedLink
from onset.match.found import Found, FoundLink
from onset.match.solve import Matcher
from onset.reconcile.footage import Footage, enter, files_in_use, footage_of, made_of_footage, retire, wanted_of
from onset.reconcile.sight import MediaFile, SeenDay, card_of, device_of, media_sets, neighbours, observed_of, see

_TRIES = 4  # each is a whole match; whoever keeps changing the log that fast will cause the next run


@dataclass(frozen=True, slots=True, kw_only=True)
class MatchedDay:
    """What a look at a day gave; nothing of it is written yet.

    Attributes:
        found: of the day's own takes and files.
        wanted: the links as they shall stand, those of files that fit the day before or after included.
        strays: files without a take, by id of the file.
        footage: takes that footage makes, where the production slates nothing; None elsewhere.
    """

    seen: SeenDay
    found: Found
    wanted: tuple[WantedLink, ...]
    strays: frozenset[str]
    footage: Footage | None = None


def bring_up_to_date(logbook: Logbook, unit: str, day: int, matcher: Matcher | None = None) -> int:
    """Match a day and write its links.

    Args:
        logbook: of this thread; a log that may only be read is left as it is.
        unit: whose day.
        day: its number.
        matcher: kept between calls by whoever calls often, so that one new clip costs little.

    Returns:
        How many links changed.

    Raises:
        LogError: the log cannot be read or written.
    """
    if logbook.read_only is not None:
        return 0
    matcher = matcher or Matcher()
    entered = False
    for _ in range(_TRIES):
        matched = look(logbook, unit, day, matcher)
        if matched is None:
            return 0
        if matched.footage is not None and matched.footage.to_enter and not entered:
            if logbook.arrival() == matched.seen.arrival:  # else the numbers are no longer those of what was seen
                enter(logbook, matched.seen, matched.footage)
                entered = True
            continue
        changed = write(logbook, matched)
        if changed is not None:
            if matched.footage is not None:
                retire(logbook, matched.footage)
            return changed
    return 0  # somebody is writing at this moment, and matches when that is done


def look(logbook: Logbook, unit: str, day: int, matcher: Matcher) -> MatchedDay | None:
    """Match a day without writing anything; None when there is no such day, or nothing in it to match."""
    found_day = next((one for one in logbook.days(unit) if one.number == day), None)
    if found_day is None:
        return None
    seen = see(logbook, unit, found_day)
    if seen.nothing_to_match:
        return None
    return matched_day(logbook, seen, matcher)


def matched_day(logbook: Logbook, seen: SeenDay, matcher: Matcher) -> MatchedDay:
    """Match a day that was read; `logbook` is asked for the days beside it where files are left over."""
    if logbook.production().slating == "none":
        return _documentary_day(logbook, seen, matcher)
    observed = observed_of(seen)
    found = matcher.match(observed)
    sets = media_sets(seen.files)
    linked = {link.medium_id for link in found.links}
    left = [medium.id for medium in observed.media if medium.id not in linked]
    wanted = [*wanted_links(found.links, sets), *_guests(seen)]
    candidates = [one for one in _at_an_end_of_its_card(left, linked, sets) if one in seen.media]
    for guest in _of_the_days_beside(logbook, seen, [sets[one] for one in candidates]):
        wanted.append(guest)
        left = [medium for medium in left if guest.media_id not in {one.id for one in sets[medium]}]
    return MatchedDay(
        seen=seen,
        found=found,
        wanted=tuple(sorted(wanted, key=lambda link: (link.take_id, link.media_id))),
        strays=frozenset(member.id for medium in left for member in sets[medium]),
    )


def _documentary_day(logbook: Logbook, seen: SeenDay, matcher: Matcher) -> MatchedDay:
    """Takes that somebody logged are matched as ever; what they leave becomes takes."""
    in_use = files_in_use(seen)
    logged = replace(
        seen,
        takes=tuple(take for take in seen.takes if not made_of_footage(take)),
        media={one: file for one, file in seen.media.items() if one not in in_use},
    )
    found = matcher.match(observed_of(logged))
    sets = media_sets(seen.files)
    linked = {link.medium_id for link in found.links}
    left = {medium.id: medium for medium in observed_of(seen).media if medium.id not in linked}
    footage = footage_of(logbook, seen, left, sets, found.clocks)
    in_takes = {member.id for one in footage.takes for member in one.members}
    wanted = [*wanted_links(found.links, sets), *wanted_of(footage), *_guests(seen)]
    return MatchedDay(
        seen=seen,
        found=found,
        wanted=tuple(sorted(wanted, key=lambda link: (link.take_id, link.media_id))),
        strays=frozenset(member.id for medium in left for member in sets[medium]) - in_takes,
        footage=footage,
    )


def write(logbook: Logbook, matched: MatchedDay) -> int | None:
    """Write what a look found; None when the log has moved on since, and nothing was written."""
    seen = matched.seen
    return logbook.write_links(seen.unit, seen.day.number, matched.wanted, seen=seen.arrival)


def wanted_links(links: Iterable[FoundLink], sets: dict[str, tuple[MediaFile, ...]]) -> Iterable[WantedLink]:
    """Each link for every file of its set."""
    for link in links:
        for member in sets[link.medium_id]:
            yield WantedLink(
                take_id=link.take_id,
                media_id=member.id,
                state=LinkState.PROPOSED if link.question or link.state is LinkState.REFUSED else link.state,
                method=str(link.method),
                evidence=link.evidence,
                question=link.question or "",
            )


def _guests(seen: SeenDay) -> Iterable[WantedLink]:
    """Links of other days' files to takes of this one stay: they are looked at with the day of the file."""
    here = {take.id for take in seen.takes}
    for link in seen.links:
        if link.media_id in seen.guests and link.take_id in here and not link.decided_by:
            yield WantedLink(
                take_id=link.take_id,
                media_id=link.media_id,
                state=link.state,
                method=link.method,
                evidence=link.evidence,
                question=link.question,
            )


def _at_an_end_of_its_card(
    left: Collection[str], linked: Collection[str], sets: dict[str, tuple[MediaFile, ...]]
) -> list[str]:
    """Files without a take that lie before the first or after the last linked one of their card.

    A card that was not changed at wrap holds another day's clips at one of its ends. A file between two that belong to
    this day was made on this day, and is a stray without more ado.
    """
    cards: dict[tuple[bool, str], list[str]] = {}
    for medium, members in sets.items():
        cards.setdefault((isinstance(members[0], Clip), card_of(members[0])), []).append(medium)
    found: list[str] = []
    for media in cards.values():
        media.sort(key=lambda medium: _place(sets[medium][0]))
        places = [n for n, medium in enumerate(media) if medium in linked]
        if places:
            found += media[: places[0]] + media[places[-1] + 1 :]
        else:
            found += media
    return sorted(medium for medium in found if medium in left)


def _place(file: MediaFile) -> tuple[int, str, str]:
    return (file.number or 0 if isinstance(file, Clip) else 0, file.name, file.id)


def _of_the_days_beside(logbook: Logbook, seen: SeenDay, files: list[tuple[MediaFile, ...]]) -> list[WantedLink]:
    """Links of leftovers to takes of the day before or after that nothing else was found for. Always a question."""
    if not files:
        return []
    offers: dict[str, list[tuple[Day, FoundLink]]] = {}
    more = [member for members in files for member in members]
    kinds = {(type(one), device_of(one)) for one in more}
    for beside in neighbours(logbook, seen.unit, seen.day):
        there = see(logbook, seen.unit, beside)
        if not there.takes:
            continue
        there = replace(  # other devices can neither help nor stand in the way
            there, media={one: file for one, file in there.media.items() if (type(file), device_of(file)) in kinds}
        )
        matcher = Matcher()  # what the caller's keeps of its own day stays warm
        taken = {(link.take_id, link.camera) for link in matcher.match(observed_of(there)).links}
        for link in matcher.match(observed_of(there, more=more)).links:
            if link.medium_id in {members[0].id for members in files} and (link.take_id, link.camera) not in taken:
                offers.setdefault(link.medium_id, []).append((beside, link))
    sets = {members[0].id: members for members in files}
    wanted: list[WantedLink] = []
    for medium, found in sorted(offers.items()):
        days = sorted({day.number for day, _ in found})
        if len(days) > 1:  # it fits the day before and the day after: nobody can tell, so nothing is said
            continue
        asked = f"brought in for day {seen.day.number}, but fits a take of day {days[0]}"
        medium_of_it = "card" if isinstance(sets[medium][0], Clip) else "sound roll"
        for _, link in found:
            question = "; ".join(filter(None, (f"{asked}: was the {medium_of_it} not changed at wrap?", link.question)))
            wanted += wanted_links([replace(link, state=LinkState.PROPOSED, question=question)], sets)
    return wanted
