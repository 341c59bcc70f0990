"""From pairs to links: what speaks for each, what against, in words, and what was left without a partner.

Used by `solve.py`. Two kinds of evidence that agree confirm a link; a kind that disagrees is always a question.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from onset.domain.camera import LinkState
from onset.match.device import Device
from onset.match.found import Evidence, FoundLink, Unmatched
from onset.match.names import Word, same_roll
from onset.match.observed import LoggedTake, Side

_STRENGTH = (Evidence.CLAIM, Evidence.TIME, Evidence.ORDER, Evidence.REPORT, Evidence.NAME)


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a pair is one.

    Attributes:
        kind: time or order, None where only names or reports speak for it.
        words: for people; `question` why a person has to look, in spite of the fit.
        doubt: why the whole clock is in doubt: settled where another kind of evidence agrees.
    """

    kind: Evidence | None
    words: str
    question: str | None = None
    doubt: str | None = None


def links_of(
    device: Device, reasons: Mapping[tuple[int, int], Reason], timed: Collection[int] = frozenset()
) -> list[FoundLink]:
    """The links of a device, those that only names, reports or a person speak for included.

    Args:
        device: with its takes and media.
        reasons: pairs by time or order.
        timed: media that lie on a certain clock, so that their time speaks against every take it does not fit.
    """
    takes_of: dict[int, set[int]] = defaultdict(set)
    for take, medium in reasons:
        takes_of[medium].add(take)
    ruled_of: dict[int, set[int]] = defaultdict(set)
    for take, medium in device.ruled:
        ruled_of[medium].add(take)
    links = []
    for (take, medium), reason in reasons.items():
        if (take, medium) in device.refused or (take, medium) in device.ruled:
            continue
        if medium in ruled_of and not _beside(reasons, medium, take, ruled_of[medium]):
            continue  # a person has put it elsewhere
        links.append(_link(device, take, medium, reason, takes_of[medium]))
    for take, medium in device.ruled:
        links.append(_ruled(device, take, medium, reasons.get((take, medium))))
    held = set(takes_of) | set(ruled_of)
    links += _by_word(device, held, timed)
    return links


def _beside(reasons: Mapping[tuple[int, int], Reason], medium: int, take: int, ruled: set[int]) -> bool:
    """A file through several takes, one of which a person confirmed: the others stand as they are."""
    return any((each, medium) in reasons for each in ruled if each != take)


def camera_of(device: Device) -> str:
    """What the link's angle is called."""
    return device.name


def _link(device: Device, take: int, medium: int, reason: Reason, takes: set[int]) -> FoundLink:
    logged = device.takes[take]
    words, against, kinds = [reason.words], [reason.question] if reason.question else [], set[Evidence]()
    if reason.kind is not None:
        kinds.add(reason.kind)
    spoken = device.word(take, medium)
    if (
        spoken is Word.DIFFERS
        and len(takes) > 1
        and any(device.word(each, medium) is Word.AGREES for each in takes if each != take)
    ):
        spoken = Word.SILENT  # typed once, for the first of its takes
    if spoken is Word.AGREES:
        kinds.add(Evidence.NAME)
        words.append(f"the file says {_said_by_file(device, medium)}")
    elif spoken is Word.DIFFERS:
        against.append(
            f"the file says {_said_by_file(device, medium)}, "
            f"its {'time' if reason.kind is Evidence.TIME else 'place'} says {_label(logged)}"
        )
    report = device.rows.word(take, medium)
    if report is Word.AGREES:
        kinds.add(Evidence.REPORT)
        words.append("a report names it")
        elsewhere = sorted(device.rows.only_of.get(medium, set()) - takes)
        if elsewhere:
            against.append(f"a report names it for {_label(device.takes[elsewhere[0]])} too")
    elif report is Word.DIFFERS:
        against.append(_other_row(device, take, medium))
    if reason.doubt is not None and not (kinds & {Evidence.NAME, Evidence.REPORT}):
        against.append(reason.doubt)
        roll = _roll(device, take, medium)
        against += [roll] if roll else []
    elif roll := _roll(device, take, medium):
        words.append(roll)
    return _made(device, take, medium, kinds, words, against)


