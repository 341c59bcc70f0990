"""`onset offload` whose terminal is closed, or whose words have no room where they go."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
from pathlib import Path

from tests.needs import require
from tests.onset.offload.cards import contents, hollow_clip, make_card, make_targets, wait_until_begun


def test_closed_terminal_leaves_unfinished_files(tmp_path: Path) -> None:
    card, targets = make_card(tmp_path / "A001"), make_targets(tmp_path)
    clip = hollow_clip(card)
    command = [sys.executable, "-m", "onset", "offload", str(card), *map(str, targets), "--progress", "jsonl"]
    child, terminal = pty.fork()
    if child == 0:
        os.execv(sys.executable, command)
    wait_until_begun(targets[0] / "A001" / clip)
    os.close(terminal)  # the kernel sends SIGHUP, and every later word fails
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 1
    assert not [path for target in targets for path in target.rglob("*.onset-part")]
    assert not (targets[0] / "A001" / clip).exists()


def test_full_standard_output_reads_like_a_full_target(tmp_path: Path) -> None:
    require(Path("/dev/full").exists(), "/dev/full is Linux's")
    card, targets = make_card(tmp_path / "A001"), make_targets(tmp_path)
    command = [sys.executable, "-m", "onset", "offload", str(card), *map(str, targets)]
    for more in ([], ["--json"]):
        with open("/dev/full", "wb") as full:
            done = subprocess.run([*command, *more], stdout=full, stderr=subprocess.PIPE, text=True)
        assert (done.returncode, len(done.stderr.splitlines())) == (1, 1), done.stderr
        assert "standard output could not be written (No space left on device)" in done.stderr
    assert contents(targets[1] / "A001") == contents(card)
