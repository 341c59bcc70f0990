"""Pictures of takes: the right ones, at their shape, and words for those that cannot be drawn."""

from __future__ import annotations

import os
import sys
import threading
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image
from textual.color import Color

from onset.cli.send_files import files_of
from onset.domain.camera import Angle, LinkState, Source
from onset.domain.still import Still
from onset.errors import RefusedError
from onset.media import small_pictures, thumbnails_there
from tests.tui.compared import a_compared_day, clip
from tests.tui.reviewing import on, open_review, read
from tests.tui.support import At, Set, at_work
from tests.tui.test_player import _take
from tui import disk_question
from tui import stills as stills_of
from tui.player import player_command
from tui.stills import MOST, Album, draw, shots_of
from tui.widgets.stills import StillsRow

RED = (248, 0, 0)


def picture(path: Path, size: tuple[int, int] = (320, 180), colour: tuple[int, int, int] = RED) -> Path:
    """A JPEG of one colour."""
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", size, colour).save(path)
    return path


def test_a_picture_is_squeezed_into_its_box(tmp_path: Path) -> None:
    wide = draw(picture(tmp_path / "wide.jpg"), 32, 9)
    assert (len(wide.strips), {strip.cell_length for strip in wide.strips}) == (9, {32})
    tall = draw(picture(tmp_path / "tall.png", (600, 1200)), 32, 9)
    assert (len(tall.strips), {strip.cell_length for strip in tall.strips}) == (9, {9})
    colours = {
        segment.style.color.get_truecolor()
        for strip in tall.strips
        for segment in strip
        if segment.style and segment.style.color
    }
    assert colours == {Color(*RED).rich_color.get_truecolor()}


def test_a_terminal_without_colours_shows_a_wall_of_half_blocks(tmp_path: Path) -> None:
    looks = [
        draw(picture(tmp_path / "p.png", colour=(grey,) * 3), 4, 1, colours=False) for grey in (0, 60, 128, 180, 255)
    ]
    assert ["".join(strip.text for strip in drawn.strips) for drawn in looks] == [each * 4 for each in " ░▒▓█"]


def test_a_name_that_no_disk_takes_ends_the_app(tmp_path: Path) -> None:
    """A log from elsewhere may hold any path; a disk that fails answers likewise, with another error."""
    own = replace(clip("C.mov", "10:00:00:00"), id="c", source=Source.RECORDER, link=LinkState.CONFIRMED)
    endless = replace(own, path=f"media/{'x' * 300}.mov", proxy="y" * 300)
    take = replace(_take(tmp_path), angles=(Angle(camera="A", clips=(endless,)),))
    assert shots_of(take, tmp_path) == ()
    assert thumbnails_there(tmp_path, endless) == []
    with pytest.raises(RefusedError, match="is not there"):
        player_command("mpv", take, "c", tmp_path)
    for clips in (True, False):
        found = files_of([take], [], tmp_path, clips=clips)
        assert (found.files, ["is not at" in one.why for one in found.left_out if "C.mov" in one.what]) == ({}, [True])


