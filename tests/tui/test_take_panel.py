"""All fields of a take beside the list: shown as the log has them, logged together, kept when they are refused."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual import events

from onset.domain.take import Status
from tests.tui.support import At, Set, at_work
from tui.widgets.take_panel import TakeField, TakePanel


@pytest.fixture
def place(tmp_path: Path) -> Set:
    """A take with its words in a log."""
    place = Set(tmp_path)
    log = place.open()
    try:
        take = log.roll(place.stamp())
        log.action(take.id, place.stamp())
        place.clock.advance(8)
        log.cut(take.id, place.stamp())
        log.set_angle(take.id, "B", {"roll": "B003", "stop": "T2.8"})
        log.tag(take.id, add=["eyeline"])
        log.note(take.id, "a dog barks")
    finally:
        log.close()
    return place


async def _open(at: At) -> dict[str, TakeField]:
    panel = at.log.query_one(TakePanel)
    await at.press("tab")
    await at.until(lambda: panel.display)
    return {each.title: each for each in panel.fields if isinstance(each, TakeField)}


async def _type(at: At, field: TakeField, text: str) -> None:
    panel = at.log.query_one(TakePanel)
    panel.go_to(panel.fields.index(field))
    panel.field.value = ""
    await at.type(text)


async def test_fields_of_take_and_cameras_are_logged_together_and_what_is_refused_stays(place: Set) -> None:
    async with at_work(place, size=(120, 60)) as at:
        fields = await _open(at)
        drawn = at.drawn()
        assert "TAKE 42A/1" in drawn
        assert "editor: a dog barks" in drawn
        assert "run 1 12:00:00:00 to 12:00:08:00" in drawn
        shown = {title: field.value for title, field in fields.items() if field.value}
        assert shown == {
            "status": "none", "kind": "normal", "mos": "no", "tail slate": "no", "day": "1", "scene": "42",
            "slate": "42A", "take": "1", "tc in": "12:00:00:00", "tc out": "12:00:08:00", "frames": "192",
            "tags": "eyeline", "B roll": "B003", "B stop": "T2.8",
        }  # fmt: skip
        await _type(at, fields["A lens"], "35mm")
        await _type(at, fields["tags"], "push, rain")
        await _type(at, fields["description"], "better than befor")
        for key in ("e", "tab", "ctrl+u", *"holds"):  # all at once, as over a slow line
            at.app.post_message(events.Key(key, key if len(key) == 1 else None))
        await at.until(lambda: at.log.query_one(TakePanel).field.value == "holds")
        await at.press("ctrl+s")
        assert 'cannot be "holds"' in at.status
        assert at.log.query_one(TakePanel).display  # to be mended, with all that was typed
        assert (await at.takes())["42A/1"].description == ""  # all or nothing
        await _type(at, fields["status"], "hold")
        await at.press("ctrl+s")
        take = (await at.takes())["42A/1"]
        assert (take.description, take.status, set(take.tags)) == ("better than before", Status.HOLD, {"push", "rain"})
        assert {each.camera: (each.lens, each.data.stop) for each in take.angles} == {
            "A": ("35mm", None), "B": (None, "T2.8"),
        }  # fmt: skip
        assert not at.log.query_one(TakePanel).display
        await at.press("z", "z")  # the tags, then all fields at once
        take = (await at.takes())["42A/1"]
        assert (take.description, take.status, take.tags) == ("", Status.NONE, ("eyeline",))

        fields = await _open(at)
        await at.type("never mind")
        await at.press("escape")
        assert (await _open(at))["description"].value == ""  # dropped on purpose
        await at.press("down")
        assert at.log.query_one(TakePanel).field.value == "none"  # the status
