"""How takes are found in every log: by words, by labels, by filters, and under a name: part of conformance.py."""

from __future__ import annotations

import pytest

from onset.changes import Value
from onset.domain.camera import Clip, LinkState
from onset.domain.note import Audience
from onset.domain.script import ScriptScene, ScriptVersion
from onset.errors import RefusedError, UsageError
from onset.logbook.entities import ENTITIES, Field, Type
from onset.logbook.query import parse
from onset.logbook.scenes import set_scene
from onset.logbook.setups import set_setup
from onset.logbook.terms import Next, Part, TakeFilter
from tests.logging_db.conformance_history import History
from tests.logging_db.support import OnSet


def found(on_set: OnSet, text: str) -> list[str]:
    wanted = TakeFilter(text=text)
    takes = on_set.log.takes(wanted)
    assert on_set.log.count_takes(wanted) == len(takes)
    return [take.label for take in takes]


def shot(on_set: OnSet, slate: str, note: str = "", **fields: str) -> str:
    on_set.log.set_next(Next(slate=slate))
    take = on_set.shoot(1.0)
    if note:
        on_set.log.note(take.id, note)
    if fields:
        on_set.log.set_take(take.id, fields)
    return take.id


class Words:
    """What a script supervisor types is found as it was meant."""

    SPELLED: tuple[tuple[str, list[str]], ...] = (
        ("42C", ["42C/2", "42C/1"]),
        ("042c", ["42C/2", "42C/1"]),
        ("42 C", ["42C/2", "42C/1"]),
        ("42c/02", ["42C/2"]),
        ("42C 2", ["42C/2"]),
        ("042C 1", ["42C/1"]),
        ("42 c 2", ["42C/2"]),
        ("49 WT", ["49WT/1"]),
        ("wt 49", ["49WT/1"]),
        ("12A-3", ["12A/3"]),
        ("12A", ["12A/3"]),
        ("4", ["49WT/1", "42C/2", "42C/1"]),  # the last word may be half typed
        ("4 eyeline", []),  # and no other with a digit: scene 4 is not scene 42
        ("42C eyeline", ["42C/1"]),
    )

    def test_slate_is_found_however_it_is_spelled(self, on_set: OnSet) -> None:
        shot(on_set, "42C", "eyeline")
        shot(on_set, "42C")
        shot(on_set, "49WT")
        shot(on_set, "12A", take="3")
        for typed, labels in self.SPELLED:
            assert found(on_set, typed) == labels, typed

    def test_words_of_several_fields_in_any_order_and_half_typed(self, on_set: OnSet) -> None:
        take = shot(on_set, "7", "boom in shot", description="wide from the door")
        on_set.log.tag(take, add=["stunt"])
        on_set.log.set_angle(take, "A", {"roll": "A014", "note": "buzz on 2nd marks", "clip_name": "A014C007_26XR"})
        shot(on_set, "8", "boom in shot")
        for typed in ("sho boo", "door stunt boom", "BOOM WIDE", "A014 boom", "A014C007_26XR", "2nd buzz", "#stunt"):
            assert found(on_set, typed)[-1:] == ["7/1"], typed
        assert found(on_set, "boom flare") == []

    def test_part_within_a_word_is_found_where_no_word_begins_so(self, on_set: OnSet) -> None:
        shot(on_set, "1", "Gegenlicht im Flur")
        assert found(on_set, "licht flur") == ["1/1"]
        shot(on_set, "2", "Lichtwechsel")
        assert found(on_set, "licht") == ["2/1"]
        assert found(on_set, "ch") == []

    @pytest.mark.parametrize(
        ("noted", "typed"),
        [
            ("Küchentür", "kuchentur"),
            ("kuchentur", "KÜCHENTÜR"),
            ("naïve café", "cafe naive"),
            ("Straße nass", "STRASSE"),
            ("Søren looks left", "soren"),
            ("Łódź", "lodz"),
            ("don’t cross", "don't"),
            ("她在喝咖啡", "咖啡"),
            ("走れメロス", "メロス"),
            ("ต้นไม้สวย", "ไม้"),
            ("커피를 마신다", "커피"),
            ("дверь скрипит", "ДВЕРЬ"),
            ("ελιά", "ελια"),
            ("prop #3 @ 2m", "#3 2m"),
            ("50% slower", "50%"),
            ("under_score", "score"),
        ],
    )
    def test_words_of_the_world_are_found(self, on_set: OnSet, noted: str, typed: str) -> None:
        shot(on_set, "1", "something else 啡咖 れメ")
        shot(on_set, "2", noted)
        assert found(on_set, typed) == ["2/1"]

    HOSTILE = (
        *('"', "boom AND", "boom OR flare", "NEAR(boom flare)", "*", "-boom", "'; drop table words;--", "NOT boom"),
        *(
            "(",
            "label:boom",
            "label : boom",
            "^boom",
            "boom + flare",
            "{label notes}: boom",
            '"boom',
            'b"oo"m',
            "½",
        ),
        *(
            "\x00",
            "a\x00b",
            "%%%",
            "___",
            "\\",
            "[/]",
            "half \udce9",
            "\ue000s0242",
            "😀 boom",
            "\u202e",
            "//",
            "/1",
        ),
        *("x" * 100_000, "boom " * 5_000, "1/" * 3_000, "4" * 200, "\u0301\u0301"),
    )

    def test_hostile_words_are_words(self, on_set: OnSet) -> None:
        shot(on_set, "1", "boom")
        for typed in self.HOSTILE:
            assert on_set.log.count_takes(TakeFilter(text=typed)) in (0, 1), typed[:80]

    def test_operators_find_only_what_holds_them_as_words(self, on_set: OnSet) -> None:
        shot(on_set, "1", "boom")
        shot(on_set, "2", "flare")
        for typed in ("boom OR flare", "boom NOT flare", "NEAR(boom)", "label:boom", "-boom zzz"):
            assert found(on_set, typed) == [], typed
        shot(on_set, "3", "boom or flare, near the label")
        assert found(on_set, "boom OR flare") == found(on_set, "label:") == ["3/1"]

    def test_every_searched_field_is_found_by_its_word(self, on_set: OnSet) -> None:
        """By the table of entities: what is searched there is in the words, and leaves them with its thing."""
        take = shot(on_set, "1")
        searched = [(kind, field) for kind, fields in ENTITIES.items() for field in fields if field.searched]
        for number, (kind, field) in enumerate(searched):
            word = field.name if field.type is Type.FLAG else f"w{number}x"
            _write(on_set, take, kind, field, word)
            assert len(found(on_set, word)) == 1, (kind, field.name)
            _write(on_set, take, kind, field, None)
            assert found(on_set, word) == [], (kind, field.name)
        assert {"clip_name", "note"} <= {field.name for kind, field in searched if kind == "angle"}
        assert {"scene", "setup", "camera_setup"} <= {kind for kind, _ in searched}

    def test_field_that_is_not_searched_is_in_no_words(self, on_set: OnSet) -> None:
        take = shot(on_set, "1")
        with on_set.log._edit("set") as edit:
            edit.set("take", take, {"boot": "w1x", "tc_source": "w2x"})
        assert found(on_set, "w1x") == found(on_set, "w2x") == []

    def test_linked_clip_is_found_by_its_name(self, on_set: OnSet) -> None:
        take = shot(on_set, "1")
        name = "B007C003.mov"
        clip = Clip(
            id="", name=name, path=name, camera="B", tc_in=None, tc_source=None, rate="25", duration_frames=None
        )
        on_set.log.clip_opened(take, clip)
        assert found(on_set, "b007c003") == found(on_set, "C003") == ["1/1"]

    def test_list_of_a_scene_or_slate_takes_any_spelling(self, on_set: OnSet) -> None:
        shot(on_set, "42C")
        shot(on_set, "42")
        assert [take.label for take in on_set.log.takes(TakeFilter(slate="042c"))] == ["42C/1"]
        assert [take.label for take in on_set.log.takes(TakeFilter(scene="042", text="42c"))] == ["42C/1"]
        assert on_set.log.takes(TakeFilter(scene="")) == []


