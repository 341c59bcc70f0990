"""An offload is killed, or loses its power, at every kind of step: only verified files, then one manifest.

The n-th call of the whole process is not made any more: on both targets and in the job's own record. Here n runs over
one call of each kind on each kind of file, in benchmarks/soak/offload_kills.py over all of them.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from onset.clock import SystemClock
from onset.mhl.check import verify_history
from tests.faults.interposed import interposed
from tests.faults.offload_kills import Cart, calls, choice, goes_on, only_whole_files
from tests.faults.power import volume
from tests.independent import reference_accepts, same_bytes
from tests.needs import require
from tests.onset.mhl.samples import assert_valid, read_plainly
from tests.onset.offload.cards import MIB, contents, make_card, make_targets, manifests

pytestmark = [pytest.mark.faults, pytest.mark.timeout(600)]
PARTS = 4  # of the sweep, for as many cores


def command(card: Path, targets: list[Path]) -> list[str]:
    return [sys.executable, "-m", "onset", "offload", str(card), *map(str, targets), "--json"]


def watched(card: Path, target: Path) -> list[str]:
    """Every name on a target that the job will touch, for strace's path filter."""
    top = target / "A001"
    names = [top, *(top / path.relative_to(card) for path in card.rglob("*")), top / "ascmhl"]
    names += [path.with_name(path.name + ".onset-part") for path in names]
    names += [top / "ascmhl" / "ascmhl_chain.xml", top / "ascmhl" / "ascmhl_chain.xml.onset-part"]
    return [part for name in names for part in ("-P", str(name))]


# Calls that change what a disk holds or make it durable, whoever makes them, and what they are called in the sweep.
CHANGES = {
    **dict.fromkeys(("write", "writev", "pwritev", "pwritev2"), "write"),
    **dict.fromkeys(("pwrite64", "io_uring_enter", "copy_file_range", "sendfile", "splice"), "pwrite"),
    **dict.fromkeys(("fallocate", "truncate", "ftruncate"), "truncate"),
    **dict.fromkeys(("fsync", "fdatasync", "syncfs", "msync", "mkdir", "rename", "link", "symlink", "unlink"), None),
    **dict.fromkeys(("mkdirat", "renameat", "renameat2", "linkat", "symlinkat", "unlinkat", "rmdir"), None),
    "utimensat": "utime",
    "openat": "create",
    "io_submit": "pwrite",
}


def test_step_is_not_in_the_sweep(tmp_path: Path) -> None:
    """Whatever a job does to its targets and its record, as the kernel sees it, is counted call by call."""
    require("strace")
    cart = Cart.made(make_card(tmp_path / "A001", clips=1, clip_bytes=9 * MIB + 5, small=40), tmp_path)
    seen, log = tmp_path / "seen", tmp_path / "log"
    strace = ["strace", "-f", "-qq", "-y", "-s", "0", "-o", str(seen), "-e", f"trace={','.join(CHANGES)}"]
    done = cart.offload(interposed(cart.watched(), log=log), strace)
    assert done.returncode == 0, done.stderr
    made: Counter[str] = Counter()
    for line in seen.read_text().splitlines():
        call, _, rest = line.partition(" ")[2].lstrip().partition("(")
        here = any(str(folder) in rest for folder in cart.watched())
        reading = (call == "openat" and "O_CREAT" not in rest) or (call == "io_submit" and "PWRITE" not in rest)
        if call in CHANGES and here and not reading:
            made[CHANGES[call] or call.removesuffix("2").removesuffix("at")] += 1
    counted = Counter(line.partition(" ")[0] for line in log.read_text().splitlines())
    del counted["close"]
    assert {"write", "pwrite", "fsync", "fdatasync", "syncfs", "rename", "create", "utime", "mkdir"} <= made.keys()
    assert counted == made


@pytest.mark.parametrize("part", range(PARTS))
def test_killed_at_any_step(part: int, tmp_path: Path) -> None:
    card = make_card(tmp_path / "A001", clips=1, clip_bytes=9 * MIB + 5, small=2)
    steps = choice(calls(Cart.made(card, tmp_path / "whole"), tmp_path / "calls"))
    assert len(steps) > 60, "hardly a call was seen: this sweep proves nothing"
    for at in steps[part::PARTS]:
        cart = Cart.made(card, tmp_path / f"run{at}")
        killed = cart.offload(interposed(cart.watched(), at=at, torn=True))
        assert killed.returncode == -9, killed.stderr
        only_whole_files(cart)
        goes_on(cart)
    for copied in cart.copies:
        reference_accepts(copied)


@pytest.mark.parametrize("part", range(PARTS))
@pytest.mark.parametrize("file_system", ["ext4", "xfs"])
def test_power_goes_at_any_step(file_system: str, part: int, tmp_path: Path) -> None:
    """Targets and record on one disk, which loses whatever was not made durable."""
    card = make_card(tmp_path / "A001", clips=1, clip_bytes=MIB + 5, small=2)
    steps = choice(calls(Cart.made(card, tmp_path / "whole"), tmp_path / "calls"))[::5]
    with volume(tmp_path, file_system) as disk:
        for at in steps[part::PARTS]:
            cart = Cart.made(card, disk.folder / f"run{at}")
            killed = cart.offload(interposed(cart.watched(), at=at, cut=disk.folder))
            assert killed.returncode == -9, killed.stderr
            disk.power_up()
            only_whole_files(cart)
            goes_on(cart)


@pytest.mark.parametrize("file_system", ["ext4", "xfs"])
def test_disk_that_is_pulled_after_the_copy_lacks_what_the_record_calls_verified(
    file_system: str, tmp_path: Path
) -> None:
    """The record is on another disk; it must not be ahead of the names that are durable on the target."""
    card = make_card(tmp_path / "A001", clips=1, clip_bytes=MIB + 5, small=2)
    whole = calls(Cart.made(card, tmp_path / "whole"), tmp_path / "calls")
    at = next(number for number, call in enumerate(whole, 1) if call.startswith("utime ") and call.endswith("/CLIPS"))
    with volume(tmp_path, file_system) as disk:
        cart = Cart.made(card, disk.folder / "run", tmp_path / "state")
        killed = cart.offload(interposed(cart.watched(), at=at, cut=disk.folder))
        assert killed.returncode == -9, killed.stderr
        disk.power_up()
        only_whole_files(cart)
        goes_on(cart)


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
    only_whole_files(Cart(card, tuple(targets), tmp_path))


@pytest.mark.parametrize(
    "fault",
    [
        *(f"io_setup:error={why}" for why in ("ENOSYS", "EAGAIN", "EPERM")),
        *(f"io_submit:error={why}" for why in ("EAGAIN", "ENOSYS", "EINVAL")),
        "io_submit:error=EAGAIN:when=2+2",
        "io_getevents:error=EINTR:when=1..2",
    ],
)
def test_kernel_takes_no_lists_of_reads(fault: str, tmp_path: Path) -> None:
    """It has none, has no room for more, forbids them (containers do), or takes some: read one by one, and complete."""
    require("strace")
    card = make_card(tmp_path / "A001", clips=1, clip_bytes=MIB + 5, small=150)
    targets = make_targets(tmp_path)
    seen, step = tmp_path / "seen", fault.partition(":")[0]
    inject = ["strace", "-f", "-qq", "-o", str(seen), "-e", f"trace={step}", "-e", f"inject={fault}"]
    done = subprocess.run([*inject, *command(card, targets)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "(INJECTED)" in seen.read_text()
    assert json.loads(done.stdout)["problems"] == []
    for target in targets:
        same_bytes(card, target / "A001")


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
