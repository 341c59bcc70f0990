"""What a report could destroy, and where it could end up."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from onset.errors import ReportError
from onset.reports.editor import editor_log
from onset.reports.html import editor_html
from onset.reports.paper import make_folder, report_name, write_report
from onset.reports.pdf import editor_pdf
from onset.reports.text import editor_text
from tests.onset.reports.a_day import DAY_THREE, DayLog


@pytest.mark.parametrize("make", [editor_pdf, editor_html, editor_text])
@pytest.mark.parametrize("times", [1, 60])
def test_report_is_replaced_by_its_newer_self(tmp_path: Path, make: object, times: int) -> None:
    assert callable(make)
    path = tmp_path / "day3"
    write_report(path, make(editor_log(DayLog(DAY_THREE * times), 3)))
    newer = make(editor_log(DayLog(DAY_THREE * times, title="Harbour Dark"), 3))
    write_report(path, newer)
    assert path.read_bytes() == newer
    assert os.listdir(tmp_path) == ["day3"]


def test_file_of_somebody_else_is_refused_and_untouched(tmp_path: Path) -> None:
    path = tmp_path / "log.onset"
    path.write_bytes(b"SQLite format 3\x00" + bytes(200_000))
    with pytest.raises(
        ReportError, match=r"log\.onset is there already and is no report of onset's; give another name\.$"
    ):
        write_report(path, b"onset editor log")
    assert path.read_bytes().startswith(b"SQLite format 3")


MARK = b"onset editor log"
PDF_OF_SOMEBODY = (
    b"%PDF-1.3\n1 0 obj\n<<\n/Producer (Writer) /Title (On the onset editor log)\n>>\nendobj\n"
    b"2 0 obj\n<<\n /Note /Producer (onset editor log) \n>>\nendobj\n"
    b"xref\n0 3\n0000000000 65535 f \n0000000009 00000 n \n0000000082 00000 n \n"
    b"trailer\n<<\n/Info 1 0 R\n/Size 3\n>>\nstartxref\n140\n%%EOF\n"
)


@pytest.mark.parametrize(
    "content",
    [
        b"SQLite format 3\x00" + bytes(4000) + MARK + bytes(4000),
        b"SQLite format 3\x00" + bytes(200_000) + MARK,
        b"%PDF-1.7\n(" + MARK + b")\n%%EOF\n",
        PDF_OF_SOMEBODY,
        b"<!DOCTYPE html><html><head><title>" + MARK + b"</title></head></html>",
        b'<!DOCTYPE html><html><head></head><body><meta name="generator" content="onset editor log"></body></html>',
        b"Dear Maya,\nthe onset editor log is late.\n",
        b"We spoke of the - onset editor log\n",
        b"RIFF\0\0\0\0WAVE - onset editor log\nDay 3, \n",
        MARK,
        b"",
    ],
    ids=["log", "long log", "pdf", "pdf info", "title", "body", "letter", "line", "sound", "words", "empty"],
)
def test_words_of_the_mark_in_somebody_elses_file_give_it_away(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "theirs"
    path.write_bytes(content)
    with pytest.raises(ReportError, match="is no report of onset's"):
        write_report(path, b"x")
    assert path.read_bytes() == content


@pytest.mark.parametrize("make", [editor_pdf, editor_html, editor_text])
def test_report_with_the_words_in_it_is_no_longer_replaced(tmp_path: Path, make: object) -> None:
    assert callable(make)
    words = '<meta name="generator" content="onset editor log"> trailer /Producer (onset editor log) startxref 0 %%EOF'
    day = DayLog(DAY_THREE * 200, title=f"{words} - onset editor log", description=words)
    path = tmp_path / "day3"
    write_report(path, make(editor_log(day, 3, company="Longest & Co " * 200 + words)))
    write_report(path, b"newer")
    assert path.read_bytes() == b"newer"


def test_link_is_not_followed(tmp_path: Path) -> None:
    letter = tmp_path / "letter"
    letter.write_bytes(b"onset editor log, quoted in a letter")
    (tmp_path / "day3.pdf").symlink_to(letter)
    with pytest.raises(ReportError, match="is not a plain file"):
        write_report(tmp_path / "day3.pdf", b"x")
    assert letter.read_bytes().endswith(b"letter")


def test_fifo_does_not_hang_the_report(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(ReportError, match="is not a plain file"):
        write_report(tmp_path / "pipe", b"x")


def test_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(ReportError, match=r"^There is no folder .*/nowhere to put the report in; make it first\.$"):
        write_report(tmp_path / "nowhere" / "day3.pdf", b"x")


def test_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(ReportError, match=r"^The folder .*/file/reports could not be made: Not a directory\.$"):
        make_folder(tmp_path / "file" / "reports")


def test_disk_that_fills_up_leaves_the_old_report(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "day3.txt"
    old = editor_text(editor_log(DayLog(), 3))
    write_report(path, old)

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(
        ReportError, match=r"^The report could not be written to .*day3\.txt: No space left on device\.$"
    ):
        write_report(path, b"x" * 100)
    assert path.read_bytes() == old
    assert os.listdir(tmp_path) == ["day3.txt"]


def test_title_cannot_lead_out_of_the_folder() -> None:
    assert "/" not in report_name("../../home/.ssh", ["day01", ".."], "editor", "pdf")
    assert report_name("...", ["day01"], "editor", "pdf") == "day01_editor.pdf"
    assert report_name("Žižkov 漢字", ["day12"], "editor", "html") == "Žižkov_漢字_day12_editor.html"
    assert len(report_name("𠀀" * 500, ["day01", "𠀀" * 20], "editor", "pdf").encode()) < 255 - len(".onset-part")
