"""The folder of a day: for each recipient reports, editorial files and a copy of the log, with an ASC MHL manifest.

Used by `onset wrap`. A folder that is there is never touched again: it was sent. It is built under another name, and
renamed when it is whole and durable; where it would say what the newest one says, there is no new one.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from onset.cli.find import LOG_NAME
from onset.cli.report_issue import filed_as
from onset.cli.wrap_papers import Papers, export_into
from onset.domain.measures import in_bytes
from onset.errors import ReportError
from onset.recipients import README, Recipient, folder_name
from onset.text import file_name, safe_path, safe_text

if TYPE_CHECKING:
    from onset.clock import Clock
    from onset.domain.production import Day
    from onset.reports.revision import Revision
    from onset.targets import OffloadConfig

FOLDER = "wrap"
_PART = ".onset-part"


@dataclass(frozen=True, slots=True, kw_only=True)
class Occasion:
    """What a set is of.

    Attributes:
        what: one of `onset.recipients.SETS`.
        pending: what has not come yet, in sentences.
        paper: the production's sheet, where a recipient has none of its own.
        no_log: why no copy of the log can be made (a sentence), or None.
    """

    title: str
    day: Day
    what: str
    pending: Sequence[str]
    paper: str
    no_log: str | None

    @property
    def name(self) -> str:
        """`day03_2026-05-29`, with the unit and with what part of the day it is, where that is not all."""
        unit = [self.day.unit[:20]] if self.day.unit != "Main" else []
        part = [self.what] if self.what != "wrap" else []
        return folder_name("_".join((f"day{self.day.number:02d}", self.day.date[:10], *unit, *part)))


@dataclass(frozen=True, slots=True)
class Given:
    """What one recipient gets.

    Attributes:
        files: each with what it is.
        left_out: what was asked for and is not there, with its reason.
        whole: each report and each export that was asked for is there, whatever it may lack.
    """

    recipient: Recipient
    files: Mapping[str, str]
    left_out: tuple[str, ...]
    whole: bool


@dataclass(frozen=True, slots=True)
class WrapSet:
    """The folder of a day; `anew`: it was made just now, else it is the one that says the same."""

    path: Path
    given: tuple[Given, ...]
    anew: bool


def make_set(
    production: Path,
    occasion: Occasion,
    recipients: Sequence[Recipient],
    papers: Papers,
    offload: OffloadConfig,
    clock: Clock,
) -> WrapSet:
    """Make the folder of a day below `wrap` in the production.

    Raises:
        ReportError: it could not be made; nothing of it is there then.
    """
    from logging_db.backup import log_tag

    top = production / FOLDER
    here = log_tag(production / LOG_NAME)  # of this machine: a number of a process says nothing on another
    part = top / f".{occasion.name}.{here}.{os.getpid()}{_PART}"
    try:
        top.mkdir(exist_ok=True)
        _sweep(top, here)
        part.mkdir()
        given = tuple(_fill(part, production, occasion, one, papers, clock) for one in recipients)
        said = _contents(occasion, given)
        newest = _newest(top, occasion.name)
        if newest is not None and _says(newest, said):
            return WrapSet(newest, given, anew=False)
        _write(part / README, said.encode("utf-8", "backslashreplace"))
        for one in given:
            _seal(part / one.recipient.folder, offload, clock)
            if one.recipient.zip:
                _pack(part / one.recipient.folder, part / one.recipient.place)
        _sync(part)
        return WrapSet(_publish(part, top, occasion.name), given, anew=True)
    except OSError as error:
        why = error.strerror or error
        raise ReportError(
            f"The folder of day {occasion.day.number} could not be made in {safe_path(top)}: {why}."
        ) from None
    finally:
        shutil.rmtree(part, ignore_errors=True)


def _fill(
    part: Path, production: Path, occasion: Occasion, recipient: Recipient, papers: Papers, clock: Clock
) -> Given:
    folder = part / recipient.folder
    folder.mkdir()
    files: dict[str, str] = {}
    left_out: list[str] = []
    for kind in recipient.reports:
        if kind in papers.issued:
            files |= _reports(folder, kind, occasion, recipient, papers)
        else:
            left_out.append(f"{kind} report: {papers.left_out.get(kind, 'there is none.')}")
    whole = True
    for kind in recipient.exports:
        (folder / "exports").mkdir(exist_ok=True)
        made, lacks = export_into(folder / "exports", production, kind, occasion.day.number, occasion.day.unit)
        whole = whole and made
        left_out += [f"{kind} export: {each}" for each in lacks]
    files |= {f"exports/{path.name}": _measured(path) for path in sorted(folder.glob("exports/*"))}
    if recipient.log and occasion.no_log is None:
        files |= _log(folder, production, occasion, clock)
    elif recipient.log:
        left_out.append(f"the log: {occasion.no_log}")
    whole = (
        whole
        and (not papers.asked or all(kind in papers.issued for kind in recipient.reports))
        and not (recipient.log and occasion.no_log)
    )
    given = Given(recipient, dict(sorted(files.items())), tuple(left_out), whole)
    sizes = {name: f"{in_bytes((folder / name).stat().st_size)}, " for name in files}
    lines = (*_head(occasion), "", *_of_one(given, sizes), "", *_pending(occasion), *_checked(given))
    _write(folder / README, ("\n".join(lines) + "\n").encode("utf-8", "backslashreplace"))
    return given


def _reports(folder: Path, kind: str, occasion: Occasion, recipient: Recipient, papers: Papers) -> dict[str, str]:
    from onset.cli.report import rendered
    from onset.reports.paper import report_name

    log = papers.issued[kind].paper.log
    (folder / "reports").mkdir(exist_ok=True)
    found = {}
    for form in recipient.formats:
        name = report_name(log.title, log.filed, filed_as(kind, log.revision, to_be_issued=False), form)
        _write(folder / "reports" / name, rendered(log, form, recipient.paper or occasion.paper, papers.logo))
        label = _revision(log.revision)
        found[f"reports/{name}"] = f"{label}, {recipient.paper}" if recipient.paper and form == "pdf" else label
    return found


def _revision(revision: Revision | None) -> str:
    if revision is None:
        return "not issued"
    number = len(revision.differences)
    changes = (
        f", {number} change{'s'[: number != 1]} since {revision.since.partition(' (')[0]}" if revision.since else ""
    )
    return f"{revision.label.lower()}{changes}"


def _log(folder: Path, production: Path, occasion: Occasion, clock: Clock) -> dict[str, str]:
    from logging_db.backup import back_up

    (folder / "log").mkdir()
    made = back_up(production / LOG_NAME, folder / "log", clock)
    unit = occasion.day.unit[:20] if occasion.day.unit != "Main" else ""
    name = file_name([occasion.title[:36], f"day{occasion.day.number:02d}", unit], "onset")
    made.backup.path.rename(folder / "log" / name)
    return {f"log/{name}": f"a copy of the log, its first {made.backup.edits} edits; private notes are in it"}


def _measured(path: Path) -> str:
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return f"SHA-256 {digest[:16]}"


# -- what the folder says of itself -----------------------------------------------------------------------------------


def _contents(occasion: Occasion, given: Sequence[Given]) -> str:
    """What is in the day's folder; without the moment of its making, so that two that say the same are told."""
    lines = [*_head(occasion)]
    for one in given:
        lines += ["", f"{one.recipient.place}, for {safe_text(one.recipient.name)}", *_of_one(one)]
    return "\n".join((*lines, "", *_pending(occasion))) + "\n"


