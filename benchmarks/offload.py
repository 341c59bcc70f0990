"""A card on two targets, all read back: onset beside cp, rsync, xxhsum and ascmhl doing the same work.

    python -m benchmarks.offload [CLIPS CLIP_MIB FILES FILE_KIB]      default 3 128 3000 64; 0 leaves a card out

Card A holds clips, card B small files; both targets lie on the card's own disk, the worst case. BENCH_DIR says where.
Contenders run in turn with the cache dropped before each (as root; otherwise it says so); other people's checks get a
dropped cache between copy and check, because ours goes around it. Nothing is deleted before all runs of small files
are over: ext4 skips inodes that were deleted a moment ago, which would be counted to whoever comes next.
Prints the tables of docs/benchmarks.md, section "offload".
"""

from __future__ import annotations

import os
import shutil
import statistics
import subprocess
import sys
import sysconfig
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from shlex import quote

MIB = 1 << 20
ROUNDS = 3
PLAIN, ONSET, ONCE = "cp, one copy, nothing verified", "**onset**, card read twice", "**onset**, card read once"
RSYNC, XXHSUM, ASCMHL = "rsync -a x 2, rsync -c x 2", "cp x 2, xxhsum x 3", "cp x 2, ascmhl x 2 (card read once)"
DISK, DISK_ONCE = "the disk alone, bytes of card read twice", "the disk alone, bytes of card read once"
SETTLE = "settle"
_DROP = Path("/proc/sys/vm/drop_caches")
_SCRIPTS = Path(sysconfig.get_path("scripts"))


@dataclass(frozen=True, slots=True)
class Run:
    """What one contender took: seconds by the wall, seconds of processors, MiB resident."""

    wall: float
    cpu: float
    rss: float


def load() -> str:
    """How busy the machine was when this is printed."""
    return f"load average {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores"


def make_card(root: Path, files: int, size: int, name: str) -> None:
    """Random bytes, no two files alike, a thousand a folder."""
    for number in range(files):
        folder = root / f"{name}_{number // 1000:03d}"
        folder.mkdir(parents=True, exist_ok=True)
        with (folder / f"{name}_{number:06d}.bin").open("wb") as file:
            for start in range(0, size, MIB):
                file.write(os.urandom(min(MIB, size - start)))


def settle() -> None:
    os.sync()
    if os.access(_DROP, os.W_OK):
        _DROP.write_text("3")


def contenders(card: Path, out: Path) -> Mapping[str, Sequence[str]]:
    """Name to steps: a line for the shell, or SETTLE; only what this machine has."""
    source, one, two = quote(str(card)), quote(str(out / "1")), quote(str(out / "2"))
    copies = [quote(str(out / target / card.name)) for target in "12"]
    twice = [f"cp -a {source} {target}/" for target in (one, two)]
    sums = quote(str(out / "sums"))
    onset = f"XDG_STATE_HOME={quote(str(out / 'state'))} {quote(sys.executable)} -m onset offload {source} {one} {two}"
    found: dict[str, Sequence[str]] = {PLAIN: [f"{twice[0]} && sync"]}
    if shutil.which("rsync"):
        checks = [
            step
            for target in copies
            for step in (SETTLE, f'test -z "$(rsync -anc --out-format=%n {source}/ {target}/)"')
        ]
        found[RSYNC] = [f"rsync -a {source} {target}/" for target in (one, two)] + checks
    if shutil.which("xxhsum"):
        listing = f"cd {source} && find . -type f -print0 | xargs -0 xxhsum -H2 > {sums}"
        checks = [f"cd {target} && xxhsum -q -c {sums}" for target in copies]
        found[XXHSUM] = [*twice, SETTLE, listing, *checks]
    ascmhl = shutil.which("ascmhl", path=f"{_SCRIPTS}{os.pathsep}{os.environ.get('PATH', '')}")
    if ascmhl:
        create = f"{quote(ascmhl)} create -h xxh128"
        made = [f"{create} {copies[0]}", f"cp -a {copies[0]}/ascmhl {copies[1]}/", f"{create} {copies[1]}"]
        found[ASCMHL] = [*twice, SETTLE, *made]
    alone = f"{quote(sys.executable)} -m benchmarks.disk_alone {source} {one} {two}"
    if max(path.stat().st_size for path in card.rglob("*")) >= MIB:
        found |= {DISK: [alone], DISK_ONCE: [f"{alone} once"]}
    return found | {ONSET: [onset], ONCE: [f"{onset} --source-check none"]}


