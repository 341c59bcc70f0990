"""One log's edits in another: whole, whichever comes first, and refused seat by seat where something is wrong."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import ExitStack, closing
from dataclasses import replace
from pathlib import Path

import pytest

from logging_db import schema
from logging_db.chains import look_at_chains
from logging_db.logbook import SqliteLogbook
from logging_db.sqlite_library import connect
from logging_db.taking_in import edits_after, take_in, vector
from onset.changes import GENESIS, Change, Edit, chained, new_id
from onset.clock import ManualClock
from onset.errors import LogError
from onset.logbook.as_json import Json, take_json
from onset.logbook.edit_lines import edit_of, line_of
from onset.logbook.merging import Fault, TakenIn
from onset.logbook.terms import Next, TakeFilter
from tests.logging_db.support import NOON, OnSet, apart, assert_projections_are_a_rebuild

DAY_NS = 86_400_000_000_000
LINES = list[tuple[Edit, bytes]]


@pytest.fixture
def two(tmp_path: Path) -> Iterator[tuple[OnSet, OnSet]]:
    """Maya's and Ben's logs of one production, apart."""
    with ExitStack() as stack:
        maya, ben = stack.enter_context(apart(tmp_path, 2))
        yield maya, ben


def pulled(to: OnSet, frm: OnSet) -> TakenIn:
    here = to.log._writer
    return take_in(here, edits_after(frm.log._writer, vector(here)), to.clock.wall_ns())


def state(log: SqliteLogbook) -> dict[str, Json]:
    """All takes, whatever order they arrived in."""
    return {take.id: take_json(take) for take in log.takes(TakeFilter(limit=None, deleted=True))}


def test_what_one_seat_logged_is_there_for_the_other(two: tuple[OnSet, OnSet]) -> None:
    maya, ben = two
    maya.log.set_next(Next(slate="42C", cameras={"A": True}))
    take = maya.shoot()
    maya.log.note(take.id, "boom in shot")
    maya.log.tag(take.id, add=["stunt"])
    maya.log.rate_take(take.id, "director", "4")
    came = pulled(ben, maya)
    assert (came.edits, came.things["take"], came.things["note"], came.refused) == (6, 1, 1, ())
    assert ben.log.take(take.id) is not None
    assert state(ben.log) == state(maya.log)
    assert [found.id for found in ben.log.takes(TakeFilter(text="boom in sh"))] == [take.id]
    assert pulled(ben, maya) == TakenIn()
    assert look_at_chains(ben.log._writer).findings == ()


def test_either_order_gives_the_same(two: tuple[OnSet, OnSet]) -> None:
    maya, ben = two
    maya.log.set_next(Next(slate="1"))
    take = maya.shoot()
    pulled(ben, maya)
    for on_set, status in ((maya, "circled"), (ben, "ng")):
        on_set.log.set_take(take.id, {"status": status})
        on_set.log.note(take.id, f"said {status}")
    pulled(maya, ben)
    pulled(ben, maya)
    assert state(maya.log) == state(ben.log)
    assert vector(maya.log._writer) == vector(ben.log._writer)
    conflicts = [log.conflicts() for log in (maya.log, ben.log)]
    assert [[(one.field, set(one.values)) for one in found] for found in conflicts] == [
        [("status", {"circled", "ng"})]
    ] * 2


def test_taking_in_makes_no_edit_of_its_own(two: tuple[OnSet, OnSet]) -> None:
    maya, ben = two
    maya.log.set_next(Next(slate="1"))
    maya.shoot()
    pulled(ben, maya)
    assert vector(ben.log._writer) == vector(maya.log._writer)
    assert pulled(maya, ben) == TakenIn()


def test_feed_delivers_what_was_taken_in(two: tuple[OnSet, OnSet]) -> None:
    maya, ben = two
    feed = ben.log.feed()
    maya.log.set_next(Next(slate="1"))
    take = maya.shoot()
    pulled(ben, maya)
    assert take.id in {change.take_id for change in feed.poll()}


def shot(on_set: OnSet, count: int = 3) -> LINES:
    """Edits of a log as they would travel."""
    on_set.log.set_next(Next(slate="1"))
    for _ in range(count):
        on_set.shoot()
    return [edit_of(line_of(edit, hash)) for edit, hash in edits_after(on_set.log._writer, {})]


@pytest.mark.parametrize(
    ("spoil", "fault"),
    [
        (lambda edits: edits.pop(-3), Fault.GAP),
        (lambda edits: edits.__setitem__(-2, (replace(edits[-2][0], author="Eve"), edits[-2][1])), Fault.ALTERED),
        (lambda edits: edits.__setitem__(-2, (edits[-2][0], bytes(32))), Fault.ALTERED),
        (lambda edits: edits.__setitem__(-2, (replace(edits[-2][0], hlc=-1), edits[-2][1])), Fault.ALTERED),
        (lambda edits: edits.__setitem__(-2, (replace(edits[-2][0], author="\ud800"), edits[-2][1])), Fault.ALTERED),
    ],
)
def test_broken_chain_is_refused_from_there_on_and_named(two: tuple[OnSet, OnSet], spoil: object, fault: Fault) -> None:
    maya, ben = two
    edits = shot(maya)
    assert callable(spoil)
    spoil(edits)
    came = take_in(ben.log._writer, edits, NOON)
    (refused,) = came.refused
    assert (refused.fault, refused.seat) == (fault, maya.log.seat.id)
    assert refused.sentence
    before_it = refused.seq - 1
    assert vector(ben.log._writer)[bytes.fromhex(maya.log.seat.id)] == before_it
    assert look_at_chains(ben.log._writer).findings == ()


def test_two_copies_that_went_on_as_one_seat_are_refused_by_name(two: tuple[OnSet, OnSet]) -> None:
    maya, ben = two
    edits = shot(maya)
    take_in(ben.log._writer, edits, NOON)
    last, _ = edits[-1]
    before = edits[-2][1] if edits[-2][0].seat == last.seat else GENESIS
    other = replace(last, author="the clone")
    came = take_in(ben.log._writer, [(other, chained(before, other))], NOON)
    (refused,) = came.refused
    assert (refused.fault, refused.name, refused.seq) == (Fault.FORKED, maya.log.seat.name, last.seq)
    assert state(ben.log) == state(maya.log)


def test_other_seats_go_on_when_one_is_refused(tmp_path: Path) -> None:
    with apart(tmp_path, 3) as (maya, ben, kim):
        shot(ben)
        kept = shot(kim)
        pulled(maya, ben)
        came = take_in(maya.log._writer, [*shot(ben, 2)[:-2], *kept], NOON)
        spoilt = [(replace(edit, author="Eve") if edit.seat != kept[-1][0].seat else edit, h) for edit, h in kept]
        assert came.refused == ()
        assert take_in(maya.log._writer, spoilt, NOON).edits == 0
        assert {take["id"] for take in state(kim.log).values() if isinstance(take, dict)} <= state(maya.log).keys()


def test_edit_waits_for_what_it_builds_on(tmp_path: Path) -> None:
    """Ben noted and circled Maya's take; of Maya's edits the middle is missing here."""
    with apart(tmp_path, 3) as (maya, ben, kim):
        maya.log.set_next(Next(slate="1"))
        first = maya.shoot()
        pulled(ben, maya)
        pulled(kim, maya)
        second = maya.shoot()
        maya.log.set_take(second.id, {"status": "hold"})
        pulled(ben, maya)
        ben.log.note(first.id, "free of the gap")
        ben.log.set_take(second.id, {"status": "circled"})
        ben.log.note(first.id, "after it")
        edits = list(edits_after(ben.log._writer, vector(kim.log._writer)))
        gap = next(place for place, (edit, _) in enumerate(edits) if edit.verb == "roll")
        came = take_in(kim.log._writer, edits[:gap] + edits[gap + 1 :], NOON)
        assert {refused.fault for refused in came.refused} == {Fault.GAP, Fault.WAITS}
        after = kim.log.take(first.id)
        assert after is not None
        assert [note.text for note in after.notes] == ["free of the gap"]
        assert take_in(kim.log._writer, edits, NOON).refused == ()
        assert state(kim.log) == state(ben.log)


def test_note_may_come_before_its_take(two: tuple[OnSet, OnSet]) -> None:
    ben = two[1]
    take_id, note_id, seat = (new_id(NOON) for _ in range(3))
    note = Edit(
        seat, 1, NOON >> 4, "Kim", NOON, "note", None,
        (Change("note", note_id, "take", take_id), Change("note", note_id, "text", "early")),
    )  # fmt: skip
    take_in(ben.log._writer, [(note, chained(GENESIS, note))], NOON)
    assert ben.log.takes() == []
    rolled = Edit(
        maya_seat := new_id(NOON), 1, NOON >> 4, "Maya", NOON, "roll", None,
        (Change("take", take_id, "slate", "9"), Change("take", take_id, "take", "1")),
    )  # fmt: skip
    came = take_in(ben.log._writer, [(rolled, chained(GENESIS, rolled))], NOON)
    assert (came.refused, came.things) == ((), {})
    found = ben.log.find_take("9/1")
    assert (found.id, [one.text for one in found.notes]) == (take_id.hex(), ["early"])
    assert maya_seat in vector(ben.log._writer)


@pytest.mark.parametrize(
    "changes",
    [
        (Change("note", bytes(15), "text", "x"),),
        (Change("take", bytes(16), "slate", "x"), Change("note", bytes(16), "text", "x")),
    ],
)
def test_edit_that_no_log_can_hold_is_refused(two: tuple[OnSet, OnSet], changes: tuple[Change, ...]) -> None:
    ben = two[1]
    edit = Edit(new_id(NOON), 1, NOON >> 4, "Eve", NOON, "set", None, changes)
    (refused,) = take_in(ben.log._writer, [(edit, chained(GENESIS, edit))], NOON).refused
    assert refused.fault is Fault.UNFIT


def test_fields_of_a_newer_version_are_kept_and_passed_on(tmp_path: Path) -> None:
    with apart(tmp_path, 3) as (maya, ben, kim):
        take = new_id(NOON)
        edit = Edit(
            new_id(NOON), 1, NOON >> 4, "Zoe", NOON, "sketch", None,
            (
                Change("take", take, "slate", "7"),
                Change("take", take, "take", "1"),
                Change("take", take, "smell", "of fish"),
                Change("hologram", new_id(NOON), "take", take),
                Change("take", take, "status", 2.5),  # the newer one keeps a number there
            ),
            schema=schema.VERSION + 1,
        )  # fmt: skip
        take_in(maya.log._writer, [(edit, chained(GENESIS, edit))], NOON)
        pulled(ben, maya)
        pulled(kim, ben)
        passed = [each for each, _ in edits_after(kim.log._writer, {}) if each.author == "Zoe"]
        assert passed == [edit]
        assert kim.log.find_take("7/1").status == "none"


def test_clock_a_day_ahead_is_told_on_both_sides_and_drags_nobody(two: tuple[OnSet, OnSet]) -> None:
    maya, ben = two
    assert isinstance(ben.clock, ManualClock)
    maya.log.set_next(Next(slate="1"))
    take = maya.shoot()
    pulled(ben, maya)
    ben.clock.set_wall(NOON + DAY_NS)
    ben.log.set_take(take.id, {"status": "ng"})
    (clock,) = pulled(maya, ben).clocks
    assert (clock.name, clock.ahead_of) == (ben.log.seat.name, "")
    assert DAY_NS // 10**9 - 11 < clock.ahead_s < DAY_NS // 10**9
    assert maya.log.set_take(take.id, {"status": "circled"}).status == "circled"
    newest = max(edit.hlc >> 16 for edit, _ in edits_after(maya.log._writer, {}) if edit.author == maya.log.seat.name)
    assert newest <= maya.clock.wall_ns() // 10**6 + 300_001
    (clock,) = pulled(ben, maya).clocks
    assert (clock.name, clock.ahead_of) == (ben.log.seat.name, maya.log.seat.name)
    assert clock.ahead_s > DAY_NS // 10**9 - 100
    assert ben.log.find_take(take.id).status == "circled"


def test_reading_that_breaks_off_leaves_a_whole_log(two: tuple[OnSet, OnSet]) -> None:
    maya, ben = two
    edits = shot(maya, 30)

    def torn() -> Iterator[tuple[Edit, bytes]]:
        yield from edits[:50]
        raise LogError("the stick was pulled")

    with pytest.raises(LogError, match="pulled"):
        take_in(ben.log._writer, torn(), NOON)
    assert_projections_are_a_rebuild(ben.log)
    pulled(ben, maya)
    assert state(ben.log) == state(maya.log)


def test_edits_of_many_batches_in_random_portions(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("logging_db.taking_in._BATCH", 7)
    monkeypatch.setattr("logging_db.taking_in._PAGE", 5)
    with apart(tmp_path, 2) as (maya, ben):
        maya.log.set_next(Next(slate="1"))
        chance = random.Random(7)
        for _ in range(30):
            take = maya.shoot()
            maya.log.note(take.id, "good")
            if chance.random() < 0.3:
                pulled(ben, maya)
                ben.log.set_take(take.id, {"description": "wide"})
            if chance.random() < 0.3:
                pulled(maya, ben)
        pulled(ben, maya)
        pulled(maya, ben)
        assert state(maya.log) == state(ben.log)


def test_damaged_rows_are_told_as_damage(tmp_path: Path) -> None:
    path = tmp_path / "x.db"
    with closing(connect(path)) as broken:
        broken.execute("CREATE TABLE seat_id (id, uid)")
        broken.execute("CREATE TABLE edit (arrival, seat, seq)")
        broken.execute("INSERT INTO seat_id VALUES (1, 'no id')")
        with pytest.raises(LogError, match="damaged"):
            list(edits_after(broken, {}))
