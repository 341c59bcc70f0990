"""An offload is killed at every step it takes, and goes on: only verified files, one manifest, nothing half.

strace delivers SIGKILL at the n-th write, fsync, rename, close … that touches a target's folder, for every n until the
job gets through.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from onset.clock import SystemClock
from onset.mhl.check import verify_history
from onset.offload.journal import find_jobs
from tests.needs import require
from tests.onset.mhl.samples import assert_valid, read_plainly
from tests.onset.offload.cards import MIB, contents, make_card, make_targets, manifests

pytestmark = [pytest.mark.faults, pytest.mark.timeout(600)]

# The engine's own calls; -P narrows them to the targets, else Python's files would be hit.
STEPS = ["write", "fsync", "renameat2", "rename", "mkdir,mkdirat", "utimensat", "close"]
MOST = 200


def command(card: Path, targets: list[Path]) -> list[str]:
    return [sys.executable, "-m", "onset", "offload", str(card), *map(str, targets), "--json"]


def watched(card: Path, target: Path) -> list[str]:
    """Every name on a target that the job will touch, for strace's path filter."""
    top = target / "A001"
    names = [top, *(top / path.relative_to(card) for path in card.rglob("*")), top / "ascmhl"]
    names += [path.with_name(path.name + ".onset-part") for path in names]
    names += [top / "ascmhl" / "ascmhl_chain.xml", top / "ascmhl" / "ascmhl_chain.xml.onset-part"]
    return [part for name in names for part in ("-P", str(name))]


@pytest.mark.parametrize("step", STEPS)
def test_killed_at_every_step(step: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    require("strace")
    card = make_card(tmp_path / "A001", clips=1, clip_bytes=MIB + 5, small=2)
    kills = 0
    for number in range(1, MOST):
        run = tmp_path / f"run{number}"
        run.mkdir()
        targets = make_targets(run)
        monkeypatch.setenv("XDG_STATE_HOME", str(run / "state"))
        inject = ["strace", "-f", "-qq", "-o", "/dev/null", *watched(card, targets[0])]
        inject += ["-e", f"trace={step}", "-e", f"inject={step}:signal=KILL:when={number}"]
        killed = subprocess.run([*inject, *command(card, targets)], capture_output=True, text=True, check=False)
        if killed.returncode == 0:
            break
        assert killed.returncode in (-9, 137), killed.stderr
        kills += 1
        only_whole_files(card, targets)
        # Killed after its end, it is a finished job: the next one only verifies, and says so in a second generation.
        finished = any(job.result is not None for job in find_jobs(run / "state" / "onset" / "jobs"))
        resumed = subprocess.run(command(card, targets), capture_output=True, text=True, check=False)
        assert resumed.returncode == 0, f"{step} {number}: {resumed.stderr}{resumed.stdout}"
        result = json.loads(resumed.stdout)
        for target, told in zip(targets, result["targets"], strict=True):
            copied = target / "A001"
            assert contents(copied) == contents(card)
            assert (told["verified"], told["failed"]) == (4, 0)
            assert len(manifests(copied)) == 1 + finished, f"{step} {number}"
            assert_valid(copied)
            assert verify_history(copied, read_plainly, SystemClock(), append=False).exit_code == 0
        shutil.rmtree(run)
    else:
        pytest.fail(f"still killed by {step} number {MOST}")
    assert kills > 0, f"no {step} was ever hit: this sweep proves nothing"


def only_whole_files(card: Path, targets: list[Path]) -> None:
    """Whatever has a final name is complete, after any kill."""
    right = contents(card)
    for target in targets:
        if (target / "A001").exists():
            for name, data in contents(target / "A001").items():
                assert name.endswith(".onset-part") or data == right[name]


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        ("fsync:error=EIO:when=2+", 10),
        ("write:error=ENOSPC:when=2+", 10),
        ("write:error=EROFS:when=1+", 10),
        ("renameat2:error=EIO:when=1+", 10),
    ],
)
def test_one_target_fails_and_takes_the_other_along(fault: str, code: int, tmp_path: Path) -> None:
    require("strace")
    card = make_card(tmp_path / "A001", clips=2, clip_bytes=MIB + 5, small=2)
    targets = make_targets(tmp_path)
    step = fault.partition(":")[0]
    inject = ["strace", "-f", "-qq", "-o", "/dev/null", *watched(card, targets[0]), "-e", f"trace={step}"]
    done = subprocess.run(
        [*inject, "-e", f"inject={fault}", *command(card, targets)], capture_output=True, text=True, check=False
    )
    assert done.returncode == code, done.stderr
    result = json.loads(done.stdout)
    bad, good = result["targets"]
    assert (good["verified"], good["failed"]) == (5, 0)
    assert good["manifest"]
    assert bad["lost"]
    assert result["verdict"] == "not safe"
    assert contents(targets[1] / "A001") == contents(card)
    only_whole_files(card, targets)


