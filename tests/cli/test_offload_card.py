"""What `onset offload` says of a card: before its copy, with the result, as JSON; and that it holds up no copy."""

from __future__ import annotations

import json
import os
import threading
import time
from pathlib import Path

import pytest

from devices.media_av import AvMediaReader
from onset.cli import offload_card
from onset.cli.main import main
from onset.cli.offload_card import look_after, look_before
from onset.media import MediaInfo
from onset.offload.card import scan_card
from onset.offload.journal import find_jobs, jobs_folder
from onset.offload.outcome import Outcome
from tests.onset.cards.trees import m4root
from tests.onset.offload.cards import make_targets, offload
from tests.stories.originals import film, frames_of

Captured = pytest.CaptureFixture[str]


def shoot(root: Path, roll: str, numbers: tuple[int, ...], start: int = frames_of("10:00:00:00")) -> Path:
    for number in numbers:
        film(root / roll / f"{roll}R2KD" / f"{roll}C{number:03d}_260305_R2KD.mov", start + 100 * number, 48)
    return root / roll


@pytest.fixture
def production(tmp_path: Path, capsys: Captured) -> Path:
    folder = tmp_path / "Harbour"
    assert main(["new", str(folder), "--title", "Harbour", "--rate", "24", "--slating", "us"]) == 0
    capsys.readouterr()
    return folder


def test_a_card_unlike_the_production_and_the_last_one_is_told_before_it_goes_back(
    production: Path, tmp_path: Path, capsys: Captured
) -> None:
    targets = list(map(str, make_targets(tmp_path)))
    first = shoot(tmp_path, "A013", (1, 2))
    assert main(["-p", str(production), "offload", str(first), *targets, "--progress", "none"]) == 0
    shown = capsys.readouterr().out.splitlines()
    line = "ARRI reel folder, camera A, reel A013, 2 clips, 4 s from 10:00:04:04, 23.976 fps 32x32 mjpeg"
    before = shown.index(line)
    assert before < next(n for n, each in enumerate(shown) if "verified" in each)
    assert shown[before + 1] == "  WARNING: 23.976 fps, the production is 24"
    assert shown.count(line) == 2, "and again with the result"
    (job,) = find_jobs(jobs_folder(os.environ))
    assert job.contents is not None
    assert (job.contents["summary"], job.contents["warnings"]) == (line, ["23.976 fps, the production is 24"])

    second = shoot(tmp_path, "A014", (1, 2, 4), start=-100)
    arguments = ["-p", str(production), "offload", str(second), *targets, "--label", "B014", "--json"]
    assert main(arguments) == 0
    contents = json.loads(capsys.readouterr().out)["contents"]
    assert (contents["maker"], contents["camera"], contents["reel"], contents["clips"]) == ("ARRI", "A", "A014", 3)
    assert contents["problems"] == ["no A014C003: deleted in the camera, or missing"]
    assert contents["warnings"] == [
        "the clips say camera A, reel A014; the card is called B014",
        "23.976 fps, the production is 24",
        "timecode starts at 00:00:00:00, on the camera's last card A013 it did not",
    ]
    assert contents["duration_s"] == pytest.approx(3 * 48 * 1001 / 24000)
    told = contents["files"][0]
    assert (told["name"], told["start"], told["start_from"]) == ("A014C001_260305_R2KD", "00:00:00:00", "file")
    assert (told["fps"], told["size"], told["codec"], told["iso"]) == ("23.976", "32x32", "mjpeg", None)

    third = shoot(tmp_path, "A015", (1,), start=-100)
    assert main(["-p", str(production), "offload", str(third), *targets, "--json"]) == 0
    warnings = json.loads(capsys.readouterr().out)["contents"]["warnings"]
    assert warnings == ["23.976 fps, the production is 24"], "the camera's last card began at zero too"


def test_a_reel_that_goes_over_two_cards_has_no_gap(production: Path, tmp_path: Path, capsys: Captured) -> None:
    targets = list(map(str, make_targets(tmp_path)))
    (tmp_path / "one").mkdir()
    first, second = shoot(tmp_path / "one", "A014", (1, 3, 5)), shoot(tmp_path, "A014", (2, 6))
    for card, told in ((first, "no A014C002, A014C004: "), (second, "no A014C004: ")):
        assert main(["-p", str(production), "offload", str(card), *targets, "--label", "A014", "--json"]) == 0
        (problem,) = json.loads(capsys.readouterr().out)["contents"]["problems"]
        assert problem.startswith(told)


