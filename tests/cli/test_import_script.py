"""`onset import script` as a script supervisor meets it: white is shot, blue comes in, and what was done stays."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from onset.cli import asking
from onset.cli.main import main
from tests.cli.at_the_desk import new_production
from tests.onset.script.written import SAMPLES, fdx, paragraph

Run = Callable[..., tuple[int, str, str]]

WHITE = """Title: Harbour Lights
Draft date: 2026-04-01
Revision: White

EXT. HARBOUR - DAWN #1#

Gulls over the water. MARA walks the quay, collar up.

INT. KITCHEN - DAY #2#

TOM stands at the stove.

TOM
You came back.

INT. MARA'S CAR - NIGHT #3#

Rain. She counts the money twice and puts it back.

EXT. LIGHTHOUSE - NIGHT #4#

The lamp turns. Nobody is up there tonight.
"""
BLUE = (
    WHITE.replace("White", "Blue")
    .replace("INT. KITCHEN - DAY #2#", "EXT. QUAY - DAWN #1A#\n\nA boat.\n\nINT. KITCHEN - NIGHT #2#")
    .replace("INT. MARA'S CAR - NIGHT #3#\n\nRain. She counts the money twice and puts it back.", "OMITTED #3#")
    .replace("#4#", "#4A#")
    .replace("collar up", "collar down")
)


@pytest.fixture
def onset(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    new_production(tmp_path / "Harbour", capsys)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "white.fountain").write_text(WHITE)
    (tmp_path / "blue.fountain").write_text(BLUE)

    def run(*words: str | Path) -> tuple[int, str, str]:
        code = main(["-p", "Harbour", *map(str, words)])
        return code, *capsys.readouterr()

    return run


def document(run: Run, *words: str | Path) -> dict[str, Any]:
    code, out, err = run(*words, "--json")
    assert (code, err) == (0, "")
    found = json.loads(out)
    assert isinstance(found, dict)
    return found


def scenes(run: Run) -> list[tuple[str, bool]]:
    return [(one["number"], one["omitted"]) for one in document(run, "log", "scenes")["scenes"]]


def shoot_and_credit(run: Run, *numbers: str) -> None:
    for number in numbers:
        for words in (
            ["roll", number],
            ["cut"],
            ["credit", number, "complete", "--eighths", "1/8", "--minutes", "0:30"],
        ):
            assert run("log", *words)[0] == 0


def test_first_version_is_taken_in_and_the_same_file_again_changes_nothing(onset: Run) -> None:
    found = document(onset, "import", "script", "white.fountain")
    assert found["diff"]["added"] == ["1", "2", "3", "4"]
    assert found["estimated"] == ["1", "2", "3", "4"]
    assert (found["numbered_by_us"], found["taken"], found["dry_run"]) == ([], True, False)
    assert (found["version"]["name"], found["version"]["colour"], found["version"]["date"]) == (
        *("White", "white", "2026-04-01"),
    )
    kitchen = found["scenes"][1]
    assert (kitchen["int_ext"], kitchen["set"], kitchen["time_of_day"]) == ("INT.", "KITCHEN", "DAY")
    assert (kitchen["characters"], kitchen["eighths"], kitchen["length"]) == (["TOM"], 1, "1/8")
    history = document(onset, "log", "history")
    assert "The log has this version already; nothing changed." in onset("import", "script", "white.fountain")[1]
    assert document(onset, "log", "history") == history
    assert len(document(onset, "log", "versions")["versions"]) == 1


def test_new_version_shows_its_diff_and_what_was_shot_and_credited_stays(onset: Run) -> None:
    document(onset, "import", "script", "white.fountain")
    shoot_and_credit(onset, "3", "4")
    credits = document(onset, "log", "credits")
    previewed = document(onset, "import", "script", "blue.fountain", "--dry-run")
    assert (previewed["taken"], previewed["dry_run"], previewed["version"]["taken_in_at"]) == (False, True, None)
    assert scenes(onset) == [("1", False), ("2", False), ("3", False), ("4", False)]
    diff = document(onset, "import", "script", "blue.fountain")["diff"]
    assert diff == previewed["diff"]
    assert (diff["added"], diff["omitted"], diff["restored"]) == (["1A"], ["3"], [])
    assert diff["renumbered"] == [{"old": "4", "new": "4A"}]
    assert {"field": "heading", "old": "INT. KITCHEN - DAY", "new": "INT. KITCHEN - NIGHT"} in diff["changed"][0][
        "fields"
    ]
    assert diff["text"] == [{"scene": "1", "added": 0, "changed": 1, "gone": 0}]
    assert (diff["credited"], diff["shot"]) == (["3", "4"], ["3", "4"])
    assert scenes(onset) == [("1", False), ("1A", False), ("2", False), ("3", True), ("4", True), ("4A", False)]
    assert document(onset, "log", "credits") == credits
    assert [one["name"] for one in document(onset, "log", "versions")["versions"]] == ["White", "Blue"]
    # the credit of 4 counts for 4A
    assert document(onset, "log", "totals")["totals"]["to_date"]["scenes_complete"] == 2


def test_scenes_that_only_moved_to_other_pages_are_counted_and_not_called_changed(onset: Run, tmp_path: Path) -> None:
    (tmp_path / "white.fountain").write_text(WHITE)
    document(onset, "import", "script", "white.fountain")
    long = "Gulls.\n\n" * 25
    (tmp_path / "long.fountain").write_text(WHITE.replace("INT. KITCHEN", f"{long}INT. KITCHEN"))
    diff = document(onset, "import", "script", "long.fountain", "--dry-run")["diff"]
    assert [one["scene"] for one in diff["changed"]] == ["1"]
    assert diff["pages"] == [{"scene": one, "old": "1", "new": "2"} for one in ("2", "3", "4")]
    out = onset("import", "script", "long.fountain", "--dry-run")[1]
    assert "  3 scenes stand on other pages than before\n" in out
    assert "changed    2" not in out


def test_undo_takes_the_whole_version_back(onset: Run) -> None:
    document(onset, "import", "script", "white.fountain")
    before = document(onset, "log", "scenes")
    document(onset, "import", "script", "blue.fountain")
    assert onset("log", "undo")[1] == 'script "Blue" taken out again.\n'
    assert document(onset, "log", "scenes") == before


def test_history_after_a_script_tells_its_first_changes_and_counts_the_others(onset: Run) -> None:
    onset("import", "script", "white.fountain")
    lines = onset("log", "history")[1].splitlines()
    assert "script version White name = White" in lines[0]
    assert "scene 1 number = 1" in "".join(lines[:8])
    assert lines[8].startswith("  and ")
    assert "more changes of this edit: scene 4, script element" in lines[8]
    whole = onset("log", "history", "--whole")[1]
    assert all(f"scene {n} number = {n}" in whole for n in "1234")
    assert "more changes" not in whole


def test_person_reads_the_diff_in_80_columns(onset: Run) -> None:
    document(onset, "import", "script", "white.fountain")
    shoot_and_credit(onset, "3")
    code, out, err = onset("import", "script", "blue.fountain", "--dry-run")
    assert (code, err) == (0, "")
    assert "  omitted    3       INT. MARA'S CAR - NIGHT; shot and credited, which stays\n" in out
    assert "  renumbered 4       is 4A: EXT. LIGHTHOUSE - NIGHT\n" in out
    assert "  changed    2       heading INT. KITCHEN - DAY → INT. KITCHEN - NIGHT\n" in out
    assert out.endswith("Nothing was written.\n")
    assert max(map(len, out.splitlines())) <= 80


@pytest.mark.parametrize(("answer", "versions", "code"), [(True, 1, 0), (False, 0, 1)])
def test_terminal_is_asked_after_the_diff(
    onset: Run, monkeypatch: pytest.MonkeyPatch, answer: bool, versions: int, code: int
) -> None:
    asked: list[str] = []

    def ask(question: str, _stop: object) -> bool:
        asked.append(question)
        return answer

    monkeypatch.setattr(asking, "is_terminal", lambda: True)
    monkeypatch.setattr(asking, "ask", ask)
    got, out, _ = onset("import", "script", "white.fountain")
    assert (got, asked) == (code, ["Take it in?"])
    assert out.count("added      1 ") == 1
    assert len(document(onset, "log", "versions")["versions"]) == versions
    onset("import", "script", "blue.fountain", "--yes")
    assert len(asked) == 1


def test_what_another_seat_changed_while_the_question_stood_is_shown_again(
    onset: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    answers = 0

    def ask(_question: str, _stop: object) -> bool:
        nonlocal answers
        answers += 1
        if answers == 1:
            main(["-p", str(tmp_path / "Harbour"), "log", "scene", "2", "heading=INT. CELLAR"])
        return True

    monkeypatch.setattr(asking, "is_terminal", lambda: True)
    monkeypatch.setattr(asking, "ask", ask)
    _, out, err = onset("import", "script", "white.fountain")
    assert (answers, err) == (2, "")
    assert "heading INT. CELLAR → INT. KITCHEN - DAY" in out


def test_demoted_heading_stays_so_and_can_be_a_scene_again(onset: Run) -> None:
    first = document(onset, "import", "script", "white.fountain", "--demote", "EXT. LIGHTHOUSE - NIGHT")
    assert (first["demoted"], len(first["scenes"])) == (["EXT. LIGHTHOUSE - NIGHT"], 3)
    assert document(onset, "import", "script", "blue.fountain")["demoted"] == ["EXT. LIGHTHOUSE - NIGHT"]
    back = document(onset, "import", "script", "blue.fountain", "--promote", "ext. lighthouse - night")
    assert (back["demoted"], back["diff"]["added"]) == ([], ["4A"])


def test_script_of_an_episode_leaves_the_others_alone(onset: Run) -> None:
    document(onset, "import", "script", "white.fountain", "--episode", "101")
    code, _, err = onset("import", "script", "blue.fountain")
    assert code == 2
    assert err == "onset: This production has episodes (101); say whose script with --episode.\n"
    assert document(onset, "import", "script", "blue.fountain", "--episode", "102")["diff"]["omitted"] == []
    assert len(scenes(onset)) == 9


def test_final_drafts_lengths_take_the_place_of_estimates_and_not_the_other_way(onset: Run) -> None:
    name = "screenplay-tools_TestFDX-FD"
    assert document(onset, "import", "script", SAMPLES / f"{name}.fountain")["estimated"] == ["1", "2"]
    found = document(onset, "import", "script", SAMPLES / f"{name}.fdx")
    assert (found["estimated"], found["diff"]["added"], found["diff"]["text"]) == ([], [], [])
    document(onset, "import", "script", SAMPLES / f"{name}.fountain")
    shown = document(onset, "log", "scenes")["scenes"]
    assert [(one["eighths"], one["eighths_estimated"]) for one in shown] == [(3, False), (2, False)]


LIST = """Sc. No;Slug;Pages;Cast;Est. Time
1;EXT. HARBOUR - DAWN;1 4/8;"MARA; GULL MAN";1:10
2A;INT. KITCHEN - DAY;,5;TOM;
"""


def test_list_of_scenes_comes_in_by_its_columns(onset: Run, tmp_path: Path) -> None:
    (tmp_path / "scenes.csv").write_text(LIST)
    found = document(onset, "import", "script", "scenes.csv", "--map", "scene=Sc. No")
    assert [(one["number"], one["eighths"], one["estimate_s"]) for one in found["scenes"]] == [
        ("1", 12, 70),
        ("2A", 4, None),
    ]
    assert found["scenes"][0]["characters"] == ["MARA", "GULL MAN"]
    assert found["columns"]["scene"] == "Sc. No"
    assert (found["estimated"], found["scenes"][1]["set"]) == ([], "KITCHEN")


def test_list_that_has_no_scene_is_refused(onset: Run, tmp_path: Path) -> None:
    (tmp_path / "other.csv").write_text("Prop,Owner\nlamp,TOM\n")
    code, _, err = onset("import", "script", "other.csv")
    assert code == 1
    assert "other.csv has no row of headings with scene" in err
    assert '--map scene="Sc. No"' in err
    (tmp_path / "void.csv").write_text("Scene,Heading\n,INT. A\n")
    assert "has no row with a scene number" in onset("import", "script", "void.csv")[2]
    assert document(onset, "log", "versions")["versions"] == []


def bomb() -> str:
    return '<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]>' + fdx(paragraph("Action", "x"))


HOSTILE: dict[str, tuple[bytes, str]] = {
    "bomb.fdx": (bomb().encode(), "has a document type"),
    "cut.fdx": ((SAMPLES / "screenplay-tools_TestFDX-FD.fdx").read_bytes()[:20_000], "cut short or damaged at line"),
    "page.fdx": (b"<html/>", "is no script of Final Draft"),
    "text.fdx": (WHITE.encode(), "is no FDX inside"),
    "script.pdf": (b"%PDF-1.7\n", "is a PDF; export it as"),
    "script.docx": (b"PK\x03\x04" + bytes(99), "is a packed file"),
    "picture.fountain": (b"\x89PNG\r\n\x1a\n\x01\x02\x03\x04\x05\x06\x07" + b"\xff" * 99, "is no text"),
    "empty.fountain": (b" \n\n", "is empty"),
    "prose.txt": (b"Call me Ishmael. Some years ago I went to sea.\n", "has no scene heading"),
    "notes.fountain": (b"INT. A - DAY\n\n" + b"[[" * 9_000, "more notes in a line"),
    "dual.fountain": (b"INT. A - DAY\n\n" + b"TOM ^\nNo.\n\n" * 2_000, "more dual dialogue"),
    "scenes.fountain": (b"INT. A - DAY\n\n" * 3_500, "more scenes or paragraphs than any script"),
    "endless.fountain": (
        b"INT. A - DAY\n\n" + b"He waits, and waits.\n" * 1_100,
        "paragraph in line 3 of more than 20,000",
    ),
    "line.fountain": (b"INT. A - DAY\n\n" + b"x" * 30_000, "has a line of more than"),
    "long.fountain": (b"INT. A - DAY\n\nx\n\n" * 300_000, "is larger than 4 MiB"),
    "twice.fountain": (WHITE.replace("#2#", "#1#").encode(), "has scene 1 twice"),
    "label.fountain": (WHITE.replace("#2#", "#2\x1b[31m#").encode(), "2\\x1b[31m"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_file_is_refused_in_a_sentence_and_the_log_is_as_it_was(onset: Run, tmp_path: Path, name: str) -> None:
    raw, complaint = HOSTILE[name]
    (tmp_path / name).write_bytes(raw)
    code, out, err = onset("import", "script", name)
    assert (code, out) == (1, "")
    assert complaint in err
    assert err.count("\n") == 1
    assert "\x1b" not in err
    assert document(onset, "log", "scenes")["scenes"] == []


def test_file_that_is_too_large_is_refused_before_it_fills_the_memory(onset: Run, tmp_path: Path) -> None:
    with (tmp_path / "large.fdx").open("wb") as file:
        file.truncate(200 << 20)
    code, _, err = onset("import", "script", "large.fdx")
    assert (code, "is larger than 48 MiB" in err) == (1, True)


def test_names_with_escapes_reach_the_log_and_no_terminal(onset: Run, tmp_path: Path) -> None:
    text = "INT. \x1b]0;PWNED\x07KITCHEN - DAY #1#\n\n\u202eevil\n\nTOM\x1b[3J\nHello.\n"
    (tmp_path / "esc.fountain").write_text(text)
    code, out, err = onset("import", "script", "esc.fountain")
    assert (code, err) == (0, "")
    assert "\\x1b]0;PWNED" in out
    assert not set("\x1b\x07\u202e") & set(out)


def test_folder_and_missing_file_are_refused(onset: Run, tmp_path: Path) -> None:
    (tmp_path / "folder.fdx").mkdir()
    assert "folder.fdx is no file" in onset("import", "script", "folder.fdx")[2]
    assert onset("import", "script", "nowhere.fdx")[0] == 2
