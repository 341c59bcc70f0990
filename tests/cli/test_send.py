"""`onset send`: what of the selects gets onto a disk, and what is said of the rest."""

from __future__ import annotations

import json
import os
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import opentimelineio as otio
import pytest

from onset.cli.find import open_logbook
from onset.cli.main import main
from onset.cli.send_files import files_of
from onset.clock import ManualClock
from onset.domain.camera import Angle, LinkState, Source
from onset.domain.card import Card, Copy
from onset.domain.selects import SELECTS
from onset.domain.take import Stamp, State, Take
from onset.logbook.terms import Next
from onset.offload import sending
from onset.offload.journal import find_jobs, jobs_folder
from tests.onset.editorial.a_log import a_take, clip, sound

START_NS = 1_772_700_000_000_000_000  # 2026-03-05, 08:40 UTC


@pytest.fixture
def production(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Path:
    """Takes 1/1 to 1/4, all selects: two with a proxy, one without sound that is its own proxy, one that rolls."""
    folder = tmp_path / "Harbour"
    assert main(["new", str(folder), "--title", "Harbour Lights", "--rate", "25"]) == 0
    clock = ManualClock(wall_ns=START_NS)

    def stamp() -> Stamp:
        return Stamp(wall_ns=clock.wall_ns(), mono_ns=clock.monotonic_ns(), boot="b", tc="10:00:00:00", tc_source="MIX")

    with closing(open_logbook(folder)) as log:
        log.set_next(Next(slate="1", cameras={"A": True}))
        for number in range(1, 5):
            take = log.roll(stamp())
            name = f"1-{number}_A.mov"
            made = replace(clip(name), id="", rate="25", tc_in="09:59:58:00", duration_frames=None)
            opened = log.clip_opened(take.id, replace(made, path=f"media/day01/{name}"))
            log.tag(take.id, add=[SELECTS])
            if number == 4:
                break
            clock.advance(10)
            log.cut(take.id, stamp())
            log.clip_closed(opened, duration_frames=400, dropped=0, interrupted=False)
            path = f"media/day01/{name}" if number == 3 else f"media/proxies/day01/1-{number}_A_proxy.mov"
            if number != 3:
                log.clip_proxy(opened, path)
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_bytes(f"pictures of {number}".encode() * 1000)
        log.order_takes(SELECTS, [log.find_take("1/3").id], log.find_take("1/1").id)
    monkeypatch.chdir(folder)
    capsys.readouterr()
    return folder


def _sent(capsys: pytest.CaptureFixture[str], *words: str, code: int = 0) -> dict[str, Any]:
    assert main(["send", *words, "--json", "--progress", "none"]) == code
    found: dict[str, Any] = json.loads(capsys.readouterr().out)
    return found


def test_folder_on_the_disk_is_not_what_was_chosen(
    production: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    disk = tmp_path / "SHUTTLE"
    disk.mkdir()
    monkeypatch.setenv("ONSET_PRODUCTION", str(production))
    monkeypatch.chdir(tmp_path)
    words = ("SHUTTLE", "--string-out", "otio,edl")
    planned = _sent(capsys, *words, "--dry-run")
    assert (planned["files"], planned["verdict"], list(disk.iterdir())) == (5, None, [])
    told = _sent(capsys, *words)
    assert (told["verdict"], told["takes"]) == ("sent", ["1/3", "1/1", "1/2"])
    assert told["left_out"] == [{"what": "1/4", "why": "it still rolls"}]
    folder = disk / "Harbour_Lights_day01_selects"
    assert told["targets"][0]["path"] == str(folder)
    timeline = otio.adapters.read_from_file(str(folder / "Harbour_Lights_day01_selects.otio"))
    urls = [one.media_reference.target_url for one in timeline.find_clips()]
    files = [folder / unquote(url) for url in dict.fromkeys(urls)]
    assert [path.read_bytes() for path in files] == [f"pictures of {n}".encode() * 1000 for n in (3, 1, 2)]
    assert main(["verify", str(folder)]) == 0, "string-outs are in the manifest too"
    capsys.readouterr()
    (job,) = find_jobs(jobs_folder(os.environ))
    with monkeypatch.context() as patch:
        patch.chdir(disk)
        assert main(job.sheet.sends) == 0, "these words go on with it from anywhere"
    assert "5 were there already" in capsys.readouterr().out
    assert main(["log", "order", "1/3", "--last"]) == 0
    capsys.readouterr()
    other = _sent(capsys, *words)
    assert other["targets"][0]["path"] == f"{folder}_2", "another order is another folder, and the first one stays"
    assert main(["jobs"]) == 0
    assert "selects of day 1  finished   sent" in capsys.readouterr().out


def test_file_that_is_gone_is_sent_as_if_it_were_there(
    production: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (production / "media/proxies/day01/1-1_A_proxy.mov").unlink()
    with pytest.MonkeyPatch.context() as patch:
        here = sending._entry
        patch.setattr(sending, "_entry", lambda path, where: here(path, where) if "1-3_A" not in path else None)
        assert main(["send", str(tmp_path)]) == 1
    assert "1-3_A.mov is not there any more" in capsys.readouterr().err
    told = _sent(capsys, str(tmp_path))
    assert [one["what"] for one in told["left_out"]] == ["1-1_A.mov (1/1 A)", "1/4"]
    assert "is its disk connected?" in told["left_out"][0]["why"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["nosuch"], '"nosuch" is no folder here, and no [[target]] of config.toml, which has: none.'),
        (["/no/such/disk"], "The target /no/such/disk does not exist; mount the disk or make the folder first."),
        (["media"], "lies in the production itself; name another disk or folder."),
        (["..", "--tag", "crane"], 'No take of day 1 is tagged "crane"; "onset log tag" tags one.'),
        (["..", "--string-out", "ale"], '"ale" is no string-out; there are edl, fcp7, fcpxml, otio, and none.'),
        (["..", "--clips", "--day", "2"], "There is no day 2 of unit Main; the log has day 1."),
    ],
)
def test_sending_that_cannot_be_is_begun(
    production: Path, capsys: pytest.CaptureFixture[str], words: list[str], said: str
) -> None:
    assert main(["send", *words]) != 0
    out, err = capsys.readouterr()
    assert (out, err.count("\n")) == ("", 1)
    assert err.rstrip().endswith(said)


def test_sealed_copy_of_a_card_gets_files_of_a_sending(
    production: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    card, _ = _original(tmp_path, "day1", "A001C001_260305_R1AB")
    with closing(open_logbook(production)) as log:
        log.record_card(card)
    for disk in ("day1/A001", "day1/A001/CLIP"):
        assert main(["send", str(tmp_path / disk)]) == 1
        assert "lies in the copy of a card, which is sealed" in capsys.readouterr().err
    (tmp_path / "EDIT").mkdir()
    (tmp_path / "EDIT/Harbour_Lights_day01_selects").symlink_to(production)
    assert main(["send", str(tmp_path / "EDIT")]) == 1
    assert "lies in the production itself" in capsys.readouterr().err


def _original(tmp_path: Path, card: str, name: str) -> tuple[Card, Take]:
    """A take whose clip lies in the second copy of a card, with its side-car and thumbnail, and a stranger's beside."""
    root = tmp_path / card / "A001"
    for path in (f"CLIP/{name}.MXF", f"CLIP/{name}M01.XML", "CLIP/A001C099_260305_R1AB.MXF"):
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(path)
    lost = str(tmp_path / "UNPLUGGED" / card / "A001")
    copies = tuple(
        Copy(path=path, verified=3, failed=0, read_back="direct", manifest=None) for path in (lost, str(root))
    )
    of_card = Card(
        id=card, label="A001", fingerprint=card, files=3, size=9, verdict="safe", reasons=(), wall_ns=1, copies=copies
    )
    original = replace(clip(f"{name}.MXF"), id=name, path=f"{lost}/CLIP/{name}.MXF", card=card, source=Source.CARD)
    return of_card, a_take("42C/1", angles=(Angle(camera="A", clips=(original,)),), sound=())


def test_original_comes_without_its_side_cars(tmp_path: Path) -> None:
    """From the copy that is connected; and two cards of one name do not become one."""
    one, take = _original(tmp_path, "day1", "A001C001_260305_R1AB")
    two, other = _original(tmp_path, "day2", "A001C001_260306_R1AB")
    found = files_of([take, other], [one, two], tmp_path, clips=True)
    assert found.left_out == ()
    assert {path: str(where.relative_to(tmp_path)) for path, where in found.files.items()} == {
        "A001/CLIP/A001C001_260305_R1AB.MXF": "day1/A001/CLIP/A001C001_260305_R1AB.MXF",
        "A001/CLIP/A001C001_260305_R1ABM01.XML": "day1/A001/CLIP/A001C001_260305_R1ABM01.XML",
        "A001_2/CLIP/A001C001_260306_R1AB.MXF": "day2/A001/CLIP/A001C001_260306_R1AB.MXF",
        "A001_2/CLIP/A001C001_260306_R1ABM01.XML": "day2/A001/CLIP/A001C001_260306_R1ABM01.XML",
    }
    assert [each.path for each in found.takes[1].angles[0].clips] == ["A001_2/CLIP/A001C001_260306_R1AB.MXF"]
    (tmp_path / "day1/A001/CLIP/A001C001_260305_R1AB.MXF").unlink()
    (reason,) = files_of([take], [one], tmp_path, clips=True).left_out
    assert "is its disk connected?" in reason.why


def test_what_nobody_confirmed_is_sent(tmp_path: Path) -> None:
    unsure = clip("U.mov", link=LinkState.PROPOSED)
    heard = sound("T.wav")
    (tmp_path / heard.files[0].path).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / heard.files[0].path).write_text("sound")
    take = a_take("42C/1", angles=(Angle(camera="A", clips=(unsure,)), Angle(camera="B")), sound=(heard,))
    for clips in (True, False):
        found = files_of([take, replace(take, state=State.ROLLING)], [], tmp_path, clips=clips)
        assert list(found.files) == [heard.files[0].path] * clips, "a proxy would have the sound in it"
        said = {one.what: one.why for one in found.left_out}
        assert said["42C/1"] == "it still rolls"
        assert said["42C/1 B"] == "no clip of it is in the log"
        assert said["U.mov (42C/1 A)"] == "its link to the take is only proposed"
    sure = a_take("42C/1", angles=(Angle(camera="A", clips=(clip("O.mov", source=Source.CARD),)),), sound=())
    (reason,) = files_of([sure], [], tmp_path, clips=False).left_out
    assert "--clips sends its original" in reason.why
