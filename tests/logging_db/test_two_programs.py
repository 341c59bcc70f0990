"""Several programs on one log: each sees the others' edits, and none waits long or gets a number twice."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from logging_db.logbook import LOG_NAME, SqliteLogbook, open_log
from onset.clock import SystemClock
from onset.domain.camera import Clip, LinkState
from onset.domain.claim import ClaimSource
from onset.domain.take import Stamp
from onset.logbook.terms import Next, TakeFilter
from tests.logging_db.originals import a_card, a_claim, a_clip, a_day, a_sound, brought, wanted
from tests.logging_db.support import file_log

_NOTES = 25

# Another seat: says "ready", then notes on the take once for each line it is sent, with the moment of the commit.
_WRITER = """
import sys, time
from pathlib import Path
from logging_db.logbook import open_log
log = open_log(Path(sys.argv[1]), user="Ben", role="assistant")
take = log.find_take("last")
print("ready", flush=True)
for line in sys.stdin:
    log.note(take.id, f"{line.strip()}")
    print(time.monotonic_ns(), flush=True)
log.close()
"""

# A seat that logs as fast as it can: takes of one slate, without ever agreeing with the others on a number.
_FAST = """
import sys, json
from pathlib import Path
from logging_db.logbook import open_log
from onset.clock import SystemClock
from onset.domain.take import Stamp
clock = SystemClock()
log = open_log(Path(sys.argv[1]), user=sys.argv[2])
made = []
for _ in range(int(sys.argv[3])):
    stamp = Stamp(wall_ns=clock.wall_ns(), mono_ns=clock.monotonic_ns())
    made.append(log.add_take(slate="1", take=None, stamp=stamp).take)
log.close()
print(json.dumps(made))
"""


# A seat that matches: it wants each take linked to the clip of its number, over and over, while others log.
_MATCHER = """
import sys, json
from pathlib import Path
from logging_db.logbook import open_log
from onset.domain.camera import LinkState
from onset.logbook.terms import TakeFilter, WantedLink
log = open_log(Path(sys.argv[1]), user=sys.argv[2])
written, refused = 0, 0
while True:
    seen = log.arrival()
    takes = log.takes(TakeFilter(day=1, limit=None))
    clips = {clip.number: clip.id for clip in log.media(day=1)}
    wanted = [
        WantedLink(take_id=t.id, media_id=clips[int(t.take)], state=LinkState.PROPOSED, method="time", evidence="e")
        for t in takes
    ]
    done = log.write_links("Main", 1, wanted, seen=seen)
    written, refused = written + (done or 0), refused + (done is None)
    if len(takes) == int(sys.argv[3]) and done is not None:
        break