def run(steps: Sequence[str]) -> Run:
    """Do a contender's work.

    Raises:
        RuntimeError: a step failed; its last words are told.
    """
    cpu = rss = 0.0
    start = time.perf_counter()
    for step in steps:
        if step == SETTLE:
            settle()
            continue
        with tempfile.TemporaryFile() as said:
            process = subprocess.Popen(["bash", "-c", step], stdout=said, stderr=subprocess.STDOUT)
            _, status, used = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
            if process.returncode:
                said.seek(0)
                raise RuntimeError(f"{step}: {said.read()[-500:].decode(errors='replace')}")
        cpu += used.ru_utime + used.ru_stime
        rss = max(rss, used.ru_maxrss / 1024)
    return Run(time.perf_counter() - start, cpu, rss)


def compare(card: Path, work: Path, *, keep: bool) -> Mapping[str, list[Run]]:
    """Everybody in turn, ROUNDS times."""
    runs: dict[str, list[Run]] = {}
    for number in range(ROUNDS):
        for place, name in enumerate(contenders(card, work)):
            out = work / f"run-{card.name}-{number}-{place}"
            for target in "12":
                (out / target).mkdir(parents=True)
            settle()
            runs.setdefault(name, []).append(run(contenders(card, out)[name]))
            if not keep:
                shutil.rmtree(out)
    return runs


def table(title: str, runs: Mapping[str, list[Run]]) -> None:
    medians = {
        name: Run(*(statistics.median(getattr(run, field) for run in each) for field in ("wall", "cpu", "rss")))
        for name, each in runs.items()
    }
    ours = {ONSET: [RSYNC, XXHSUM], ONCE: [RSYNC, XXHSUM, ASCMHL]}  # who did the same work: ascmhl reads the card once
    print(f"\n| {title}, median of {ROUNDS}, {load()} | s (all) | x cp | x best with the same work | CPU s | RSS MiB |")
    print("|---|---|---|---|---|---|")
    for name, median in medians.items():
        every = " ".join(f"{run.wall:.1f}" for run in runs[name])
        peers = [medians[peer].wall for peer in ours.get(name, ()) if peer in medians]
        ratio = f"{median.wall / min(peers):.2f}" if peers else ""
        plain = median.wall / medians[PLAIN].wall
        print(f"| {name} | {median.wall:.1f} ({every}) | {plain:.2f} | {ratio} | {median.cpu:.1f} | {median.rss:.0f} |")


def main() -> int:
    clips, clip_mib, files, file_kib = map(int, sys.argv[1:5] if len(sys.argv) == 5 else (3, 128, 3000, 64))
    if not os.access(_DROP, os.W_OK):
        print("The page cache cannot be dropped here: what other tools check comes out of memory.")
    with tempfile.TemporaryDirectory(dir=os.environ.get("BENCH_DIR")) as place:
        work = Path(place)
        if clips:
            make_card(work / "A", clips, clip_mib * MIB, "clip")
            table(f"card A, {clips} x {clip_mib} MiB", compare(work / "A", work, keep=False))
        if files:
            make_card(work / "B", files, file_kib << 10, "frame")
            table(f"card B, {files:,} x {file_kib} KiB", compare(work / "B", work, keep=True))
    return 0


if __name__ == "__main__":
    sys.exit(main())
