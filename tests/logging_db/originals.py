"""Files, cards and report rows of a day as tests bring them into a log."""

from __future__ import annotations

import dataclasses

from onset.domain.camera import Clip, LinkState, Source
from onset.domain.card import Card
from onset.domain.claim import Claim, ClaimSource
from onset.domain.sound import SoundFile
from onset.domain.take import Take
from onset.logbook.terms import Next, WantedLink
from tests.logging_db.support import OnSet

EVIDENCE = "offset +37.2 s found on 61 of 64 pairs"


def a_clip(number: int = 7, **fields: object) -> Clip:
    """An original of card A014, as it was found in its copy."""
    name = f"A014C{number:03}_260529_R1AB.mov"
    plain = Clip(
        id="",
        name=name,
        path=f"/media/SHUTTLE/A014/{name}",
        camera="A",
        tc_in="10:00:00:00",
        tc_source="file",
        rate="25",
        duration_frames=250,
        source=Source.CARD,
        day=1,
        reel="A014",
        number=number,
        size=4_000_000_000 + number,
        digest=f"xxh128:{number:032x}",
    )
    return dataclasses.replace(plain, **fields)  # type: ignore[arg-type]  # fields of Clip, by name


def a_sound(number: int = 7, **fields: object) -> SoundFile:
    name = f"42C-T{number:03}.wav"
    plain = SoundFile(
        id="",
        name=name,
        path=f"/media/SOUND/day1/{name}",
        device="MIX",
        tc_in="10:00:00:00",
        tc_source="file",
        rate="25",
        duration_frames=250,
        samples=480_000,
        sample_rate=48_000,
        tracks=("boom", "lav 1"),
        source=Source.FOLDER,
        day=1,
        roll="SR003",
        circled=True,
        named_scene="42C",
        named_take="3",
        digest=f"xxh128:50{number:030x}",
    )
    return dataclasses.replace(plain, **fields)  # type: ignore[arg-type]  # fields of SoundFile, by name


def a_card(label: str = "A014", fingerprint: str = "xxh128:0a", **fields: object) -> Card:
    plain = Card(
        id="", label=label, fingerprint=fingerprint, files=9, size=9, verdict="safe", reasons=(), wall_ns=5, camera="A"
    )
    return dataclasses.replace(plain, **fields)  # type: ignore[arg-type]  # fields of Card, by name


def wanted(take: Take, media_id: str, state: LinkState = LinkState.PROPOSED, question: str = "") -> WantedLink:
    return WantedLink(
        take_id=take.id, media_id=media_id, state=state, method="time", evidence=EVIDENCE, question=question
    )


def brought(on_set: OnSet, *media: Clip | SoundFile) -> list[str]:
    """Ids of these files, in their order."""
    on_set.log.bring_in(media)
    known = {(one.name, one.path): one.id for one in on_set.log.media()}
    return [known[one.name, one.path] for one in media]


def a_day(on_set: OnSet, takes: int = 3) -> list[Take]:
    """Takes of 42C with camera A and a sound roll; day 1."""
    on_set.log.set_next(Next(slate="42C", sound_roll="SR003", cameras={"A": True}, rolls={"A": "A014"}))
    return [on_set.shoot() for _ in range(takes)]


def a_claim(row: int, **fields: object) -> Claim:
    plain = Claim(
        id="", source=ClaimSource.SOUND, report="day1.csv", row=row, unit="Main", day=1, device="MIX", slate="42C",
        take=str(row), clip=f"42C-T{row:03}.wav", roll="SR003", circled=row == 2, tc_in="10:00:00:00", rate="25",
        duration_frames=99, note="plane",
    )  # fmt: skip
    return dataclasses.replace(plain, **fields)  # type: ignore[arg-type]  # fields of Claim, by name