def _head(occasion: Occasion) -> Iterator[str]:
    day = occasion.day
    part = f", {occasion.what.replace('-', ' ')}" if occasion.what != "wrap" else ""
    yield f"{safe_text(occasion.title)}, day {day.number}, {safe_text(day.date)}, {safe_text(day.unit)} unit{part}"


def _of_one(given: Given, sizes: Mapping[str, str] | None = None) -> Iterator[str]:
    """Sizes are for the recipient: that of a PDF is not the same twice, as its card's verdict names the moment."""
    for name, what in given.files.items():
        yield f"  {name}: {(sizes or {}).get(name, '')}{what}"
    for why in given.left_out:
        yield f"  not in it, {safe_text(why)}"


def _pending(occasion: Occasion) -> Iterator[str]:
    yield "Pending" if occasion.pending else "Nothing is pending."
    for each in occasion.pending:
        yield f"  {safe_text(each)}"


def _checked(given: Given) -> Iterator[str]:
    yield ""
    command = f"onset verify --no-append {given.recipient.folder}"
    yield f'ascmhl/ has the digest of every file: "{command}" compares and writes nothing, as can any ASC MHL tool.'


def _says(folder: Path, said: str) -> bool:
    try:
        return (folder / README).read_bytes() == said.encode("utf-8", "backslashreplace")
    except OSError:
        return False


