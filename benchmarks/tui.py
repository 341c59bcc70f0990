"""How fast the Log screen answers, measured through a pseudo-terminal on the real program and a real log.

Run by `make bench` or by hand: `python -m benchmarks.tui [--capture] [takes …]`, with two simulated cameras and a mixer
running or without. The log is built through the API, in memory where there is some, and moved to a disk: 100,000 takes
are some minutes. A time runs from the key on the terminal's wire to the bytes that answer it: the running timecode
paints ten times a second, so any first byte would prove nothing. Each kind of key stands beside the bars, which are
those of all keys together: one that is missed with `--capture` is exit code 1.
"""

from __future__ import annotations

import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from logging_db.logbook import open_log
from onset.domain.take import Stamp
from onset.logbook.terms import Next
from tests.tui.terminal import Terminal, onset

SIZE = (160, 50)
ROUNDS = 30
MEDIAN_MS, P95_MS, USABLE_MS, OTHERS_MS = 16.0, 50.0, 1000.0, 100.0  # bars
WATCHED_S = 10.0
NOTE = "quiet on the set while we wait"  # typed letter by letter; none of its letters means anything before the first
DEVICES = "".join(
    f'\n[[device]]\nname = "{name}"\nkind = "{kind}"\n'
    for name, kind in (("A", "sim-camera"), ("B", "sim-camera"), ("MIX", "sim-mixer"))
)


