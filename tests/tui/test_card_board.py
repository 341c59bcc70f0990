"""The card board of the Offload screen: readers, rolls, presets, manifests and the report, as a DIT uses them."""

from __future__ import annotations

import hashlib
from pathlib import Path

from onset.cli.report_desk import ReportDesk
from onset.offload.disks import Mount
from tests.tui.cart import card_in, cart_in, offload_screen, open_offload
from tests.tui.support import at_work
from tui.widgets.entry import EntryLine

SHELVES = """
[[target]]
name = "one"
path = "{folder}/one"
folder = "{{roll}}"
[[target]]
name = "two"
path = "{folder}/two"
[[target]]
name = "lto"
path = "/media/no such disk"
[offload.preset.day]
targets = ["one"]
hashes = ["md5"]
"""


async def test_a_card_in_the_reader_is_typed_by_hand_and_nobody_sees_where_the_rolls_are(
    tmp_path: Path,
) -> None:
    cart = cart_in(tmp_path)
    card = card_in(tmp_path)
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
    cart.papers = ReportDesk(cart.folder)
    cart.config += SHELVES.format(folder=tmp_path)
    (cart.folder / "config.toml").write_text(cart.config)
    cart.mounts = [
        Mount(str(card), "ext4", "/dev/x1", False, 1),
        Mount(str(tmp_path / "one"), "ext4", "/dev/y", True, 1),
    ]
    log = cart.open()
    for device, label in (("A", "A013"), ("A", "A014"), ("A", "A015"), ("sound", "S001")):
        log.load(device, label, cart.stamp())
    log.pull("A015", cart.stamp(), to="Kim")
    log.cut(log.roll(cart.stamp()).id, cart.stamp())  # there is a shooting day
    log.close()
    async with at_work(cart, size=(80, 24)) as at:
        await open_offload(at)
        await at.until(lambda: "in reader" in at.drawn() and "NOT THERE" in at.drawn())
        assert "loaded 1  pulled 2  waiting 1" in at.drawn(), "the rolls in their lives"
        rows = [line.split() for line in at.drawn().splitlines()]
        assert ["A014", "in", "reader", "A"] in [row[:4] for row in rows], "the card and its roll are one row"
        assert [row[:2] for row in rows if row[:1] in (["A015"], ["A013"], ["S001"])] == [
            ["A015", "waiting"], ["A013", "pulled"], ["S001", "loaded"]
        ], "what waits for a copy stands above what is in a recorder"  # fmt: skip
        await at.press("down", "down", "down", "down", "h")
        assert "A013 is with" in at.line("#entry-frame")
        await at.type("Sam")
        await at.press("enter")
        await at.until(lambda: "with Sam" in at.drawn())
        assert at.status == "Sam has A013 now."
        await at.press("z")
        await at.until(lambda: "with Sam" not in at.drawn())
        await at.press("escape", "down", "p")
        assert at.status == "Preset day: to one; md5."
        await at.press("enter")
        assert f"copy {card} (day) to" in at.line("#entry-frame")
        assert at.app.screen.query_one(EntryLine).field.value == "one"
        await at.press("enter")
        await at.until(lambda: [job.finished for job in offload_screen(at).looks.jobs] == [True])
        (manifest,) = (tmp_path / "one" / "A014" / "ascmhl").glob("0001_*.mhl")
        said = manifest.read_text()
        assert "<md5" in said, "the preset's digests are in the manifest"
        assert "<xxh" not in said
        await at.until(lambda: "Do NOT format A014" in at.drawn() and "in reader" in at.drawn())
        await at.press("enter", *["pagedown"] * 5)
        await at.until(lambda: "roll A014, camera A" in at.drawn(), "the end of the evidence, on the smallest screen")
        await at.press("m")
        await at.until(lambda: "A014C003.mov" in at.drawn(), "what the manifest has of a file")
        assert at.app.screen.has_class("inside")
        digest = hashlib.md5((card / "CLIPS" / "A014C003.mov").read_bytes()).hexdigest()
        assert f"md5 {digest}" in " ".join(at.drawn().split())
        assert "transfer: 5 files, md5, chain intact" in at.drawn()
        await at.press("m", "enter", *["pagedown"] * 5)
        await at.press("question_mark", "escape")
        assert "above" in at.drawn(), "Esc hides the keys, and nothing else"
        await at.press("o")
        await at.until(lambda: "_offload.pdf is written" in at.status)
        (pdf,) = (cart.folder / "reports").glob("*_offload.pdf")
        assert pdf.read_bytes().startswith(b"%PDF-")
        await at.press("escape", "escape")
        assert offload_screen(at).entry is None
