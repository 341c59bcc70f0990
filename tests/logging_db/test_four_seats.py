"""Four laptops apart, with clocks that are wrong, that meet now and then: dictionaries say what each log must show.

The model knows events and who has seen which. It is written from the rules that people are told (docs/merging.md), not
from the code: of a field stands what nobody who saw it replaced; of several, the later one by the clocks.
"""

from __future__ import annotations

import tempfile
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule

from logging_db.chains import look_at_chains
from logging_db.taking_in import edits_after, take_in, vector
from onset.changes import derived_id
from onset.domain.take import Take
from onset.errors import RefusedError
from onset.logbook.merging import Pick
from onset.logbook.terms import TakeFilter
from tests.logging_db.support import NOON, OnSet, apart

SEATS = 4
SKEWS_S = (0, 5, 3_600, 86_400, -86_400, 365 * 86_400)
FIVE_MINUTES_MS = 300_000
Key = tuple[str, str]  # id of a take or note, field

WORDS = ("wide", "KITCHEN", "PIER", "crane", "dolly", "zoom", "prime")


def scene_id(number: str) -> str:
    return derived_id("scene", "", number).hex()


def setup_id(slate: str) -> str:
    return derived_id("setup", "", slate).hex()


def camera_id(slate: str) -> str:
    return derived_id("camera_setup", setup_id(slate), "A").hex()


AROUND = (
    *((scene_id(number), "heading") for number in ("1", "2")),
    *((setup_id(slate), "description") for slate in ("1", "2A")),
    *((camera_id(slate), "lens") for slate in ("1", "2A")),
)

seats = st.integers(0, SEATS - 1)
picks = st.integers(0, 40)


@dataclass(frozen=True)
class Event:
    """One value that somebody gave a field, or several that were brought back beside each other."""

    number: int
    key: Key
    values: tuple[object, ...]
    replaces: frozenset[int]
    order: tuple[int, str]
    origin: int  # the edit whose value it is; an undo gives it back to the one before


@dataclass
class Done:
    """An edit that its seat can take back."""

    number: int
    take: str
    event: Event
    before: tuple[object, ...]
    origin_before: int
    against: tuple[object, ...] = ()  # what others said of it, and what therefore stands while it is undone


@dataclass
class Place:
    """What one laptop knows."""

    known: set[int] = field(default_factory=set)
    clocks: set[int] = field(default_factory=set)  # hybrid times that it has seen
    own: int = 0
    takes: dict[str, str] = field(default_factory=dict)  # id to label
    notes: dict[str, str] = field(default_factory=dict)  # id to the take's
    done: list[Done] = field(default_factory=list)
    undone: list[Done] = field(default_factory=list)


def _as_shot(take: Take) -> tuple[int, int, str]:
    """What people are told: by day, by the moment it rolled, and then the same everywhere."""
    return take.day, take.rolled_ns, take.id


