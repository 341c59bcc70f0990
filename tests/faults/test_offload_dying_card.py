"""A card with real bad sectors: in the middle of a long clip, in a small file, and in a folder's list of names."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from tests.faults.dying_card import being_written, in_the_reader, sector_of
from tests.independent import reference_accepts, run, same_bytes
from tests.onset.offload.cards import MIB, contents, make_card, make_targets, manifests

pytestmark = [pytest.mark.faults, pytest.mark.timeout(120)]
CLIP, SMALL, FOLDER = "CLIPS/A001C002.mov", "CLIPS/A001C003M01.xml", "PROXY"


def test_bad_sector_costs_more_than_what_lies_in_it(tmp_path: Path) -> None:
    """All else is copied and the bad named; when the card can be read again, the same command completes it."""
    image, mount, targets = tmp_path / "card.img", tmp_path / "READER", make_targets(tmp_path)
    offload = [sys.executable, "-m", "onset", "offload", *map(str, (mount / "A001", *targets)), "--json"]
    with being_written(image, mount, mib=96):
        card = make_card(mount / "A001", clips=3, clip_bytes=20 * MIB + 77, small=40)
        (card / FOLDER).mkdir()
        (card / FOLDER / "A001C001.mp4").write_bytes(b"proxy")
        right = contents(card)
        bad = [sector_of(card / CLIP, 13 * MIB), sector_of(card / SMALL), sector_of(card / FOLDER)]

    with in_the_reader(image, mount, bad):
        done = run(*offload)
    assert done.returncode == 10, done.stderr
    result = json.loads(done.stdout)
    assert result["verdict"] == "not safe"
    told = {problem["path"]: problem["what"] for problem in result["problems"]}
    assert told.keys() == {CLIP, SMALL, FOLDER}
    assert told[CLIP] == f"cannot be read from the card at byte {8 * MIB} (Input/output error)"  # its block
    assert told[FOLDER] == "is a folder that cannot be read, which was not copied"
    assert told[SMALL] == "cannot be read from the card at byte 0 (Input/output error)"
    read = {name: data for name, data in right.items() if name not in told and not name.startswith(FOLDER)}
    for target, copy in zip(targets, result["targets"], strict=True):
        assert (copy["verified"], copy["failed"]) == (len(read), 2)
        assert contents(target / "A001") == read
        assert len(manifests(target / "A001")) == 1

    with in_the_reader(image, mount, ()) as mended:
        again = run(*offload)
        assert again.returncode == 0, again.stdout + again.stderr
        assert json.loads(again.stdout)["problems"] == []
        for target in targets:
            same_bytes(mended / "A001", target / "A001")
        reference_accepts(targets[1] / "A001", folders=False)