log.close()
print(json.dumps([written, refused]))
"""


def start(code: str, *arguments: str, library: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", code, *arguments],
        env={**os.environ, "ONSET_SQLITE": library},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


@pytest.mark.parametrize("library", ["pysqlite3", "stdlib"])
def test_edit_of_another_program_is_seen_within_a_tenth_of_a_second(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, library: str
) -> None:
    monkeypatch.setenv("ONSET_SQLITE", library)
    with file_log(tmp_path) as on_set:
        on_set.log.set_next(Next(slate="1"))
        on_set.shoot()
        feed = on_set.log.feed()
        writer = start(_WRITER, str(tmp_path / LOG_NAME), library=library)
        assert writer.stdin is not None
        assert writer.stdout is not None
        assert writer.stdout.readline() == "ready\n"
        late_ms = []
        for number in range(_NOTES):
            writer.stdin.write(f"note {number}\n")
            writer.stdin.flush()
            seen: list[object] = []
            while not seen:  # at most pytest's own time-out
                seen = [change.new for change in feed.poll() if change.field == "text"]
                time.sleep(0.01)  # the pace of the capture service's feed is what is measured
            noticed_ns = time.monotonic_ns()
            assert seen == [f"note {number}"]
            late_ms.append((noticed_ns - int(writer.stdout.readline())) / 1e6)
        writer.communicate(timeout=20)
        assert writer.returncode == 0
        assert sorted(late_ms)[_NOTES * 9 // 10] <= 100
        feed.close()


@pytest.mark.parametrize("library", ["pysqlite3", "stdlib"])
def test_three_programs_at_once_lose_no_take_and_give_no_number_twice(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, library: str
) -> None:
    monkeypatch.setenv("ONSET_SQLITE", library)
    with file_log(tmp_path) as on_set:
        path = str(tmp_path / LOG_NAME)
        writers = [start(_FAST, path, user, "30", library=library) for user in ("Ann", "Ben", "Cem")]
        answers = [writer.communicate(timeout=50)[0] for writer in writers]
        assert [writer.returncode for writer in writers] == [0, 0, 0]
        numbers = sorted(int(number) for answer in answers for number in json.loads(answer))
        assert numbers == list(range(1, 91))
        assert on_set.log.count_takes() == 90
        assert len(on_set.log.history(limit=100_000)) > 90 * 10


@pytest.mark.parametrize("library", ["pysqlite3", "stdlib"])
def test_two_programs_that_match_while_another_logs_link_each_take_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, library: str
) -> None:
    monkeypatch.setenv("ONSET_SQLITE", library)
    with file_log(tmp_path) as on_set:
        path = str(tmp_path / LOG_NAME)
        on_set.log.bring_in([a_clip(number) for number in range(1, 31)])
        programs = [start(_MATCHER, path, user, "30", library=library) for user in ("Ann", "Ben")]
        programs.append(start(_FAST, path, "Cem", "30", library=library))
        answers = [json.loads(program.communicate(timeout=50)[0]) for program in programs]
        assert [program.returncode for program in programs] == [0, 0, 0]
        assert answers[0][0] + answers[1][0] == 30  # nobody wrote what another had written
        numbers = {clip.id: clip.number for clip in on_set.log.media() if isinstance(clip, Clip)}
        labels = {take.id: int(take.take) for take in on_set.log.takes(TakeFilter(limit=None))}
        links = on_set.log.links(day=1)
        assert len(links) == 30
        assert all(numbers[link.media_id] == labels[link.take_id] for link in links)


@pytest.mark.parametrize("library", ["pysqlite3", "stdlib"])
def test_program_started_anew_finds_what_departments_brought_and_people_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, library: str
) -> None:
    monkeypatch.setenv("ONSET_SQLITE", library)

    def told(log: SqliteLogbook) -> list[object]:
        return [log.media(), log.links(), log.claims(), log.explanations(), log.cards(), log.takes(), log.arrival()]

    with file_log(tmp_path) as on_set:
        take = a_day(on_set, 1)[0]
        card = on_set.log.record_card(a_card())
        clip, sound = brought(on_set, a_clip(card=card.id), a_sound())
        on_set.log.write_links("Main", 1, [wanted(take, clip)], seen=on_set.log.arrival())
        on_set.log.decide_link(take.id, sound, LinkState.REFUSED, reason="of another take")
        on_set.log.take_claims(ClaimSource.SOUND, "day1.csv", "Main", 1, [a_claim(1)])
        on_set.log.explain("k", "the boom was off", unit="Main", day=1)
        on_set.log.clear_card(card.id, by="Kim")
        before = told(on_set.log)
    log = open_log(tmp_path / LOG_NAME, user="Maya")
    try:
        assert told(log) == before
        assert len(log.links()) == 2
        sentence = log.undo(wall_ns=SystemClock().wall_ns()).sentence  # of the seat that was closed
        assert sentence == "difference no longer explained"
    finally:
        log.close()


def test_one_logbook_serves_a_writing_and_a_reading_thread(tmp_path: Path) -> None:
    from threading import Thread

    with file_log(tmp_path) as on_set:
        on_set.log.set_next(Next(slate="1"))
        take = on_set.shoot()
        failures: list[BaseException] = []

        def write() -> None:
            try:
                for number in range(100):
                    on_set.log.note(take.id, f"note {number}")
            except BaseException as error:  # whatever it is, the test must hear of it
                failures.append(error)

        thread = Thread(target=write)
        thread.start()
        counts = []
        while thread.is_alive():
            counts.append(
                len(on_set.log.takes(TakeFilter(text="note"))[:1]) and len(on_set.log.find_take("last").notes)
            )
        thread.join()
        assert failures == []
        assert counts == sorted(counts)
        assert len(on_set.log.find_take("last").notes) == 100


def test_second_logbook_of_this_process_is_the_same_seat(tmp_path: Path) -> None:
    with file_log(tmp_path) as on_set:
        on_set.log.set_next(Next(slate="1"))
        again = open_log(tmp_path / LOG_NAME, user="Maya", clock=SystemClock())
        assert again.seat == on_set.log.seat
        clock = SystemClock()
        take = again.roll(Stamp(wall_ns=clock.wall_ns(), mono_ns=clock.monotonic_ns()))
        assert on_set.log.rolling() == [take]
        again.close()
