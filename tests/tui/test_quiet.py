"""Waiting for a quiet app on a machine that gives it no time."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import count
from types import SimpleNamespace
from typing import cast

import pytest
from textual.app import App

from tests.tui.quiet import LOOKS, quiet


@dataclass
class Drawing:
    """As much of an app as is looked at; it holds back drawing for so many looks."""

    looks: int

    _resize_event: None = None

    @property
    def _batch_count(self) -> int:
        self.looks -= 1
        return max(0, self.looks)

    @property
    def screen(self) -> SimpleNamespace:
        return SimpleNamespace(_on_timer_update=lambda: None)


@pytest.mark.parametrize(("needs", "left"), [(50, 0), (10**6, 10**6 - LOOKS)])
async def test_app_that_got_no_time_is_taken_for_quiet(monkeypatch: pytest.MonkeyPatch, needs: int, left: int) -> None:
    """A machine on which each look takes ten seconds; one that is never quiet is left alone all the same."""
    monkeypatch.setattr("tests.tui.quiet.time", SimpleNamespace(monotonic=count(0, 10).__next__))
    monkeypatch.setattr("tests.tui.quiet.LOOK_S", 0)
    app = Drawing(needs)
    await quiet(cast(App[None], app))
    assert app.looks == left
