"""Offload jobs as a screen shows them: found on disk, started in a process of their own, told in words.

Used by the Offload screen, always in a thread of its own. A job belongs to nobody: any screen, and any later start of
the app, finds it again by its journal.
"""

from __future__ import annotations

import os
import re
import subprocess
import tempfile
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import IO

from onset.domain.measures import in_bytes
from onset.errors import OffloadError
from onset.offload.dismissed import is_dismissed
from onset.offload.journal import JobSheet, JobSummary, find_jobs
from onset.offload.orders import Order, order
from onset.offload.plan import rooms_of, spell_room
from onset.offload.sending import NOT_SENT, SENT
from onset.offload.suspended import is_suspended
from onset.offload.verdict import still_to_fill
from onset.offload.wishes import read_wish
from onset.targets import TargetConfig
from onset.text import safe_path, safe_text
from tui.cards import Known, log_rows
from tui.widgets.rows import Row
from tui.widgets.take_row import clock_text

BAR_CELLS = 16
_NOT_WHOLE = (10, 11)  # exit codes of an offload that made its copies, but not all of them or not all alike
UNKNOWN = (Row("LOG: this card is not in the log; its copies stand for themselves.", alarm=True),)


@dataclass(slots=True)
class Started:
    """A job that this app started: its process, and what it says on stderr (a refusal comes before any journal)."""

    process: subprocess.Popen[bytes]
    words: IO[bytes]
    label: str = ""

    def refusal(self) -> str | None:
        """Why it ended without success, None while it runs or when all went well."""
        code = self.process.poll()
        if code is None or code == 0:
            return None
        self.words.seek(0)
        lines = [
            line
            for line in self.words.read().decode(errors="surrogateescape").splitlines()
            if line.strip() and not line.startswith("{")
        ]
        incomplete = code in _NOT_WHOLE
        ended = "not everything is copied and verified; what went wrong stands in its evidence."
        said = f"The copy ended with exit code {code}." if not incomplete else ended
        said = lines[-1].removeprefix("onset: ") if lines else said
        return said if self.label in said else f"{self.label}: {said}"

    def let_go(self) -> None:
        """The app ends and the job goes on: it is nobody's to wait for any more."""
        self.words.close()
        if self.process.poll() is None:
            self.process.returncode = 0  # else Popen complains, when it is forgotten, of a process that still runs


def start(
    onset: Sequence[str],
    card: str,
    targets: Sequence[str],
    names: Sequence[str],
    then: Sequence[str] = (),
    preset: str = "",
) -> Started:
    """Start an offload that survives this app.

    Args:
        onset: the command that starts onset on this production.
        card: the card's folder.
        targets: paths.
        names: targets of the configuration.
        then: paths and names of those that are filled from the first copy.
        preset: whose digests, source check and number of copies hold; empty for none.

    Raises:
        OffloadError: the process cannot be started.
    """
    to = ["--to", ",".join(names)] if names else []
    to += ["--then", ",".join(then)] if then else []
    to += ["--preset", preset] if preset else []
    # Nobody can be asked there: a card of a name that is taken goes beside the other, which its result says.
    label = os.path.basename(os.path.realpath(card))
    named = ["--label", label] if label and not label.startswith("-") else []
    return start_words(onset, ["offload", "--progress", "jsonl", *named, *to, "--", card, *targets], label)


def start_words(onset: Sequence[str], given: Sequence[str], label: str) -> Started:
    """Start a copy by the words behind `onset`; it survives this app.

    Raises:
        OffloadError: the process cannot be started.
    """
    command = [*onset, *given]
    words = tempfile.TemporaryFile()  # noqa: SIM115  (the process keeps writing to it; it vanishes with the last of us)
    try:
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=words, start_new_session=True
        )
    except OSError as error:
        words.close()
        raise OffloadError(f"The copy cannot be started: {error.strerror}.") from error
    return Started(process, words, safe_text(label))


def ask(folder: Path, job: JobSummary, what: Order) -> str:
    """Ask a living job to pause, go on, stop, go first or last; the answer says what happens.

    Raises:
        OffloadError: it does not run, or cannot do that now.
    """
    return order(folder, job, what)


def pause_or_resume(job: JobSummary) -> Order:
    """What the pause key means for a job now."""
    return Order.RESUME if _sleeps(job) or read_wish(job.folder).paused else Order.PAUSE


def look(folder: Path | None) -> list[JobSummary]:
    """All jobs on record that nobody dismissed, newest first, with what a row tells of each read already."""
    found = [job for job in find_jobs(folder) if not is_dismissed(job)] if folder is not None else []
    for job in found:
        _ = job.result, job.warned
    return found


