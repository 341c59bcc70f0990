"""Decks that follow: they record with the take, stop after it, and a refusal is never silent."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import cast

from onset.capture.decks import UnitOf
from onset.capture.set_rules import Rule, rules_of
from onset.capture.signals import Answer, Ask, StateChanged
from onset.clock import ManualClock
from onset.config import parse_config
from onset.domain.camera import CameraOnBoard
from onset.domain.production import Unit
from onset.domain.take import Board
from onset.errors import LogError
from onset.logbook.protocol import Logbook
from tests.onset.capture.decks_on_set import DecksOnSet, Make, a_set
from tests.onset.capture.pretend import PretendLog

__all__ = ["a_set"]

_FOLLOWS = Rule(roll="start", camera="DECK", follows=True)


def _asked(at: DecksOnSet) -> list[str]:
    return [f"{each.what} {each.args.get('clip', '')}".strip() for each in _asks(at)]


def _asks(at: DecksOnSet) -> list[Ask]:
    return [order for order in at.on_set.line("DECK").orders if isinstance(order, Ask)]


def _answers(at: DecksOnSet, ok: bool, value: str) -> None:
    at.on_set.says("DECK", Answer(id=_asks(at)[-1].id, ok=ok, value=value))


def test_a_deck_that_follows_stays_behind(a_set: Make) -> None:
    at = a_set(DECK=_FOLLOWS)
    take = at.log.rolls("42C", 1)
    at.on_set.turn()
    assert _asked(at) == ["record 42C-1_DECK"]
    at.says("record", clip="42C-1_DECK")
    _answers(at, True, "DECK records 42C-1_DECK.")
    at.later(9)
    at.log.cuts(take)
    at.on_set.turn()
    at.later(4.9)
    assert len(_asked(at)) == 1, "the post-roll is 5 s"
    at.later(0.2)
    assert _asked(at) == ["record 42C-1_DECK", "stop"]
    at.says("stop")
    _answers(at, True, "DECK has stopped.")
    at.later(9)
    assert len(at.takes) == 1
    assert at.proposals == []


def test_an_undone_cut_stops_the_deck(a_set: Make) -> None:
    at = a_set(DECK=_FOLLOWS)
    take = at.log.rolls("42C", 1)
    at.on_set.turn()
    at.says("record")
    _answers(at, True, "DECK records.")
    at.log.cuts(take)
    at.later(3)
    at.log.undoes_the_cut(take)
    at.later(9)
    assert _asked(at) == ["record 42C-1_DECK"]


def test_a_refusal_passes_unsaid(a_set: Make) -> None:
    at = a_set(DECK=_FOLLOWS)
    at.log.rolls("42C", 1)
    at.on_set.turn()
    _answers(at, False, "DECK did not record: its medium is full; put a fresh one in.")
    at.later(0.01)
    (alarm,) = at.on_set.session.status().alarms
    assert (alarm.device, alarm.what) == ("DECK", "does not record")
    assert len(at.rolling) == 1, "the take goes on"
    at.later(6)
    assert len(_asked(at)) == 2, "it is told again"
    at.says("record")
    _answers(at, True, "DECK records.")
    at.later(20)
    assert at.on_set.session.status().alarms == []


def test_the_next_take_within_the_post_roll_lands_in_the_clip_before(a_set: Make) -> None:
    at = a_set(DECK=_FOLLOWS)
    first = at.log.rolls("42C", 1)
    at.on_set.turn()
    at.says("record")
    _answers(at, True, "DECK records.")
    at.log.cuts(first)
    at.later(2)
    at.log.rolls("42C", 2)
    at.later(0.01)
    assert _asked(at)[1:] == ["stop"]
    at.says("stop")
    _answers(at, True, "DECK has stopped.")
    at.later(0.01)
    assert _asked(at)[1:] == ["stop", "record 42C-2_DECK"]
    at.later(10)
    assert len(at.rolling) == 1


def test_a_service_that_starts_in_a_take_rings_for_a_deck_that_is_still_being_connected(a_set: Make) -> None:
    at = a_set(DECK=_FOLLOWS)
    at.on_set.says("DECK", StateChanged(device="DECK", state="connecting", detail="DECK: connecting.", mono_ns=0))
    at.log.rolls("42C", 1)
    at.later(1)
    assert _asked(at) == []
    at.on_set.live("DECK", "deck")
    at.later(0.1)
    assert _asked(at) == ["record 42C-1_DECK"]


def test_a_deck_that_never_connects_is_not_told_and_nobody_hears_of_it(a_set: Make) -> None:
    at = a_set(DECK=_FOLLOWS)
    at.on_set.says("DECK", StateChanged(device="DECK", state="connecting", detail="DECK: connecting.", mono_ns=0))
    at.log.rolls("42C", 1)
    at.later(1)
    at.later(5)
    assert _asked(at) == ["record 42C-1_DECK"]


def test_a_deck_that_did_not_stop_is_an_alarm_after_somebody_stopped_it(a_set: Make) -> None:
    at = a_set(DECK=_FOLLOWS)
    take = at.log.rolls("42C", 1)
    at.on_set.turn()
    at.says("record")
    _answers(at, True, "DECK records.")
    at.log.cuts(take)
    at.on_set.turn()
    at.later(6)
    assert _asked(at)[-1] == "stop"
    _answers(at, False, "DECK did not answer.")
    at.later(1)
    assert [alarm.what for alarm in at.on_set.session.status().alarms] == ["does not stop"]
    at.says("stop")
    at.later(1)
    assert at.on_set.session.status().alarms == []


def test_a_deck_that_somebody_started_by_hand_is_stopped(a_set: Make) -> None:
    at = a_set(DECK=replace(_FOLLOWS, roll="propose"))
    at.says("record")
    at.later(1)
    take = at.log.rolls("42C", 1)
    at.later(1)
    at.log.cuts(take)
    at.later(10)
    assert _asked(at) == []


_LIGHTS = Rule(roll="start", camera="A", lights=True)


def test_a_lamp_on_a_box_that_rolled_the_take_stays_dark_and_then_stays_lit(a_set: Make) -> None:
    """The tally of the same box is on before the lamp, and off before it: it is another matter."""
    at = a_set(DECK=_LIGHTS)
    at.says("record")
    at.later(0.3)
    assert len(at.rolling) == 1
    at.later(0.1)
    assert [each.what for each in _asks(at)] == ["record"]
    _answers(at, True, "The lamp of DECK is on.")
    at.later(9)
    at.says("stop")
    at.later(1)
    assert at.rolling == [], "its tally cuts the take that it rolled"
    at.later(6)
    assert [each.what for each in _asks(at)] == ["record", "stop"]


def test_a_box_is_told_to_record_as_a_deck_is(tmp_path: Path) -> None:
    rows = "".join(
        f'[[device]]\nname = "{name}"\nkind = "{kind}"\nfollow = true\n'
        for name, kind in (("BOX", "trigger"), ("DECK", "sony9pin"))
    )
    rules = rules_of(parse_config(f'[production]\ntitle = "Harbour"\nrate = "25"\n{rows}', tmp_path))
    assert (rules["BOX"].follows, rules["BOX"].lights) == (False, True)
    assert (rules["DECK"].follows, rules["DECK"].lights) == (True, False)


def test_a_deck_whose_medium_runs_full_in_the_take_passes_unsaid(a_set: Make) -> None:
    at = a_set(DECK=_FOLLOWS)
    at.log.rolls("42C", 1)
    at.on_set.turn()
    at.says("record")
    _answers(at, True, "DECK records.")
    at.later(9)
    at.says("stop")
    at.later(1)
    assert at.on_set.session.status().alarms == [], "a lamp may flicker"
    at.later(2)
    (alarm,) = at.on_set.session.status().alarms
    assert alarm.detail == "DECK does not record any more, and 42C/1 rolls."
    assert len(at.rolling) == 1
    at.says("record")
    at.later(20)
    assert at.on_set.session.status().alarms == []
    assert len(_asked(at)) == 1


class _TwoUnits:
    """A log with two units, of which the second has camera C."""

    def __init__(self) -> None:
        self.reads = 0
        self.broken = False

    def units(self) -> list[Unit]:
        self.reads += 1
        if self.broken:
            raise LogError("log.onset is locked.")
        return [Unit(id="1", name="Main"), Unit(id="2", name="Splinter")]

    def board(self, unit: str) -> Board:
        cameras = {"Main": "A", "Splinter": "C"}
        board = PretendLog.__new__(PretendLog)
        board.cameras = (CameraOnBoard(camera=cameras[unit], roll=None),)
        return board.board(unit)


def test_the_deck_of_the_second_unit_rolls_the_first() -> None:
    log, clock = _TwoUnits(), ManualClock()
    unit_of = UnitOf(cast(Logbook, log), clock)
    assert [unit_of(camera) for camera in ("A", "C", "DECK")] == ["Main", "Splinter", "Main"]
    assert log.reads == 1, "a lamp that burns all day must not read the log a hundred times a second"
    log.broken = True
    clock.advance(5)
    assert unit_of("C") == "Splinter"
