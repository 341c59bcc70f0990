"""A shooting day through the command line, with departments that disagree: what is missing, and what may be formatted.

Camera B's clock is 37 s ahead of A's, the log's own is 20 s behind both. A014 is offloaded at lunch with a clip that
cannot be read, B007 comes late, the mixer circled otherwise than script, and A014 comes back with more clips on it.
"""

from __future__ import annotations

from pathlib import Path

import opentimelineio as otio
import pytest

from tests.stories.reconciled import Day, differences, short

MORNING_A: tuple[str | int, ...] = (120, "42/1", "42/2", "42A/1", "42A/2", "42A/3", "42B/1")
ON_B = ("42/1", "42/2", "42A/1", "42A/2", "42B/1")
CONFIG = """
[[target]]
name = "shuttle"
path = "{disks}/SHUTTLE"

[[target]]
name = "raid"
path = "{disks}/RAID"
"""


@pytest.fixture
def day(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Day:
    """A production with two target disks, before the first take."""
    day = Day(tmp_path, monkeypatch, capsys)
    title = ("--title", "Harbour Lights", "--rate", "23.976", "--slating", "us")
    day.onset("new", str(day.production), *title)
    for name in ("SHUTTLE", "RAID"):
        (tmp_path / "disks" / name).mkdir(parents=True)
    with (day.production / "config.toml").open("a") as config:
        config.write(CONFIG.format(disks=tmp_path / "disks"))
    return day


@pytest.mark.timeout(120)
def test_a_day_whose_departments_disagree(day: Day) -> None:
    _the_morning_is_shot(day)
    card = _lunch_with_a_clip_that_cannot_be_read(day)
    _the_camera_report_comes(day)
    _the_sound_folder_comes(day)
    _the_sound_report_disagrees_and_is_explained(day)
    _the_late_card_comes(day)
    _another_reader_reads_the_card(day, card)
    _the_cleared_card_comes_back_with_more(day)
    _the_cutting_room_gets_facts_only(day)
    _wrap(day)


def _the_morning_is_shot(day: Day) -> None:
    day.onset("log", "next", "42", "--roll", "A=A014", "--roll", "B=B007", "--sound-roll", "S001")
    day.shoot("42/1", 35, status="ng", status_reason="sound")
    day.shoot("42/2", 48, status="circled")
    day.shoot("42A/1", 62)
    day.shoot("42A/2", 41, status="circled")
    day.shoot("42A/3", 28, cameras="A", mos=True)
    day.shoot("42B/1", 75)

    board = day.board()
    assert len(board["takes"]) == 6
    assert differences(board, "open") == [], "nothing has come, so nothing is wrong"
    pending = " ".join(board["pending"])
    assert "A014" in pending
    assert "B007" in pending
    assert day.json("card") == {"cards": []}
    assert "No card was offloaded." in day.wrap()


def _lunch_with_a_clip_that_cannot_be_read(day: Day) -> Path:
    """A014C003 is 42/2, circled; B has it too, on a card that nobody has brought yet."""
    card = day.card("A014", day.clips("A", MORNING_A))
    day.bad.add("A014C003")
    told = day.offload(card, code=10)
    assert [short(Path(problem["path"]).name) for problem in told["problems"]] == ["A014C003"]
    assert told["clips"]["alarms"] == ["A014C003 unreadable: 42/2 circled; B is pending"]

    # One kind of evidence proposes; the file that nobody could read is a fault, told with its take on every seat.
    assert day.linked("42A/1")["A"] == [("A014C004", "proposed")]
    verdict = day.json("card", "A014")
    assert verdict["verdict"] == "not safe"
    assert "A014C003" in " ".join(verdict["log"]["unreadable"])
    said = day.onset("card", "A014")
    assert said.startswith("Do NOT format A014: ")
    board = day.board()
    assert any("A014C003" in each["what"] for each in differences(board, "open"))
    assert any("A014C001" in stray["name"] for stray in board["strays"]), "the bumped button is told as a stray"
    wrap = day.wrap()
    assert "ALARM: A014C003 unreadable: 42/2 circled; B is pending" in wrap
    assert "CARDS NOT CLEARED (1) A014 not safe" in wrap
    assert "B007" in wrap.partition("PENDING")[2].partition("EXPLAINED")[0]
    return card


def _the_camera_report_comes(day: Day) -> None:
    names = [f"A014C{number:03}" for number in range(1, 8)]
    rows = ["Camera,Roll,Clip,Slate,Take,Circled"]
    for name, label in zip(names[1:], MORNING_A[1:], strict=True):
        slate, take = str(label).split("/")
        rows.append(f"A,A014,{name},{slate},{take},{'yes' if day.shots[str(label)].circled else ''}")
    report = day.tmp_path / "readers" / "A014_report.csv"
    report.write_text("\n".join(rows) + "\n")
    day.onset("import", "camera", str(report), "--day", "1")

    # Time and report agree: confirmed without anybody's hand.
    for label, name in (("42/1", "A014C002"), ("42A/1", "A014C004"), ("42A/3", "A014C006"), ("42B/1", "A014C007")):
        assert day.linked(label)["A"] == [(name, "confirmed")], label
    assert [name for name, _ in day.linked("42/2")["A"]] in ([], ["A014C003"])
    assert any("A014C003" in each["what"] for each in differences(day.board(), "open"))


def _the_sound_folder_comes(day: Day) -> None:
    folder = day.sound_folder(ON_B, not_circled=("42A/2",))
    day.onset("import", "sound", str(folder), "--day", "1")
    again = day.json("import", "sound", str(folder), "--day", "1")
    assert again["new"] == 0, "the same folder again adds nothing"
    for label in ON_B:
        slate, take = label.split("/")
        sets = [(f"{slate}-T{int(take):03}_{track}.WAV", "confirmed") for track in (1, 2)]
        assert day.linked(label)["sound"] == sets, "time and the file's own slate agree"
    assert "sound" not in day.linked("42A/3"), "it was MOS"


def _the_sound_report_disagrees_and_is_explained(day: Day) -> None:
    rows = ["SOUND REPORT", 'Project:,"Harbour Lights",Sound Mixer:,"Jo",Roll:,"S001"', ""]
    rows.append(
        "File Name,Channels,Tape,Scene,Take,Sample Rate,Frame Rate,Bit Depth,Length,Start TC,Wild,Circled,Notes"
    )
    for label in ON_B:
        slate, take = label.split("/")
        circled = "Yes" if label == "42/2" else " "
        rows.append(
            f'"{slate}-T{int(take):03}_X.WAV",2(MONO),"S001","{slate}","{take}",8000,23.97 ND,16,,, ,{circled},'
        )
    report = day.tmp_path / "readers" / "sound_report.csv"
    report.write_bytes("\r".join(rows).encode() + b"\r")
    day.onset("import", "sound", str(report), "--day", "1")

    marks = [each for each in differences(day.board(), "open") if each["field"] == "circled"]
    assert len(marks) == 1, [each["what"] for each in marks]
    assert "42A/2" in marks[0]["what"]
    day.onset("reconcile", "explain", marks[0]["key"], "Jo's list was written before it was circled", "--by", "Maya")
    board = day.board()
    assert [each for each in differences(board, "open") if each["field"] == "circled"] == []
    (explained,) = differences(board, "explained")
    assert explained["explanation"] == "Jo's list was written before it was circled"
    assert explained["explained_by"] == "Maya"
    assert "Jo's list was written before it was circled" in day.wrap().partition("EXPLAINED DIFFERENCES (1)")[2]


def _the_late_card_comes(day: Day) -> None:
    card = day.card("B007", day.clips("B", ON_B))
    told = day.offload(card)
    assert told["verdict"] == "safe"
    board = day.board()
    assert "B007" not in " ".join(board["pending"])
    for number, label in enumerate(ON_B, 1):
        assert day.linked(label)["B"] == [(f"B007C{number:03}", "proposed")], "only the time speaks for it"
    lines = day.wrap().partition("DEVICE CLOCKS")[2].partition("GAPS AND ALARMS")[0]
    assert "57." in lines, "B against the log"
    assert "20." in lines, "A against the log"

    assert told["clips"]["alarms"] == ["A014C003 unreadable: 42/2 circled; B is not confirmed yet"]
    day.onset("reconcile", "link", "42/2", "B007C002", "--by", "Noor")
    day.onset("reconcile", "refuse", "42A/1", "B007C003", "--by", "Noor")
    assert day.linked("42/2")["B"] == [("B007C002", "confirmed")]
    (angle,) = (each for each in day.take("42/2")["angles"] if each["camera"] == "B")
    assert angle["clips"][0]["decided_by"] == "Noor"
    assert day.linked("42A/1")["B"] == [], "a refused clip is not shown under the take, and does not come back"
    again = day.offload(card)["clips"]
    assert again["new"] == 0, "the same card again adds nothing"
    assert again["alarms"] == ["A014C003 unreadable: 42/2 circled; B is safe"]
    assert day.linked("42A/1")["B"] == [], "nothing that comes later overrules a person"
    board = day.board()
    assert [short(stray["name"]) for stray in board["strays"]] == ["A014C001", "B007C003"]
    verdict = day.json("card", "B007")
    assert verdict["verdict"] == "not safe"
    assert "B007C003" in " ".join(verdict["log"]["without_take"])
    page = day.onset("report", "editor", "--day", "1", "--format", "txt", "-o", "-")
    assert "B007C003" not in page
    assert "B007C004" in page
    assert "(proposed)" in page


def _another_reader_reads_the_card(day: Day, card: Path) -> None:
    assert day.offload(card, code=10)["clips"]["alarms"] == [], "it still cannot be read, and that was told"
    day.later(1800)
    day.bad.clear()
    told = day.offload(card)
    assert told["clips"]["alarms"] == ["A014C003 could be read after all: 42/2"]
    assert (told["verdict"], told["problems"]) == ("safe", [])
    assert day.linked("42/2")["A"] == [("A014C003", "confirmed")]
    verdict = day.json("card", "A014")
    assert verdict["copies"]["ok"]
    assert verdict["log"]["unreadable"] == []
    assert verdict["verdict"] == "not safe", "the bumped button belongs to no take, and nobody has said why"
    (stray,) = (each for each in day.board()["strays"] if short(each["name"]) == "A014C001")
    day.onset("reconcile", "explain", stray["difference"]["key"], "bumped button before the first take", "--day", "1")
    assert day.json("card", "A014")["verdict"] == "safe"
    day.onset("card", "A014", "--clear", "--by", "Noor")
    verdict = day.json("card", "A014")
    assert (verdict["verdict"], verdict["cleared_by"]) == ("cleared", "Noor")
    assert day.onset("card", "A014").startswith("A014 may be formatted: ")
    wrap = day.wrap()
    assert "CARDS CLEARED FOR FORMATTING (1) A014 cleared" in wrap
    assert "Cleared by Noor" in wrap


def _the_cleared_card_comes_back_with_more(day: Day) -> None:
    """Nobody formatted A014: it went back into the camera."""
    day.onset("log", "next", "43", "--roll", "A=A014")
    day.shoot("43/1", 44, cameras="A", status="circled")
    day.shoot("43/2", 53, cameras="A")
    card = day.card("A014", day.clips("A", (*MORNING_A, "43/1", "43/2")))
    assert day.offload(card)["verdict"] == "safe"
    answer = day.json("card", "A014")
    states = answer.get("cards", [answer])
    newest = states[0]
    assert (newest["verdict"], newest["cleared_by"]) == ("safe", None), (
        "what Noor cleared was another state of this card"
    )
    assert (states[1]["superseded"], states[1]["cleared_by"], states[1]["verdict"]) == (True, "Noor", "not safe")
    assert "2 more clips" in day.onset("card", "A014")
    assert day.linked("43/1")["A"] == [("A014C008", "proposed")]
    assert day.linked("42/2")["A"] == [("A014C003", "confirmed")], "what was linked stays linked, once"


def _lines_of_sound(day: Day) -> dict[str, tuple[str, str, str]]:
    """A line for each of the mixer's sets; its timecode is the mixer's own, and what is circled is the log's word."""
    lines = {}
    for number, label in enumerate(ON_B, 1):
        slate, take = label.split("/")
        start = day.sound_start(label, number)
        at = f"{start // 86400:02}:{start // 1440 % 60:02}:{start // 24 % 60:02}:{start % 24:02}"
        lines[f"{label} "] = f"{slate}-T{int(take):03}", "yes" if day.shots[label].circled else "", at
    return lines


def _the_cutting_room_gets_facts_only(day: Day) -> None:
    """Another reader finds what was confirmed, each take with its file; the rest is named, and no clock is believed."""
    told = day.json("export", "ale", "--day", "1", "-o", f"{day.tmp_path / 'cutting'}/")
    rows = {}
    for file in told["files"]:
        read = otio.adapters.read_from_file(file["path"], "ale")  # kept: its clips are gone with it
        for one in read:
            row = one.metadata["ALE"]
            rows[f"{row['Slate']}/{row['Take']} {row['Camera']}"] = short(one.name), row["Circled"], row["Mark IN"]
    assert rows == {
        "42/1 A": ("A014C002", "", ""),
        "42/2 A": ("A014C003", "yes", ""),
        "42/2 B": ("B007C002", "yes", ""),
        "42A/1 A": ("A014C004", "", ""),
        "42A/2 A": ("A014C005", "yes", ""),
        "42A/3 A": ("A014C006", "", ""),
        "42B/1 A": ("A014C007", "", ""),
        **_lines_of_sound(day),
    }
    left_out = {one["what"]: one["why"] for one in told["left_out"]}
    proposed = {short(what.split()[0]) for what, why in left_out.items() if "only proposed" in why}
    assert proposed == {"A014C008", "A014C009", "B007C001", "B007C004", "B007C005"}
    assert left_out["42A/1 B"] == "no file of it is confirmed"
    assert [warning.partition(" is about ")[2].partition(" s ahead")[0] for warning in told["warnings"]] == ["20", "57"]


def _wrap(day: Day) -> None:
    wrap = day.wrap()
    assert "Takes 8, Circled 3" in wrap
    assert "CARDS NOT CLEARED (2)" in wrap
    assert "LINKS AWAITING CONFIRMATION (5)" in wrap
    assert "that Noor cleared it before does not count" in wrap
    assert "PENDING (1) nothing of sound later" in wrap, "the mixer has not brought the afternoon"
    told = day.json("report", "wrap", "--day", "1", "--format", "pdf", "-o", str(day.tmp_path / "wrap.pdf"))
    assert told["cards_not_cleared"] == 2
    first = (day.tmp_path / "wrap.pdf").read_bytes()
    day.onset("report", "wrap", "--day", "1", "-o", str(day.tmp_path / "wrap.pdf"))
    assert (day.tmp_path / "wrap.pdf").read_bytes() == first
