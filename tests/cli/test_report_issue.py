"""A report goes out, the log is corrected, and it goes out again: which revision it is, and what is told of it."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from onset.cli.find import open_logbook
from onset.cli.main import main
from onset.cli.new import config_text, make_production
from onset.clock import SystemClock
from onset.domain.card import Card, Copy
from onset.domain.scene import OwedKind

Run = Callable[..., tuple[int, str, str]]
TIME = r"\d{4}-\d\d-\d\d \d\d:\d\d"


@pytest.fixture
def run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Run:
    """`run("report", "editor")` in a production with two takes of 42A: exit code, output, complaint."""
    folder = tmp_path / "Harbour"
    make_production(folder, config_text("Harbour", "25", "us"))

    def run(*words: str) -> tuple[int, str, str]:
        code = main(["-p", str(folder), *words])
        return code, *capsys.readouterr()

    # One time for both: of two, the later one is yesterday's for as long as it is still to come today.
    run("log", "add", "42A/1", "--at", "09:10")
    run("log", "add", "42A/2", "--at", "09:10")
    return run


def told(run: Run, *words: str) -> dict[str, Any]:
    code, out, _ = run(*words, "--json")
    assert code == 0
    document: dict[str, Any] = json.loads(out)
    return document


def printed(run: Run) -> str:
    code, out, _ = run("report", "editor", "--format", "txt", "-o", "-")
    assert code == 0
    return out.replace("\n  ", " ")  # lines that were broken


def test_correction_is_printed_as_if_nothing_was_issued(run: Run) -> None:
    before = printed(run)
    assert "evision" not in before
    first = told(run, "report", "editor", "--issue", "--note", "by mail")
    assert (first["revision"], first["issued"], first["draft"], first["changes"]) == (1, True, False, 0)
    assert re.search(rf"^Revision 1, issued {TIME} by \S+: by mail\.$", printed(run), re.MULTILINE)
    run("log", "set", "42A/2", "status=circled")
    draft = printed(run)
    assert re.search(rf"^Draft, differs from revision 1 \(issued {TIME} by \S+\)\. What changed", draft, re.MULTILINE)
    assert "*circled" in draft
    second = told(run, "report", "editor", "--issue")
    assert (second["revision"], second["issued"], second["changes"]) == (2, True, 2)
    again = printed(run)
    assert re.search(
        rf"^Revision 2, issued {TIME} by \S+\. What changed since revision 1 is marked", again, re.MULTILINE
    )
    assert again.count("*circled") == 1
    assert "*42A" not in again


def test_report_that_says_the_same_is_issued_again(run: Run) -> None:
    run("report", "editor", "--issue")
    code, out, err = run("report", "editor", "--issue", "--format", "html")
    assert (code, "revision 1" in out) == (0, True)
    assert "It says what revision 1 says, so nothing was issued" in err
    assert [one["revision"] for one in told(run, "report", "--issued")["issued"]] == [1]


def test_same_revision_printed_again_is_another_paper(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever a later day brings, of the same setup too, and whatever disk is away then."""
    hours = count(time.time_ns(), 3_600_000_000_000)
    monkeypatch.setattr(SystemClock, "wall_ns", lambda _: next(hours))
    disk = tmp_path / "SHUTTLE"
    (disk / "A001").mkdir(parents=True)
    (disk / "A001" / "A001C002_260305_R3U2.mov").touch()
    logbook = open_logbook(tmp_path / "Harbour")
    try:
        copy = Copy(path=f"{disk}/A001", verified=2, failed=0, read_back="direct", manifest=f"{disk}/A001/")
        logbook.record_card(
            Card(
                id="", label="A001", fingerprint="f" * 64, files=2, size=9_000_000, verdict="safe", reasons=(),
                wall_ns=SystemClock().wall_ns(), copies=(copy,), day=1,
            )
        )  # fmt: skip
        logbook.owe(OwedKind.INSERT, "the letter", scene="42")
    finally:
        logbook.close()
    kinds = ("editor", "facing", "progress", "offload", "wrap")
    run("wrap")
    for kind in kinds:
        assert told(run, "report", kind, "-o", str(tmp_path / f"{kind}1.pdf"))["revision"] == 1
    paper = run("report", "offload", "--format", "txt", "-o", "-")[1]
    run("log", "roll", "42A")
    run("log", "cut")
    run("log", "credit", "42", "complete")
    (tmp_path / "SHUTTLE").rename(tmp_path / "taken away")
    for kind in kinds:
        assert told(run, "report", kind, "--day", "1", "-o", str(tmp_path / f"{kind}2.pdf"))["draft"] is False, kind
        assert (tmp_path / f"{kind}1.pdf").read_bytes() == (tmp_path / f"{kind}2.pdf").read_bytes(), kind
    assert "…/SHUTTLE/A001" in paper
    assert str(tmp_path) not in paper
    run("log", "note", "42A/1", "boom in shot")
    assert told(run, "report", "facing", "--day", "1", "--issue")["changes"] == 1