def split_targets(text: str, known: Sequence[str]) -> tuple[list[str], list[str], list[str]]:
    """Paths, configured names, and what comes after ` > `, out of what was typed, with commas between.

    >>> split_targets("shuttle, /media/RAID A > lto", ["shuttle", "lto"])
    (['/media/RAID A'], ['shuttle'], ['lto'])
    """
    first, _, then = text.partition(" > ")
    parts = [part.strip() for part in first.split(",") if part.strip()]
    later = [part.strip() for part in then.split(",") if part.strip()]
    return (
        [os.path.expanduser(part) for part in parts if part not in known],
        [part for part in parts if part in known],
        [part if part in known else os.path.expanduser(part) for part in later],
    )


def asked_targets(job: JobSummary, targets: Sequence[TargetConfig]) -> str:
    """What was typed as the targets of a job: the configured target whose template a folder is of, else its parent."""

    def typed(folder: str) -> str:
        named = [each for each in targets if _is_of(folder, each)]
        if named:
            return max(named, key=lambda each: len(str(each.path))).name
        parent, name = os.path.split(folder)
        below = [each.name for each in targets if folder.startswith(f"{each.path}/")]
        return parent if name == os.path.basename(job.sheet.card) or not below else below[0]

    first = ", ".join(map(typed, job.sheet.folders))
    then = ", ".join(typed(folder) for folder, _ in job.sheet.then)
    return f"{first} > {then}" if then else first


def _is_of(folder: str, target: TargetConfig) -> bool:
    """Whether a target's template can have made a folder: its disk is looked after by its name only."""
    top = f"{target.path}/"
    template = "".join(
        "[^/]*" if part.startswith("{") else re.escape(part)
        for part in re.split(r"(\{\w+\})", target.folder or "{card}")
    )
    return folder.startswith(top) and re.fullmatch(template + r"(_\d+)?", folder[len(top) :]) is not None


# -- words -----------------------------------------------------------------------------------------------------------


def job_words(job: JobSummary) -> str:
    """A job in a few words: how far it is and what is wrong, then where it copies from."""
    sheet, progress = job.sheet, job.progress or {}
    parts = [_how_far(progress, moves=not _sleeps(job))] if job.running else []
    waits_for = _text(progress, "waits_for") if job.running else ""
    parts += [f"for {waits_for}"] if waits_for else []
    failed = int(_number(progress, "failed")) if job.result is None else 0
    parts += [f"{failed} FAILED"] if failed else []
    warned = job.warned
    parts += [f"{warned} warning{'s'[: warned != 1]}"] if warned else []
    return "  ".join(each for each in (*parts, _targets(sheet), safe_path(sheet.card)) if each)


def _how_far(progress: Mapping[str, object], *, moves: bool) -> str:
    """`34 %  ETA 02:10`; empty while it waits."""
    total, eta = _number(progress, "bytes"), progress.get("eta_s")
    if not total or _text(progress, "waits_for"):
        return ""
    verified = [_number(each, "verified") for each in _tables(progress, "targets") if not each.get("lost")]
    parts = [_number(progress, "bytes_read"), min(verified, default=0.0)]
    parts += [_number(progress, "bytes_checked")] if isinstance(progress.get("bytes_checked"), int) else []
    share = sum(parts) / (len(parts) * total)
    moves = moves and not progress.get("paused")
    left = f"  ETA {_duration(float(eta))}" if isinstance(eta, int | float) and moves else ""
    return f"{share * 100:.0f} %{left}"


def _targets(sheet: JobSheet) -> str:
    number = len(sheet.folders)
    return f"{number} target{'s'[: number != 1]}"


def state_of(job: JobSummary) -> str:
    """One word, or two."""
    if job.result is not None:
        return _text(job.result, "verdict") or "finished"
    if job.running:
        if _sleeps(job):
            return "suspended"
        progress = job.progress or {}
        return "paused" if progress.get("paused") else _text(progress, "phase") or "starting"
    return "stopped"


def _sleeps(job: JobSummary) -> bool:
    """Whether it was suspended: nothing that it told of itself is news."""
    return job.running and is_suspended(job.sheet.pid)