class WordsAround:
    """A take is found by what was said of its scene and of its setup, as long as it is theirs."""

    @pytest.fixture
    def kitchen(self, on_set: OnSet) -> OnSet:
        """42C/1 and 42D/1 in the kitchen at night, 43/1 in the hall; C is wide, D tight."""
        log = on_set.log
        log.set_scene("42", {"heading": "INT. KITCHEN - NIGHT", "story_day": "2", "characters": "MARA, COP 2"})
        log.set_scene("43", {"heading": "INT. HALL - NIGHT"})
        shot(on_set, "42C", "boom low")
        shot(on_set, "42D")
        shot(on_set, "43")
        log.set_setup("42C", {"description": "wide, from the door"}, cameras={"A": {"lens": "25mm"}})
        log.set_setup("42D", {"description": "2 shot, tight", "vfx": 1, "vfx_note": "rain outside"})
        return on_set

    TOGETHER = (
        ("kitchen night wide", "42C/1"),
        ("kitch", "42D/1 42C/1"),
        ("boom mara door", "42C/1"),
        ("night", "43/1 42D/1 42C/1"),
        ("itche", "42D/1 42C/1"),  # within a word
        ("25mm", "42C/1"),
        ("vfx", "42D/1"),
        ("rain cop", "42D/1"),
        ("2 shot", "42D/1"),
        ("mara 42", "42D/1 42C/1"),
        ("kitchen boom tight", ""),
        # Who types a label means it: take 2 is not every take with a 25mm lens, and not of story day 2.
        ("42C 2", ""),
        ("42 C 1", "42C/1"),
        ("42 c 2", ""),
        ("2", ""),
        ("42", "42D/1 42C/1"),
    )

    def test_words_of_scene_setup_and_take_together(self, kitchen: OnSet) -> None:
        for typed, labels in self.TOGETHER:
            assert found(kitchen, typed) == labels.split(), typed

    def test_words_follow_what_is_said_and_taken_back(self, kitchen: OnSet) -> None:
        kitchen.log.set_scene("42", {"heading": "INT. PANTRY - NIGHT"})
        assert (found(kitchen, "kitchen"), found(kitchen, "pantry")) == ([], ["42D/1", "42C/1"])
        kitchen.undo()
        assert (found(kitchen, "kitchen"), found(kitchen, "pantry")) == (["42D/1", "42C/1"], [])
        with kitchen.log._edit("delete") as edit:
            for kind in ("scene", "setup", "camera_setup"):
                for row in edit.find(kind, {}):
                    edit.set(kind, row.id, {"deleted": 1})
        assert [found(kitchen, word) for word in ("kitchen", "wide", "25mm")] == [[], [], []]
        kitchen.undo()
        assert found(kitchen, "kitchen wide 25mm") == ["42C/1"]

    def test_take_that_goes_elsewhere_is_found_by_what_is_there(self, kitchen: OnSet) -> None:
        log = kitchen.log
        take = log.find_take("42C/1").id
        log.set_take(take, {"scene": "43"})
        assert (found(kitchen, "kitchen boom"), found(kitchen, "hall wide")) == ([], ["42C/1"])
        log.set_take(take, {"slate": "42D", "take": "2"})
        assert (found(kitchen, "boom wide"), found(kitchen, "hall tight boom")) == ([], ["42D/2"])
        log.set_take(take, {"episode": "101"})
        assert (found(kitchen, "boom tight"), found(kitchen, "hall boom")) == ([], [])
        log.set_scene("43", {"heading": "EXT. PIER"}, episode="101")
        assert found(kitchen, "pier boom") == ["42D/2"]

    def test_setup_that_gets_another_slate_takes_its_words_along(self, kitchen: OnSet) -> None:
        with kitchen.log._edit("set setup") as edit:
            (setup,) = edit.find("setup", {"slate": "42C"})
            edit.set("setup", setup.id, {"slate": "43"})
        assert found(kitchen, "wide") == found(kitchen, "25mm") == ["43/1"]

    def test_plan_that_is_shot_is_found_by_its_name(self, kitchen: OnSet) -> None:
        kitchen.log.plan_setup("pier wide", {"description": "crane up"}, scene="43")
        assert found(kitchen, "crane") == []
        kitchen.log.slate_plan("pier wide", "43")
        assert found(kitchen, "pier crane") == ["43/1"]

    def test_script_renames_what_its_takes_are_found_by(self, kitchen: OnSet) -> None:
        scenes = [
            ScriptScene(number="42", heading="INT. SCULLERY - NIGHT"),
            ScriptScene(number="43", heading="EXT. QUAY"),
        ]
        kitchen.log.take_script(ScriptVersion(name="Blue"), scenes)
        assert (found(kitchen, "kitchen"), found(kitchen, "scullery wide")) == ([], ["42C/1"])
        assert (found(kitchen, "hall"), found(kitchen, "quay")) == ([], ["43/1"])


