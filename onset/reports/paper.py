"""Where a report goes: its name, and a write that never destroys something else.

A report is printed again and again as the day is corrected, so a file that onset made is replaced, whole or not at
all. Anything else of that name (a log, a clip, somebody's letter) is refused.
"""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Sequence
from pathlib import Path
from typing import BinaryIO

from onset.errors import ReportError
from onset.mhl.durable import replacing
from onset.text import safe_path

_KINDS = b"|".join(
    (
        b"editor log",
        b"camera report",
        b"sound report",
        b"continuity report",
        b"wrap summary",
        b"offload report",
        b"progress report",
        b"facing pages",
    )
)
# Where each format says whose it is. The words alone prove nothing: they may stand in a note, and so in the log itself.
_HTML = re.compile(
    rb"\A<!DOCTYPE html>\s*<html[^>]*>\s*<head>\s*(?:<meta [^>]*>\s*)*?"
    rb'<meta name="generator" content="onset (?:' + _KINDS + rb')">'
)
_TEXT = re.compile(rb"\A[^\n\0]* - onset (?:" + _KINDS + rb")\n[^\n\0]+, TC at [^\n\0]+ fps\n")
_PDF = b"%PDF-"
_PDF_TRAILER = re.compile(rb"\btrailer\b.*?/Info (\d{1,7}) 0 R\b.*?\bstartxref\s+(\d{1,12})\s+%%EOF\s*\Z", re.DOTALL)
_PDF_PRODUCER = re.compile(
    rb"\A\d+ 0 obj\s*<<(?:(?!\bendobj\b).)*?\s/Producer \(onset (?:" + _KINDS + rb")\)\s", re.DOTALL
)
_SQLITE = b"SQLite format 3\0"
_NEAR = 65_536  # bytes at either end in which a mark is looked for
_NOT_IN_NAMES = re.compile(r"[^\w.-]+")


def report_name(title: str, filed: Sequence[str], kind: str, suffix: str) -> str:
    """The file name of a report.

    >>> report_name("Harbour Lights", ["day03"], "editor", "pdf")
    'Harbour_Lights_day03_editor.pdf'
    >>> report_name("../../etc", ["day03", "Second unit"], "editor", "txt")
    'etc_day03_Second_unit_editor.txt'
    """
    parts = [title[:36], *filed, kind]
    words = (_NOT_IN_NAMES.sub("_", part).strip("_.") for part in parts)
    return "_".join(filter(None, words)) + f".{suffix}"


def write_report(path: Path, content: bytes) -> None:
    """Put the report at `path`, which is either the old report or the new one, whatever happens in between.

    Raises:
        ReportError: something that is no report of onset's is there, or the place cannot be written.
    """
    shown = safe_path(path)
    try:
        refuse_what_is_not_ours(path)
        with replacing(path) as file:
            file.write(content)
    except FileNotFoundError:
        raise ReportError(f"There is no folder {safe_path(path.parent)} to put the report in; make it first.") from None
    except OSError as error:
        raise ReportError(f"The report could not be written to {shown}: {error.strerror or error}.") from None


def make_folder(folder: Path) -> None:
    """Have the folder that reports go to.

    Raises:
        ReportError: it cannot be made.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ReportError(f"The folder {safe_path(folder)} could not be made: {error.strerror or error}.") from None


def refuse_what_is_not_ours(path: Path) -> None:
    """Refuse a place where something else lies than a report of onset's.

    Raises:
        ReportError: that is so, or the place cannot be looked at; says what to do.
    """
    if not os.path.lexists(path):
        return
    try:
        if not stat.S_ISREG(path.lstat().st_mode):
            raise ReportError(f"{safe_path(path)} is not a plain file; give the report another name.")
        with path.open("rb") as file:
            ours = _is_report(file)
    except OSError as error:
        shown = safe_path(path)
        raise ReportError(f"The report could not be written to {shown}: {error.strerror or error}.") from None
    if not ours:
        raise ReportError(f"{safe_path(path)} is there already and is no report of onset's; give another name.")


def _is_report(file: BinaryIO) -> bool:
    head = file.read(_NEAR)
    if head.startswith(_SQLITE):
        return False
    if head.startswith(_PDF):
        return _is_our_pdf(file)
    return bool(_HTML.match(head) or _TEXT.match(head))


def _is_our_pdf(file: BinaryIO) -> bool:
    """Whether the document's own information names us as producer; a title or a page may say anything."""
    file.seek(max(file.seek(0, os.SEEK_END) - _NEAR, 0))
    tail = file.read(_NEAR)
    trailer = _PDF_TRAILER.search(tail, max(tail.rfind(b"trailer"), 0))
    if trailer is None:
        return False
    number, table = int(trailer[1]), int(trailer[2])
    file.seek(table)
    heading = re.match(rb"xref\s+0 \d+ *\r?\n", file.read(64))
    if heading is None:
        return False
    file.seek(table + heading.end() + 20 * number)  # an entry of the table is 20 bytes, its first ten the place
    place = file.read(10)
    if not place.isdigit():
        return False
    file.seek(int(place))
    return _PDF_PRODUCER.match(file.read(_NEAR)) is not None