def test_disk_claims_to_have_written_more_than_it_did(tmp_path: Path) -> None:
    """A write that reports success without data: only the read-back can tell."""
    require("strace")
    card = make_card(tmp_path / "A001", clips=1, clip_bytes=MIB + 5, small=0)
    targets = make_targets(tmp_path)
    part = targets[0] / "A001" / "CLIPS" / "A001C001.mov.onset-part"
    inject = ["strace", "-f", "-qq", "-o", "/dev/null", "-P", str(part), "-e", "trace=write"]
    inject += ["-e", f"inject=write:retval={MIB + 5}:when=1"]
    done = subprocess.run([*inject, *command(card, targets)], capture_output=True, text=True, check=False)
    assert done.returncode == 11, done.stderr
    result = json.loads(done.stdout)
    assert [target["failed"] for target in result["targets"]] == [1, 0]
    assert not part.exists()
    assert not part.with_name("A001C001.mov").exists()


def test_card_fails_in_one_clip(tmp_path: Path) -> None:
    require("strace")
    card = make_card(tmp_path / "A001", clips=2, clip_bytes=3 * MIB, small=1)
    targets = make_targets(tmp_path)
    bad = card / "CLIPS" / "A001C002.mov"
    inject = ["strace", "-f", "-qq", "-o", "/dev/null", "-P", str(bad), "-e", "trace=preadv,preadv2"]
    inject += ["-e", "inject=preadv,preadv2:error=EIO:when=1+"]
    done = subprocess.run([*inject, *command(card, targets)], capture_output=True, text=True, check=False)
    assert done.returncode == 10, done.stderr
    result = json.loads(done.stdout)
    assert [problem["path"] for problem in result["problems"]] == ["CLIPS/A001C002.mov"]
    assert [target["failed"] for target in result["targets"]] == [1, 1]


def test_full_tmpfs_is_refused_before_the_first_byte(tmp_path: Path) -> None:
    card = make_card(tmp_path / "A001")
    targets = make_targets(tmp_path)
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(targets[1])], check=False)
    require(mounted.returncode == 0, "mounting a tmpfs needs root")
    try:
        done = subprocess.run(command(card, targets), capture_output=True, text=True, check=False)
        assert done.returncode == 1
        assert "needed" in done.stderr
        assert len(done.stderr.splitlines()) == 1
        assert not list(targets[0].iterdir())
    finally:
        subprocess.run(["umount", str(targets[1])], check=True)


def test_killed_after_a_clip_failed_and_both_targets_were_sealed(tmp_path: Path) -> None:
    """The manifest of the run that was cut off lacks a clip which the next run can read."""
    require("strace")
    card = make_card(tmp_path / "A001", clips=2, clip_bytes=MIB + 5, small=2)
    targets = make_targets(tmp_path)
    code = (
        "import os, signal, sys\n"
        "from onset.offload.journal import Journal\n"
        "Journal.finish = lambda self, result: os.kill(os.getpid(), signal.SIGKILL)\n"
        "from onset.cli.main import main\n"
        "sys.exit(main(sys.argv[1:]))\n"
    )
    inject = ["strace", "-f", "-qq", "-o", "/dev/null", "-P", str(card / "CLIPS" / "A001C002.mov")]
    inject += ["-e", "trace=preadv,preadv2", "-e", "inject=preadv,preadv2:error=EIO:when=1+"]
    killed = subprocess.run(
        [*inject, sys.executable, "-c", code, *command(card, targets)[3:]], capture_output=True, text=True, check=False
    )
    assert killed.returncode in (-9, 137), killed.stderr
    assert [len(manifests(target / "A001")) for target in targets] == [1, 1]
    resumed = subprocess.run(command(card, targets), capture_output=True, text=True, check=False)
    assert resumed.returncode == 0, resumed.stderr
    for target in targets:
        assert contents(target / "A001") == contents(card)
        assert verify_history(target / "A001", read_plainly, SystemClock(), append=False).exit_code == 0
        assert_valid(target / "A001")
