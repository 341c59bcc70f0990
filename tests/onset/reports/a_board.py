"""A reconciled day of hand-built values: every kind of difference, two cards, clocks and events."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from onset.domain.camera import LinkState
from onset.domain.take import Take
from onset.logbook.terms import Event
from onset.reconcile.board import (
    Board,
    CardCopies,
    CardLog,
    CardVerdict,
    Claimed,
    Department,
    Difference,
    Standing,
    Stray,
    TakeClaims,
)
from onset.reports.wrap import WrapSummary
from onset.reports.wrap_day import wrap_summary
from tests.onset.reports.a_day import DAY_THREE, SECOND, START, DayLog

CLIP = "c" * 32


def difference(what: str, *, standing: Standing = Standing.OPEN, field: str = "circled", **more: object) -> Difference:
    plain = Difference(
        key=what,
        standing=standing,
        field=field,
        what=what,
        cause="",
        take_id=None,
        media_id=None,
        device="A",
    )
    return replace(plain, **more)  # type: ignore[arg-type]  # a test's shorthand


def claims(take: Take, *claimed: Claimed, differences: Sequence[Difference] = ()) -> TakeClaims:
    return TakeClaims(
        take_id=take.id,
        label=take.label,
        scene=take.scene,
        state=take.state,
        status=take.status,
        kind=take.kind,
        claims=claimed,
        differences=tuple(differences),
    )


def media(clip: str, *, device: str = "A", link: LinkState = LinkState.PROPOSED, media_id: str = CLIP) -> Claimed:
    return Claimed(
        department=Department.MEDIA,
        device=device,
        clip=clip,
        media_id=media_id,
        link=link,
        evidence="offset +37.2 s found on 61 of 64 pairs",
    )


def card(label: str, verdict: str, **more: object) -> CardVerdict:
    copies = CardCopies(
        ok=True,
        verdict="safe",
        whole=2,
        reasons=(),
        as_of_ns=START,
        mounted=("/media/SHUTTLE/A014",),
        away=(),
        sentence="2 verified copies on 2 disks.",
        proved="2 verified copies.",
    )
    log = CardLog(
        ok=verdict != "not safe",
        expected=9,
        linked=8,
        without_clip=("42C/3 A",),
        without_take=(),
        unreadable=(),
        pending=(),
        explained=0,
        sentence="8 of 9 takes have their clip; 42C/3 A has none.",
    )
    plain = CardVerdict(
        card_id=label,
        card=label,
        fingerprint="f" * 32,
        unit="Main",
        day=3,
        verdict=verdict,
        sentence=f"{label}: {verdict}",
        reasons=("42C/3 A has no clip on it",) if verdict == "not safe" else (),
        copies=copies,
        log=log,
        cleared_by="Noor" if verdict == "cleared" else "",
        cleared_ns=START if verdict == "cleared" else None,
        cleared_note="",
        as_of_ns=START,
    )
    return replace(plain, **more)  # type: ignore[arg-type]  # a test's shorthand


def board(takes: Sequence[TakeClaims] = (), **more: object) -> Board:
    plain = Board(
        title="Harbour Lights",
        unit="Main",
        day=3,
        date="2026-03-05",
        takes=tuple(takes),
        strays=(),
        clocks=(),
        clock_lines=("B runs 37.2 s ahead of the log, found on 61 of 64 clips",),
        rolls_pending=("B007",),
    )
    return replace(plain, **more)  # type: ignore[arg-type]  # a test's shorthand


EXPLAINED = difference(
    "script says 0:12, A ran 0:40",
    standing=Standing.EXPLAINED,
    field="duration",
    explanation="camera was not cut, director talked on",
    explained_by="Noor",
)
QUESTION = difference(
    "A014C009 may be 42C/3 or 42C/2PK", field="link", media_id="d" * 32, cause="two takes of one length in a row"
)

TAKES = (
    claims(
        DAY_THREE[1],
        media("A014C007"),
        differences=[
            difference("script circled 42C/2, sound did not", cause="the mixer's list was written before the cut"),
            difference("B007 is not offloaded yet", standing=Standing.PENDING, field="clip", device="B"),
        ],
    ),
    claims(
        DAY_THREE[2],
        media("A014C008", link=LinkState.CONFIRMED),
        media("A014C009", media_id="d" * 32),
        differences=[EXPLAINED, QUESTION],
    ),
)
STRAYS = (
    Stray(
        media_id="e" * 32,
        name="A014C001",
        device="A",
        card="A014",
        start="09:12:00:00",
        length_s=3.0,
        difference=difference("A014C001 belongs to no take", field="clip", cause="chart or slate test"),
    ),
)
EVENTS = (
    Event(wall_ns=START + 5 * SECOND, device="B", what="lost", detail="No picture from B.", take_id=DAY_THREE[1].id),
    Event(
        wall_ns=START + 90 * SECOND,
        device="A014",
        what="unreadable",
        detail="A014C007 unreadable: 42C/2 circled; B is safe",
        take_id=DAY_THREE[1].id,
        alarm=True,
    ),
)
CARDS = (card("A013", "cleared"), card("A014", "not safe"))


def wrapped(
    *,
    takes: Sequence[Take] = DAY_THREE,
    on_board: Sequence[TakeClaims] = TAKES,
    strays: Sequence[Stray] = STRAYS,
    cards: Sequence[CardVerdict] = CARDS,
    events: Sequence[Event] = EVENTS,
    title: str = "Harbour Lights",
    company: str = "",
) -> WrapSummary:
    """The summary of that day, with parts of it exchanged."""
    logbook = DayLog(takes, title=title, happened=events)
    return wrap_summary(logbook, board(on_board, strays=tuple(strays)), cards, company=company, director="")
