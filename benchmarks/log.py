"""What the log costs, beside bare SQLite with the same settings in the same run: edits, questions, rebuild, feed.

    python -m benchmarks.log [TAKES]        default 10,000; 100,000 takes some minutes

Prints the table of docs/benchmarks.md, section "log".
"""

from __future__ import annotations

import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from logging_db.logbook import SqliteLogbook, create_log, open_log
from logging_db.sqlite_library import connect, journal, version
from onset.changes import Value
from onset.clock import ManualClock
from onset.domain.take import Stamp, Status, Take
from onset.logbook.terms import Next, TakeFilter

WORDS = (
    *("boom", "focus", "eyeline", "flare", "cross", "dialogue", "overlap", "door"),
    *("prop", "hair", "soft", "late", "early", "match", "hold", "wide"),
)
_CHANGES_A_TAKE = 25
_SAMPLES = 300

_WRITER = """
import sys, time
from pathlib import Path
from logging_db.logbook import open_log
log = open_log(Path(sys.argv[1]), user="Ben")
take = log.find_take("last")
print("ready", flush=True)
for line in sys.stdin:
    log.note(take.id, line.strip())
    print(time.monotonic_ns(), flush=True)
"""


def milliseconds(act: Callable[[], object], samples: int = _SAMPLES) -> list[float]:
    found = []
    for _ in range(samples):
        start = time.perf_counter_ns()
        act()
        found.append((time.perf_counter_ns() - start) / 1e6)
    return sorted(found)


def line(what: str, found: list[float], bar: str) -> None:
    p95 = found[int(len(found) * 0.95)]
    print(f"| {what} | {statistics.median(found):.2f} | {p95:.2f} | {bar} |")


