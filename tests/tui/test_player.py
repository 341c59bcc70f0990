"""The player: it gets the right file at the right moment, and says in words why it gets none."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest

from onset.config import parse_config
from onset.domain.camera import Angle, Clip
from onset.domain.card import Card, Copy
from onset.domain.note import Audience, Note
from onset.domain.sound import SoundFile, SoundTake
from onset.domain.take import State, Take
from onset.errors import RefusedError
from tests.tui.reviewing import reviewing
from tests.tui.support import CONFIG, Set, at_work
from tui.player import play, player_command, seconds_into
from tui.review_page import files_of


def _take(folder: Path, *, proxy: str | None = None, mark: str | None = None) -> Take:
    clip = Clip(
        id="c", name="42C-3_A.mov", path="media/42C-3_A.mov", camera="A", tc_in="10:00:00:00", tc_source="A", rate="25",
        duration_frames=500, proxy=proxy,
    )  # fmt: skip
    file = SoundFile(
        id="s", name="42C-3_MIX.wav", path="media/42C-3_MIX.wav", device="MIX", tc_in="10:00:14:00", tc_source="A",
        rate="25", duration_frames=500,
    )  # fmt: skip
    (folder / "media").mkdir(exist_ok=True)
    for each in (clip.path, file.path):
        (folder / each).write_bytes(b"x")
    notes = [Note(id="n", take_id="t", text="", author="", audience=Audience.EDITOR, wall_ns=0, tc=mark, mark=True)]
    return Take(
        id="t", unit="Main", day=3, episode=None, scene="42", slate="42C", take="3", state=State.CUT, rate="25",
        tc_in="10:00:12:00", ordinal=3, arrival=1, rolled_ns=0, notes=tuple(notes) if mark else (),
        angles=(Angle(camera="A", clips=(clip,)),), sound=(SoundTake(device="MIX", files=(file,)),),
    )  # fmt: skip


def test_it_begins_with_the_pre_roll_and_not_with_the_take_or_its_mark(tmp_path: Path) -> None:
    player = "mpv --start={start} '{path}'"
    path = str(tmp_path / "media/42C-3_A.mov")
    assert player_command(player, _take(tmp_path), "c", tmp_path)[0] == ["mpv", "--start=12.000", path]
    marked = _take(tmp_path, mark="10:00:13:05")
    assert player_command(player, marked, "c", tmp_path)[0] == ["mpv", "--start=13.200", path]
    assert player_command(player, _take(tmp_path), "s", tmp_path)[0][1] == "--start=0.000", "sound that came late"
    other_rate = replace(_take(tmp_path), rate="24")
    assert player_command(player, other_rate, "c", tmp_path)[0][1] == "--start=0.000"


def test_a_proxy_that_is_there_is_passed_over(tmp_path: Path) -> None:
    take = _take(tmp_path, proxy="media/proxies/42C-3_A_proxy.mov")
    assert player_command("mpv", take, "c", tmp_path)[0] == ["mpv", str(tmp_path / "media/42C-3_A.mov")]
    (tmp_path / "media/proxies").mkdir()
    (tmp_path / "media/proxies/42C-3_A_proxy.mov").write_bytes(b"x")
    assert player_command("mpv", take, "c", tmp_path)[0] == ["mpv", str(tmp_path / "media/proxies/42C-3_A_proxy.mov")]


@pytest.mark.parametrize(
    ("name", "begins", "at", "seconds"),
    [
        ("23.976", "10:00:00:00", "10:00:10:00", Fraction(1001, 100)),  # 240 frames of 1001/24000 s
        (
            "29.97df",
            "10:00:00;00",
            "10:10:00;00",
            Fraction(17982 * 1001, 30000),
        ),  # ST 12-1: 18 labels left out in 10 min
        ("25", "23:59:50:00", "00:00:05:00", Fraction(15)),
        ("25", "10:00:00:00", "09:59:59:00", Fraction(0)),
        ("25", "10:00:00:00", "10:20:00:00", Fraction(0)),
        ("25", "10:00:00:00", "10:00:00:00:00", Fraction(0)),
    ],
    ids=["1001", "drop frame", "over midnight", "before the file", "behind it", "no label"],
)
def test_a_note_is_looked_at_a_few_frames_off(
    name: str, begins: str, at: str, seconds: Fraction, tmp_path: Path
) -> None:
    take = replace(_take(tmp_path), rate=name)
    clip = replace(take.angles[0].clips[0], rate=name, tc_in=begins, duration_frames=20_000)
    assert seconds_into(take, clip, at) == seconds


def test_a_disk_that_is_away_hides_the_copy_that_is_here(tmp_path: Path) -> None:
    take = _take(tmp_path)
    away, here = tmp_path / "RAID/A014", tmp_path / "SHUTTLE/A014"
    clip = replace(take.angles[0].clips[0], path=f"{away}/CLIPS/1.mov", card="k")
    take = replace(take, angles=(Angle(camera="A", clips=(clip,)),))
    copies = [Copy(path=str(each), verified=1, failed=0, read_back="direct", manifest=None) for each in (away, here)]
    card = Card(id="k", label="A014", fingerprint="f", files=1, size=1, verdict="safe", reasons=(), wall_ns=0)
    card = replace(card, copies=tuple(copies))
    with pytest.raises(RefusedError, match="is its disk mounted"):
        player_command("mpv", take, "c", tmp_path, cards=[card])
    (here / "CLIPS").mkdir(parents=True)
    (here / "CLIPS/1.mov").write_bytes(b"x")
    assert player_command("mpv", take, "c", tmp_path, cards=[card])[0] == ["mpv", f"{here}/CLIPS/1.mov"]


@pytest.mark.parametrize(
    ("player", "media", "said"),
    [("", "c", "No player is set"), ("mpv", "x", "of no take"), ("mpv 'a", "c", "cannot be read")],
)
def test_no_words_for_what_cannot_be_played(player: str, media: str, said: str, tmp_path: Path) -> None:
    with pytest.raises(RefusedError, match=said):
        player_command(player, _take(tmp_path), media, tmp_path)


def test_a_disk_that_is_not_mounted_opens_an_empty_player(tmp_path: Path) -> None:
    take = _take(tmp_path)
    (tmp_path / "media/42C-3_A.mov").unlink()
    with pytest.raises(RefusedError, match="is its disk mounted"):
        player_command("mpv", take, "c", tmp_path)


async def test_a_player_that_is_not_installed_or_fails_ends_the_app_or_says_nothing(tmp_path: Path) -> None:
    place = Set(tmp_path)
    place.config += '[screen]\nplayer = "no-such-player-anywhere {path}"\n'
    async with at_work(place) as at:
        await at.press("space", "space")
        log = at.app.hand.desk
        (take,) = (await at.takes()).values()
        clip = Clip(
            id="", name="1.mov", path="1.mov", camera="A", tc_in=None, tc_source=None, rate="24", duration_frames=None
        )
        (tmp_path / "1.mov").write_bytes(b"x")
        clip_id = await log.read(lambda book: book.clip_opened(take.id, clip))
        said: list[tuple[str, bool]] = []
        await play(at.app.hand, take.id, clip_id, lambda words, alarm: said.append((words, alarm)))
        failed = "The player no-such-player-anywhere cannot be started: No such file or directory"
        assert said == [(f"{failed}; see player in [screen] of config.toml.", True)]
        at.app.hand.deps = replace(
            at.app.hand.deps, config=parse_config(f'{CONFIG}[screen]\nplayer = "false"', tmp_path)
        )
        await play(at.app.hand, take.id, clip_id, lambda words, alarm: said.append((words, alarm)))
        await at.until(lambda: len(said) == 3)
        assert said[1] == (f"{tmp_path}/1.mov opens in the player.", False)
        assert said[2] == ("The player false ended with exit code 1; see player in [screen] of config.toml.", True)


async def test_enter_on_a_file_in_review_does_nothing(tmp_path: Path) -> None:
    async with reviewing(Set(tmp_path)) as (at, screen):
        row = next(row for row in screen.takes.rows if files_of(row))
        screen.takes.pick(screen.takes.rows.index(row))
        await at.press("enter")
        while screen.inside and not (screen.detail.name_under or "").startswith("file:"):
            before = screen.detail.name_under
            await at.press("down")
            assert screen.detail.name_under != before, "no file stands in the evidence"
        await at.press("enter")
        await at.until(lambda: "No player is set" in at.status)