def test_other_time_zone_makes_a_correction(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def in_zone(name: str, *words: str) -> str:
        monkeypatch.setenv("TZ", name)
        time.tzset()
        return run(*words)[1]

    try:
        in_zone("Europe/Oslo", "report", "progress", "--issue", "-o", str(tmp_path / "oslo.pdf"))
        assert "Europe/Oslo" in in_zone("Europe/Oslo", "log", "day", "1")
        for other in ("America/Los_Angeles", "Asia/Kolkata"):
            printed = tmp_path / f"{other[:4]}.pdf"
            in_zone(other, "report", "progress", "-o", str(printed))
            assert printed.read_bytes() == (tmp_path / "oslo.pdf").read_bytes(), "a revision is one paper everywhere"
    finally:
        monkeypatch.undo()
        time.tzset()


@pytest.mark.parametrize("kind", ["wrap", "offload", "progress"])
def test_another_format_is_another_revision(run: Run, kind: str) -> None:
    run("report", kind, "--issue")
    for form in ("html", "txt"):
        again = told(run, "report", kind, "--format", form)
        assert (again["revision"], again["draft"], again["changes"]) == (1, False, 0), form


def test_correction_gives_other_reports_a_revision_too(run: Run) -> None:
    for kind in ("editor", "offload"):
        run("report", kind, "--issue")
    run("log", "note", "42A/2", "boom in shot")
    assert told(run, "report", "offload", "--issue")["issued"] is False
    assert told(run, "report", "editor", "--issue")["revision"] == 2


def test_part_of_a_report_is_a_revision_of_the_whole(run: Run) -> None:
    assert told(run, "report", "progress", "--issue")["revision"] == 1
    assert told(run, "report", "progress", "--partial", "--issue")["revision"] == 1
    assert told(run, "report", "facing", "--scene", "42", "--format", "txt", "--issue")["revision"] == 1
    assert told(run, "report", "facing", "--all", "--format", "txt")["revision"] is None
    assert told(run, "report", "facing", "--day", "1", "--format", "txt")["revision"] is None
    scopes = {(one["report"], one["day"], one["scope"]) for one in told(run, "report", "--issued")["issued"]}
    assert scopes == {("progress", 1, None), ("progress", 1, "partial"), ("facing", None, "scene 42")}


def test_issue_by_mistake_stays(run: Run) -> None:
    run("report", "editor", "--issue")
    run("log", "note", "42A/2", "boom in shot")
    run("report", "editor", "--issue")
    code, out, _ = run("log", "undo")
    assert (code, out) == (0, "revision 2 of the editor report taken out again.\n")
    assert told(run, "report", "editor")["draft"] is True
    code, out, _ = run("report", "--issued")
    assert re.fullmatch(r"day 1  editor, revision 1: \S+ \S+ by \S+\n", out)


def test_list_names_what_was_not_asked_for(run: Run) -> None:
    assert run("report", "--issued")[1] == "Nothing was issued yet.\n"
    for kind in ("editor", "wrap"):
        run("report", kind, "--issue", "--note", "for\x1bthe cutting room")
    (only,) = told(run, "report", "wrap", "--issued", "--day", "1")["issued"]
    assert (only["report"], only["day"], only["unit"], only["revision"]) == ("wrap", 1, "Main", 1)
    assert sorted(only["position"].values())[0] >= 1
    assert '"for\\x1bthe cutting room"' in run("report", "--issued")[1]
    assert told(run, "report", "--issued", "--day", "2")["issued"] == []


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((), "Say which report: editor, "),
        (("editor", "--note", "x"), "give it with --issue"),
        (("editor", "--issue", "--issued"), "give one of the two"),
        (("editor", "--issue", "--note", "x" * 2_001), "at most 2,000 characters"),
    ],
)
def test_wrong_words_issue_something(run: Run, words: tuple[str, ...], said: str) -> None:
    code, _, err = run("report", *words)
    assert code != 0
    assert said in err
    assert told(run, "report", "--issued")["issued"] == []


def test_report_that_cannot_be_written_is_issued(run: Run, tmp_path: Path) -> None:
    (tmp_path / "letter.pdf").write_bytes(b"%PDF-1.4 somebody's letter")
    code, _, err = run("report", "editor", "--issue", "-o", str(tmp_path / "letter.pdf"))
    assert (code, "no report of onset's" in err) == (1, True)
    assert told(run, "report", "--issued")["issued"] == []


def test_preview_writes_or_issues_something(run: Run, tmp_path: Path) -> None:
    run("report", "editor", "--issue", "-o", str(tmp_path / "sent.pdf"))
    run("log", "note", "42A/2", "boom in shot")
    before = sorted(tmp_path.rglob("*.pdf"))
    preview = told(run, "report", "editor", "--issue", "--dry-run")
    assert (preview["dry_run"], preview["draft"], preview["issued"], preview["changes"]) == (True, True, False, 1)
    assert preview["path"].endswith("_editor_rev2.pdf")
    assert "to be revision 2, 2 takes; nothing was written" in run("report", "editor", "--issue", "--dry-run")[1]
    assert sorted(tmp_path.rglob("*.pdf")) == before
    assert not (tmp_path / "Harbour" / "reports").exists()
    assert [one["revision"] for one in told(run, "report", "--issued")["issued"]] == [1]


def test_draft_takes_the_place_of_what_was_issued(run: Run, tmp_path: Path) -> None:
    run("report", "editor", "--format", "txt")
    run("report", "editor", "--format", "txt", "--issue")
    run("log", "note", "42A/2", "boom in shot")
    run("report", "editor", "--format", "txt")
    reports = tmp_path / "Harbour" / "reports"
    assert sorted(path.name for path in reports.iterdir()) == [
        "Harbour_day01_editor.txt",
        "Harbour_day01_editor_rev1.txt",
    ]
    assert "boom" not in (reports / "Harbour_day01_editor_rev1.txt").read_text()
    assert "Draft, differs" in (reports / "Harbour_day01_editor.txt").read_text()
    run("report", "editor", "--format", "txt", "--issue")
    assert "*boom" in (reports / "Harbour_day01_editor_rev2.txt").read_text()
