"""How a running job is shown on stderr: a bar for people, JSON lines for programs, or nothing.

Used by `onset offload` and `onset verify`. The JSON line is the same object as a job's progress.json (docs/offload.md).
"""

from __future__ import annotations

import json
import shutil
import threading
from collections.abc import Sequence
from dataclasses import asdict
from typing import Protocol, TextIO

from onset.domain.measures import in_bytes
from onset.offload.progress import Phase, Progress, TargetProgress
from onset.text import safe_path

_CELLS = 24
_HEAR_S = 0.1


class Display(Protocol):
    """Shows readings; `every_s` is how often it wants one."""

    every_s: float

    def show(self, progress: Progress) -> None: ...

    def end(self, progress: Progress) -> None: ...


class Silent:
    every_s = 0.5

    def show(self, progress: Progress) -> None:
        pass

    def end(self, progress: Progress) -> None:
        pass


class Lines:
    """One JSON object a line."""

    every_s = 0.25

    def __init__(self, out: TextIO) -> None:
        self._out = out

    def show(self, progress: Progress) -> None:
        self._out.write(json.dumps(asdict(progress)) + "\n")
        self._out.flush()

    def end(self, progress: Progress) -> None:
        self.show(progress)


class Bar:
    """One line that is drawn over itself: part done, rate, time to go, and each target."""

    every_s = 0.2

    def __init__(self, out: TextIO) -> None:
        self._out = out
        self._drawn = False

    def show(self, progress: Progress) -> None:
        if progress.phase is Phase.SCAN or (progress.phase is Phase.WAITS and not spell_hold(progress)):
            return
        width = shutil.get_terminal_size().columns - 1
        self._out.write("\r\x1b[K" + spell_progress(progress)[:width])
        self._out.flush()
        self._drawn = True

    def end(self, progress: Progress) -> None:
        if self._drawn:
            self._out.write("\r\x1b[K")
            self._out.flush()


def spell_progress(progress: Progress) -> str:
    """One line of text for people."""
    if progress.phase is Phase.WAITS and not progress.files_done and not progress.bytes_read:
        return spell_hold(progress)
    part = progress.bytes_read / progress.bytes if progress.bytes else 1.0
    slowest = min((target.verified for target in progress.targets if target.lost is None), default=0)
    whole = (part + (slowest / progress.bytes if progress.bytes else 1.0)) / 2
    full = min(_CELLS, round(whole * _CELLS))
    names = _apart([target.path for target in progress.targets])
    targets = "  ".join(
        _spell_target(name, target, progress.bytes) for name, target in zip(names, progress.targets, strict=True)
    )
    rate = f"{in_bytes(progress.bytes_per_s)}/s" if progress.bytes_per_s else ""
    eta = "" if progress.eta_s is None else f"{spell_seconds(progress.eta_s)} to go"
    phase = "sealing" if progress.phase is Phase.SEAL else f"{rate} {eta}".strip()
    held = spell_hold(progress)
    phase = held if held and not progress.gives_way else f"{phase}  {held}".rstrip()
    targets += f"  {progress.failed} FAILED" if progress.failed else ""
    bar = "#" * full + "." * (_CELLS - full)
    parts = (f"[{bar}] {whole:4.0%}", f"{progress.files_done}/{progress.files}", phase, targets)
    return "  ".join(part for part in parts if part)


def spell_hold(progress: Progress) -> str:
    """Why it stands still or goes slowly; empty where it does not."""
    if progress.waits_for is not None:
        return f"waits for {progress.waits_for}"
    if progress.unasked:
        return "slow: the log cannot be asked"
    if progress.gives_way:
        return "paused: a take rolls" if progress.paused else "slow: a take rolls"
    return 'paused ("onset jobs resume" goes on)' if progress.paused else ""


def _spell_target(name: str, target: TargetProgress, size: int) -> str:
    how = "LOST" if target.lost else f"{target.verified / size if size else 1:.0%} verified"
    return f"{safe_path(name)} {how}"


def _apart(paths: Sequence[str]) -> list[str]:
    """What tells folders apart, short enough for a line of 80; of one alone, where it lies.

    >>> _apart(["/media/RAID/Day1/A/A016", "/media/SHUTTLE/Day1/A/A016"])
    ['RAID', 'SHUTTLE']
    """
    if len(paths) == 1:
        return [paths[0].rstrip("/").rpartition("/")[0] or paths[0]]
    parts = [path.strip("/").split("/") for path in paths]
    for end in (0, -1):
        while all(parts) and len({each[end] for each in parts}) == 1:
            for each in parts:
                each.pop(end)
    return ["/".join(each) or path for each, path in zip(parts, paths, strict=True)]


def spell_seconds(seconds: float) -> str:
    """`1:15`, `2:05:00`."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def spell_took(size: int, seconds: float) -> str:
    """How long so many bytes took; the rate of what was done at once is that of a buffer, and not told.

    >>> spell_took(4_000_000, 0.01), spell_took(620_800_000, 2.0)
    ('less than a second', '2.0 s (310.4 MB/s)')
    """
    return f"{seconds:.1f} s ({in_bytes(size / seconds)}/s)" if seconds >= 1 else "less than a second"


def shown_as(wanted: str, out: TextIO) -> Display:
    """The display that `--progress` asks for; "auto" is a bar on a terminal and nothing elsewhere."""
    if wanted == "jsonl":
        return Lines(out)
    if wanted == "bar" or (wanted == "auto" and out.isatty()):
        return Bar(out)
    return Silent()


def wait_a_little(thread: threading.Thread, asked: threading.Event, seconds: float) -> None:
    """Until the thread has ended, somebody asks to stop, or it is time to show how far it is."""
    for _ in range(max(1, round(seconds / _HEAR_S))):
        thread.join(_HEAR_S)
        if asked.is_set() or not thread.is_alive():
            return
