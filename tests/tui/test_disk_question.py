"""A disk that does not answer: it is asked once, holds nothing up, and its answer is taken when it comes."""

from __future__ import annotations

import asyncio
import threading

import pytest

from tui import disk_question
from tui.disk_question import DiskQuestion


async def test_a_silent_disk_is_asked_again_and_again_until_no_thread_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(disk_question, "ANSWERS_S", 0.01)
    mounted, asked = threading.Event(), list[threading.Thread]()
    question: DiskQuestion[int] = DiskQuestion()

    def hangs() -> int:
        asked.append(threading.current_thread())
        mounted.wait()
        return len(asked)

    assert await question.ask(hangs) is None
    assert await question.ask(hangs) is None
    assert [thread.daemon for thread in asked] == [True], "one thread, for which the end of the app does not wait"
    mounted.set()
    async with asyncio.timeout(10):
        while (answer := await question.ask(hangs)) is None:
            pass
    assert answer == 1


async def test_a_disk_that_went_ends_the_app() -> None:
    def gone() -> int:
        raise OSError(5, "Input/output error")

    question: DiskQuestion[int] = DiskQuestion()
    with pytest.raises(OSError, match="Input/output"):
        await question.ask(gone)
    assert await question.ask(lambda: 7) == 7
