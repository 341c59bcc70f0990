"""Takes in 29.97 drop-frame: their ends and lengths are those of the standard's table."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.logging_db.support import file_log


# From the counts that everybody's table agrees on: 1798 frames in a minute, 1800 in each tenth; 17982 in ten minutes,
# 107892 in an hour; ;00 and ;01 of every other minute are not there.
@pytest.mark.parametrize(
    ("tc_in", "tc_out", "frames"),
    [
        ("00:08:59;29", "00:09:00;02", 1),
        ("00:09:59;29", "00:10:00;00", 1),
        ("00:09:00;02", "00:10:00;00", 1_798),
        ("00:10:00;00", "00:11:00;02", 1_800),
        ("00:10:00;00", "00:20:00;00", 17_982),
        ("01:00:00;00", "02:00:00;00", 107_892),
        ("23:59:59;29", "00:00:00;00", 1),
        ("23:50:00;00", "00:10:00;00", 35_964),
    ],
)
def test_drop_frame_take_over_a_mark_or_midnight(tmp_path: Path, tc_in: str, tc_out: str, frames: int) -> None:
    with file_log(tmp_path, rate="29.97df") as on_set:
        take = on_set.log.add_take(slate="1", take="1", stamp=on_set.stamp(tc_in), duration_frames=frames)
        assert take.tc_out == tc_out
        on_set.log.set_take(take.id, {"duration_frames": None, "tc_out": None})
        assert on_set.log.set_take(take.id, {"tc_out": tc_out}).duration_frames == frames
