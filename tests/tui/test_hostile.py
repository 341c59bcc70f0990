"""Markup, escapes and reordering characters in names and notes are shown on every screen, and never obeyed."""

from __future__ import annotations

import contextlib
import dataclasses
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from onset.domain.camera import LinkState
from onset.domain.card import Card
from onset.domain.claim import ClaimSource
from onset.domain.scene import Coverage, OwedKind
from onset.errors import OnsetError
from onset.logbook.protocol import Logbook
from onset.logbook.terms import Event, Next
from onset.offload.disks import Mount
from onset.text import safe_text
from onset.toml import toml_string
from tests.tui.compared import clip, link, report, shoot, starts
from tests.tui.support import CONFIG, Bus, Set, at_work
from tui.screens.day import DayScreen
from tui.screens.devices import DevicesScreen
from tui.screens.offload import OffloadScreen
from tui.screens.review import ReviewScreen

# What crashed or took over a terminal when it was tried on Textual 8.2.8, and what reorders or hides text.
HOSTILE = [
    "[/]",
    "[red]A001[/red].mov",
    "[@click=app.bell]tap[/]",
    "[link=file:///etc/passwd]x[/link]",
    "[$primary]",
    "A\x1b]0;PWNED\x1b\\.mov",
    "x\x1b[3Jy",
    "\x9b3J",
    "\x1b]52;c;cHduZWQ=\x07",
    "take\u202egpj.exe",
    "two\nlines",
    "tab\there",
    "nul\x00l",
    "e\u0301\u0301\u0301",
    "\U0001f3ac clap 日本語",
    "x" * 300,
]
FORBIDDEN = "".join(map(chr, [*range(0x20), *range(0x7F, 0xA0), 0x202E, 0x2066]))


def _clean(drawn: str) -> None:
    assert not set(drawn.replace("\n", "")) & set(FORBIDDEN)


def _spoil(log: Logbook, take_id: str, text: str) -> None:
    """Put the words wherever the log takes them."""
    card = Card(id="", label=text, fingerprint="f", files=1, size=1, verdict="safe", reasons=(text,), wall_ns=1)
    edits: list[Callable[[], object]] = [
        lambda: log.note(take_id, text),
        lambda: log.set_take(take_id, {"description": text, "status_reason": text}),
        lambda: log.set_take(take_id, {"slated_as": text}),
        lambda: log.set_angle(take_id, "A", {"roll": text, "lens": text}),
        lambda: log.set_next(Next(rolls={"A": text})),
        lambda: log.set_scene("42", {"heading": text}),
        lambda: log.set_setup("42A", {"description": text}),
        lambda: log.plan_setup(text, {"size": text}, scene="42"),
        lambda: log.set_person(text, {"role": text}),
        lambda: log.owe(OwedKind.INSERT, text, scene="42"),
        lambda: log.credit("42", Coverage.PART, note=text),
        lambda: log.event(Event(wall_ns=1, device=text, what=text, detail=text)),
        lambda: log.set_roll(text, {"holder": text, "note": text, "serial": text}),
        lambda: log.record_card(card),
    ]
    for edit in edits:
        with contextlib.suppress(OnsetError):  # the log refuses some of them at its door, which is as good
            edit()


def _job(folder: Path, number: int, text: str) -> None:
    """A finished job whose every word is the text."""
    place = folder / "jobs" / str(number)
    place.mkdir(parents=True)
    sheet = {"id": str(number), "card": text, "label": text, "fingerprint": "f", "folders": [text],
             "source_check": text, "started_ns": number, "pid": 1}  # fmt: skip
    (place / "job.json").write_text(json.dumps(sheet))
    result = {"verdict": text, "reasons": [text], "warnings": [text], "as_of_ns": 1, "source_check": text,
              "targets": [{"path": text, "lost": text, "read_back": text, "manifest": text, "failed": 1}],
              "problems": [{"path": text, "target": text, "what": text}]}  # fmt: skip
    (place / "result.json").write_text(json.dumps(result))


def _reader(folder: Path, text: str) -> Mount:
    """A card in a reader of that name."""
    card = folder / "readers" / text.replace("/", "_").replace("\x00", "_")[:80]
    card.mkdir(parents=True)
    (card / "clip").write_bytes(b"x")
    return Mount(str(card), "ext4", f"/dev/{card.name}", False, 1)


