"""A file that could not be read from its card alarms every seat and names the takes it holds.

Used by `onset offload` after the links are up to date, and by whoever shows alarms (`standing_alarms`). Each clip is
told once; again only when what there is to say has changed; that it could be read after all ends the alarm.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from onset.domain.camera import Clip, LinkState, Source
from onset.domain.card import Card
from onset.domain.claim import Claim
from onset.domain.sound import SoundFile
from onset.domain.take import Kind, Status, Take
from onset.logbook.protocol import Logbook
from onset.logbook.terms import Event
from onset.reconcile.card_log import UnitLog, bare_name, device_of, names_card
from onset.reel import same_clip_name
from onset.text import safe_text

UNREADABLE = "unreadable"
_EVENTS = 10_000
_NAMED = 4  # takes that are named one by one


@dataclass(frozen=True, slots=True)
class Holds:
    """What an unreadable file holds, as far as can be told.

    Attributes:
        takes: those it holds, or, where `sure` is False, those of which it holds one or some.
        before, after: takes of the nearest readable files on its card that belong to a take.
    """

    takes: tuple[Take, ...]
    sure: bool
    before: Take | None = None
    after: Take | None = None


def standing_alarms(events: Iterable[Event]) -> list[Event]:
    """The alarms that are not over, newest first: the last word of a device on a thing, where that is an alarm.

    One that lasts and has its end is over; what only happened is not until somebody has seen it.

    Args:
        events: newest first, as `logbook.events()` gives them.
    """
    last: set[tuple[str, str]] = set()
    alarms = []
    for event in events:
        about = (event.device, event.what)
        if event.alarm and not event.passed and about not in last:
            alarms.append(event)
        last.add(about)
    return alarms


def tell_unreadable(logbook: Logbook, unit: str, *, wall_ns: int) -> list[Event]:
    """Write alarms for files that cannot be read, and the end of those whose file was read since.

    The event's device is the card, so that a file's alarms follow it from one state of the card to the next.

    Args:
        logbook: its links are up to date.
        unit: whose files.
        wall_ns: now.

    Returns:
        What was written; nothing when all has been said before.
    """
    told = {
        (event.device, event.what): event
        for event in reversed(logbook.events(limit=_EVENTS))
        if event.what.startswith(UNREADABLE)
    }
    media = logbook.media(unit=unit, day=None)
    if not told and not any(medium.unreadable for medium in media):
        return []
    log = UnitLog(logbook, unit)
    cards = {card.id: card for card in logbook.cards()}
    claims = logbook.claims(unit=unit, day=None)
    spoken_of: dict[tuple[str, str], list[Clip | SoundFile]] = {}
    for medium in log.media:
        device = cards[medium.card].label if medium.card in cards else device_of(medium)
        spoken_of.setdefault((device, f"{UNREADABLE} {bare_name(medium.name)}"), []).append(medium)
    written = []
    for (device, what), media in spoken_of.items():
        broken = [medium for medium in media if medium.unreadable]
        before = told.get((device, what))
        if not broken and (before is None or not before.alarm):
            continue
        # Cards of one label may hold files of one name: that one of them is fine says nothing of the others.
        held = [what_it_holds(log, claims, medium, cards) for medium in broken or media]
        sure = [take for holds in held if holds.sure for take in holds.takes]
        if broken:
            sentences = [_sentence(log, *each, cards) for each in zip(broken, held, strict=True)]
            detail = "; also ".join(dict.fromkeys(sentences))
        else:
            detail = _read(bare_name(media[0].name), held[0])
        if before is not None and before.detail == detail:
            continue
        event = Event(
            wall_ns=wall_ns,
            device=device,
            what=what,
            detail=detail,
            take_id=sure[0].id if sure else None,
            alarm=bool(broken),
        )
        logbook.event(event)
        written.append(event)
    return written


def _read(name: str, holds: Holds) -> str:
    labels = " and ".join(safe_text(take.label) for take in holds.takes) if holds.sure else ""
    return f"{name} could be read after all" + f": {labels}" * bool(labels)


# -- which takes -----------------------------------------------------------------------------------------------------


def what_it_holds(log: UnitLog, claims: Sequence[Claim], medium: Clip | SoundFile, cards: dict[str, Card]) -> Holds:
    """The takes a file holds: by its links, by a report that names it, else by the place it has on its card."""
    linked = [take for link in log.by_media[medium.id] if (take := log.take_by_id.get(link.take_id)) is not None]
    if linked:
        return Holds(tuple(sorted(linked, key=lambda take: take.rolled_ns)), sure=True)
    device = device_of(medium)
    said = {
        (claim.slate, claim.take)
        for claim in claims
        if claim.clip and same_clip_name(claim.clip, medium.name) and claim.device in ("", device)
    }
    named = tuple(take for take in log.takes if (take.slate, take.take) in said and take.unit == medium.unit)
    if named:
        return Holds(named, sure=True)
    return _by_place(log, medium, cards.get(medium.card or ""))


def _by_place(log: UnitLog, medium: Clip | SoundFile, card: Card | None) -> Holds:
    """The takes of this device that have no file, between those of the neighbours on the card."""
    device = device_of(medium)
    beside = sorted((each for each in log.media if each.card == medium.card and device_of(each) == device), key=_order)
    place = next(number for number, each in enumerate(beside) if each.id == medium.id)
    first = next((n for n in range(place - 1, -1, -1) if log.by_media[beside[n].id]), -1)
    last = next((n for n in range(place + 1, len(beside)) if log.by_media[beside[n].id]), len(beside))
    before = _outermost(log, beside[first], newest=True) if first >= 0 else None
    after = _outermost(log, beside[last], newest=False) if last < len(beside) else None
    orderly = before is None or after is None or before.rolled_ns < after.rolled_ns
    if not orderly:  # its name does not tell when it was shot: one without a number among those that have one
        before = after = None
    missing = [
        take
        for take in log.takes
        if (before is None or take.rolled_ns > before.rolled_ns)
        and (after is None or take.rolled_ns < after.rolled_ns)
        and _lacks(log, take, medium, card, bounded=before is not None and after is not None)
    ]
    between = beside[first + 1 : last]  # all without a link: unreadable ones and strays
    if orderly and len(missing) == len(between) and all(each.unreadable for each in between):
        return Holds((missing[place - first - 1],), sure=True, before=before, after=after)
    return Holds(tuple(missing), sure=False, before=before, after=after)


def _order(medium: Clip | SoundFile) -> tuple[int, str]:
    number = medium.number if isinstance(medium, Clip) else None
    return (number if number is not None else 1 << 30, medium.name)


def _outermost(log: UnitLog, medium: Clip | SoundFile, *, newest: bool) -> Take | None:
    takes = [take for link in log.by_media[medium.id] if (take := log.take_by_id.get(link.take_id)) is not None]
    return (max if newest else min)(takes, key=lambda take: take.rolled_ns) if takes else None


def _lacks(log: UnitLog, take: Take, medium: Clip | SoundFile, card: Card | None, *, bounded: bool) -> bool:
    """Whether the take should have a file of this device and has none that can be read."""
    device = device_of(medium)
    if isinstance(medium, Clip):
        logged = {angle.camera: angle for angle in take.angles if angle.logged}
        if take.kind is Kind.WILD_TRACK or (logged and device not in logged):
            return False
        roll = logged[device].roll if logged else None  # where nobody said which cameras were in it, each may have been
    else:
        if take.mos:
            return False
        roll = take.sound_roll
    if roll and card is not None and not names_card(roll, card):
        return False
    if not bounded and not roll and take.day != medium.day:
        return False
    return not any(
        other.source is not Source.RECORDER and device_of(other) == device and not other.unreadable
        for link in log.by_take[take.id]
        if (other := log.media_by_id.get(link.media_id)) is not None
    )


# -- words -----------------------------------------------------------------------------------------------------------


def _sentence(log: UnitLog, medium: Clip | SoundFile, holds: Holds, cards: dict[str, Card]) -> str:
    """`A014C007 unreadable: 42C/3 circled; B is safe`."""
    how = "copied, but it does not open" if medium.digest else UNREADABLE  # a side-car is missing, or nothing opens it
    return f"{bare_name(medium.name)} {how}: {_takes_told(log, medium, holds, cards)}"


def _takes_told(log: UnitLog, medium: Clip | SoundFile, holds: Holds, cards: dict[str, Card]) -> str:
    where = _between(holds)
    if not holds.takes:
        return f"no take misses it{where}" if where else "its take cannot be told"
    if not holds.sure and len(holds.takes) > _NAMED:
        return f"its take cannot be told{where}"
    answers = {take.id: _others(log, take, medium, cards) for take in holds.takes}
    same = len(set(answers.values())) == 1
    joined = (" and " if holds.sure else " or ").join(
        _rated(take) if same else f"{_rated(take)} ({answers[take.id]})" for take in holds.takes
    )
    told = joined if holds.sure or not where else f"{joined},{where}"
    return f"{told}; {answers[holds.takes[0].id]}" if same else told


def _between(holds: Holds) -> str:
    if holds.before is not None and holds.after is not None:
        return f" between {safe_text(holds.before.label)} and {safe_text(holds.after.label)}"
    if holds.before is not None:
        return f" after {safe_text(holds.before.label)}"
    return f" before {safe_text(holds.after.label)}" if holds.after is not None else ""


def _rated(take: Take) -> str:
    words = {Status.CIRCLED: " circled", Status.HOLD: " hold", Status.NG: " NG", Status.NONE: ""}
    return safe_text(take.label) + words[take.status]


def _others(log: UnitLog, take: Take, medium: Clip | SoundFile, cards: dict[str, Card]) -> str:
    """What other devices of its kind have of a take: `B is safe`."""
    kind = Clip if isinstance(medium, Clip) else SoundFile
    mine = device_of(medium)
    held: dict[str, list[tuple[Clip | SoundFile, LinkState, str]]] = {}
    if kind is Clip:
        held = {angle.camera: [] for angle in take.angles if angle.logged and angle.camera != mine}
    for link in log.by_take[take.id]:
        other = log.media_by_id.get(link.media_id)
        if isinstance(other, kind) and other.source is not Source.RECORDER and device_of(other) != mine:
            held.setdefault(device_of(other), []).append((other, link.state, link.question))
    if not held:
        return f"no other {'camera' if kind is Clip else 'recorder'} has it"
    return ", ".join(f"{safe_text(device)} {_stands(take, device, of, cards)}" for device, of in sorted(held.items()))


def _stands(
    take: Take, device: str, files: Sequence[tuple[Clip | SoundFile, LinkState, str]], cards: dict[str, Card]
) -> str:
    """How another device's files of a take stand; safe only where nothing is left to be proven."""
    if not files:
        roll = next((angle.roll for angle in take.angles if angle.camera == device), None)
        offloaded = roll is not None and any(names_card(roll, card) for card in cards.values())
        return "has no clip of it" if offloaded else "is pending"
    if any(medium.unreadable for medium, _, _ in files):
        return "is unreadable too"
    if any(state is not LinkState.CONFIRMED or question for _, state, question in files):
        return "is not confirmed yet"
    if all(medium.card in cards and _verified(cards[medium.card]) for medium, _, _ in files if medium.card):
        return "is safe" if all(medium.card for medium, _, _ in files) else "is there, in copies nobody verified here"
    if any(medium.card in cards and cards[medium.card].held_back_by for medium, _, _ in files if medium.card):
        return "is copied, but a copy was found bad since"
    return "is copied, but not verified everywhere"


def _verified(card: Card) -> bool:
    """Whether its offload called it safe, all its copies are whole and none was found bad since: one is too few."""
    whole = bool(card.copies) and all(copy.is_whole(card.files) for copy in card.copies)
    return card.verdict == "safe" and whole and not card.held_back_by