class FourSeats(RuleBasedStateMachine):
    """The logs in memory beside the dictionaries."""

    def __init__(self) -> None:
        super().__init__()
        self.stack = ExitStack()
        self.sets: tuple[OnSet, ...] = self.stack.enter_context(apart(Path(tempfile.gettempdir()), SEATS))
        self.places = [Place() for _ in range(SEATS)]
        self.events: dict[int, Event] = {}
        self.edits = 0
        self.begin()

    def begin(self) -> None:
        """The first take is there before they part."""
        log = self.sets[0].log
        take = log.add_take(slate="1", take=None, stamp=self.sets[0].stamp())
        for place in self.places:
            place.takes[take.id] = take.label
        newest = [edit for edit, _ in edits_after(log._writer, {})]
        self.edit_of(0, {(take.id, "status"): "none", (take.id, "scene"): take.scene}, hlc=newest[-1].hlc)
        for to in range(1, SEATS):
            self.pull(to, 0)

    # -- the model ----------------------------------------------------------------------------------------------------

    def heads(self, seat: int, key: Key) -> list[Event]:
        """What stands for a field on a laptop, the one that is shown first."""
        known = [self.events[n] for n in self.places[seat].known if self.events[n].key == key]
        replaced = {n for event in known for n in event.replaces}
        standing = [event for event in known if event.number not in replaced]
        keeps = key[1] == "deleted"
        return sorted(standing, key=lambda one: (keeps and one.values[0] != 1, one.order), reverse=True)

    def value(self, seat: int, key: Key) -> object:
        standing = self.heads(seat, key)
        return standing[0].values[0] if standing else None

    def conflicting(self, seat: int, key: Key) -> list[object]:
        return list(dict.fromkeys(value for event in self.heads(seat, key) for value in event.values))

    def tick(self, seat: int) -> int:
        place, wall_ms = self.places[seat], self.sets[seat].clock.wall_ns() // 1_000_000
        believable = ((wall_ms + FIVE_MINUTES_MS) << 16) | 0xFFFF
        seen = max((time for time in place.clocks if time <= believable), default=0)
        return max(wall_ms << 16, max(seen, place.own) + 1)

    def edit_of(
        self, seat: int, values: dict[Key, object], *, hlc: int | None = None, origin: int | None = None
    ) -> dict[Key, Event]:
        """An edit: every value takes the place of all that its author's laptop knew."""
        place = self.places[seat]
        hlc = self.tick(seat) if hlc is None else hlc
        place.own = hlc
        place.clocks.add(hlc)
        self.edits += 1
        made: dict[Key, Event] = {}
        order = (hlc, self.sets[seat].log.seat.id)
        for key, value in values.items():
            number = len(self.events) + 1
            given = value if isinstance(value, tuple) else (value,)
            replaces = frozenset(event.number for event in self.heads(seat, key))
            made[key] = self.events[number] = Event(number, key, given, replaces, order, origin or self.edits)
        place.known |= {event.number for event in made.values()}
        return made

    def with_stay(self, seat: int, take: str, values: dict[Key, object]) -> dict[Key, object]:
        """Who says something of a take wants it to stay, unless it is deleted or that is an open question."""
        key = (take, "deleted")
        if not take or key in values or 1 in self.conflicting(seat, key):
            return values
        return {**values, key: 0}

    def said(self, seat: int, take: str, key: Key, value: object, *, resolves: bool = False) -> None:
        """An edit of one field that its seat can take back."""
        standing = self.heads(seat, key)
        before = tuple(self.conflicting(seat, key)) or (None,)
        origin_before = standing[0].origin if standing else 0
        if value == before[0] and not resolves:
            return
        made = self.edit_of(seat, self.with_stay(seat, take, {key: value}))
        place = self.places[seat]
        place.done.append(Done(self.edits, take, made[key], before, origin_before))
        place.undone.clear()

    def pick(self, seat: int, number: int) -> str:
        ids = sorted(self.places[seat].takes)
        return ids[number % len(ids)]

    # -- what seats do ------------------------------------------------------------------------------------------------

    @rule(seat=seats, skew=st.sampled_from(SKEWS_S))
    def clock_is_set(self, seat: int, skew: int) -> None:
        clock = self.sets[seat].clock
        clock.set_wall(NOON + skew * 1_000_000_000 + clock.monotonic_ns())

    @rule(seat=seats, seconds=st.sampled_from([0.0, 0.5, 30.0, 4_000.0]))
    def time_passes(self, seat: int, seconds: float) -> None:
        self.sets[seat].clock.advance(seconds)

    @rule(seat=seats, slate=st.sampled_from(["1", "2A"]))
    def add(self, seat: int, slate: str) -> None:
        on_set, place = self.sets[seat], self.places[seat]
        here = [take for take in place.takes if self.value(seat, (take, "deleted")) != 1]
        taken = [int(place.takes[take].split("/")[1]) for take in here if place.takes[take].startswith(f"{slate}/")]
        take = on_set.log.add_take(slate=slate, take=None, stamp=on_set.stamp())
        assert take.label == f"{slate}/{max(taken, default=0) + 1}"
        place.takes[take.id] = take.label
        self.edit_of(seat, {(take.id, "status"): "none", (take.id, "scene"): take.scene})
        place.done.clear()  # what lies below it is not taken back here
        place.undone.clear()

    @rule(seat=seats, number=picks, status=st.sampled_from(["circled", "ng", "hold", "none"]))
    def mark_status(self, seat: int, number: int, status: str) -> None:
        take = self.pick(seat, number)
        self.sets[seat].log.set_take(take, {"status": status})
        self.said(seat, take, (take, "status"), status)

    @rule(seat=seats, number=picks, words=st.sampled_from(["wide", "tight", None]))
    def describe(self, seat: int, number: int, words: str | None) -> None:
        take = self.pick(seat, number)
        self.sets[seat].log.set_take(take, {"description": words})
        self.said(seat, take, (take, "description"), words)

    @rule(seat=seats, number=picks, scene=st.sampled_from(["1", "2"]))
    def belongs_to(self, seat: int, number: int, scene: str) -> None:
        take = self.pick(seat, number)
        self.sets[seat].log.set_take(take, {"scene": scene})
        self.said(seat, take, (take, "scene"), scene)

    @rule(seat=seats, number=st.sampled_from(["1", "2"]), heading=st.sampled_from(["INT. KITCHEN", "EXT. PIER"]))
    def head_scene(self, seat: int, number: str, heading: str) -> None:
        self.sets[seat].log.set_scene(number, {"heading": heading})
        self.said_around(seat, (scene_id(number), "heading"), heading)

    @rule(seat=seats, slate=st.sampled_from(["1", "2A"]), words=st.sampled_from(["crane up", "dolly in"]))
    def describe_setup(self, seat: int, slate: str, words: str) -> None:
        self.sets[seat].log.set_setup(slate, {"description": words})
        self.said_around(seat, (setup_id(slate), "description"), words)

    @rule(seat=seats, slate=st.sampled_from(["1", "2A"]), lens=st.sampled_from(["zoom", "prime"]))
    def put_on_lens(self, seat: int, slate: str, lens: str) -> None:
        self.sets[seat].log.set_setup(slate, {}, cameras={"A": {"lens": lens}})
        self.said_around(seat, (camera_id(slate), "lens"), lens)

    def said_around(self, seat: int, key: Key, value: str) -> None:
        """An edit of what is no take; its seat can take it back, but not that the thing is there."""
        if self.heads(seat, key):
            self.said(seat, "", key, value)
            return
        self.edit_of(seat, {key: value})
        self.places[seat].done.clear()
        self.places[seat].undone.clear()

    @rule(seat=seats, number=picks)
    def note(self, seat: int, number: int) -> None:
        take = self.pick(seat, number)
        note = self.sets[seat].log.note(take, "boom")
        self.places[seat].notes[note.id] = take
        self.said(seat, take, (note.id, "there"), True)

    @rule(seat=seats, number=picks)
    def delete(self, seat: int, number: int) -> None:
        take = self.pick(seat, number)
        self.sets[seat].log.delete(take)
        self.said(seat, take, (take, "deleted"), 1)

    @rule(seat=seats, number=picks)
    def restore(self, seat: int, number: int) -> None:
        take = self.pick(seat, number)
        self.sets[seat].log.restore(take)
        if self.value(seat, (take, "deleted")) == 1:
            self.said(seat, take, (take, "deleted"), 0)

    @rule(seat=seats, number=picks, which=picks)
    def resolve(self, seat: int, number: int, which: int) -> None:
        found = {key: said for key, said in self.open_conflicts(seat).items() if key[0] in self.places[seat].takes}
        if not found:
            take = self.pick(seat, number)
            with pytest.raises(RefusedError, match="not in conflict"):
                self.sets[seat].log.resolve([Pick(entity="take", entity_id=take, field="status", value="ng")])
            return
        key, values = sorted(found.items())[number % len(found)]
        value = sorted(values, key=str)[which % len(values)]
        assert value is None or isinstance(value, int | str)
        self.sets[seat].log.resolve([Pick(entity="take", entity_id=key[0], field=key[1], value=value)])
        self.said(seat, key[0], key, value, resolves=True)

    @rule(seat=seats)
    def undo(self, seat: int) -> None:
        place = self.places[seat]
        if not place.done:
            return
        done = place.done[-1]
        standing = self.heads(seat, done.event.key)
        if standing[0].origin != done.event.origin:
            return  # somebody else's stands; test_log_against_a_model.py says what undo does then
        place.done.pop()
        others = [value for value in self.conflicting(seat, done.event.key) if value != done.event.values[0]]
        if done.event.key[1] == "deleted":
            others = []
        self.sets[seat].log.undo(wall_ns=self.sets[seat].clock.wall_ns())
        self.turned(seat, done, tuple(others) or done.before, done.origin_before)
        place.undone.append(replace(done, against=tuple(value for value in others if value not in done.before)))

    @rule(seat=seats)
    def redo(self, seat: int) -> None:
        place = self.places[seat]
        if not place.undone:
            return
        done = place.undone[-1]
        standing = self.heads(seat, done.event.key)
        if standing[0].origin != done.origin_before:
            return
        place.undone.pop()
        self.sets[seat].log.redo(wall_ns=self.sets[seat].clock.wall_ns())
        self.turned(seat, done, (*done.event.values, *done.against), done.event.origin)
        place.done.append(replace(done, against=()))

    def turned(self, seat: int, done: Done, values: tuple[object, ...], origin: int) -> None:
        key = done.event.key
        made = self.with_stay(seat, done.take, {key: values})
        if (done.take, "deleted") in made and key[1] != "deleted":
            self.edit_of(seat, {(done.take, "deleted"): 0, key: values}, origin=origin)
        else:
            self.edit_of(seat, {key: values}, origin=origin)

    @rule(to=seats, frm=seats)
    def pull(self, to: int, frm: int) -> None:
        if to == frm:
            return
        here, there = self.sets[to].log._writer, self.sets[frm].log._writer
        taken = take_in(here, edits_after(there, vector(here)), self.sets[to].clock.wall_ns())
        assert taken.refused == ()
        mine, theirs = self.places[to], self.places[frm]
        mine.known |= theirs.known
        mine.clocks |= theirs.clocks
        mine.takes |= theirs.takes
        mine.notes |= theirs.notes
        self.agree(to)

    # -- what must be true --------------------------------------------------------------------------------------------

    def open_conflicts(self, seat: int) -> dict[Key, set[object]]:
        names = ("status", "description", "scene", "deleted")
        keys = [*((take, name) for take in self.places[seat].takes for name in names), *AROUND]
        found = {key: set(self.conflicting(seat, key)) for key in keys}
        return {key: values for key, values in found.items() if len(values) > 1}

    def agree(self, seat: int) -> None:
        """The log shows what the dictionaries say."""
        log, place = self.sets[seat].log, self.places[seat]
        listed = log.takes(TakeFilter(deleted=True, limit=None))
        assert [take.id for take in listed] == [take.id for take in sorted(listed, key=_as_shot, reverse=True)]
        shown = {take.id: take for take in listed}
        assert shown.keys() == place.takes.keys()
        here = [place.takes[take] for take in place.takes if self.value(seat, (take, "deleted")) != 1]
        for take_id, take in shown.items():
            assert take.status == self.value(seat, (take_id, "status"))
            assert (take.description or None) == self.value(seat, (take_id, "description"))
            assert take.scene == self.value(seat, (take_id, "scene"))
            assert take.deleted == (self.value(seat, (take_id, "deleted")) == 1)
            assert take.duplicate == (not take.deleted and here.count(place.takes[take_id]) > 1)
            notes = {note for note, of in place.notes.items() if of == take_id and self.value(seat, (note, "there"))}
            assert {note.id for note in take.notes} == notes
        for word in WORDS:
            found = {take.id for take in log.takes(TakeFilter(text=word, deleted=True, limit=None))}
            assert found == {take.id for take in shown.values() if word in self.words(seat, take)}, word
        conflicts = {(one.entity_id, one.field): set(one.values) for one in log.conflicts()}
        assert conflicts == self.open_conflicts(seat)

    def words(self, seat: int, take: Take) -> str:
        """What the take is found by."""
        keys = (
            (take.id, "description"),
            (scene_id(take.scene), "heading"),
            (setup_id(take.slate), "description"),
            (camera_id(take.slate), "lens"),
        )
        return " ".join(str(self.value(seat, key) or "") for key in keys)

    def teardown(self) -> None:
        try:
            for seat in range(SEATS):
                self.agree(seat)
            for to, frm in (*((0, n) for n in range(1, SEATS)), *((n, 0) for n in range(1, SEATS))):
                self.pull(to, frm)
            vectors = [vector(on_set.log._writer) for on_set in self.sets]
            assert vectors == [vectors[0]] * SEATS
            for wanted in (TakeFilter(limit=None), TakeFilter(deleted=True, oldest_first=True, limit=4)):
                lists = [[take.id for take in on_set.log.takes(wanted)] for on_set in self.sets]
                assert lists == [lists[0]] * SEATS
            assert all(look_at_chains(on_set.log._writer).findings == () for on_set in self.sets)
        finally:
            self.stack.close()  # compares every projection with a rebuild


class FourSeatsForAMoment(FourSeats):
    """The same, as long as the quick tests may take."""


FourSeats.TestCase.settings = settings(max_examples=200, stateful_step_count=50, deadline=None)
FourSeatsForAMoment.TestCase.settings = settings(max_examples=8, stateful_step_count=40, deadline=None)
TestFourSeatsAgainstAModel = pytest.mark.faults(pytest.mark.timeout(600)(FourSeats.TestCase))
TestFourSeatsForAMoment = FourSeatsForAMoment.TestCase