class Filters:
    """Each filter finds what it names, and nothing else."""

    @pytest.fixture
    def day(self, on_set: OnSet) -> OnSet:
        """Five takes: 40/1 circled, with A and B; 40A/1 without sound, B only; 41/1 noted; 45A/1; 45B/1 deleted."""
        log = on_set.log
        log.set_next(Next(slate="40", episode="101", cameras={"A": True, "B": True}, rolls={"A": "A014", "B": "B003"}))
        first = on_set.roll("10:00:00:00")
        log.action(first.id, on_set.stamp("10:00:04:00"))
        on_set.clock.advance(9)
        log.cut(first.id, on_set.stamp("10:00:09:00"))
        log.set_take(first.id, {"status": "circled", "status_reason": "best", "description": "wide"})
        log.rate_take(first.id, "director", "circled")
        log.tag(first.id, add=["stunt", "rain, heavy"])
        log.set_next(Next(slate="40A", episode="102", cameras={"A": False, "B": True}, mos=True))
        log.set_angle(shot(on_set, "40A"), "B", {"roll": None})
        log.set_next(Next(slate="41", cameras={"B": False}, mos=False, sound_roll="S07"))
        third = on_set.roll().id
        log.mark(third, on_set.stamp())
        on_set.clock.advance(1)
        log.cut(third, on_set.stamp())
        log.set_take(third, {"slated_as": "14/1"})
        log.note(third, "for the studio", audience=Audience.PRODUCTION)
        log.rate_take(third, "director", "no")
        log.tag(third, add=["stunt"])
        log.add_take(slate="45A", take="1", stamp=on_set.stamp(), fields={"kind": "pickup", "tail_slate": 1})
        on_set.clock.advance(1)
        log.delete(shot(on_set, "45B"))
        name = "A014C001.mov"
        clip = Clip(
            id="", name=name, path=name, camera="A", tc_in=None, tc_source=None, rate="25", duration_frames=None
        )
        log.clip_opened(first.id, clip)
        return on_set

    # Who passes was worked out by hand from the five takes above; deleted ones never do unless they are asked for.
    NAMED = (
        ("status:circled", "40"),
        ("status:none", "45A 41 40A"),
        ("state:rolling", ""),
        ("state:cut,interrupted", "45A 41 40A 40"),
        ("kind:pickup", "45A"),
        ("unit:Main scene:40", "40A 40"),
        ("day:1", "45A 41 40A 40"),
        ("day:2-", ""),
        ("day:-3", "45A 41 40A 40"),
        ("episode:101", "40"),
        ("scenes:40A-45", "45A 41"),
        ("scenes:41-", "45A 41"),
        ("scenes:-40", "40A 40"),
        ("slate:040a", "40A"),
        ("camera:B", "40A 40"),
        ("camera:b camera:a", "40"),
        ("camera:A,B", "40A 40"),
        ("roll:A014", "40"),
        ("roll:a014 roll:B003", "40"),
        ("roll:S07,B003", "41 40"),
        ("roll:A01", ""),
        ("tag:stunt", "41 40"),
        ('tag:stunt tag:"rain, heavy"', "40"),
        ("tag:rain", ""),
        ("rating:director", "41 40"),
        ("rating:director=circled", "40"),
        ("rating:director=", "45A 40A"),
        ("rating:script", ""),
        ("audience:production", "41"),
        ("audience:editor,private", ""),
        ("has:notes", "41"),
        ("has:marks", "41"),
        ("has:description", "40"),
        ("has:reason", "40"),
        ("has:circled", "40"),
        ("has:ratings", "41 40"),
        ("has:tags", "41 40"),
        ("has:timecode", "40"),
        ("has:action", "40"),
        ("has:cameras", "40A 40"),
        ("has:roll", "40"),
        ("has:clips", "40"),
        ("has:sound", ""),
        ("has:stills", ""),
        ('has:"slated as"', "41"),
        ("mos:yes", "40A"),
        ("tail:yes", "45A"),
        ("added:yes", "45A"),
        ("added:no mos:no", "41 40"),
        ("deleted:yes lacks:notes", "45B 45A 40A 40"),
        ("lacks:sound camera:B tag:stunt", "40"),
        ("stunt has:marks", "41"),
    )

    def test_filter_finds_what_it_names(self, day: OnSet) -> None:
        for query, slates in self.NAMED:
            wanted = parse(query)
            assert [take.slate for take in day.log.takes(wanted)] == slates.split(), query
            assert day.log.count_takes(wanted) == len(slates.split()), query

    def test_what_lacks_is_what_has_not(self, day: OnSet) -> None:
        for part in Part:
            having = {take.id for take in day.log.takes(TakeFilter(has=[part], deleted=True))}
            lacking = {take.id for take in day.log.takes(TakeFilter(lacks=[part], deleted=True))}
            assert having.isdisjoint(lacking), part
            assert len(having) + len(lacking) == 5, part

    def test_what_was_taken_back_does_not_count(self, day: OnSet) -> None:
        """Refused files, deleted notes and cameras are not what a take has."""
        first = day.log.find_take("40/1")
        with day.log._edit("link") as edit:
            for link in edit.find("link", {"take": first.id}):
                edit.set("link", link.id, {"state": str(LinkState.REFUSED)})
        assert day.log.takes(parse("has:clips")) == []
        day.log.tag(first.id, remove=["stunt"])
        assert [take.slate for take in day.log.takes(parse("tag:stunt"))] == ["41"]

    def test_camera_may_be_circled_alone(self, day: OnSet) -> None:
        day.log.set_angle(day.log.find_take("40A/1").id, "B", {"rating": "circled"})
        assert [take.slate for take in day.log.takes(parse("has:circled"))] == ["40A", "40"]

    def test_inserted_scene_is_between_its_neighbours(self, on_set: OnSet) -> None:
        for scene in ("9", "A10", "10", "10A", "11", "101"):
            on_set.log.set_next(Next(scene=scene, slate=f"{scene}"))
            on_set.shoot(1.0)
        wanted = TakeFilter(scenes=("9", "11"), oldest_first=True)
        assert [take.scene for take in on_set.log.takes(wanted)] == ["9", "A10", "10", "10A", "11"]

    @pytest.mark.parametrize(
        "wanted",
        [
            TakeFilter(episode="\udcff"),
            TakeFilter(scenes=("\udcff", None)),
            TakeFilter(days=(1, 1 << 63)),
            TakeFilter(tags=[["a", "\udcff"]]),
            TakeFilter(cameras=[["a\x00"]]),
            TakeFilter(rolls=[["\udcff"]]),
            TakeFilter(ratings=[("director", "\udcff")]),
        ],
    )
    def test_filter_that_no_log_could_hold_is_refused(self, on_set: OnSet, wanted: TakeFilter) -> None:
        with pytest.raises(RefusedError, match=r"too large a number|not text"):
            on_set.log.takes(wanted)


