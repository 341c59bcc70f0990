"""A small reconciled day in a real log: takes, files of two cameras on a card, links as a matcher would write them."""

from __future__ import annotations

from collections.abc import Sequence

from onset.domain.camera import Clip, LinkState, Source
from onset.domain.claim import Claim, ClaimSource
from onset.domain.take import Take
from onset.logbook.protocol import Logbook
from onset.logbook.terms import Next, WantedLink
from onset.timecode import Timecode, rate
from tests.tui.support import Set

RATE = rate("24")


def shoot(log: Logbook, place: Set, slate: str, seconds: float = 30.0, *, rolls: dict[str, str] | None = None) -> Take:
    """A take from roll to cut; half a minute goes by after it."""
    take = log.roll(place.stamp(), change=Next(slate=slate, rolls=rolls or {}))
    place.clock.advance(seconds)
    take = log.cut(take.id, place.stamp())
    place.clock.advance(30)
    return take


def clip(name: str, starts: str, seconds: float = 31.0, *, camera: str = "A", reel: str = "A014", day: int = 1) -> Clip:
    """A camera original as an import brings it in."""
    digest = f"xxh128:{name.encode().hex()[:32]:0<32}"
    return Clip(
        id="", name=f"{name}.mov", path=f"/cards/{reel}/{name}.mov", camera=camera, tc_in=starts, tc_source="file",
        rate="24", duration_frames=int(seconds * 24), source=Source.FOLDER, unit="Main", day=day, fps="24", reel=reel,
        number=int(name[-3:]) if name[-3:].isdigit() else None, size=1000, digest=digest,
    )  # fmt: skip


def starts(take: Take, after: float = 0.0) -> str:
    """A label so many seconds after the roll of a take."""
    assert take.start is not None
    return str(Timecode.at(float(take.start.seconds) + after, RATE))


def media_ids(log: Logbook) -> dict[str, str]:
    """Ids of the files, by name without the ending."""
    return {each.name.rsplit(".", 1)[0]: each.id for each in log.media()}


def link(log: Logbook, *links: tuple[Take, str, LinkState, str]) -> None:
    """Write links as a matcher does: take, name of the file, state, question."""
    ids = media_ids(log)
    wanted = [
        WantedLink(
            take_id=take.id, media_id=ids[name], state=state, method="time", question=question,
            evidence="offset +0.0 s found on 2 of 3 pairs",
        )
        for take, name, state, question in links
    ]  # fmt: skip
    assert log.write_links("Main", 1, wanted, seen=log.arrival()) is not None


def report(log: Logbook, source: ClaimSource, name: str, rows: Sequence[dict[str, object]]) -> None:
    """A report of another department."""
    claims = [
        Claim(id="", source=source, report=name, row=number, unit="Main", day=1, **row)  # type: ignore[arg-type]  # a test's shorthand
        for number, row in enumerate(rows, 1)
    ]
    log.take_claims(source, name, "Main", 1, claims)


def a_compared_day(place: Set) -> dict[str, Take]:
    """Three takes: one linked, one proposed with a question, one without a clip; a stray; a report that disagrees."""
    log = place.open(role="dit")
    try:
        takes = {}
        for slate in ("42A", "42B", "42C"):
            take = shoot(log, place, slate, rolls={"A": "A014"})
            takes[take.label] = take
        one, two, _ = takes.values()
        log.set_take(one.id, {"status": "circled"})
        log.bring_in(
            [
                clip("A014C001", starts(one, -400), 3.0),
                clip("A014C002", starts(one, -0.5)),
                clip("A014C003", starts(two, -0.5)),
            ]
        )
        link(
            log,
            (one, "A014C002", LinkState.CONFIRMED, ""),
            (two, "A014C003", LinkState.PROPOSED, "it may be 42B/1 or 42C/1"),
        )
        report(
            log, ClaimSource.CAMERA, "camera A.csv",
            [{"device": "A", "slate": "42A", "take": "1", "clip": "A014C002", "roll": "A014", "circled": False},
             {"device": "A", "slate": "42B", "take": "1", "clip": "A014C003", "roll": "A014", "circled": True}],
        )  # fmt: skip
        return takes
    finally:
        log.close()
