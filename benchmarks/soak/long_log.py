"""Lists and searches on a log of a million takes: far more than any film has, to see what grows with it.

    python -m benchmarks.soak.long_log [TAKES]        default 1,000,000; some minutes, 3 GB of disk

The rows are generated in SQL, in the projections only: what is asked here reads nothing else. Prints a table of
docs/benchmarks.md, section "log".
"""

from __future__ import annotations

import os
import resource
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.log import HEAD, finding, flat, load
from logging_db import search
from logging_db.logbook import create_log, open_log
from logging_db.sqlite_library import Connection, connect, version
from onset.clock import ManualClock

_WORDS = "boom focus eyeline flare cross dialogue overlap door prop hair soft late early match hold wide"
_DAY = 300  # takes

# ?1: the number of takes. Things of take i have the numbers 10 i and following.
_TAKES = "WITH RECURSIVE made(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM made WHERE i < ?1) "
_THINGS = (
    (
        "take",
        "SELECT i * 10, randomblob(16), NULL, 'Main', 1 + i / {day}, CAST(1 + i / 60 % 1500 AS TEXT), "
        "(1 + i / 60 % 1500) || char(65 + i / 6 % 8), CAST(1 + i % 6 AS TEXT), 'cut', "
        "CASE i % 5 WHEN 0 THEN 'circled' WHEN 1 THEN 'ng' ELSE 'none' END, 'normal', 0, 'size ' || i % 7, '23.976', "
        "1780000000000000000 + i * 60000000000, 1780000000000000000 + i * 60000000000 + 40000000000, '10:00:00:00', "
        "'10:00:40:00', 'MIX', 960, 0, 0 FROM made",
        "id, uid, owner, unit, day, scene, slate, take, state, status, kind, mos, description, rate, rolled_ns, "
        "cut_ns, tc_in, tc_out, tc_source, duration_frames, ordinal, deleted",
    ),
    (
        "run",
        "SELECT i * 10 + 1, randomblob(16), i * 10, i * 60000000000, 0 FROM made",
        "id, uid, owner, action_ns, deleted",
    ),
    (
        "note",
        "SELECT i * 10 + 2, randomblob(16), i * 10, (SELECT value FROM json_each(?2) WHERE key = i % 16) || ' ' || "
        "(SELECT value FROM json_each(?2) WHERE key = i * 7 % 16) || ' ' || i, 'Maya', 'editor', i, 0, 0 FROM made",
        "id, uid, owner, text, author, audience, wall_ns, mark, deleted",
    ),
    (
        "angle",
        "SELECT i * 10 + 3 + b, randomblob(16), i * 10, char(65 + b), char(65 + b) || printf('%03d', 1 + i / 40), 0 "
        "FROM made, (SELECT 0 AS b UNION ALL SELECT 1)",
        "id, uid, owner, camera, roll, deleted",
    ),
    (
        "tag",
        "SELECT i * 10 + 5, randomblob(16), i * 10, 'stunt', 0 FROM made WHERE i % 50 = 0",
        "id, uid, owner, tag, deleted",
    ),
    (
        "scene",
        "SELECT ?1 * 10 + 10 + i, randomblob(16), CAST(i AS TEXT), iif(i % 3, 'INT. ', 'EXT. ') || "
        "(CASE i % 5 WHEN 0 THEN 'KITCHEN' WHEN 1 THEN 'HALL' WHEN 2 THEN 'PIER' ELSE 'BOAT ' || i END) || "
        "iif(i % 2, ' - DAY', ' - NIGHT'), 'D' || i % 9, 'MARA, TOM' "
        "FROM made WHERE i <= 1500",
        "id, uid, number, heading, story_day, characters",
    ),
    (
        "setup",
        "SELECT ?1 * 10 + 2000 + i, CAST('setup' || i AS BLOB), CAST(1 + i / 8 AS TEXT), (1 + i / 8) || "
        "char(65 + i % 8), iif(i % 4, 'over the shoulder on Mara', 'wide, from the door'), "
        "'she comes in', 'sits down' FROM made WHERE i < 12000",
        "id, uid, scene, slate, description, begins, ends",
    ),
    (
        "camera_setup",
        "SELECT ?1 * 10 + 14000 + i * 2 + b, randomblob(16), CAST('setup' || i AS BLOB), char(65 + b), "
        "(25 + i % 4 * 25) || 'mm', '1/8 BPM', 'MWS' FROM made, (SELECT 0 AS b UNION ALL SELECT 1) WHERE i < 12000",
        "id, uid, setup, camera, lens, filters, size",
    ),
)


def generate(connection: Connection, count: int) -> None:
    """Takes with a run, a note and two cameras each, every fiftieth with a tag, their scenes, setups and words."""
    words = "[" + ", ".join(f'"{word}"' for word in _WORDS.split()) + "]"
    connection.execute("BEGIN IMMEDIATE")
    for kind, chosen, columns in _THINGS:
        made = f'INSERT INTO "{kind}" ({columns}) {_TAKES}{chosen.format(day=_DAY)}'
        connection.execute(made, (count, words) if "?2" in made else (count,))
    connection.execute(f"INSERT INTO words {search.WORDS}")
    connection.execute("INSERT INTO words_index (words_index) VALUES ('rebuild')")
    connection.execute("COMMIT")


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    with tempfile.TemporaryDirectory(dir=os.environ.get("BENCH_DIR")) as name:
        folder = Path(name)
        os.environ["XDG_STATE_HOME"] = str(folder / "state")
        clock = ManualClock(wall_ns=1_780_000_000_000_000_000)
        path = create_log(folder, title="Long", rate="23.976", clock=clock)
        start = time.perf_counter()
        connection = connect(path)
        generate(connection, count)
        connection.close()
        print(f"SQLite {version()}, {load()}; {count:,} takes generated in {time.perf_counter() - start:.0f} s, ")
        print(f"{path.stat().st_size / 1e6:.0f} MB.")
        print(HEAD)
        log = open_log(path, clock=clock)
        bare = flat(folder / "flat.db", path)
        finding(log, bare)
        bare.close()
        log.close()
        memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
        print(f"\nThis program at its peak: {memory} MiB.")


if __name__ == "__main__":
    main()
