"""What the log costs, beside bare SQLite with the same library and settings: edits, questions, rebuild, size, memory.

    python -m benchmarks.log [TAKES]        default 3,000, by each SQLite library; BENCH_DIR says where the files lie

Beside each edit stands a commit of one row; beside each question the same question to one flat table of one row a take,
which has no cameras, files or history. The two are measured in turn, so that other work on the machine slows both; the
processor's time stands beside the time that passed.
Prints the tables of docs/benchmarks.md, section "log".
"""

from __future__ import annotations

import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from logging_db import questions
from logging_db.logbook import SqliteLogbook, create_log, open_log
from logging_db.sqlite_library import ENVIRONMENT, Connection, connect, journal, version
from onset.changes import Value
from onset.clock import ManualClock
from onset.domain.take import Stamp, Take
from onset.logbook.query import parse
from onset.logbook.terms import Next, TakeFilter

WORDS = (
    *("boom", "focus", "eyeline", "flare", "cross", "dialogue", "overlap", "door"),
    *("prop", "hair", "soft", "late", "early", "match", "hold", "wide"),
)
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


def load() -> str:
    """How busy the machine was when this is printed."""
    return f"load average {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores"


@dataclass(frozen=True, slots=True)
class Times:
    """Milliseconds in order: those that passed, and those that this program's processor worked."""

    passed: list[float]
    worked: list[float]


def times(act: Callable[[], object], samples: int = _SAMPLES) -> Times:
    return in_turn([act], samples)[0]


def in_turn(
    acts: Sequence[Callable[[], object]], samples: int, before: Callable[[], object] = lambda: None
) -> list[Times]:
    """All in the same weather, each round after what is not measured."""
    passed: list[list[float]] = [[] for _ in acts]
    worked: list[list[float]] = [[] for _ in acts]
    for _ in range(samples):
        before()
        for number, act in enumerate(acts):
            start, cpu = time.perf_counter_ns(), time.thread_time_ns()
            act()
            worked[number].append((time.thread_time_ns() - cpu) / 1e6)
            passed[number].append((time.perf_counter_ns() - start) / 1e6)
    return [Times(sorted(one), sorted(other)) for one, other in zip(passed, worked, strict=True)]


def line(what: str, found: Times, bar: str, bare: Times | None = None, again: Times | None = None) -> None:
    median, p95 = statistics.median(found.passed), found.passed[int(len(found.passed) * 0.95)]
    beside = f"{statistics.median(bare.passed):.2f}" if bare else ""
    ratio = f"{median / statistics.median(bare.passed):.1f}" if bare else ""
    cpu = statistics.median(found.worked)
    twice = f"{statistics.median(again.worked):.2f}" if again else ""
    print(f"| {what} | {beside} | {median:.2f} | {p95:.2f} | {cpu:.2f} | {twice} | {ratio} | {bar} |", flush=True)


HEAD = (
    "\n| what | bare, median ms | onset, median ms | p95 | of it CPU | CPU, asked again | ratio | bar |"
    "\n|---|---|---|---|---|---|---|---|"
)
_SETS = ("KITCHEN", "HALL", "PIER", "ATTIC", "GARDEN")


def shoot(log: SqliteLogbook, clock: ManualClock, count: int) -> Take:
    """Takes as a day makes them: roll with two cameras, cut, status, note; their scenes and setups have words."""
    take = None
    for number in range(count):
        if number % 6 == 0:
            scene = str(1 + number // 6 % 1500)
            board = log.set_next(Next(scene=scene, cameras={"A": True, "B": True}))
            where, when = _SETS[number // 6 % 5], "NIGHT" if number // 6 % 2 else "DAY"
            log.set_scene(scene, {"heading": f"INT. {where} - {when}", "story_day": f"D{number // 6 % 9}"})
            seen = "wide, from the door" if number // 6 % 4 == 1 else "over the shoulder on Mara"
            log.set_setup(board.slate, {"description": seen, "begins": "Mara comes in", "ends": "sits down"})
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

    for what, act, bar in (
        ("edit of one field, durable", one_field, "bare + 0.5"),
        ("edit of ten fields (a new note with its words)", ten_fields, "bare + 1.0"),
        ("`set_take` status, with the whole take read back", verb, ""),
    ):
        beside, ours = in_turn([commit, act], _SAMPLES)
        more = statistics.median(ours.passed) - statistics.median(beside.passed)
        line(what, ours, f"{bar}; is bare + {more:.2f}" if bar else "", beside)
    bare.close()


def flat(path: Path, log: Path) -> Connection:
    """The takes of a log as one flat table with the obvious indexes and full-text index."""
    bare = connect(path)
    bare.execute("ATTACH ? AS log", (str(log),))
    bare.execute(
        "CREATE TABLE take AS SELECT t.id, t.day, t.scene, t.slate, t.take, t.status, t.tc_in, t.tc_out, t.rolled_ns, "
        "t.description, "
        "(SELECT group_concat(n.text, ' ') FROM log.note n WHERE n.owner = t.id) AS notes FROM log.take t"
    )
    for statement in (
        "CREATE UNIQUE INDEX take_id ON take (id)",
        "CREATE INDEX take_scene ON take (scene, id)",
        "CREATE INDEX take_day ON take (day, id)",
        "CREATE INDEX take_status ON take (status, id)",
        "CREATE VIRTUAL TABLE found USING fts5(notes, content='take', content_rowid='id')",
        "INSERT INTO found (found) VALUES ('rebuild')",
    ):
        bare.execute(statement)
    return bare


def finding(log: SqliteLogbook, bare: Connection) -> None:
    """Lists and searches, the bars of the design first: each after a commit, then once more."""

    def commit() -> None:  # after it nothing that was read is of use, not even a page of the file
        log._writer.execute("INSERT OR REPLACE INTO meta VALUES ('bench', hex(randomblob(8)))")  # noqa: SLF001  # as above

    def ask(what: str, wanted: TakeFilter, sql: str = "", bar: str = "5") -> None:
        def question() -> object:
            return log.takes(wanted)

        found = len(log.takes(wanted))
        what = f"{what} ({found} takes)"
        if sql:
            beside, ours, again = in_turn([lambda: bare.execute(sql).fetchall(), question, question], 50, commit)
            line(what, ours, bar, beside, again)
        else:
            ours, again = in_turn([question, question], 20, commit)
            line(what, ours, bar, again=again)

    newest = "ORDER BY id DESC LIMIT 200"
    by_words = (
        "SELECT t.* FROM found f JOIN take t ON t.id = f.rowid WHERE found MATCH '{}' ORDER BY f.rowid DESC LIMIT 200"
    )
    questions._made.forget()  # noqa: SLF001  # to see what the first list costs
    line("newest 200 as whole takes, the first time", times(log.takes, 1), "")
    ask("newest 200 as whole takes", TakeFilter(), f"SELECT * FROM take {newest}")
    ask("a scene's takes", TakeFilter(scene="17"), f"SELECT * FROM take WHERE scene = '17' {newest}")
    ask("text, a common word", TakeFilter(text="boom"), by_words.format('"boom"*'))
    ask("text, two words, half typed", TakeFilter(text="focus do"), by_words.format('"focus"* "do"*'))
    ask("text, one letter", TakeFilter(text="b"), by_words.format('"b"*'))
    ask("text, a slate spelled otherwise", TakeFilter(text="017a 3"))
    ask("text, of the scene, the setup and the take", TakeFilter(text="kitchen night wide boom"))
    ask("text, a word of every scene", TakeFilter(text="mara"))
    ask("text, a word and a number half typed", TakeFilter(text="kitchen 2"))
    day = TakeFilter(day=2, oldest_first=True, limit=None)
    ask("day report", day, "SELECT * FROM take WHERE day = 2 ORDER BY id")
    ask("circled ones", parse("status:circled"), f"SELECT * FROM take WHERE status = 'circled' {newest}", "")
    for query in ("scenes:40-45A", "camera:B lacks:sound boom", "roll:A014", "tag:stunt", "camera:C", "lacks:notes"):
        ask(f"`{query}`", parse(query), bar="")
    ask("text within words, read one by one", TakeFilter(text="yelin"), bar="")


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
    line("commit of another program, seen by a feed polled at 100 Hz", Times(sorted(late), [0.0]), "p95 20")
    idle = times(feeds.poll, 2000)
    line("an idle poll", idle, "")
    feeds.close()


def measure(count: int) -> None:
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
        print(
            f"\nSQLite {version()}, journal {mode}, synchronous {synchronous}, {load()}; {count:,} takes built through"
        )
        print(f"the API in {built:.1f} s ({built / count * 1000:.2f} ms a take).")
        print(HEAD)
        edits(folder, log, take)
        bare = flat(folder / "flat.db", path)
        finding(log, bare)
        bare.close()
        feed(path, log)
        log.close()
        memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
        sizes = (path.stat().st_size / count / 1000, (folder / "flat.db").stat().st_size / count / 1000)
        print(
            f"\nFile: {sizes[0]:.1f} KB a take, the flat table {sizes[1]:.1f}. This program at its peak: {memory} MiB."
        )
        start = time.perf_counter()
        open_log(path, clock=clock).close()
        print(f"Opened and closed in {time.perf_counter() - start:.2f} s.")
        rebuild(path)


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 3_000
    if os.environ.get(ENVIRONMENT):
        measure(count)
        return
    for each in ("pysqlite3", "stdlib"):  # one library a process: two lose each other's locks
        subprocess.run(
            [sys.executable, "-m", "benchmarks.log", str(count)], env=os.environ | {ENVIRONMENT: each}, check=True
        )


if __name__ == "__main__":
    main()
