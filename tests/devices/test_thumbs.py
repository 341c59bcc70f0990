"""Small pictures of a take: its first frame, its middle, its last; whatever its length, and of each clip its own."""

from __future__ import annotations

import pytest

from devices.adapter import NS
from devices.thumbs import MOST, TakeThumbs


class Rig:
    """Frames that are numbered bytes, 25 a second."""

    def __init__(self) -> None:
        self.thumbs = TakeThumbs()
        self.number = 0
        self.made = 0

    def _small(self) -> bytes:
        self.made += 1
        return str(self.number).encode()

    @property
    def now_ns(self) -> int:
        return self.number * NS // 25

    def shoot(self, seconds: float) -> None:
        for _ in range(round(seconds * 25)):
            self.number += 1
            self.thumbs.see(self.now_ns, self._small)

    def roll(self, take: str) -> None:
        self.thumbs.roll(take, self.now_ns)

    def cut(self, take: str) -> None:
        self.thumbs.cut(take, self.now_ns, self.now_ns, self._small)

    def seconds(self, take: str, from_s: float, to_s: float) -> list[float]:
        return [int(each) / 25 for each in self.thumbs.of_clip(take, round(from_s * NS), round(to_s * NS))]


@pytest.mark.parametrize("length_s", [0.2, 1.0, 10.0, 90.0, 3600.0])
def test_start_middle_and_end_are_those_of_the_take_and_not_of_the_file(length_s: float) -> None:
    rig = Rig()
    rig.shoot(2)
    rig.roll("a")
    rig.shoot(length_s)
    rig.cut("a")
    rig.shoot(5)
    start, middle, end = rig.seconds("a", 0, length_s + 7)
    assert start == pytest.approx(2.0, abs=0.05)
    assert end == 2 + length_s
    assert middle == pytest.approx(2 + length_s / 2, abs=max(0.55, length_s / MOST * 2))
    assert rig.made <= 1 + length_s + 2
    assert len(rig.thumbs._takes["a"].kept) <= MOST + 1


def test_take_in_two_clips_has_pictures_of_each() -> None:
    rig = Rig()
    rig.roll("a")
    rig.shoot(10)
    rig.number += 250  # the camera was away
    rig.shoot(10)
    rig.cut("a")
    assert rig.seconds("a", 0, 10)[2] == pytest.approx(10, abs=1.1)
    assert rig.seconds("a", 20, 35)[0] == pytest.approx(20, abs=1.1)


def test_undone_cut_goes_on_to_the_real_end() -> None:
    rig = Rig()
    rig.roll("a")
    rig.shoot(4)
    rig.cut("a")
    rig.shoot(1)
    rig.thumbs.uncut("a")
    rig.shoot(4)
    rig.cut("a")
    assert rig.seconds("a", 0, 20)[2] == 9.0


def test_two_takes_at_once_share_what_is_made_and_old_ones_are_forgotten() -> None:
    rig = Rig()
    rig.roll("a")
    rig.roll("b")
    rig.shoot(5)
    assert rig.made <= 11
    for number in range(40):
        rig.roll(f"t{number}")
        rig.shoot(0.1)
        rig.cut(f"t{number}")
    assert len(rig.thumbs._takes) <= 20
    assert rig.seconds("nobody", 0, 9) == []
