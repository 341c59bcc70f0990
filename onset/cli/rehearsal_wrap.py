"""The end of a rehearsal day: a card is offloaded and verified, its clips have found their takes, the paper is printed.

Used by `onset demo`. Card and targets go through the commands a DIT would type, in processes of their own.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from onset.cli.report import editor_log_of, place, rendered, wrap_summary_of
from onset.cli.report_camera import camera_report_of
from onset.cli.report_offload import offload_report_of
from onset.cli.report_script import facing_pages_of, progress_report_of
from onset.cli.report_sound import sound_report_of
from onset.errors import OnsetError, ReportError
from onset.logbook.protocol import Logbook
from onset.mhl.history import has_history
from onset.reports.paper import write_report
from onset.text import safe_text


@dataclass(frozen=True, slots=True)
class Offloaded:
    """What became of the card.

    Attributes:
        files, size: on the card, bytes.
        copies: folders of the copies, each with a verified history.
    """

    label: str
    files: int
    size: int
    copies: tuple[Path, ...]


@dataclass(frozen=True, slots=True)
class Reconciled:
    """What became of the card's clips, as `onset reconcile` and `onset card` tell it.

    Attributes:
        confirmed, proposed, strays: clips of the card by how they stand.
        open, pending: differences of the whole day.
        rolls_pending: rolls that takes name and that nobody has offloaded.
        sentence: may the card be formatted.
    """

    confirmed: int
    proposed: int
    strays: int
    open: int
    pending: int
    rolls_pending: tuple[str, ...]
    sentence: str


def offload_card(production: Path, card: Path, targets: Sequence[Path]) -> Offloaded:
    """Copy the card as `onset offload` does, then verify every copy as `onset verify` does.

    Raises:
        OnsetError: a copy is incomplete, differs, or has no history.
    """
    command = ["offload", str(card), *map(str, targets), "--progress", "none", "--json"]
    told = _onset(production, command)
    if told["problems"]:
        raise OnsetError(f"The offload met problems: {json.dumps(told['problems'])}.")
    copies = []
    for target in _list(told, "targets"):
        copy = Path(str(target["path"]))
        if target["failed"] or target["verified"] != told["files"] or not target["manifest"]:
            raise OnsetError(f"{copy} has {target['verified']} of {told['files']} files verified.")
        copies.append(copy)
    for copy in copies:
        verified = _onset(production, ["verify", str(copy), "--json"])
        if verified["failed"] or verified["missing"] or verified["new"] or not has_history(copy):
            raise OnsetError(f"{copy} does not verify: {json.dumps(verified['problems'])}.")
    return Offloaded(
        label=str(told["label"]),
        files=int(str(told["files"])),
        size=int(str(told["bytes"])),
        copies=tuple(copies),
    )


def reconcile(production: Path, label: str, originals: Collection[str]) -> Reconciled:
    """Ask for the board and the card, as a person would.

    Args:
        production: the rehearsal.
        label: of the card.
        originals: names of the clips on it, without their ending.

    Raises:
        OnsetError: a command failed, or a clip of the card is neither linked nor told as a stray.
    """
    board = _onset(production, ["reconcile", "--json"])
    links = {
        str(claim["clip"]).partition(".")[0]: str(claim["link"])
        for take in _list(board, "takes")
        for claim in _list(take, "claims")
        if claim["link"] is not None
    }
    strays = {str(stray["name"]).partition(".")[0] for stray in _list(board, "strays")}
    lost = sorted(name for name in originals if name not in links and name not in strays)
    if lost:
        raise OnsetError(f"{safe_text(lost[0])} is on the card and not on the board.")
    counts, rolls = board["counts"], board["pending"]
    states = [links.get(name) for name in originals]
    return Reconciled(
        confirmed=states.count("confirmed"),
        proposed=states.count("proposed"),
        strays=states.count(None),
        open=int(counts["open"]) if isinstance(counts, dict) else 0,
        pending=int(counts["pending"]) if isinstance(counts, dict) else 0,
        rolls_pending=tuple(map(str, rolls)) if isinstance(rolls, list) else (),
        sentence=str(_onset(production, ["card", label, "--json"])["sentence"]),
    )


def print_reports(logbook: Logbook, production: Path) -> list[Path]:
    """The editor's log of the day as HTML and as PDF, and all other reports that the day fills.

    Raises:
        ReportError: it cannot be made or written.
    """
    log = editor_log_of(logbook, production, None, "Main")
    if not log.blocks:
        raise ReportError("The rehearsal's day has no take to report.")
    paths = []
    for form in ("html", "pdf"):
        path = place(log, form, production, None)
        write_report(path, rendered(log, form))
        paths.append(path)
    for paper in (
        progress_report_of(logbook, production, None, "Main"),
        facing_pages_of(logbook, production, None, "Main"),
        camera_report_of(logbook, production, None, "Main"),
        sound_report_of(logbook, production, None, "Main"),
        offload_report_of(logbook, production, None, "Main"),
        wrap_summary_of(logbook, production, None, "Main"),
    ):
        paths.append(place(paper, "pdf", production, None, paper.name))
        write_report(paths[-1], rendered(paper, "pdf"))
    return paths


def _onset(production: Path, command: Sequence[str]) -> Mapping[str, object]:
    """Run a command of onset's; its JSON.

    Raises:
        OnsetError: it failed; in its own words.
    """
    program = [sys.executable, "-P", "-m", "onset", "-p", str(production), *command]
    done = subprocess.run(program, stdin=subprocess.DEVNULL, capture_output=True, check=False, env=dict(os.environ))
    if done.returncode != 0:
        said = done.stderr.decode("utf-8", "backslashreplace").strip().removeprefix("onset: ")
        raise OnsetError(f"onset {command[0]} ended with {done.returncode}: {safe_text(said) or 'not a word'}")
    told = json.loads(done.stdout)
    if not isinstance(told, dict):
        raise OnsetError(f"onset {command[0]} --json did not answer with an object.")
    return told


def _list(told: Mapping[str, object], key: str) -> list[Mapping[str, object]]:
    value = told[key]
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []
