"""How fast the Log screen answers, measured through a pseudo-terminal on the real program and a real log.

Run by `make bench` or by hand: `python -m benchmarks.tui [--capture] [takes …]`, with two simulated cameras and a mixer
running or without. The log is built through the API in a temporary
folder. A time runs from the key on the terminal's wire to the bytes that answer it: the running timecode paints ten
times a second, so any first byte would prove nothing.
"""

from __future__ import annotations

import os
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


def spread(times: list[float]) -> str:
    """Median, p95 and greatest."""
    ordered = sorted(times)
    return f"{statistics.median(times):7.1f} {ordered[int(len(ordered) * 0.95)]:7.1f} {ordered[-1]:7.1f}"


def cpu_s(pid: int) -> float:
    """CPU seconds of a process so far."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def memory_mib(pid: int) -> float:
    """Resident memory of a process."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS")) / 1024


def measure(folder: Path, takes: int) -> None:
    """Print one block of figures."""
    env = {"XDG_STATE_HOME": str(folder / "state")}
    starts = []
    for _ in range(5):
        with Terminal(onset("-p", str(folder), "tui"), size=SIZE, env=env) as terminal:
            terminal.wait_for("Space rolls")
            starts.append((time.monotonic() - terminal.started_s) * 1000)
    with Terminal(onset("-p", str(folder), "tui"), size=SIZE, env=env) as terminal:
        terminal.wait_for("Space rolls")
        terminal.drain(0.05)
        rows: dict[str, list[float]] = {"circle, durable": [], "cursor up": [], "page up": [], "roll, cut": []}
        last = f"{(takes - 1) // 10 + 1}/{(takes - 1) % 10 + 1}"
        for turn in range(ROUNDS):
            rows["circle, durable"].append(
                terminal.answered(b"c", f"{last} no longer" if turn % 2 else f"{last} circled")
            )
        for turn in range(1, ROUNDS + 1):
            rows["cursor up"].append(terminal.answered(b"\x1b[A", named(takes, turn)))
        terminal.send(b"\x1b")
        terminal.drain(0.3)
        page = SIZE[1] - 12  # rows that do not hold takes
        for turn in range(1, min(ROUNDS, takes // page - 1) + 1):
            rows["page up"].append(terminal.answered(b"\x1b[5~", named(takes, turn * page)))
        terminal.send(b"\x1b")
        terminal.drain(0.3)
        for _ in range(5):
            rows["roll, cut"].append(terminal.answered(b" ", "rolls."))
            time.sleep(1.1)  # the roll key is dead for a second after itself
            rows["roll, cut"].append(terminal.answered(b" ", " cut."))
            time.sleep(1.1)
        pid = terminal.process.pid
        before = cpu_s(pid)
        end = time.monotonic() + 10
        while time.monotonic() < end:
            terminal.read(0.2)
        idle = (cpu_s(pid) - before) / 10 * 100
        print(f"\n{takes} takes, {SIZE[0]} x {SIZE[1]}            median     p95     max  (ms)")
        print(f"  spawn to usable        {spread(starts)}")
        for name, times in rows.items():
            if times:
                print(f"  {name:<22} {spread(times)}")
        print(f"  CPU with the timecode running {idle:.1f} %, memory {memory_mib(pid):.0f} MiB")


def main() -> None:
    """Measure at the given counts of takes."""
    capture = "--capture" in sys.argv
    for takes in [int(each) for each in sys.argv[1:] if each != "--capture"] or [100, 10_000]:
        with tempfile.TemporaryDirectory(prefix="onset-bench-") as parent:
            folder = Path(parent) / "production"
            begin = time.monotonic()
            build(folder, takes)
            print(f"built {takes} takes in {time.monotonic() - begin:.0f} s")
            if capture:
                with (folder / "config.toml").open("a") as config:
                    config.write(DEVICES)
            try:
                measure(folder, takes)
            finally:
                if capture:
                    env = {**os.environ, "XDG_STATE_HOME": str(folder / "state")}
                    subprocess.run(onset("-p", str(folder), "capture", "--stop"), check=True, env=env)


if __name__ == "__main__":
    main()