def test_outside_of_a_production_names_and_side_cars_tell(tmp_path: Path, capsys: Captured) -> None:
    card = tmp_path / "NO NAME"
    for path in m4root((1, 2)):
        (card / path).parent.mkdir(parents=True, exist_ok=True)
        (card / path).write_bytes(b"x")
    (card / "PRIVATE/M4ROOT/CLIP/C0002M01.XML").unlink()
    (card / "PRIVATE/M4ROOT/CLIP/C0001M01.XML").write_text(
        '<NonRealTimeMeta><Duration value="250"/><LtcChangeTable tcFps="25" halfStep="false">'
        '<LtcChange frameCount="0" value="17305719"/></LtcChangeTable>'
        '<VideoFormat><VideoFrame formatFps="25p"/></VideoFormat></NonRealTimeMeta>'
    )
    target = tmp_path / "T"
    target.mkdir()
    assert main(["offload", str(card), str(target), "--progress", "none"]) == 0
    shown = capsys.readouterr().out.splitlines()
    before = shown.index("Sony M4ROOT, 2 clips, 10 s in 1 of them from 19:57:30:17, 25 fps")
    assert shown[before + 1] == "  ! C0002 has no C0002M01.XML"


def test_an_unknown_card_is_copied_just_the_same(tmp_path: Path, capsys: Captured) -> None:
    card = tmp_path / "STICK"
    card.mkdir()
    (card / "notes.txt").write_text("x")
    (card / "\x1b]0;x\x07.mov").write_bytes(b"")
    target = tmp_path / "T"
    target.mkdir()
    assert main(["offload", str(card), str(target), "--progress", "none"]) == 0
    shown = capsys.readouterr().out.splitlines()
    before = shown.index("a card of no known layout, 1 clip")
    assert shown[before + 1] == "  ! \\x1b]0;x\\x07 holds no byte"
    assert len([path for path in (target / "STICK").iterdir() if path.is_file()]) == 2


class Slow(AvMediaReader):
    """A card whose second clip does not answer until it is let go."""

    def __init__(self, gate: threading.Event, opened: list[Path]) -> None:
        self._gate = gate
        self._opened = opened

    def probe(self, path: Path) -> MediaInfo:
        self._opened.append(path)
        if len(self._opened) == 2:
            assert self._gate.wait(30)
        return super().probe(path)


def test_a_card_that_does_not_answer_holds_up_the_copy(
    production: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is not told in time is told by the copies, without looking twice."""
    card, gate, opened = shoot(tmp_path, "A014", (1, 2, 3, 4)), threading.Event(), list[Path]()
    monkeypatch.setattr(offload_card, "_reader", lambda: Slow(gate, opened))
    began = time.monotonic()
    look = look_before(scan_card(card), production, None, threading.Event(), seconds=0.0)
    assert time.monotonic() - began < 10
    assert (look.contents.reel, len(look.formats), look.complete) == ("A014", 4, False)

    look = look_before(scan_card(card), production, None, threading.Event(), seconds=0.2)
    gate.set()
    assert (look.contents.reel, look.complete) == ("A014", False)
    outcome = offload(card, make_targets(tmp_path), jobs_folder(os.environ))
    after = look_after(look, outcome)
    (job,) = find_jobs(jobs_folder(os.environ))
    assert job.contents == after.as_json()
    assert after.complete
    assert [str(each.start) for each in after.formats][:2] == ["10:00:04:04", "10:00:08:08"]
    assert all(not path.is_relative_to(card) for path in opened[-3:])


def test_a_look_that_was_stopped_or_has_no_copies_ends_quietly(production: Path, tmp_path: Path) -> None:
    asked = threading.Event()
    asked.set()
    look = look_before(scan_card(shoot(tmp_path, "A014", (1,))), production, None, asked)
    assert look.contents.reel == "A014"
    nothing = Outcome("", "", "", "", 0, 0, "", (), (), "", (), (), {}, 0, 0, 0.0, ())
    assert look_after(look, nothing) == look


def test_a_log_that_cannot_be_read_leaves_what_the_card_says(tmp_path: Path, capsys: Captured) -> None:
    look = look_before(scan_card(shoot(tmp_path, "A014", (1,))), tmp_path / "no production", None, threading.Event())
    assert look.contents.reel == "A014"
    assert "not everything on the card can be told" in capsys.readouterr().err