def test_a_file_that_is_no_picture_ends_the_app(tmp_path: Path) -> None:
    whole = picture(tmp_path / "whole.jpg", (640, 360)).read_bytes()
    (tmp_path / "cut.jpg").write_bytes(whole[: len(whole) // 2])
    (tmp_path / "text.jpg").write_text("\x1b]0;PWNED\x07[red]")
    (tmp_path / "empty.jpg").touch()
    os.mkfifo(tmp_path / "pipe.jpg")
    (tmp_path / "link.jpg").symlink_to(tmp_path / "whole.jpg")
    said = {name: draw(tmp_path / f"{name}.jpg", 32, 9) for name in ("cut", "text", "empty", "pipe", "link", "gone")}
    assert not any(drawn.strips for drawn in said.values())
    assert {name: drawn.words for name, drawn in said.items()} == {
        "cut": "it is cut off or damaged",
        "text": "it is no JPEG and no PNG, whatever its name says",
        "empty": "it is empty",
        "pipe": "it is no plain file",
        "link": "it is a symbolic link",
        "gone": "the file is not there",
    }


def test_only_pictures_that_are_there_are_shown_and_none_of_a_refused_clip(tmp_path: Path) -> None:
    take = _take(tmp_path)
    ours = take.angles[0].clips[0]
    original = replace(clip("B014C001", "10:00:00:00", camera="B"), id="b", source=Source.CARD)
    refused = replace(original, id="r", link=LinkState.REFUSED)
    still = Still(id="s", path="media/stills/IMG.jpg", source_path="", digest="", caption="left\x1b[2Jhand")
    twice = replace(original, id="a", camera="A")
    take = replace(
        take,
        angles=(Angle(camera="A", clips=(twice, ours)), Angle(camera="B", clips=(original, refused))),
        stills=(still,),
    )
    for each in (ours, original, refused, twice):
        picture(tmp_path / small_pictures(each)[1])
    picture(tmp_path / small_pictures(ours)[0])
    assert [shot.caption for shot in shots_of(take, tmp_path)] == [
        "A start",
        "A middle",
        "B middle",
        "left\\x1b[2Jhand",
    ]
    assert (tmp_path / "media/thumbs/b_middle.jpg").is_file(), "nothing is put beside a camera's original"


async def test_an_album_grows_all_day(tmp_path: Path) -> None:
    album = Album(tmp_path)
    paths = [picture(tmp_path / f"{number}.jpg", (32, 18)) for number in range(MOST + 1)]
    for path in paths:
        await album.draw(path, 32, 9)
    assert album.at_hand(paths[0], 32, 9) is None
    assert album.at_hand(paths[-1], 32, 9) is not None
    gone = tmp_path / "away.jpg"
    assert not (await album.draw(gone, 32, 9)).strips
    picture(gone)
    assert (await album.draw(gone, 32, 9)).strips, "its disk came back"


def _shown(at: At) -> list[str]:
    return [shot.caption for shot in at.app.screen.query_one(StillsRow).shown]


@pytest.mark.parametrize("size", [(80, 24), (120, 40)], ids=str)
async def test_pictures_of_another_take_stay_below_the_list(
    tmp_path: Path, size: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    place = Set(tmp_path)
    place.open().close()
    takes = a_compared_day(place)
    log = place.open()
    try:
        (first,) = (each.id for each in log.media() if each.name == "A014C002.mov")
        for where in ("start", "middle", "end"):
            picture(tmp_path / f"media/thumbs/{first}_{where}.jpg")
        stills = [
            Still(
                id="", path=f"media/stills/{name}.jpg", source_path=name, digest=f"xxh128:{name:0<32}", unit="Main",
                day=1, caption="[red]left\u202ehand", take_id=takes["42A/1"].id, state=LinkState.CONFIRMED,
            )
            for name in ("a", "b")
        ]  # fmt: skip
        picture(tmp_path / "media/stills/a.jpg", (90, 160))
        log.bring_in_stills(stills)
    finally:
        log.close()
    async with at_work(place, size=size) as at:
        screen = await open_review(at)
        row = screen.query_one(StillsRow)
        await on(at, screen, "42A/1")
        low = size[1] < 36
        assert row.display is not low
        if low:
            await at.press("i")
        await at.until(lambda: _shown(at) == ["A start", "A middle", "A end"])
        await at.until(lambda: at.drawn().count("▀" * row._columns) == 3 * row._rows)
        assert "A end  (2 more)" in at.drawn()
        await at.press("i")
        await at.until(lambda: "the file is not there" in at.drawn())
        assert "[red]left" in at.drawn()
        assert "\u202e" not in at.drawn()
        await on(at, screen, "42C/1")
        await at.until(lambda: "no picture of this take yet" in at.drawn())
        assert "▀" not in at.drawn()
        mounted = threading.Event()
        with monkeypatch.context() as disk:
            disk.setattr(disk_question, "ANSWERS_S", 0.01)
            disk.setattr(stills_of, "shots_of", lambda *_: () * mounted.wait())
            await on(at, screen, "42B/1")
            await at.until(lambda: "its disk does not answer" in at.drawn())
        mounted.set()
        await on(at, screen, "42C/1")
        await at.press("i")
        assert row.display is not low
        await read(at)
        if not low:
            (waits,) = (
                each.id for each in await at.app.hand.desk.read(lambda log: log.media()) if each.name == "A014C003.mov"
            )
            copied = (
                f"import shutil; shutil.copy({str(tmp_path / 'media/stills/a.jpg')!r}, 'media/thumbs/{waits}_end.jpg')"
            )
            program = f"import os; os.chdir({str(tmp_path)!r}); {copied}"
            at.app.hand.deps = replace(at.app.hand.deps, onset=[sys.executable, "-c", program])
            await on(at, screen, "42B/1")
            await at.until(lambda: _shown(at) == ["A end"], "pictures are made of a take that is looked at")