def shoot(log: SqliteLogbook, clock: ManualClock, count: int) -> Take:
    """Takes as a day makes them: roll with two cameras, action, cut, status, note, tag (some 25 changes)."""
    take = None
    for number in range(count):
        if number % 6 == 0:
            scene = str(1 + number // 6 % 1500)
            log.set_next(Next(scene=scene, cameras={"A": True, "B": True}))
        stamp = Stamp(
            wall_ns=clock.wall_ns(), mono_ns=clock.monotonic_ns(), boot="b", tc="10:00:00:00", tc_source="MIX"
        )
        take = log.roll(stamp)
        clock.advance(40)
        late = Stamp(wall_ns=clock.wall_ns(), mono_ns=clock.monotonic_ns(), boot="b", tc="10:00:40:00", tc_source="MIX")
        log.cut(take.id, late)
        log.set_take(take.id, {"status": "circled" if number % 5 == 0 else "none", "description": f"size {number % 7}"})
        log.note(take.id, f"{WORDS[number % 16]} {WORDS[number * 7 % 16]} {number}")
        if number % 300 == 299:
            log.wrap_day("Main", late)
    if take is None:
        raise SystemExit("at least one take")
    return take


def edits(folder: Path, log: SqliteLogbook, take: Take) -> None:
    bare = connect(folder / "bare.db")
    bare.execute("CREATE TABLE t (id INTEGER PRIMARY KEY, value TEXT) STRICT")

    def commit() -> None:
        bare.execute("BEGIN IMMEDIATE")
        bare.execute("INSERT INTO t (value) VALUES (?)", ("circled",))
        bare.execute("COMMIT")

    state = {"n": 0}

    def one_field() -> None:
        state["n"] += 1
        with log._edit("set") as edit:  # noqa: SLF001  # the edit alone, without reading the take back
            edit.set("take", take.id, {"tc_source": f"MIX {state['n']}"})

    def verb() -> None:
        state["n"] += 1
        log.set_take(take.id, {"status": "hold" if state["n"] % 2 else "ng"})

    def ten_fields() -> None:
        state["n"] += 1
        fields: dict[str, Value] = {
            "text": f"note {state['n']}", "author": "Maya", "audience": "editor", "wall_ns": state["n"],
            "tc": "10:00:00:00", "offset_ns": 1, "mark": 0, "deleted": 0, "take": take.id,
        }  # fmt: skip
        with log._edit("note") as edit:  # noqa: SLF001  # as above
            edit.add("note", fields)
            edit.set("take", take.id, {"tc_source": f"MIX {state['n']}"})

    line("bare commit, one row", milliseconds(commit), "")
    line("edit of one field", milliseconds(one_field), "bare + 0.5")
    line("edit of ten fields (a new note with its words)", milliseconds(ten_fields), "bare + 1.0")
    line("`set_take` status, with the whole take read back", milliseconds(verb), "")
    line("bare commit again", milliseconds(commit), "")
    bare.close()


def questions(log: SqliteLogbook) -> None:
    line("newest 200 as whole takes", milliseconds(lambda: log.takes(TakeFilter()), 50), "5")
    line("a scene's takes", milliseconds(lambda: log.takes(TakeFilter(scene="17")), 50), "5")
    line("newest 200 circled", milliseconds(lambda: log.takes(TakeFilter(statuses=[Status.CIRCLED])), 50), "5")
    line("search, a common word, newest 200", milliseconds(lambda: log.takes(TakeFilter(text="boom")), 50), "5")
    line("search, two words, half typed", milliseconds(lambda: log.takes(TakeFilter(text="focus dia")), 50), "5")
    line("search, one take", milliseconds(lambda: log.takes(TakeFilter(text="1234")), 50), "5")
    day = TakeFilter(day=2, oldest_first=True, limit=None)
    line(f"day report ({len(log.takes(day))} whole takes)", milliseconds(lambda: log.takes(day), 50), "5")
    line("board", milliseconds(log.board, 50), "")


def rebuild(path: Path) -> None:
    """In a program of its own, so that its memory is its own."""
    code = (
        "import sys, time, resource; from pathlib import Path; from logging_db.sqlite_library import connect\n"
        "from logging_db import projections\n"
        "c = connect(Path(sys.argv[1])); n = c.execute('SELECT count(*) FROM change').fetchone()[0]\n"
        "start = time.perf_counter(); projections.rebuild(c); took = time.perf_counter() - start\n"
        "start = time.perf_counter(); bad = projections.differences(c); compared = time.perf_counter() - start\n"
        "print(n, took, compared, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024, bad)"
    )
    out = subprocess.run([sys.executable, "-c", code, str(path)], capture_output=True, text=True, check=True).stdout
    changes, took, compared, memory, bad = out.split(maxsplit=4)
    print(f"\nRebuild of {int(changes):,} changes: {float(took):.2f} s, {memory} MiB;", end=" ")
    print(f"compared with one in {float(compared):.2f} s ({bad.strip()}).")


def feed(path: Path, log: SqliteLogbook) -> None:
    feeds = log.feed()
    writer = subprocess.Popen(
        [sys.executable, "-c", _WRITER, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    if writer.stdin is None or writer.stdout is None:
        raise SystemExit("no pipes")
    writer.stdout.readline()
    late = []
    for number in range(200):
        writer.stdin.write(f"note {number}\n")
        writer.stdin.flush()
        while not feeds.poll():
            time.sleep(0.01)
        seen = time.monotonic_ns()
        late.append((seen - int(writer.stdout.readline())) / 1e6)
    writer.communicate()
    line("commit of another program, seen by a feed polled at 100 Hz", sorted(late), "p95 20")
    idle = milliseconds(feeds.poll, 2000)
    line("an idle poll", idle, "")
    feeds.close()


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    mode, synchronous = journal()
    with tempfile.TemporaryDirectory(dir=os.environ.get("BENCH_DIR")) as name:
        folder = Path(name)
        os.environ["XDG_STATE_HOME"] = str(folder / "state")
        clock = ManualClock(wall_ns=1_780_000_000_000_000_000)
        path = create_log(folder, title="Bench", rate="23.976", clock=clock)
        log = open_log(path, clock=clock)
        start = time.perf_counter()
        take = shoot(log, clock, count)
        built = time.perf_counter() - start
        counted = connect(path)
        changes = counted.execute("SELECT count(*) FROM change").fetchall()[0][0]
        counted.close()
        print(f"SQLite {version()}, journal {mode}, synchronous {synchronous}; {count:,} takes, {changes!s} changes,")
        print(f"built through the API in {built:.1f} s ({built / count * 1000:.2f} ms a take).")
        print("\n| what | median ms | p95 ms | bar |\n|---|---|---|---|")
        edits(folder, log, take)
        questions(log)
        feed(path, log)
        log.close()
        size = path.stat().st_size
        print(f"\nFile: {size / 1e6:.1f} MB, {size / count / 1000:.1f} KB a take. This program: "
              f"{resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024} MiB.")  # fmt: skip
        start = time.perf_counter()
        open_log(path, clock=clock).close()
        print(f"Opened and closed in {time.perf_counter() - start:.2f} s.")
        rebuild(path)


if __name__ == "__main__":
    main()