def detail_rows(job: JobSummary, known: Known | None, bad: Mapping[str, str] = MappingProxyType({})) -> list[Row]:
    """What is known of a job: progress while it runs, the verdict with its evidence afterwards.

    Args:
        job: any.
        known: its card, as the log has it.
        bad: where the log does not have it, what was found of copies since, by their folder.
    """
    if job.result is not None:
        found = bad if known is None else known.verdict.copies.bad
        return [
            *_result_rows(job.result, known, _filled(job, known), found),
            *way_rows(job),
            *contents_rows(job.contents),
        ]
    if job.progress is None:
        return [Row("starting" if job.running else "It was stopped before its first byte; Enter starts it again.")]
    read = "card" if job.sheet.source is None else "copy"
    moves = job.running and not _sleeps(job)
    rows = [*_progress_rows(job.progress, read, running=moves), *way_rows(job), *contents_rows(job.contents)]
    if moves:
        return rows
    stopped = "It was stopped. What is verified stays; Enter goes on with it."
    asleep = "It is suspended, by Ctrl-Z or a stop signal: resume wakes it, or fg where it was started."
    return [Row(asleep if job.running else stopped, alarm=True), *rows]


def _filled(job: JobSummary, known: Known | None) -> frozenset[str]:
    """What a job said of copies that were still to be made, where the log has them now."""
    made = {copy.path for copy in known.card.copies if not copy.failed} if known is not None else set()
    return frozenset(still_to_fill(folder, source) for folder, source in job.sheet.then if folder in made)


def way_rows(job: JobSummary) -> list[Row]:
    """Which copies are made from which, where not all of them are made from the card."""
    rows = [Row(f"then {safe_path(folder)} is filled from {safe_path(source)}") for folder, source in job.sheet.then]
    if job.sheet.source is not None:
        rows.append(Row(f"filled from {safe_path(job.sheet.source)}; the card is not needed"))
    return rows


def _progress_rows(progress: Mapping[str, object], read_from: str, *, running: bool) -> list[Row]:
    """How far it is: what was read, each target, the second read of the card; then what went wrong so far."""
    total, read = _number(progress, "bytes"), _number(progress, "bytes_read")
    eta, rate = progress.get("eta_s"), _number(progress, "bytes_per_s")
    parts = [f"{_number(progress, 'files_done'):.0f} of {_number(progress, 'files'):.0f} files"]
    held = _held(progress) if running else ""
    parts += [held] if held else []
    moves = running and not progress.get("paused") and not _text(progress, "waits_for")
    if moves:
        parts += [f"{in_bytes(rate)}/s"] if rate else []
        parts += [f"ETA {_duration(float(eta))}" if isinstance(eta, int | float) else "ETA -"]
    rows = [Row(f"{read_from} read   {bar(read, total)}   {'   '.join(parts)}")]
    if isinstance(progress.get("bytes_checked"), int):
        rows.append(Row(f"{read_from} again  {bar(_number(progress, 'bytes_checked'), total)}"))
    failed, named = int(_number(progress, "failed")), _tables(progress, "problems")
    newest = [_problem_row(each, "  ") for each in reversed(named)]
    if failed:
        rows.append(Row(f"{failed} thing{'s'[: failed != 1]} went wrong so far, the newest:", alarm=True))
    rows += newest[:1]
    for target in _tables(progress, "targets"):
        lost = target.get("lost")
        rows.append(Row(_text(target, "path")))
        if lost:
            rows.append(Row(f"  LOST: {lost}", alarm=True))
            continue
        verified_bytes = _number(target, "verified")
        at = f"  {in_bytes(rate * verified_bytes / read)}/s" if moves and rate and read and verified_bytes else ""
        copied, verified = bar(_number(target, "written"), total), bar(verified_bytes, total)
        rows.append(Row(f"  copy {copied}  read back {verified}{at}"))
    if newest[1:]:
        rows += [Row("before that:"), *newest[1:]]
    if failed > len(named):
        rows.append(Row("  … the others stand in the result", faint=True))
    return rows


def _problem_row(problem: Mapping[str, object], indent: str = "") -> Row:
    target = _text(problem, "target") or "the card"
    where = f"{_text(problem, 'path')} on {target}" if _text(problem, "path") else target
    return Row(f"{indent}{where}: {_text(problem, 'what')}", alarm=True)


def _held(progress: Mapping[str, object]) -> str:
    """Why a job stands still or goes slowly; empty where it does not."""
    if _text(progress, "waits_for"):
        return f"waits for {_text(progress, 'waits_for')}"
    if progress.get("unasked"):
        return "slow: the log cannot be asked"
    if progress.get("gives_way"):
        return f"{'paused' if progress.get('paused') else 'slow'}: a take rolls"
    return "paused" if progress.get("paused") else ""