def _made(
    device: Device, take: int, medium: int, kinds: set[Evidence], words: list[str], against: list[str]
) -> FoundLink:
    question = "; ".join(dict.fromkeys(against)) or None
    confirmed = question is None and len(kinds) >= 2
    return FoundLink(
        take_id=device.takes[take].id,
        medium_id=device.media[medium].id,
        camera=camera_of(device),
        state=LinkState.CONFIRMED if confirmed else LinkState.PROPOSED,
        method=next((kind for kind in _STRENGTH if kind in kinds), Evidence.ORDER),
        kinds=frozenset(kinds),
        evidence="; ".join(word for word in words if word),
        question=question,
    )


def _ruled(device: Device, take: int, medium: int, reason: Reason | None) -> FoundLink:
    kinds = {Evidence.CLAIM}
    words = ["a person said so"]
    if reason is not None and reason.kind is not None and reason.question is None and reason.doubt is None:
        kinds.add(reason.kind)
        words.append(reason.words)
    return FoundLink(
        take_id=device.takes[take].id,
        medium_id=device.media[medium].id,
        camera=camera_of(device),
        state=LinkState.CONFIRMED,
        method=Evidence.CLAIM,
        kinds=frozenset(kinds),
        evidence="; ".join(words),
    )


def _by_word(device: Device, held: set[int], timed: Collection[int]) -> list[FoundLink]:
    """Files that nothing but their own words, or a report, puts beside a take."""
    found = []
    for medium in range(len(device.media)):
        if medium in held:
            continue
        label = device.labels[medium]
        spoken = device.slates.numbers.get(label, []) if label is not None else []
        rows = sorted(device.rows.of_medium.get(medium, ()))
        both = [take for take in rows if take in spoken]
        for take in both or rows or (spoken if len(spoken) == 1 else []):
            if (take, medium) in device.refused:
                continue
            kinds, words, against = set[Evidence](), list[str](), list[str]()
            if take in spoken:
                kinds.add(Evidence.NAME)
                words.append(f"the file says {_said_by_file(device, medium)}")
            elif label is not None:
                against.append(f"the file says {_said_by_file(device, medium)}")
            if take in rows:
                kinds.add(Evidence.REPORT)
                words.append("a report names it")
            if len(kinds) < 2 or len(both) > 1:
                against.append("nothing but that speaks for it: its time fits no take")
            elif medium in timed and device.measured[take]:
                # A report that a recorder's program writes repeats what the file says: twice the same slip.
                against.append("its time fits no take")
            found.append(_made(device, take, medium, kinds, words, against))
    return found


def _said_by_file(device: Device, medium: int) -> str:
    return f"{device.media[medium].scene.strip()} take {device.media[medium].take.strip()}"


def _label(take: LoggedTake) -> str:
    return f"{take.slate} take {take.take}"


def _other_row(device: Device, take: int, medium: int) -> str:
    names = device.rows.names.get(take)
    if names:
        return f"a report names {', '.join(sorted(set(names))[:3])} for {_label(device.takes[take])}"
    others = [_label(device.takes[each]) for each in sorted(device.rows.of_medium[medium])]
    return f"a report names it for {', '.join(others[:3])}"


def _roll(device: Device, take: int, medium: int) -> str | None:
    """A typed roll that is another than the reel."""
    logged, reel = device.takes[take], device.media[medium].reel
    if device.side is Side.SOUND:
        typed = logged.sound_roll
    else:
        says = logged.cameras.get(device.name)
        typed = says.roll if says else None
    if not typed or not reel or same_roll(typed, reel):
        return None
    return f"the log has roll {typed}, the file is on {reel}"


def left_over(device: Device, links: Iterable[FoundLink], why: Mapping[int, str], *, near_s: float) -> list[Unmatched]:
    """Takes that this device should have and has not, and its media without a take."""
    takes, media = set[str](), set[str]()
    for link in links:
        takes.add(link.take_id)
        media.add(link.medium_id)
    what = "sound" if device.side is Side.SOUND else "clip"
    found = [
        Unmatched(
            take_id=take.id,
            medium_id=None,
            device=device.name,
            why="its times are from memory, and nothing else names a file for it"
            if not device.measured[number]
            else f"no {what} of {device.name} without a take starts within {near_s:.0f} s of it"
            if device.media
            else f"no {what} of {device.name} is here",
        )
        for number, take in enumerate(device.takes)
        if device.named[number] and take.id not in takes
    ]
    for number, medium in enumerate(device.media):
        if medium.id not in media:
            found.append(
                Unmatched(
                    take_id=None,
                    medium_id=medium.id,
                    device=device.name,
                    why=why.get(number, "no logged take fits its time and length"),
                )
            )
    return found
