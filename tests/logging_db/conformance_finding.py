"""How takes are found in every log: by words, by labels, by filters, and under a name: part of conformance.py."""

from __future__ import annotations

import pytest

from onset.domain.camera import Clip
from onset.logbook.entities import ENTITIES, Field
from onset.logbook.terms import Next, TakeFilter
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

    @pytest.mark.parametrize(
        ("typed", "labels"),
        [
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
        ],
    )
    def test_slate_is_found_however_it_is_spelled(self, on_set: OnSet, typed: str, labels: list[str]) -> None:
        shot(on_set, "42C", "eyeline")
        shot(on_set, "42C")
        shot(on_set, "49WT")
        shot(on_set, "12A", take="3")
        assert found(on_set, typed) == labels

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

    @pytest.mark.parametrize(
        "typed",
        [
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
        ],
    )
    def test_hostile_words_are_words(self, on_set: OnSet, typed: str) -> None:
        shot(on_set, "1", "boom")
        assert on_set.log.count_takes(TakeFilter(text=typed)) in (0, 1)

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
            word = f"w{number}x"
            _write(on_set, take, kind, field, word)
            assert len(found(on_set, word)) == 1, (kind, field.name)
            _write(on_set, take, kind, field, None)
            assert found(on_set, word) == [], (kind, field.name)
        assert {"clip_name", "note"} <= {field.name for kind, field in searched if kind == "angle"}

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


def _write(on_set: OnSet, take: str, kind: str, field: Field, word: str | None) -> None:
    """Give a field of the take, or of a new thing of it, a word; None empties it, or deletes the thing."""
    with on_set.log._edit("set") as edit:
        if kind == "take":
            edit.set("take", take, {field.name: word})
        elif word is None:
            own = {"media": None} if kind in ("clip", "sound") else {"take": take}
            for row in edit.find("link" if "media" in own else kind, {"take": take}):
                edit.set("link" if "media" in own else kind, row.id, {"deleted": 1})
        else:
            thing = edit.add(kind, {"take": take, field.name: word})
            if kind in ("clip", "sound"):
                edit.add("link", {"take": take, "media": thing, "state": "proposed"})