def _result_rows(
    result: Mapping[str, object],
    known: Known | None,
    over: Collection[str],
    bad: Mapping[str, str] = MappingProxyType({}),
) -> list[Row]:
    as_of = clock_text(int(_number(result, "as_of_ns")))
    is_card = _text(result, "verdict") not in (SENT, NOT_SENT)
    rows = [verdict_row(result, bad), *UNKNOWN[: 1 if is_card else 0]] if known is None else log_rows(known)
    for target in _tables(result, "targets"):
        lost = _text(target, "lost")
        evidence = f"{_number(target, 'verified'):.0f} verified, read back {_text(target, 'read_back') or '-'}"
        failed = int(_number(target, "failed"))
        words = f"{_text(target, 'path')}: {evidence}"
        words += f", {failed} FAILED" if failed else ""
        words += f", made from {safe_path(_text(target, 'source'))}" if _text(target, "source") else ""
        since = bad.get(_text(target, "path"), "")
        words += f", but {since}" if since else ""
        rows.append(Row(words + (f", LOST: {lost}" if lost else ""), alarm=bool(lost or failed or since)))
        rows.append(Row(f"  manifest {_text(target, 'manifest') or 'none'}", faint=True))
        rows += [
            Row(f"  {spell_room(room)}", faint=True) for room in rooms_of(result) if room.path == target.get("path")
        ]
    rows += [Row(each) for each in _texts(result, "warnings") if each not in over]
    rows += [_problem_row(each) for each in _tables(result, "problems")]
    reread = "read twice" if _text(result, "source_check") == "reread" else "read once"
    files, size = int(_number(result, "files")), in_bytes(int(_number(result, "bytes")))
    what = "card " if is_card else ""
    rows.append(Row(f"{files} file{'s'[: files != 1]}, {size}, {what}{reread}, as of {as_of}", faint=True))
    return rows


def contents_rows(contents: Mapping[str, object] | None) -> list[Row]:
    """What is on the card, what is missing there, and what is to be put right before it goes back into the camera."""
    if contents is None:
        return []
    rows = [Row(safe_text(_text(contents, "summary")))]
    rows += [Row(f"  {safe_text(each)}") for each in _texts(contents, "problems")]
    return rows + [Row(f"  WARNING: {safe_text(each)}", alarm=True) for each in _texts(contents, "warnings")]


def _sent_row(result: Mapping[str, object], as_of: str) -> Row:
    """Of files of takes that were sent: they are no card, and nothing is to be formatted."""
    if _text(result, "verdict") == SENT:
        return Row(f"SENT. Every byte was read back, as of {as_of}.")
    return Row(f"NOT SENT as of {as_of}: what went wrong stands below; the same onset send goes on.", alarm=True)


def verdict_row(result: Mapping[str, object], bad: Mapping[str, str] = MappingProxyType({})) -> Row:
    """The sentence about the copies; `bad`: what was found of them since, by their folder."""
    as_of = clock_text(int(_number(result, "as_of_ns")))
    reasons = "; ".join(each.rstrip(".") for each in _texts(result, "reasons"))
    if _text(result, "verdict") in (SENT, NOT_SENT):
        return _sent_row(result, as_of)
    if _text(result, "verdict") == "safe" and bad:
        since = "; ".join(f"{safe_path(folder)}: {what}" for folder, what in bad.items())
        return Row(f"COPIES: NOT SAFE any more. {since}.", alarm=True)
    if _text(result, "verdict") == "safe":
        whole = [each for each in _tables(result, "targets") if not _number(each, "failed") and not _text(each, "lost")]
        return Row(f"COPIES: safe. {len(whole)} complete copies, every byte read back, as of {as_of}.")
    return Row(f"COPIES: NOT SAFE as of {as_of}. {reasons or 'No reason was given'}.", alarm=True)


def bar(done: float, total: float) -> str:
    """`████████········  50 %`.

    >>> bar(50, 100)
    '████████········  50 %'
    """
    share = min(1.0, done / total) if total else 0.0
    lit = int(share * BAR_CELLS)
    return f"{'█' * lit}{'·' * (BAR_CELLS - lit)} {share * 100:3.0f} %"


def _duration(seconds: float) -> str:
    return f"{int(seconds) // 60:02d}:{int(seconds) % 60:02d}"


def _text(found: Mapping[str, object], key: str) -> str:
    value = found.get(key)
    return value if isinstance(value, str) else ""


def _number(found: Mapping[str, object], key: str) -> float:
    value = found.get(key)
    return float(value) if isinstance(value, int | float) else 0.0


def _texts(found: Mapping[str, object], key: str) -> list[str]:
    value = found.get(key)
    return [str(each) for each in value] if isinstance(value, list) else []


def _tables(found: Mapping[str, object], key: str) -> list[Mapping[str, object]]:
    value = found.get(key)
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []
