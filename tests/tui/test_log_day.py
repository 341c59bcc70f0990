"""What stands around the takes on the Log screen: numbers against the plan, planned setups, the first keys."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from onset.domain.scene import Coverage, OwedKind
from onset.domain.take import Kind, State, Status
from onset.logbook.protocol import Logbook
from onset.logbook.terms import Next
from tests.onset.reports.a_day import a_take
from tests.tui.support import Set, at_work
from tui.day_tally import DayTally, Part, fitted
from tui.widgets.first_run import FirstRun
from tui.widgets.lines import WrappedLine


def _a_planned_day(log: Logbook) -> None:
    log.set_scene("42", {"eighths": 12, "estimate_s": 90})
    log.set_scene("43", {"eighths": 8, "estimate_s": 60})
    log.plan(1, [("42", None)])
    log.plan(1, [("43", None)], eighths=4)  # half of it: half of its time
    log.plan_setup("over Tom", {"size": "OTS"}, scene="42")
    log.plan_setup("the letter", {}, scene="42")
    log.plan_setup("gulls", {}, scene="43")


async def test_log_without_a_take_names_the_first_keys_and_planned_setups_are_ticked_as_they_are_shot(
    tmp_path: Path,
) -> None:
    place = Set(tmp_path)
    log = place.open()
    try:
        _a_planned_day(log)
    finally:
        log.close()
    async with at_work(place) as at:
        first, planned = at.log.query_one(FirstRun), at.log.query_one("#planned", WrappedLine)
        await at.until(lambda: first.display)
        assert "No take is logged yet." in at.drawn()
        await at.press("question_mark")
        assert not first.display  # it is not in the way of the keys
        await at.press("question_mark")
        assert planned.text == "planned for 42, 0 of 2 shot: +1 over Tom OTS; +2 the letter"
        assert "pages 0 of 2  credited 0:00 of 2:00" in at.line("#totals")

        await at.press("s")
        assert '+: planned "over Tom OTS"' in at.log.entry.field.placeholder
        await at.type("+the")
        await at.press("enter")
        assert at.status == "Next is 42A/1: the letter."  # 42A was nobody's yet
        await at.press("space")
        at.later(8)
        await at.press("space")
        await at.until(lambda: planned.text == "planned for 42, 1 of 2 shot: +1 over Tom OTS; ✓42A")
        assert not first.display
        await at.press("s")
        await at.type("+")
        await at.press("enter")
        assert at.status == "Next is 42B/1: over Tom OTS. Undo takes back one after the other."
        await at.press("s")
        await at.type("+7")
        await at.press("enter")
        assert at.status == "Which planned setup of scene 42? +1 42B over Tom OTS."
        await at.press("escape")

        log = place.open(role="dit")
        try:
            log.credit("42", Coverage.PART, eighths=6, seconds=40)
            log.owe(OwedKind.INSERT, "the letter", scene="42")
            await at.until(lambda: "owed 1" in at.line("#totals"))
            assert "pages 6/8 of 2  credited 0:40 of 2:00  owed 1" in at.line("#totals")
            assert "circled time" not in at.line("#totals")  # no room in 80 columns; nothing is cut
            log.set_next(Next(scene="43", slate="43A"))
            await at.until(lambda: planned.text == "planned for 43, 0 of 1 shot: +1 gulls")
            log.set_next(Next(scene="44", slate="44A"))
            await at.until(lambda: not planned.display)
        finally:
            log.close()


def test_what_matters_least_gives_way_where_there_is_no_room() -> None:
    parts = [Part("day 3", 1), Part("takes 12"), Part("circled time 6:12", 2), Part("interrupted 1")]
    assert fitted(parts, 80) == "day 3  takes 12  circled time 6:12  interrupted 1"
    assert fitted(parts, 40) == "day 3  takes 12  interrupted 1"
    assert fitted(parts, 5) == "takes 12  interrupted 1"


def test_day_that_is_counted_take_by_take_comes_to_what_its_takes_are_now() -> None:
    one, two = a_take("42/1", status=Status.CIRCLED), a_take("42/2", state=State.ROLLING)
    apart = a_take("42A/1", kind=Kind.WILD_TRACK)
    now = [replace(each, id=each.label, day=3, duration_frames=90 * 24, runs=()) for each in (one, two, apart)]
    tally = DayTally(3, now)
    assert _words(tally) == "day 3 setups 1 takes 2 circled 1 circled time 1:30 wild tracks 1"
    for number, change in (
        (1, {"state": State.INTERRUPTED}),
        (1, {"state": State.CUT, "status": Status.CIRCLED}),
        (0, {"slate": "43"}),
        (2, {"kind": Kind.NORMAL}),
        (0, {"status": Status.NG}),
        (1, {"kind": Kind.FALSE_START}),
        (2, {"deleted": True}),
        (0, {"day": 4}),
        (2, {"deleted": False, "status": Status.CIRCLED}),
    ):
        now[number] = replace(now[number], **change)
        tally.put(now[number])
        assert tally.parts() == DayTally(3, now).parts(), change
    assert _words(tally) == "day 3 setups 1 takes 1 circled 1 circled time 1:30"  # one is another day's, one no take


def _words(tally: DayTally) -> str:
    return " ".join(part.text for part in tally.parts())
