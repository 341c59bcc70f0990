"""The line to a worker process: what a worker may do to its service."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from onset.capture.line import WorkerLine
from onset.capture.signals import Answer, Ask, Fault, Report
from onset.errors import CaptureError
from tests.onset.capture.pretend import setup_of

ECHO = """
import sys
from onset.capture.signals import Answer, Ask, Order, Report, Setup
import msgspec
setup = msgspec.json.decode(sys.stdin.buffer.readline(), type=Setup)
for line in sys.stdin.buffer:
    order = msgspec.json.decode(line, type=Order)
    if isinstance(order, Ask):
        report = Answer(id=order.id, ok=True, value=setup.device + order.what)
        sys.stdout.buffer.write(msgspec.json.encode(report) + b"\\n")
        sys.stdout.buffer.flush()
"""


@pytest.fixture
def lines() -> Iterator[list[WorkerLine]]:
    made: list[WorkerLine] = []
    yield made
    for line in made:
        line.kill()
        line.close()


def worker(lines: list[WorkerLine], tmp_path: Path, program: str) -> WorkerLine:
    line = WorkerLine([sys.executable, "-c", program], setup_of("A", tmp_path), time.monotonic_ns)
    lines.append(line)
    return line


def heard(line: WorkerLine, count: int) -> list[Report]:
    found: list[Report] = []
    deadline = time.monotonic() + 20
    while len(found) < count:
        assert time.monotonic() < deadline, "never reported"
        found += line.reports()
        time.sleep(0.005)
    return found


def end_of(line: WorkerLine) -> str:
    deadline = time.monotonic() + 20
    while (how := line.ended) is None:
        assert time.monotonic() < deadline, "never ended"
        line.reports()
        time.sleep(0.005)
    line.reports()
    return line.ended or how


def test_orders_go_down_and_answers_come_up_in_order(lines: list[WorkerLine], tmp_path: Path) -> None:
    line = worker(lines, tmp_path, ECHO)
    for number in range(300):
        line.send(Ask(id=number, what="x"))
    assert heard(line, 300) == [Answer(id=number, ok=True, value="Ax") for number in range(300)]
    line.hang_up()
    assert end_of(line) == "ended"
    assert line.fileno() == -1


def test_worker_that_is_killed_is_named_with_its_signal(lines: list[WorkerLine], tmp_path: Path) -> None:
    line = worker(lines, tmp_path, ECHO)
    line.send(Ask(id=1, what="x"))
    heard(line, 1)
    os.kill(line.pid, signal.SIGKILL)
    assert end_of(line) == "was ended by SIGKILL"
    line.send(Ask(id=2, what="x"))
    line.hang_up()


def test_the_last_words_of_a_worker_are_part_of_the_sentence(lines: list[WorkerLine], tmp_path: Path) -> None:
    line = worker(lines, tmp_path, "import sys; sys.stderr.write('no camera\\x1b[2J here\\n'); sys.exit(4)")
    assert end_of(line) == "ended with code 4 (no camera\\x1b[2J here)"


def test_a_worker_that_talks_nonsense_or_without_end(lines: list[WorkerLine], tmp_path: Path) -> None:
    program = "import sys; sys.stdin.readline(); print('PortAudio\\x07 hello'); sys.stdout.write('x' * 3_000_000)"
    line = worker(lines, tmp_path, program)
    first, second, *_ = heard(line, 2)
    assert isinstance(first, Fault)
    assert first.detail == 'The worker of A said something unreadable: "PortAudio\\x07 hello".'
    assert isinstance(second, Fault)
    assert len(second.detail) < 200


def test_a_worker_that_does_not_listen_never_blocks_the_service(lines: list[WorkerLine], tmp_path: Path) -> None:
    line = worker(lines, tmp_path, "import time; time.sleep(60)")
    began = time.monotonic()
    for number in range(20_000):
        line.send(Ask(id=number, what="x" * 100))
    assert time.monotonic() - began < 20
    assert len(line._outgoing) < 1 << 21


def test_a_program_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(CaptureError, match="The worker of A cannot be started: No such file or directory"):
        WorkerLine([str(tmp_path / "none")], setup_of("A", tmp_path), time.monotonic_ns)


def test_ctrl_c_at_the_service_s_terminal_does_not_reach_a_worker(lines: list[WorkerLine], tmp_path: Path) -> None:
    line = worker(lines, tmp_path, ECHO)
    assert os.getpgid(line.pid) != os.getpgid(0)
    assert os.getsid(line.pid) == line.pid


SERVICE = """
import sys, time
from pathlib import Path
from onset.capture.line import WorkerLine
from tests.onset.capture.pretend import setup_of
worker = "import os, sys; print(os.getpid(), flush=True); sys.stdin.read(); open(sys.argv[1], 'w').write('finished')"
line = WorkerLine([sys.executable, "-c", worker, sys.argv[1]], setup_of("A", Path("/")), time.monotonic_ns)
while not (reports := line.reports()):
    time.sleep(0.01)
print("up", line.pid, flush=True)
time.sleep(60)
"""


def test_workers_of_a_killed_service_finish_and_go(tmp_path: Path) -> None:
    finished = tmp_path / "finished"
    with subprocess.Popen([sys.executable, "-c", SERVICE, str(finished)], stdout=subprocess.PIPE, text=True) as service:
        assert service.stdout is not None
        assert service.stdout.readline().startswith("up")
        service.kill()
    deadline = time.monotonic() + 20
    while not (finished.exists() and finished.read_text() == "finished"):
        assert time.monotonic() < deadline, "the worker did not see its service go"
        time.sleep(0.01)
