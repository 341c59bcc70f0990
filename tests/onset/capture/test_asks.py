"""Asks: nobody waits for ever, and a stranger's words break nothing."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import zmq

from onset.capture.asks import AskBox, Asked, ask, status
from onset.capture.bus import run_folder
from onset.errors import CaptureError


@pytest.fixture
def folder() -> Iterator[Path]:
    made = run_folder("asks test")
    yield made
    assert os.listdir(made) == [], "a socket was left behind"


@pytest.fixture
def box(folder: Path) -> Iterator[AskBox]:
    made = AskBox(folder)
    yield made
    made.close()
    made.close()


def test_no_service(folder: Path) -> None:
    with pytest.raises(CaptureError, match="No capture service runs for this production; start it with"):
        ask(folder, "status")


def test_service_that_does_not_answer_is_given_up_in_time(folder: Path, box: AskBox) -> None:
    began = time.monotonic()
    with pytest.raises(CaptureError, match=r"Device A did not answer `still` within 0\.2 s; try again"):
        ask(folder, "still", "A", timeout_s=0.2)
    assert time.monotonic() - began < 5


def test_answers_may_come_in_another_order_than_the_asks(folder: Path, box: AskBox) -> None:
    found: dict[str, str] = {}

    def put(what: str) -> None:
        found[what] = ask(folder, what, timeout_s=20).value

    threads = [threading.Thread(target=put, args=(what,)) for what in ("slow", "quick")]
    for thread in threads:
        thread.start()
    waiting: list[Asked] = []
    while len(waiting) < 2:
        waiting += box.asked()
    for asked in sorted(waiting, key=lambda each: each.request.what):  # quick first, whoever asked first
        box.answer(asked.address, ok=True, value=f"answer to {asked.request.what}")
    for thread in threads:
        thread.join()
    assert found == {"slow": "answer to slow", "quick": "answer to quick"}


def test_words_that_are_no_ask(folder: Path, box: AskBox) -> None:
    context = zmq.Context()
    dealer, req = context.socket(zmq.DEALER), context.socket(zmq.REQ)
    for socket in (dealer, req):
        socket.setsockopt(zmq.LINGER, 0)
        socket.connect(f"ipc://{folder}/asks")
    dealer.send(b"one part")
    req.send(b"\xff not msgpack")
    while not req.poll(5):
        assert box.asked() == []
    assert b"cannot read this request" in req.recv()
    context.destroy(linger=0)


def test_service_of_another_version(folder: Path, box: AskBox) -> None:
    def answer() -> None:
        while not (asked := box.asked()):
            time.sleep(0.001)
        box.answer(asked[0].address, ok=True, value='{"weather": "fine"}')

    thread = threading.Thread(target=answer)
    thread.start()
    with pytest.raises(CaptureError, match="of another version; stop it with"):
        status(folder, timeout_s=20)
    thread.join()
