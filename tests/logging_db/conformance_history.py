"""The history that every log tells: whose field, from what to what, and what was taken back: part of conformance.py."""

from __future__ import annotations

import dataclasses

import pytest

from onset.domain.card import Copy
from onset.domain.note import Audience
from onset.errors import RefusedError
from onset.logbook.terms import LoggedChange, Next, Thing
from tests.logging_db.originals import a_card
from tests.logging_db.support import OnSet


class History:
    """Every change of anything, in words and in pages."""

    def test_history_of_a_field_says_what_was_taken_back(self, on_set: OnSet) -> None:
        on_set.log.set_next(Next(slate="42C"))
        take = on_set.shoot()
        on_set.log.set_take(take.id, {"status": "circled"})
        on_set.log.set_take(take.id, {"status": "ng"})
        on_set.undo()

        def told() -> list[tuple[object, object, str, bool]]:
            lines = on_set.log.history(take.id, field="status")
            return [(line.old, line.new, line.verb, line.undone) for line in lines]

        first = [("none", "circled", "set", False), (None, "none", "roll", False)]
        assert told() == [("ng", "circled", "undo", False), ("circled", "ng", "set", True), *first]
        on_set.redo()
        redone = [("circled", "ng", "redo", False), ("ng", "circled", "undo", False), ("circled", "ng", "set", False)]
        assert told() == [*redone, *first]

    def test_things_are_called_by_their_names(self, on_set: OnSet) -> None:
        on_set.log.set_next(Next(slate="42C", cameras={"B": True}, rolls={"B": "B003"}))
        take = on_set.shoot()
        on_set.log.note(take.id, "boom in", audience=Audience.EDITOR)
        on_set.log.tag(take.id, add=["vfx"])
        on_set.log.rate_take(take.id, "director", "ok")
        called = {(line.entity, line.about) for line in on_set.log.history(take.id)}
        assert called == {
            ("take", "42C/1"),
            ("note", "on 42C/1"),
            ("tag", "vfx on 42C/1"),
            ("rating", "director on 42C/1"),
            ("angle", "B of 42C/1"),
        }
        referred = [line for line in on_set.log.history(take.id) if (line.entity, line.field) == ("note", "take")]
        assert [line.new_about for line in referred] in ([], ["42C/1"])

    def test_history_of_scene_setup_card_day_and_filter(self, on_set: OnSet) -> None:
        log = on_set.log
        log.set_next(Next(slate="42C"))
        take = on_set.shoot()
        log.set_setup("42C", {"description": "wide"})
        log.set_camera_setup("42C", "A", {"lens": "35mm"})
        log.set_scene("42", {"heading": "INT. KITCHEN"})
        log.set_scene("42", {"heading": "EXT. QUAY"}, episode="101")
        copy = Copy(path="/media/X/A014", verified=9, failed=0, read_back="direct", manifest=None)
        log.record_card(a_card("A014", copies=(copy,)))
        log.save_filter("good", "status:circled")

        def fields(kind: str, label: str, episode: str | None = None) -> set[tuple[str, str]]:
            lines = log.history(of=Thing(kind=kind, label=label, episode=episode))
            assert lines
            return {(line.entity, str(line.new)) for line in lines if line.field not in ("take", "setup", "card")}

        assert {("setup", "wide"), ("camera_setup", "35mm")} <= fields("setup", "042c")
        assert {("scene", "INT. KITCHEN"), ("scene", "EXT. QUAY")} <= fields("scene", "42")
        assert ("scene", "INT. KITCHEN") not in fields("scene", "042", "101")
        assert ("card", "A014") in fields("card", "a014")
        assert {entity for entity, _ in fields("card", "A014")} == {"card", "card_copy"}
        assert ("day", str(take.day)) in fields("day", "1")
        assert fields("filter", "GOOD") >= {("saved_filter", "status:circled")}

    @pytest.mark.parametrize(
        ("thing", "said"),
        [
            (Thing(kind="setup", label="43"), 'no setup "43"'),
            (Thing(kind="setup", label="42CC"), 'do you mean "42C"'),
            (Thing(kind="scene", label="42", episode="7"), 'no scene "42"'),
            (Thing(kind="day", label="9"), "Main has no day 9"),
            (Thing(kind="day", label="' OR 1"), "has no day ' OR 1"),
            (Thing(kind="card", label="\udcff"), "not text"),
            (Thing(kind="card", label=""), "no card"),
        ],
    )
    def test_thing_that_is_not_there_is_named(self, on_set: OnSet, thing: Thing, said: str) -> None:
        on_set.log.set_next(Next(slate="42C"))
        on_set.shoot()
        with pytest.raises(RefusedError, match=said):
            on_set.log.history(of=thing)

    @pytest.mark.parametrize("limit", [1, 2, 3, 7, 1000])
    def test_pages_of_any_size_make_the_whole(self, on_set: OnSet, limit: int) -> None:
        on_set.log.set_next(Next(slate="42C", cameras={"A": True, "B": True}))
        for _ in range(3):
            on_set.shoot()
        everything = list(on_set.log.history(limit=1_000_000))
        pages: list[LoggedChange] = []
        before = None
        while page := on_set.log.history(limit=limit, before=before):
            pages += page
            before = page[-1].arrival
        assert pages == everything

    def test_only_what_was_done_since(self, on_set: OnSet) -> None:
        on_set.log.set_next(Next(slate="42C"))
        take = on_set.shoot()
        on_set.clock.advance(3600)
        lunch = on_set.clock.wall_ns()
        on_set.log.set_take(take.id, {"description": "wide"})
        assert [line.new for line in on_set.log.history(since_ns=lunch)] == ["wide"]
        assert on_set.log.history(since_ns=lunch + 1) == []

    @pytest.mark.parametrize("asked", [{"before": 1 << 63}, {"since_ns": -(1 << 64)}, {"limit": 1 << 63}])
    def test_number_beyond_the_log_is_refused(self, on_set: OnSet, asked: dict[str, int]) -> None:
        with pytest.raises(RefusedError, match="too large a number"):
            on_set.log.history(None, **asked)  # type: ignore[arg-type]  # one of three, each an int

    def test_feed_tells_the_same_changes(self, on_set: OnSet) -> None:
        feed = on_set.log.feed(after=0)
        on_set.log.set_next(Next(slate="42C"))
        on_set.shoot()
        on_set.undo()
        told = on_set.log.history(limit=1_000_000)
        bare = [dataclasses.replace(line, about="", verb="", undone=False, old_about="", new_about="") for line in told]
        assert sorted(feed.poll(), key=lambda line: -line.arrival) == bare
        feed.close()