class SavedFilters:
    """A filter under a name is in the log like everything else."""

    def test_every_seat_has_it_and_undo_takes_it_back(self, on_set: OnSet) -> None:
        saved = on_set.log.save_filter(" B lacks sound ", "camera:B lacks:sound")
        assert (saved.name, saved.query, saved.author) == ("B lacks sound", "camera:B lacks:sound", on_set.log._author)
        assert on_set.other_seat().saved_filter("b LACKS sound") == saved
        assert on_set.undo() == 'filter "B lacks sound" no longer saved'
        assert on_set.log.filters() == []
        assert on_set.redo() == 'filter "B lacks sound" is saved again'
        assert on_set.log.filters() == [saved]

    def test_saved_again_it_is_one_filter(self, on_set: OnSet) -> None:
        on_set.log.save_filter("Good", "status:circled")
        on_set.log.save_filter("good", "status:circled,hold")
        assert [(one.name, one.query) for one in on_set.log.filters()] == [("good", "status:circled,hold")]
        assert on_set.undo() == 'filter "good" finds "status:circled" again'
        assert [(one.name, one.query) for one in on_set.log.filters()] == [("Good", "status:circled")]

    def test_deleted_it_comes_back_by_undo_or_by_its_name(self, on_set: OnSet) -> None:
        on_set.log.save_filter("good", "status:circled")
        assert on_set.log.delete_filter("GOOD").query == "status:circled"
        assert on_set.log.filters() == []
        assert on_set.undo() == 'filter "good" is saved again'
        on_set.log.delete_filter("good")
        on_set.log.save_filter("good", "status:ng")
        assert [one.query for one in on_set.log.filters()] == ["status:ng"]
        assert on_set.undo() == 'filter "good" no longer saved'

    def test_wrong_ones_are_refused_and_nothing_is_written(self, on_set: OnSet) -> None:
        on_set.log.save_filter("good", "status:circled")
        before = on_set.log.arrival()
        for name, query in (("", "door"), ("a\nb", "door"), ("x" * 61, "door"), ("empty", "  "), ("n\x00", "door")):
            with pytest.raises(RefusedError):
                on_set.log.save_filter(name, query)
        with pytest.raises(UsageError, match="do you mean status:"):
            on_set.log.save_filter("typo", "statsu:circled")
        with pytest.raises(RefusedError, match='There is no filter "god"; do you mean "good"'):
            on_set.log.delete_filter("god")
        with pytest.raises(RefusedError, match="there are good"):
            on_set.log.saved_filter("zzz")
        assert on_set.log.arrival() == before


def _write(on_set: OnSet, take: str, kind: str, field: Field, word: str | None) -> None:
    """Give a field of the take, or of a new thing of it, a word; None empties it, or deletes the thing."""
    value: Value = 1 if word and field.type is Type.FLAG else word
    with on_set.log._edit("set") as edit:
        if kind == "scene":
            set_scene(edit, "1", {field.name: value}, episode=None)
        elif kind in ("setup", "camera_setup"):
            said = {field.name: value}
            fields, cameras = (said, {}) if kind == "setup" else ({}, {"A": said})
            set_setup(edit, "1", fields, scene=None, episode=None, cameras=cameras)
        elif kind == "take":
            edit.set("take", take, {field.name: word})
        elif word is None:
            own = {"media": None} if kind in ("clip", "sound") else {"take": take}
            for row in edit.find("link" if "media" in own else kind, {"take": take}):
                edit.set("link" if "media" in own else kind, row.id, {"deleted": 1})
        else:
            thing = edit.add(kind, {"take": take, field.name: word})
            if kind in ("clip", "sound"):
                edit.add("link", {"take": take, "media": thing, "state": "proposed"})


class Finding(Words, WordsAround, Filters, SavedFilters, History):
    """All that finds takes, and what became of them."""
