"""What the set says on the board: a proposal stands while its lamp is on, and one key takes it."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from onset.capture.signals import SERVICE, DeckNow, Proposal, Proposed, SlotNow
from tests.tui.support import CONFIG, MONO, At, Bus, Set, at_work
from tui.screens.devices import DevicesScreen

DECK = CONFIG + '[[device]]\nname = "DECK"\nkind = "sim-hyperdeck"\n'


def _proposes(bus: Bus, what: Literal["roll", "cut"] | None, *, take_id: str = "", mono_ns: int = MONO) -> None:
    said = [] if what is None else [Proposal(device="DECK", what=what, unit="Main", mono_ns=MONO, take_id=take_id)]
    bus.put(SERVICE, Proposed(device=SERVICE, proposals=said, mono_ns=mono_ns))


async def test_a_deck_that_records_is_not_on_the_board(tmp_path: Path) -> None:
    bus = Bus()
    async with at_work(Set(tmp_path, live=bus, config=DECK)) as at:
        _proposes(bus, "roll")
        await at.until(lambda: "DECK records - Space rolls 42A/1" in at.drawn())
        _proposes(bus, None)
        await at.until(lambda: "DECK records" not in at.drawn())
        assert "next 42A/1" in at.drawn()


async def test_another_roll_key_is_not_the_one_that_the_board_names(tmp_path: Path) -> None:
    bus = Bus()
    config = DECK + '[keys]\n"log.roll_cut" = "f10"\n'
    async with at_work(Set(tmp_path, live=bus, config=config)) as at:
        _proposes(bus, "roll")
        await at.until(lambda: "DECK records - F10 rolls 42A/1" in at.drawn())
        running = Proposal(device="MIX.ltc", what="roll", unit="Main", mono_ns=MONO)
        bus.put(SERVICE, Proposed(device=SERVICE, proposals=[running], mono_ns=MONO))
        await at.until(lambda: "MIX.ltc runs - F10 rolls 42A/1" in at.drawn())


async def test_what_a_dead_service_proposed_stands_for_ever(tmp_path: Path) -> None:
    bus = Bus()
    async with at_work(Set(tmp_path, live=bus, config=DECK)) as at:
        _proposes(bus, "roll")
        await at.until(lambda: "DECK records" in at.drawn())
        at.later(4)
        await at.until(lambda: "DECK records" not in at.drawn())


async def test_a_deck_that_stopped_cuts_another_take(tmp_path: Path) -> None:
    bus = Bus()
    async with at_work(Set(tmp_path, live=bus, config=DECK)) as at:
        await at.press("space")
        rolling = at.app.hand.board.rolling
        assert rolling is not None
        _proposes(bus, "cut", take_id="00" * 16)
        await at.pilot.pause(0.6)
        assert "DECK has stopped" not in at.drawn()
        _proposes(bus, "cut", take_id=rolling.id)
        await at.until(lambda: "DECK has stopped - Space cuts 42A/1" in at.drawn())
        at.later(5)
        _proposes(bus, "cut", take_id=rolling.id, mono_ns=MONO + 5_000_000_000)
        await at.press("space")
        await at.until(lambda: at.app.hand.board.rolling is None)
        assert "DECK has stopped" not in at.drawn() or await _gone(at)


async def _gone(at: At) -> bool:
    await at.until(lambda: "DECK has stopped" not in at.drawn())
    return True


async def test_the_key_that_comes_after_the_deck_cuts_its_take(tmp_path: Path) -> None:
    place = Set(tmp_path, live=Bus(), config=DECK)
    async with at_work(place) as at:
        service = place.open(role="capture")
        try:
            service.roll(place.stamp(), by="DECK")
            await at.until(lambda: at.app.hand.board.rolling is not None)
            await at.press("space")
            assert at.app.hand.board.rolling is not None, "within 3 s it confirms"
            at.later(4)
            await at.press("space")
            await at.until(lambda: at.app.hand.board.rolling is None)
        finally:
            service.close()


async def test_a_deck_is_stopped_with_one_key(tmp_path: Path) -> None:
    bus = Bus()
    bus.health("DECK", "live")
    slots = [SlotNow(name="slot 1", state="mounted", minutes=41.6)]
    bus.put(
        "DECK",
        DeckNow(
            device="DECK", model="HyperDeck", transport="record", recording=True, clip="A001_0007", tc="10:00:00:00",
            slots=slots, remote=False, dropped=3, mono_ns=MONO,
        ),
    )  # fmt: skip
    asked: list[tuple[str, str]] = []
    place = Set(
        tmp_path, live=bus, running=True, config=DECK, ask=lambda what, device, _: _noted(asked, what, device or "")
    )
    async with at_work(place) as at:
        await at.press("g", "4")
        await at.until(lambda: isinstance(at.app.screen, DevicesScreen) and at.app.screen.is_mounted)
        await at.until(lambda: "A001_0007" in at.drawn())
        row = " ".join(at.drawn().split("DECK", 1)[1].split())  # what has no room beside it stands below
        assert row.startswith("sim-camera live REC 3 42 min remote is off A001_0007 10:00:00:00")
        await at.press("ctrl+x")
        assert asked == []
        assert "once more stops DECK" in at.status
        at.later(6)
        await at.press("ctrl+x")
        assert asked == [], "too late to be the second press"
        await at.press("ctrl+x")
        await at.until(lambda: asked == [("stop", "DECK")])
        await at.press("o")
        await at.until(lambda: asked[1:] == [("record", "DECK")])


def _noted(asked: list[tuple[str, str]], what: str, device: str) -> str:
    asked.append((what, device))
    return "done"
