"""Places of takes among those of a tag: there is always one more between two."""

from __future__ import annotations

from itertools import cycle

import pytest

from onset.domain.selects import place_between, placed, shot_place


@pytest.mark.parametrize("goes_on", ["before it", "behind it", "now here, now there"])
def test_hundreds_of_moves_into_one_gap_find_no_room(goes_on: str) -> None:
    low, high = shot_place(1, 5, "0" * 32), shot_place(1, 6, "f" * 32)
    for number, behind in zip(range(300), cycle((goes_on != "before it", goes_on == "behind it")), strict=False):
        take_id = f"{number * 2654435761 % 2**32:032x}"  # ids whose ends differ, as those of real takes do
        place = place_between(low, high, take_id)
        assert low < place < high
        assert placed(place, 9, 9, take_id) == place, "it can be read again"
        low, high = (place, high) if behind else (low, place)


def test_a_place_that_cannot_be_read_loses_the_take() -> None:
    shot = shot_place(1, 5, "ab")
    assert {placed(each, 1, 5, "ab") for each in (None, "", "8\n", "80", "8G", "٣8", "8" * 3000)} == {shot}
