"""What each department claims about the takes of a day: script, camera report, sound report, the files themselves.

Used by compare.py. A sound report is a CSV; without a row for a take, what the recorder wrote into its files speaks.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from onset.domain.camera import Clip, Link, LinkState, Source
from onset.domain.card import Card
from onset.domain.claim import Claim, ClaimSource
from onset.domain.sound import SoundFile
from onset.domain.take import Status, Take
from onset.match.found import Found
from onset.reconcile.board import Claimed, Department
from onset.reconcile.sight import MediaFile, SeenDay, bare_name, device_of, length_s, media_sets, rate_of
from onset.slate import sort_key, split_take
from onset.text import safe_text


@dataclass(frozen=True, slots=True, kw_only=True)
class Hand:
    """A foreign file in the hand of a take: the link between them, and the files it stands for (a mono set)."""

    link: Link
    file: MediaFile
    members: tuple[MediaFile, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DayClaims:
    """A day with everything that is claimed about it, sorted by take.

    Attributes:
        hands: take's id → foreign files linked to it, refused ones left out, by name.
        holds: file's id → ids of the takes it is linked to.
        rows: take's id → rows of reports about it.
        unclaimed: rows of reports about a take that the log does not have.
        found: what the matcher found, for clocks and reasons.
    """

    seen: SeenDay
    found: Found
    cards: tuple[Card, ...]
    hands: Mapping[str, tuple[Hand, ...]]
    holds: Mapping[str, tuple[str, ...]]
    rows: Mapping[str, tuple[Claim, ...]]
    unclaimed: tuple[Claim, ...]

    def rows_of(self, take: Take, source: ClaimSource) -> list[Claim]:
        """What a department's report says about a take."""
        return [row for row in self.rows.get(take.id, ()) if row.source is source]

    def clips(self, take: Take) -> list[Hand]:
        """Foreign clips linked to it."""
        return [hand for hand in self.hands.get(take.id, ()) if isinstance(hand.file, Clip)]

    def sounds(self, take: Take) -> list[Hand]:
        """Foreign sound recordings linked to it."""
        return [hand for hand in self.hands.get(take.id, ()) if isinstance(hand.file, SoundFile)]


def gather(seen: SeenDay, found: Found, cards: Sequence[Card]) -> DayClaims:
    """Sort what was read of a day by take."""
    files = {**seen.guests, **seen.media}
    sets = media_sets(files.values())
    head_of = {member.id: head for head, members in sets.items() for member in members}
    hands: dict[str, dict[str, Hand]] = defaultdict(dict)
    holds: dict[str, set[str]] = defaultdict(set)
    for link in seen.links:
        if link.media_id not in files or link.state is LinkState.REFUSED:
            continue
        holds[link.media_id].add(link.take_id)
        head = head_of[link.media_id]
        known = hands[link.take_id].get(head)
        if known is None or link.media_id == head:
            hands[link.take_id][head] = Hand(link=link, file=sets[head][0], members=sets[head])
    rows, unclaimed = _rows(seen)
    return DayClaims(
        seen=seen,
        found=found,
        cards=tuple(cards),
        hands={
            take: tuple(sorted(own.values(), key=lambda hand: (device_of(hand.file), hand.file.name, hand.file.id)))
            for take, own in hands.items()
        },
        holds={media: tuple(sorted(takes)) for media, takes in holds.items()},
        rows=rows,
        unclaimed=unclaimed,
    )


def _rows(seen: SeenDay) -> tuple[dict[str, tuple[Claim, ...]], tuple[Claim, ...]]:
    """Rows of reports by take, compared as labels are: 049 wt is 49WT."""
    called: dict[tuple[str, str], list[str]] = defaultdict(list)
    for take in seen.takes:
        called[sort_key(take.slate), sort_key(take.take)].append(take.id)
    for take in seen.takes:
        slate, number = split_take(take.slated_as or "")
        if slate:
            called[sort_key(slate), sort_key(number)].append(take.id)
    rows: dict[str, list[Claim]] = defaultdict(list)
    unclaimed = []
    for claim in seen.claims:
        takes = called.get((sort_key(claim.slate), sort_key(claim.take)), []) if claim.slate and claim.take else []
        for take_id in takes:
            rows[take_id].append(claim)
        if not takes and claim.slate and claim.take:
            unclaimed.append(claim)
    return {take: tuple(own) for take, own in rows.items()}, tuple(unclaimed)


def claims_about(day: DayClaims, take: Take) -> tuple[Claimed, ...]:
    """Everything that is claimed about a take, script first."""
    return (*_script(take), *_reports(day, take), *_files_say(day, take), *_media(day, take))


def _script(take: Take) -> Iterable[Claimed]:
    length = take.duration_frames
    yield Claimed(
        department=Department.SCRIPT,
        device="",
        roll=_shown(take.sound_roll),
        circled=take.status is Status.CIRCLED,
        start=_shown(take.tc_in),
        length_s=float(take.frame_rate.seconds_for(length)) if length is not None else None,
        mos=take.mos,
    )
    for angle in take.angles:
        if angle.logged:
            yield Claimed(
                department=Department.SCRIPT,
                device=safe_text(angle.camera),
                roll=_shown(angle.roll),
                start=_shown(angle.start),
            )


def _reports(day: DayClaims, take: Take) -> Iterable[Claimed]:
    for row in day.rows.get(take.id, ()):
        labelled_at = rate_of(row.rate)
        frames = row.duration_frames
        yield Claimed(
            department=Department.CAMERA if row.source is ClaimSource.CAMERA else Department.SOUND,
            device=safe_text(row.device),
            clip=_shown(row.clip),
            roll=_shown(row.roll),
            circled=row.circled,
            start=_shown(row.tc_in),
            length_s=float(labelled_at.seconds_for(frames)) if labelled_at and frames is not None else None,
            mos=row.mos,
            evidence=safe_text(f"{row.report}, row {row.row}"),
        )


def _files_say(day: DayClaims, take: Take) -> Iterable[Claimed]:
    if day.rows_of(take, ClaimSource.SOUND):
        return
    for hand in day.sounds(take):
        file = hand.file
        if isinstance(file, SoundFile) and (file.circled is not None or file.named_scene or file.named_take):
            named = "/".join(filter(None, (file.named_scene, file.named_take)))
            yield Claimed(
                department=Department.SOUND,
                device=safe_text(file.device),
                clip=safe_text(file.name),
                roll=_shown(file.roll),
                circled=file.circled,
                start=_shown(file.tc_in),
                evidence=safe_text(f"the file says {named}") if named else "",
            )


def _media(day: DayClaims, take: Take) -> Iterable[Claimed]:
    for hand in day.hands.get(take.id, ()):
        file, link = hand.file, hand.link
        yield Claimed(
            department=Department.MEDIA,
            device=safe_text(device_of(file)),
            clip=safe_text(file.name),
            media_id=file.id,
            roll=_shown(file.reel if isinstance(file, Clip) else file.roll),
            start=_shown(file.tc_in),
            length_s=length_s(file),
            link=link.state,
            evidence=safe_text("; ".join(filter(None, (link.evidence, link.question)))),
            decided_by=safe_text(link.decided_by),
        )
    for ours in recorded(take):
        yield Claimed(
            department=Department.MEDIA,
            device=safe_text(device_of(ours)),
            clip=safe_text(ours.name),
            media_id=ours.id,
            start=_shown(ours.tc_in),
            length_s=length_s(ours),
            link=ours.link,
            evidence="recorded for this take",
        )


def hands_of(day: DayClaims, take: Take, row: Claim) -> list[Hand]:
    """Files of the row's department that the take has, and of its camera where the row names one."""
    if row.source is ClaimSource.SOUND:
        return day.sounds(take)
    return [hand for hand in day.clips(take) if not row.device or device_of(hand.file) == row.device]


def refused_for(day: DayClaims, *, take_id: str | None = None, media_id: str | None = None) -> list[tuple[str, Link]]:
    """What a person refused for a take, or a file for which takes: names of the files or takes, with the links."""
    takes = {take.id: take.label for take in day.seen.takes}
    files = {**day.seen.guests, **day.seen.media}
    found = []
    for link in day.seen.links:
        if link.state is not LinkState.REFUSED or link.media_id not in files or link.take_id not in takes:
            continue
        if link.take_id == take_id:
            found.append((bare_name(files[link.media_id].name), link))
        elif link.media_id == media_id:
            found.append((takes[link.take_id], link))
    return found


def recorded(take: Take) -> list[MediaFile]:
    """Files of our own recorders."""
    found: list[MediaFile] = [clip for angle in take.angles for clip in angle.clips]
    found += [file for sound in take.sound for file in sound.files]
    return [one for one in found if one.source is Source.RECORDER]


def _shown(text: str | None) -> str | None:
    return safe_text(text) if text else None
