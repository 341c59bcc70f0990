"""Documentary days: footage that nobody logged becomes takes, each once, the same whatever came first, ready to tag."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from pathlib import Path

import pytest

from onset.domain.camera import Clip, LinkState
from onset.domain.sound import SoundFile
from onset.domain.take import Take
from onset.logbook.terms import TakeFilter
from onset.match.solve import Matcher
from onset.reconcile.board import Standing
from onset.reconcile.day import look, write
from onset.reconcile.footage import enter
from tests.onset.reconcile.shooting import Shooting, new_shooting

STARTS = [36_000.0, 36_500.0, 37_320.0, 38_111.0, 39_040.0]
LENGTHS = [61.0, 35.0, 240.0, 18.0, 95.0]


@pytest.fixture
def film(tmp_path: Path) -> Iterator[Shooting]:
    made = new_shooting(tmp_path, slating="none")
    yield made
    made.log.close()


def clips(day: Shooting) -> list[Clip]:
    return [day.clip(f"A001C{n + 1:03d}", STARTS[n], LENGTHS[n]) for n in range(5)]


def second_camera(day: Shooting) -> list[Clip]:
    return [day.clip(f"B001C{n + 1:03d}", STARTS[n] + 0.5, LENGTHS[n] - 1) for n in range(5)]


def sounds(day: Shooting) -> list[SoundFile]:
    return [day.sound(f"T{n + 1:03d}", STARTS[n] - 0.5, LENGTHS[n] + 1) for n in range(5)]


def takes(day: Shooting) -> list[Take]:
    return sorted(day.log.takes(TakeFilter(limit=None)), key=lambda take: take.rolled_ns)


def shape(day: Shooting) -> list[tuple[str, str | None, int | None, tuple[str, ...]]]:
    """What a reader sees of the takes, whatever their ids."""
    links = day.links()
    return [
        (
            take.label,
            take.tc_in,
            take.duration_frames,
            tuple(sorted(name for label, name in links if label == take.label)),
        )
        for take in takes(day)
    ]


def test_clips_become_takes_named_after_them(film: Shooting) -> None:
    film.bring(*clips(film))
    film.match()
    found = takes(film)
    assert [take.label for take in found] == [f"A001C{n + 1:03d}/1" for n in range(5)]
    assert [take.tc_in for take in found] == ["10:00:00:00", "10:08:20:00", "10:22:00:00", "10:35:11:00", "10:50:40:00"]
    assert [take.duration_frames for take in found] == [round(length * 25) for length in LENGTHS]
    assert set(film.links().values()) == {"confirmed"}


def test_the_second_file_of_a_mono_set_waits_for_a_person(film: Shooting) -> None:
    """Both are the recording that the take is named after."""
    film.bring(*(film.sound(f"T001_{track}", 36_000.0, 30.0, family="T001") for track in (1, 2)))
    film.match()
    assert list(film.links().values()) == ["confirmed", "confirmed"]
    assert [take.slate for take in takes(film)] == ["T001"], "the take is of no one track"
    assert film.match() == 0
    assert len(takes(film)) == 1


def test_a_second_run_makes_no_second_take(film: Shooting) -> None:
    film.bring(*clips(film), *sounds(film))
    film.match()
    before = film.log.arrival()
    assert film.match() == 0
    assert film.log.arrival() == before


def test_takes_are_the_same_whatever_came_first(tmp_path: Path) -> None:
    shapes = []
    for order in itertools.permutations((0, 1, 2)):
        film = new_shooting(tmp_path, slating="none")
        parts: list[list[Clip] | list[SoundFile]] = [clips(film), second_camera(film), sounds(film)]
        for place in order:
            film.bring(*parts[place])
            film.match()
        film.match()
        shapes.append(shape(film))
        film.log.close()
    at_once = new_shooting(tmp_path, slating="none")
    at_once.bring(*clips(at_once), *second_camera(at_once), *sounds(at_once))
    at_once.match()
    assert all(one == shape(at_once) for one in shapes)
    assert len(shape(at_once)) == 5
    at_once.log.close()


def test_two_programs_at_once_make_each_take_once(film: Shooting) -> None:
    film.bring(*clips(film))
    late = look(film.log, "Main", 1, Matcher())
    assert late is not None
    assert late.footage is not None
    film.match()  # another program was faster
    enter(film.log, late.seen, late.footage)
    assert write(film.log, late) is None
    film.match()
    assert [take.label for take in takes(film)] == [f"A001C{n + 1:03d}/1" for n in range(5)]


def test_a_tag_and_a_name_survive_later_cards(film: Shooting) -> None:
    film.bring(*sounds(film))
    film.match()
    first, second, *_ = takes(film)
    film.log.tag(first.id, add=["harbour"])
    film.log.set_take(second.id, {"slate": "FISH MARKET"})
    film.bring(*clips(film))
    film.match()
    film.match()
    again = {take.id: take for take in takes(film)}
    assert again[first.id].tags == ("harbour",)
    assert again[second.id].slate == "FISH MARKET"
    assert (again[second.id].label, "A001C002.mov") in film.links()


def test_a_take_that_a_person_deleted_does_not_come_back(film: Shooting) -> None:
    film.bring(*clips(film))
    film.match()
    gone = takes(film)[3]
    film.log.delete(gone.id)
    film.match()
    film.bring(film.clip("A001C006", 41_000.0, 12.0))
    film.match()
    assert [take.slate for take in takes(film)] == ["A001C001", "A001C002", "A001C003", "A001C005", "A001C006"]
    assert [stray.name for stray in film.board().strays] == ["A001C004.mov"]
    film.log.restore(gone.id)
    film.match()
    assert (gone.label, "A001C004.mov") in film.links()


def test_two_cards_of_one_name_make_two_takes(film: Shooting) -> None:
    film.bring(film.clip("A001C001", 36_000.0, 30.0))
    film.bring(film.clip("A001C001", 50_000.0, 30.0, digest="xxh128:" + "ab" * 16, path="/media/RAID/A001C001.mov"))
    film.match()
    assert sorted(take.label for take in takes(film)) == ["A001C001/1", "A001C001/2"]


def test_a_file_that_a_person_refuses_gets_a_take_of_its_own(film: Shooting) -> None:
    film.bring(*clips(film), *sounds(film))
    film.match()
    film.log.decide_link(takes(film)[0].id, film.media_id("T001"), LinkState.REFUSED)
    film.match()
    film.match()
    assert "T001" in [take.slate for take in takes(film)]
    assert len(takes(film)) == 6


def test_a_take_that_somebody_logged_gets_its_clip_and_no_double(film: Shooting) -> None:
    for n in range(5):
        film.shoot("MARKET", STARTS[n] + 1, LENGTHS[n] - 2)
    film.bring(*clips(film))
    film.match()
    assert [take.slate for take in takes(film)] == ["MARKET"] * 5
    assert len(film.links()) == 5


def test_a_take_logged_afterwards_takes_over_the_footage_that_nobody_touched(film: Shooting) -> None:
    film.bring(*clips(film))
    film.match()
    film.log.tag(takes(film)[4].id, add=["harbour"])
    for n in range(5):
        film.shoot("MARKET", STARTS[n] + 1, LENGTHS[n] - 2)
    film.match()
    film.match()
    assert sorted(take.slate for take in takes(film)) == ["A001C005", *["MARKET"] * 5]
    assert ("A001C005/1", "A001C005.mov") in film.links()


def test_a_wrapped_day_gets_its_takes_and_no_new_day_opens(film: Shooting) -> None:
    film.log.wrap_day("Main", film.stamp(70_000.0))
    film.bring(*clips(film))
    film.match()
    assert [day.number for day in film.log.days()] == [1]
    assert {take.day for take in takes(film)} == {1}


def test_the_board_of_footage_alone_is_clean(film: Shooting) -> None:
    film.bring(*clips(film), *sounds(film))
    assert film.board().count(Standing.OPEN) == 0


def test_hostile_names_become_labels_that_a_board_can_show(film: Shooting) -> None:
    film.bring(film.clip("A001C001", 36_000.0, 30.0, named_scene="\x1b[2J"))
    evil = film.sound("x" * 90 + "\x1b]0;P\x07", 50_000.0)
    film.bring(evil)
    film.match()
    assert all(take.slate.isprintable() and len(take.slate) <= 32 for take in takes(film))
    assert len(takes(film)) == 2