# -- whole and durable ------------------------------------------------------------------------------------------------


def _write(path: Path, content: bytes) -> None:
    with path.open("xb") as file:
        file.write(content)


def _seal(folder: Path, offload: OffloadConfig, clock: Clock) -> None:
    """Give it an ASC MHL history: one generation that lists every file."""
    from onset.cli.offload_targets import signed_by
    from onset.cli.verify import read_around_cache
    from onset.mhl.create import Order, create

    authors, location = signed_by(offload)
    done = create(folder, Order(authors=authors, location=location), read_around_cache, clock)
    if done.exit_code or done.generation is None:
        trouble = next((f"{each.path} {each.what}" for each in done.troubles), "it has no generation")
        raise ReportError(f"The manifest of {safe_text(folder.name)} could not be made: {safe_text(trouble)}.")


def _pack(folder: Path, path: Path) -> None:
    """One file in place of the folder, whose name all in it begins with."""
    with zipfile.ZipFile(path, "x", zipfile.ZIP_DEFLATED) as packed:
        for each in sorted(folder.rglob("*")):
            if each.is_file():
                packed.write(each, each.relative_to(folder.parent).as_posix())
    shutil.rmtree(folder)


def _sync(folder: Path) -> None:
    from onset.mhl.durable import sync_folder

    for at, _, names in os.walk(folder, topdown=False):
        for name in names:
            descriptor = os.open(os.path.join(at, name), os.O_RDONLY)
            try:
                os.fsync(descriptor)
            finally:
                os.close(descriptor)
        sync_folder(Path(at))


def _publish(part: Path, top: Path, name: str) -> Path:
    """Under the first name that is free: `NAME`, then `NAME_2` …"""
    from onset.mhl.durable import sync_folder

    number = 1
    while True:
        path = top / _numbered(name, number)
        if not os.path.lexists(path):
            try:
                os.rename(part, path)
            except OSError:
                if not os.path.lexists(path):  # else another wrap was quicker
                    raise
            else:
                sync_folder(top)
                return path
        number += 1


def _newest(top: Path, name: str) -> Path | None:
    """The folder of this day that was made last."""
    number, found = 1, None
    while (path := top / _numbered(name, number)).is_dir():
        number, found = number + 1, path
    return found


def _numbered(name: str, number: int) -> str:
    return name if number == 1 else f"{name}_{number}"


def _sweep(top: Path, here: str) -> None:
    """Remove what a wrap of this machine that was killed left half made."""
    from logging_db.backup import alive

    for left in top.glob(f".*.{here}.*{_PART}"):
        pid = left.name.removesuffix(_PART).rpartition(".")[2]
        if pid.isdecimal() and int(pid) != os.getpid() and not alive(int(pid)):
            shutil.rmtree(left, ignore_errors=True)