def build(folder: Path, takes: int) -> None:
    """A production with so many takes, 10 a slate."""
    subprocess.run(onset("new", str(folder), "--title", "Bench", "--rate", "24", "--slating", "eu"), check=True)
    log = open_log(folder / "log.onset")
    start_ns = time.time_ns() - takes * 60_000_000_000
    for number in range(takes):
        stamp = Stamp(wall_ns=start_ns + number * 60_000_000_000, mono_ns=0, tc="10:00:00:00", tc_source="clock")
        log.add_take(
            slate=str(number // 10 + 1), take=str(number % 10 + 1), stamp=stamp, scene="1", duration_frames=900
        )
    log.set_next(Next(scene="1", slate=str((takes - 1) // 10 + 1)))
    log.close()


def named(takes: int, back: int) -> str:
    """What the footer says when the cursor is so many rows above the newest take."""
    number = takes - 1 - back
    return f"circles {number // 10 + 1}/{number % 10 + 1}"


def shown(name: str, times: list[float], median_ms: float = MEDIAN_MS, p95_ms: float = P95_MS) -> bool:
    """Print median, p95 and greatest; whether both bars held."""
    ordered = sorted(times)
    median, p95 = statistics.median(times), ordered[int(len(ordered) * 0.95)]
    held = median <= median_ms and p95 <= p95_ms
    print(f"  {name:<22} {median:7.1f} {p95:7.1f} {ordered[-1]:7.1f}  {'held' if held else 'MISSED'}")
    return held


def busy_percent(terminal: Terminal) -> float:
    """Share of a core that the app takes while nobody presses a key."""
    terminal.drain(2)
    before, begun = cpu_s(terminal.process.pid), time.monotonic()
    terminal.drain(WATCHED_S)
    return (cpu_s(terminal.process.pid) - before) / (time.monotonic() - begun) * 100


def cpu_s(pid: int) -> float:
    """CPU seconds of a process so far."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def memory_mib(pid: int) -> float:
    """Resident memory of a process."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS")) / 1024


def measure(folder: Path, takes: int, *, capture: bool) -> bool:
    """Print one block of figures; whether the bars held."""
    env = {"XDG_STATE_HOME": str(folder / "state")}
    starts = []
    for _ in range(5):
        with Terminal(onset("-p", str(folder), "tui"), size=SIZE, env=env) as terminal:
            terminal.wait_for("Space rolls")
            starts.append((time.monotonic() - terminal.started_s) * 1000)
    with Terminal(onset("-p", str(folder), "tui"), size=SIZE, env=env) as terminal:
        terminal.wait_for("Space rolls")
        terminal.drain(0.05)
        rows = _keys(terminal, takes)
        others = _others(terminal, folder)
        print(f"\n{takes} takes, {SIZE[0]} x {SIZE[1]}            median     p95     max  (ms)")
        # the first start of all starts the capture service too
        held = [shown("spawn to usable", starts, USABLE_MS, float("inf"))]
        for name, times in rows.items():
            if times:
                shown(name, times)
        held += [shown("all these keys", [each for times in rows.values() for each in times])]
        held += [shown("another seat's edit", others, OTHERS_MS, OTHERS_MS)]
        print(f"  CPU on Log, its timecode running {busy_percent(terminal):.1f} %")
        if capture:
            terminal.send(b"g4")
            print(f"  CPU on Devices, a picture and meters {busy_percent(terminal):.1f} %")
        print(f"  memory {memory_mib(terminal.process.pid):.0f} MiB; load {os.getloadavg()[0]:.1f}")
    return all(held)


def _keys(terminal: Terminal, takes: int) -> dict[str, list[float]]:
    """Milliseconds of every key, by what it does."""
    rows: dict[str, list[float]] = {
        each: [] for each in ("circle, durable", "cursor up", "page up", "letter of a note", "roll, cut")
    }
    last = f"{(takes - 1) // 10 + 1}/{(takes - 1) % 10 + 1}"
    for turn in range(ROUNDS):
        rows["circle, durable"].append(terminal.answered(b"c", f"{last} no longer" if turn % 2 else f"{last} circled"))
    for turn in range(1, ROUNDS + 1):
        rows["cursor up"].append(terminal.answered(b"\x1b[A", named(takes, turn)))
    terminal.send(b"\x1b")
    terminal.drain(0.3)
    page = SIZE[1] - 12  # rows that do not hold takes
    for turn in range(1, min(ROUNDS, takes // page - 1) + 1):
        rows["page up"].append(terminal.answered(b"\x1b[5~", named(takes, turn * page)))
    terminal.send(b"\x1b")
    terminal.drain(0.3)
    terminal.answered(b"t", "note ")
    for end in range(1, len(NOTE) + 1):
        rows["letter of a note"].append(terminal.answered(NOTE[end - 1 : end].encode(), NOTE[:end].rstrip()))
    terminal.answered(b"\r", "Noted on")
    for _ in range(ROUNDS // 2):
        rows["roll, cut"].append(terminal.answered(b" ", "rolls."))
        time.sleep(1.1)  # the roll key is dead for a second after itself
        rows["roll, cut"].append(terminal.answered(b" ", " cut."))
        time.sleep(1.1)
    return rows


def _others(terminal: Terminal, folder: Path) -> list[float]:
    """Milliseconds from an edit's commit in another program to its being drawn here."""
    found = []
    log = open_log(folder / "log.onset")
    take = log.find_take("last")
    for turn in range(ROUNDS):
        log.set_take(take.id, {"status": "none" if turn % 2 else "circled"})
        begin = time.monotonic()
        terminal.wait_for(f"circled {(turn + 1) % 2}  ")  # in the day's totals
        found.append((time.monotonic() - begin) * 1000)
        terminal.drain(0.1)
    log.close()
    return found


def built(parent: Path, takes: int) -> Path:
    """A production with so many takes on the disk of `parent`."""
    memory = Path("/dev/shm")
    with tempfile.TemporaryDirectory(prefix="onset-bench-", dir=memory if memory.is_dir() else parent) as made:
        build(Path(made) / "production", takes)
        return Path(shutil.copytree(Path(made) / "production", parent / "production"))


def main() -> int:
    """Measure at the given counts of takes."""
    capture = "--capture" in sys.argv
    held = []
    for takes in [int(each) for each in sys.argv[1:] if each != "--capture"] or [100, 10_000]:
        with tempfile.TemporaryDirectory(prefix="onset-bench-") as parent:
            os.environ["XDG_STATE_HOME"] = str(Path(parent) / "other-seat")
            begin = time.monotonic()
            folder = built(Path(parent), takes)
            print(f"built {takes} takes in {time.monotonic() - begin:.0f} s")
            if capture:
                with (folder / "config.toml").open("a") as config:
                    config.write(DEVICES)
            try:
                held.append(measure(folder, takes, capture=capture))
            finally:
                if capture:
                    env = {**os.environ, "XDG_STATE_HOME": str(folder / "state")}
                    subprocess.run(onset("-p", str(folder), "capture", "--stop"), check=True, env=env)
    return 0 if all(held) or not capture else 1


if __name__ == "__main__":
    sys.exit(main())