@pytest.mark.parametrize("some", range(4))
async def test_hostile_words_on_every_screen(tmp_path: Path, some: int) -> None:
    texts = HOSTILE[some::4]
    bus = Bus()
    config = CONFIG
    for number, text in enumerate(texts):
        bus.health(text[:20].replace("/", "_"), text)
        _job(tmp_path, number, text)
        if text.isprintable():
            config += f'[[target]]\nname = "{toml_string(text[:9])[1:-1]}{number}"\npath = "/x"\n'
    place = Set(tmp_path, live=bus, config=config)
    place.mounts = [_reader(tmp_path, text) for text in texts]
    async with at_work(place, size=(120, 40)) as at:
        await at.press("space")
        at.later(10)
        await at.press("space")
        take = next(iter((await at.takes()).values()))
        for text in texts:
            log = place.open(role="dit")
            try:
                _spoil(log, take.id, text)
            finally:
                log.close()
            await at.app.hand.catch_up()
            await at.settled()
            _clean(at.drawn())
            for keys in (("enter", "escape"), ("t",), ("escape", "d"), ("escape", "tab"), ("escape", "slash")):
                await at.press(*keys)
                _clean(at.drawn())
            await at.press("escape")
            at.log.say(text, True)
            await at.pilot.pause()
            _clean(at.drawn())
            assert safe_text(text).split()[0][:30] in at.drawn()
        await at.press("g", "4")
        await at.until(lambda: isinstance(at.app.screen, DevicesScreen))
        await at.settled()
        _clean(at.drawn())
        await at.press("g", "3")
        await at.until(lambda: isinstance(at.app.screen, OffloadScreen))
        offload = at.app.screen
        assert isinstance(offload, OffloadScreen)
        await at.until(lambda: "in reader" in at.drawn() and bool(offload.looks.jobs) and bool(offload.looks.cards))
        for _ in range(3 * len(texts)):
            await at.press("down")
            assert offload.entry is not None
            _clean(at.drawn())
        await at.press("h", "escape", "m")
        _clean(at.drawn())


def _claim(log: Logbook, place: Set, text: str, number: int) -> None:
    """A take, a file, a stray, a report, a tag, a card and an alarm, all with these words."""
    take = shoot(log, place, "42A")
    name = f"{text}_C{number:03}"
    files = [
        dataclasses.replace(clip("A", starts(take, -0.5)), name=name, path=f"/x/{number}", reel=text, digest=None),
        dataclasses.replace(clip("A", starts(take, -500)), name=f"s{name}", path=f"/y/{number}", digest=None),
    ]
    row = {"device": text, "slate": "42A", "take": take.take, "clip": text, "roll": text, "circled": True, "note": text}
    edits: list[Callable[[], object]] = [
        lambda: log.set_angle(take.id, "A", {"roll": text}),
        lambda: log.bring_in(files),
        lambda: link(log, (take, name, LinkState.PROPOSED, text)),
        lambda: report(log, ClaimSource.CAMERA, f"{text}.csv", [row]),
        lambda: log.tag(take.id, add=[text]),
        lambda: log.rate_take(take.id, "director", text),
        lambda: log.note(take.id, text, author=text),
        lambda: log.save_filter(text, "42a"),
        lambda: log.event(Event(wall_ns=place.clock.wall_ns(), device=text, what=text, detail=text, alarm=True)),
        lambda: _explain_all(log, text),
    ]
    for edit in edits:
        with contextlib.suppress(OnsetError, KeyError):  # what the log refuses at its door cannot reach a screen
            edit()


def _explain_all(log: Logbook, text: str) -> None:
    from onset.reconcile.compare import board_of

    for difference in board_of(log, "Main", 1).differences[::2]:
        log.explain(difference.key, text, unit="Main", day=1)


@pytest.mark.parametrize(
    ("some", "size"), [(0, (80, 24)), (1, (80, 24)), (2, (80, 24)), (3, (80, 24)), (1, (200, 60))], ids=str
)
async def test_hostile_words_of_other_departments_on_review_and_day(
    tmp_path: Path, some: int, size: tuple[int, int]
) -> None:
    place = Set(tmp_path)
    place.open().close()
    log = place.open(role="dit")
    try:
        for number, text in enumerate(HOSTILE[some::4]):
            _claim(log, place, text, number)
        assert log.media()  # some of it is in
    finally:
        log.close()
    async with at_work(place, size=size) as at:
        _clean(at.drawn())
        await at.press("g", "2")
        await at.until(lambda: isinstance(at.app.screen, ReviewScreen) and at.app.screen.page is not None)
        await at.settled()
        screen = at.app.screen
        assert isinstance(screen, ReviewScreen)
        assert len(screen.takes.rows) > 4
        for _ in range(min(5, len(screen.takes.rows))):
            _clean(at.drawn())
            for keys in (("enter",), ("o",), ("escape", "e"), ("escape", "escape")):
                await at.press(*keys)
                _clean(at.drawn())
            await at.press("down")
        for keys in (("space",), ("t",), ("escape", "f")):
            await at.press(*keys)
            _clean(at.drawn())
        await at.until(lambda: screen.inside)
        for _ in range(4):
            await at.press("down")
            _clean(at.drawn())
        await at.press("escape", "escape", "slash")
        await at.type("42a")
        await at.settled()
        _clean(at.drawn())
        await at.press("escape", "g", "6")
        await at.until(lambda: isinstance(at.app.screen, DayScreen) and at.app.screen.facts is not None)
        for _ in range(6):
            await at.press("down")
            _clean(at.drawn())
