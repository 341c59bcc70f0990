"""Where a report goes: its name, and a write that never destroys something else.

A report is printed again and again as the day is corrected, so a file that onset made is replaced, whole or not at
all. Anything else of that name (a log, a clip, somebody's letter) is refused.
"""

from __future__ import annotations

import os
import re
import stat
from pathlib import Path

from onset.errors import ReportError
from onset.mhl.durable import replacing
from onset.text import safe_path

# Every format carries it: as PDF producer, as HTML generator, in the first line of the text.
MARK = b"onset editor log"
_NOT_IN_NAMES = re.compile(r"[^\w.-]+")


def report_name(title: str, day: int, unit: str, kind: str, suffix: str) -> str:
    """The file name of a report.

    >>> report_name("Harbour Lights", 3, "Main", "editor", "pdf")
    'Harbour_Lights_day03_editor.pdf'
    >>> report_name("../../etc", 3, "Second unit", "editor", "txt")
    'etc_day03_Second_unit_editor.txt'
    """
    parts = [title[:36], f"day{day:02d}", *([unit[:20]] if unit != "Main" else []), kind]
    words = (_NOT_IN_NAMES.sub("_", part).strip("_.") for part in parts)
    return "_".join(filter(None, words)) + f".{suffix}"


def write_report(path: Path, content: bytes) -> None:
    """Put the report at `path`, which is either the old report or the new one, whatever happens in between.

    Raises:
        ReportError: something that is no report of onset's is there, or the place cannot be written.
    """
    shown = safe_path(path)
    try:
        if path.is_symlink() or path.exists():
            _refuse_what_is_not_ours(path)
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


def _refuse_what_is_not_ours(path: Path) -> None:
    if not stat.S_ISREG(path.lstat().st_mode):
        raise ReportError(f"{safe_path(path)} is not a plain file; give the report another name.")
    with path.open("rb") as file:
        head = file.read(65_536)
        # ReportLab writes the document's information near the end.
        file.seek(max(file.seek(0, os.SEEK_END) - 65_536, 0))
        ours = MARK in head or MARK in file.read()
    if not ours:
        raise ReportError(f"{safe_path(path)} is there already and is no report of onset's; give another name.")
