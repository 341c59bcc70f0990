"""Rolls and cuts from the set: one take for all who see it, and none for a lamp that only flickers."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from onset.capture.set_rules import Rule, rules_of
from onset.capture.signals import Proposed
from onset.config import parse_config
from onset.domain.camera import Angle
from onset.domain.take import State
from onset.errors import ConfigError, RefusedError
from tests.onset.capture.decks_on_set import Make, a_set
from tests.onset.capture.pretend import DAY_NS

__all__ = ["a_set"]

_START = Rule(roll="start", camera="DECK")


def test_a_lamp_rolls_a_take_although_nobody_trusts_it(a_set: Make) -> None:
    at = a_set(DECK=Rule(camera="DECK"))
    at.says("record")
    at.later(1)
    assert at.takes == []
    assert at.proposals == [("DECK", "roll")]
    at.says("stop")
    at.later(0.01)
    assert at.proposals == [], "the lamp is off"


def test_the_roll_has_the_moment_of_the_service_and_not_of_the_lamp(a_set: Make) -> None:
    at = a_set(DECK=_START)
    at.says("record", ago=0.05)
    lit_ns = at.on_set.clock.monotonic_ns() - 50_000_000
    at.later(0.3)
    (take,) = at.rolling
    assert (take.rolled_mono_ns, take.rolled_by, take.tc_in) == (lit_ns, "DECK", "10:00:00:00")
    assert take.rolled_ns == DAY_NS + lit_ns - 5_000_000_000_000
    assert at.on_set.orders("MIX") == ["Roll"]


def test_a_lamp_that_flickers_rolls(a_set: Make) -> None:
    at = a_set(DECK=_START)
    at.says("record")
    at.on_set.clock.advance(0.1)
    at.says("stop")
    at.later(2)
    assert at.takes == []


def test_two_decks_and_a_key_roll_three_takes(a_set: Make) -> None:
    at = a_set(DECK=_START, TWO=replace(_START, camera="TWO"))
    at.says("record")
    at.says("record", "TWO")
    at.on_set.clock.advance(0.15)
    at.log.rolls("42C", 1)
    at.later(0.3)
    at.later(10)
    assert [take.rolled_by for take in at.takes] == [""]
    assert at.proposals == []


def test_a_roll_that_a_key_was_quicker_with_is_an_error(a_set: Make) -> None:
    at = a_set(DECK=_START)
    at.says("record")
    at.on_set.clock.advance(0.3)
    at.on_set.session.turn(0)  # the roll waits for the log
    at.log.rolls("42C", 1)
    at.later(0.1)
    assert len(at.takes) == 1
    assert not [told for told in at.on_set.told if "refused" in told]


def test_the_take_is_cut_while_one_of_its_decks_still_records(a_set: Make) -> None:
    at = a_set(DECK=_START, TWO=replace(_START, camera="TWO"))
    at.says("record")
    at.later(0.5)
    at.says("record", "TWO")
    at.later(5)
    at.says("stop")
    at.later(5)
    assert len(at.rolling) == 1
    at.says("stop", "TWO")
    out_ns = at.on_set.clock.wall_ns()
    at.later(0.6)
    (take,) = at.takes
    assert (take.state, take.cut_ns, take.cut_by) == (State.CUT, out_ns, "TWO")


def test_a_deck_that_flickers_cuts_its_take(a_set: Make) -> None:
    at = a_set(DECK=_START)
    at.says("record")
    at.later(0.5)
    at.says("stop")
    at.on_set.clock.advance(0.3)
    at.says("record")
    at.later(3)
    assert len(at.rolling) == 1
    at.says("stop")
    at.later(0.6)
    assert at.rolling == [], "and it can still end it"


def test_a_deck_cuts_what_a_person_rolled(a_set: Make) -> None:
    at = a_set(DECK=_START)
    take = at.log.rolls("42C", 1)
    at.on_set.turn()
    at.says("record")
    at.later(1)
    at.says("stop")
    at.later(1)
    assert at.rolling == [at.log.on_paper[take.id]]
    assert at.proposals == [("DECK", "cut")]
    at.says("record")
    at.later(0.01)
    assert at.proposals == [], "it records again"


def test_a_trusted_deck_only_proposes_to_cut(a_set: Make) -> None:
    at = a_set(DECK=replace(_START, cuts=True))
    at.log.rolls("42C", 1)
    at.on_set.turn()
    at.says("record")
    at.later(1)
    at.says("stop")
    at.later(1)
    assert at.rolling == []


def test_a_service_that_starts_while_a_deck_records_rolls_a_take(a_set: Make) -> None:
    at = a_set(DECK=_START)
    at.says("record", first=True)
    at.later(1)
    assert at.takes == []
    assert at.proposals == [("DECK", "roll")]


def test_a_deck_whose_cable_was_out_cuts_at_a_moment_that_nobody_saw(a_set: Make) -> None:
    at = a_set(DECK=_START)
    at.says("record")
    at.later(1)
    at.on_set.live("DECK", "deck")
    at.on_set.session._from_set.went("DECK")
    at.later(20)
    assert len(at.rolling) == 1, "a cable is no cut"
    at.says("stop")
    at.later(1)
    assert len(at.rolling) == 1
    assert at.proposals == [("DECK", "cut")]


def test_a_deck_that_is_away_is_said_to_record(a_set: Make) -> None:
    at = a_set(DECK=Rule(camera="DECK"))
    at.says("record")
    at.later(1)
    at.on_set.session._from_set.went("DECK")
    at.later(1)
    assert at.proposals == []
    at.says("record", first=True)
    at.later(1)
    assert at.proposals == [("DECK", "roll")], "it is back, and records as it did"


def test_a_deck_that_came_back_and_still_records_begins_a_second_take(a_set: Make) -> None:
    at = a_set(DECK=_START)
    at.says("record")
    at.later(1)
    at.on_set.session._from_set.went("DECK")
    at.says("record", first=True)
    at.later(1)
    assert len(at.takes) == 1
    at.says("stop")
    at.later(1)
    assert at.rolling == [], "its end was seen"


def test_a_deck_that_records_past_the_cut_begins_the_next_take(a_set: Make) -> None:
    at = a_set(DECK=_START)
    take = at.log.rolls("42C", 1)
    at.on_set.turn()
    at.says("record")
    at.later(1)
    at.log.cuts(take)
    at.later(10)
    assert at.rolling == []
    assert at.proposals == []


def test_a_cut_of_one_unit_takes_the_proposal_of_another_away(a_set: Make) -> None:
    at = a_set(DECK=Rule(camera="DECK"), TWO=Rule(camera="TWO"))
    at.on_set.session._from_set._unit_of = lambda camera: "Second" if camera == "TWO" else "Main"
    take = at.log.rolls("42C", 1)
    at.on_set.turn()
    at.says("record", "TWO")
    at.later(1)
    assert at.proposals == [("TWO", "roll")]
    at.log.cuts(take)
    at.later(1)
    assert at.proposals == [("TWO", "roll")]


def test_a_deck_that_is_late_for_a_short_take_begins_the_next(a_set: Make) -> None:
    at = a_set(DECK=_START)
    take = at.log.rolls("42C", 1)
    at.on_set.turn()
    at.log.cuts(take)
    at.later(0.5)
    at.says("record")
    at.later(1)
    assert at.rolling == []
    assert at.proposals == [("DECK", "roll")]


def test_a_board_without_a_slate_is_asked_again_and_again(a_set: Make) -> None:
    at = a_set(DECK=_START)
    at.log.refuses = RefusedError("The board has no slate yet.")
    at.says("record")
    for _ in range(20):
        at.later(1)
    assert sum("no slate" in told for told in at.on_set.told) == 1
    assert at.proposals == [("DECK", "roll")]


def test_timecode_that_runs_all_day_rolls_all_day(a_set: Make) -> None:
    at = a_set(DECK=_START, MIX=Rule(roll="start", camera="MIX"))
    at.says("running", "MIX")
    at.later(1)
    assert (at.takes, at.proposals) == ([], [])


def test_timecode_that_runs_with_the_camera_is_not_heard(a_set: Make) -> None:
    at = a_set(MIX_ltc=Rule(roll="start", camera="MIX"))
    at.says("running", "MIX")
    at.later(1)
    assert [take.rolled_by for take in at.rolling] == ["MIX.ltc"]
    at.says("standing", "MIX")
    at.later(1)
    assert at.rolling == []


def test_a_mark_of_the_set_is_lost(a_set: Make) -> None:
    at = a_set(DECK=Rule(camera="DECK"))
    at.says("mark")
    take = at.log.rolls("42C", 1)
    at.on_set.turn()
    at.on_set.clock.advance(3)
    at.says("mark", ago=1.0)
    at.later(0.01)
    (mark,) = at.log.marks
    assert mark == (take.id, at.on_set.clock.monotonic_ns() - 1_010_000_000)


@pytest.mark.parametrize("known", ["at once", "with the end", "afterwards"])
def test_the_name_of_the_decks_clip_never_reaches_its_take(a_set: Make, known: str) -> None:
    at = a_set(DECK=Rule(roll="start", camera="A"))
    at.says("record", clip="A001_0007" if known == "at once" else "")
    at.later(1)
    (take,) = at.rolling
    at.says("stop", clip="A001_0007" if known == "with the end" else "")
    at.later(1)
    if known == "afterwards":
        at.says("named", clip="A001_0007")
        at.later(0.01)
    assert [(each.camera, each.clip_name) for each in at.log.on_paper[take.id].angles] == [("A", "A001_0007")]
    said = [event.detail for event in at.log.events if event.what == "records"]
    assert said[0].endswith("from 10:00:00:00 (25).")
    assert "A001_0007" in said[-1]


def test_a_clip_that_runs_on_past_the_cut_is_named_in_one_of_its_takes(a_set: Make) -> None:
    at = a_set(DECK=Rule(camera="A"))
    first = at.log.rolls("42C", 1)
    at.on_set.turn()
    at.says("record")
    at.later(1)
    at.log.cuts(first)
    at.later(1)
    second = at.log.rolls("42C", 2)
    at.later(1)
    at.says("stop", clip="A001_0007")
    at.later(1)
    names = [[each.clip_name for each in at.log.on_paper[take.id].angles] for take in (first, second)]
    assert names == [["A001_0007"], ["A001_0007"]]


def test_a_clip_of_no_take_is_said_of_the_take_before(a_set: Make) -> None:
    at = a_set(DECK=Rule(camera="A"))
    take = at.log.rolls("42C", 1)
    at.on_set.turn()
    at.says("record")
    at.later(1)
    at.says("stop")
    at.later(1)
    at.log.cuts(take)
    at.later(9)
    at.says("record")
    at.later(1)
    at.says("stop", clip="TEST")
    at.later(1)
    assert [each.clip_name for each in at.log.on_paper[take.id].angles] == []
    assert not [event for event in at.log.events if "TEST" in event.detail]


def test_a_deck_that_numbers_the_name_it_was_given_is_not_believed(a_set: Make) -> None:
    at = a_set(DECK=Rule(camera="A"))
    take = at.log.rolls("42C", 1)
    at.on_set.turn()
    at.says("record", clip="42C-1_DECK")
    at.later(1)
    at.says("named", clip="42C-1_DECK_0001.mov")
    at.later(1)
    assert [each.clip_name for each in at.log.on_paper[take.id].angles] == ["42C-1_DECK_0001.mov"]


def test_a_name_that_a_person_typed_is_written_over(a_set: Make) -> None:
    at = a_set(DECK=Rule(camera="A"))
    take = at.log.rolls("42C", 1, {"angles": (Angle(camera="A", clip_name="A014C003"),)})
    at.on_set.turn()
    at.says("record", clip="A001_0007")
    at.later(1)
    assert [each.clip_name for each in at.log.on_paper[take.id].angles] == ["A014C003"]


def test_the_screens_hear_nothing_of_a_proposal(a_set: Make) -> None:
    at = a_set(DECK=Rule(camera="DECK"))
    at.says("record")
    at.later(0.3)
    slots = [slot for slot in at.on_set.slots if isinstance(slot, Proposed)]
    assert [each.what for each in slots[-1].proposals] == ["roll"]


# -- the configuration ------------------------------------------------------------------------------------------------

_TOML = """
[production]
title = "T"
rate = "25"
[capture]
{capture}
[[device]]
name = "DECK"
kind = "hyperdeck"
{deck}
[[device]]
name = "MIX"
kind = "sim-mixer"
"""


def _rules(capture: str = "", deck: str = "") -> dict[str, Rule]:
    return rules_of(parse_config(_TOML.format(capture=capture, deck=deck), Path("/production")))


def test_a_device_may_more_than_the_configuration_says() -> None:
    assert _rules() == {"DECK": Rule(camera="DECK"), "MIX": Rule(camera="MIX")}
    rules = _rules('roll_from = ["MIX.ltc"]\nroll_from_set = "start"', 'camera = "A"\nfollow = true')
    assert rules == {
        "DECK": Rule("off", camera="A", follows=True),
        "MIX": Rule("off", camera="MIX"),
        "MIX.ltc": Rule("start", camera="MIX"),
    }
    assert _rules(deck='roll_from_set = "start"\ncut_from_set = "cut"')["DECK"] == Rule("start", True, "DECK")


@pytest.mark.parametrize(
    ("capture", "complaint"),
    [
        ('roll_from = ["DECKS"]', r'\[capture\] roll_from names no device: "DECKS"; it may have DECK, DECK.ltc, MIX'),
        ('roll_from_set = "begin"', r"must be one of propose, start"),
    ],
)
def test_a_misspelt_word_turns_the_trust_off(capture: str, complaint: str) -> None:
    with pytest.raises(ConfigError, match=complaint):
        _rules(capture)
