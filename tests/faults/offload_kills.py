"""An offload that is ended at any call it makes, what it leaves, and what the next one makes of that.

Used by test_offload_kill.py at a choice of calls, and by benchmarks/soak/offload_kills.py at every one.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from onset.clock import SystemClock
from onset.mhl.check import verify_history
from onset.offload.journal import find_jobs
from onset.offload.names import JOB_LOG
from tests.faults.interposed import interposed
from tests.independent import same_bytes
from tests.onset.mhl.samples import assert_valid, read_plainly
from tests.onset.offload.cards import contents, manifests


@dataclass(frozen=True, slots=True)
class Cart:
    """A card, the targets it goes to, and where jobs are kept."""

    card: Path
    targets: tuple[Path, ...]
    state: Path

    @classmethod
    def made(cls, card: Path, folder: Path, state: Path | None = None) -> Cart:
        """With two targets in a folder of their own, and no job yet; its record lies beside them or in `state`."""
        targets = (folder / "T1", folder / "T2")
        for target in targets:
            target.mkdir(parents=True)
        subprocess.run(["sync", "-f", folder], check=True)  # the disks were there before the power went
        return cls(card, targets, state or folder / "state")

    @property
    def copies(self) -> list[Path]:
        return [target / self.card.name for target in self.targets]

    @property
    def words(self) -> list[str]:
        """What the command is given."""
        return [*map(str, (self.card, *self.targets))]

    def offload(
        self, environment: Mapping[str, str] = os.environ, under: Sequence[str] = ()
    ) -> subprocess.CompletedProcess[str]:
        """Run the command, under another program if that is given."""
        command = [*under, sys.executable, "-m", "onset", "offload", *self.words, "--json"]
        told = {**environment, "XDG_STATE_HOME": str(self.state)}
        return subprocess.run(command, env=told, capture_output=True, text=True, check=False)

    def watched(self) -> list[Path]:
        return [*self.targets, self.state]

    def finished(self) -> int:
        """Jobs on record that came to their end."""
        return sum(1 for job in find_jobs(self.state / "onset" / "jobs") if job.result is not None)


def calls(cart: Cart, log: Path, under: Sequence[Path] = ()) -> list[str]:
    """Every call of an undisturbed offload that changes a file, in order: what it does, and to which kind of file.

    Args:
        cart: a fresh one.
        log: a file that gets the calls.
        under: only what lies there; empty: on the targets and in the record.
    """
    done = cart.offload(interposed(under or cart.watched(), log=log))
    assert done.returncode == 0, done.stderr
    lines = log.read_text().splitlines()
    for folder, name in ((cart.card.name, "CARD"), (str(cart.targets[0].parent), "")):
        lines = [line.replace(folder, name) for line in lines]
    return [re.sub(r"\d{8}T\d{6}[^/]*|\d{4}-\d\d-\d\d_\d{6}Z", "…", line) for line in lines]


def choice(all_calls: list[str]) -> list[int]:
    """The numbers of one call of each kind on each kind of file: clips and targets are one like the other."""
    first: dict[str, int] = {}
    for number, call in enumerate(all_calls, 1):
        if call.startswith("close "):
            continue  # the same on the disk as before the call that follows
        first.setdefault(re.sub(r"/T\d|C\d{3}", "", call), number)
    return sorted(first.values())


def only_whole_files(cart: Cart) -> None:
    """Whatever has a final name on a target is the card's, byte by byte."""
    right = contents(cart.card)
    for copied in cart.copies:
        if copied.exists():
            for name, data in contents(copied).items():
                assert name.endswith(".onset-part") or data == right[name], name


def goes_on(cart: Cart) -> None:
    """The same command again: complete copies by another program's digests, one manifest a target, one report.

    What was ended after its end is a finished job, of which nothing may be lacking: the next one verifies, and says so
    in a second generation. Nothing that was on record as verified has vanished.
    """
    before = cart.finished()
    if before:
        for copied in cart.copies:
            same_bytes(cart.card, copied)
    done = cart.offload()
    assert done.returncode == 0, done.stderr + done.stdout
    result = json.loads(done.stdout)
    assert result["problems"] == []
    assert not [warning for warning in result["warnings"] if "vanished" in warning]
    assert cart.finished() == before + 1
    assert len(find_jobs(cart.state / "onset" / "jobs")) == before + 1
    for copied, told in zip(cart.copies, result["targets"], strict=True):
        same_bytes(cart.card, copied)
        assert (told["verified"], told["failed"]) == (result["files"], 0)
        assert len(manifests(copied)) == 1 + before
        assert_valid(copied)
        assert verify_history(copied, read_plainly, SystemClock(), append=False).exit_code == 0
        log_tells_the_end(copied)


def log_tells_the_end(copied: Path) -> None:
    """The newest log beside a copy: of its lines the kill tore one at most, and the last one is the end."""
    logs = sorted(copied.parent.glob(f"{copied.name}_*{JOB_LOG}"), key=lambda path: path.stat().st_mtime_ns)
    whole: list[dict[str, object]] = []
    torn = []
    for line in logs[-1].read_bytes().splitlines():
        try:
            whole.append(json.loads(line))
        except ValueError:
            torn.append(line)
    assert len(torn) <= 1, torn
    assert (whole[-1]["event"], whole[-1]["how"]) == ("end", "done")
