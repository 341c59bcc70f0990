"""Labels that stand on real sheets go in, come out, sort, show and travel as they were written.

The list is that of the glossary in our study of the trade (scene numbers, setups, compound slates, part takes, pickups,
series, false starts, plates, wild tracks), in which each is cited from a script, a primer or a sheet of a real day.
"""

from __future__ import annotations

import json
import random
from pathlib import Path

import pytest

from logging_db.logbook import create_log
from logging_db.taking_in import edits_after, take_in, vector
from onset.cli.main import main
from onset.logbook.terms import TakeFilter
from onset.slate import scene_of, sort_key, split_take
from tests.logging_db.support import apart

# Slate, take and the scene that it belongs to where nothing but the label says so, in the order of the paper.
ON_SHEETS = [
    ("3", "1", "3"),
    ("6WT", "1", "6"),
    ("A10", "1", "A10"),
    ("10", "1", "10"),
    ("10aA", "1", "10"),
    ("10A", "1", "10"),
    ("12A", "3", "12"),
    ("22A", "1", "22"),
    ("24", "FALSE", "24"),
    ("24", "FC", "24"),
    ("24A", "2.1", "24"),
    ("24A", "2.2", "24"),
    ("24A", "2PK", "24"),
    ("24A", "2 SER", "24"),
    ("24A", "3", "24"),
    ("24A", "4 PU", "24"),
    ("24B", "1 PL", "24"),
    ("24B", "3 P/U", "24"),
    ("24Z", "1", "24"),
    ("24AA", "1", "24"),
    ("27/7", "4", "27"),
    ("27pt", "1", "27"),
    ("32A", "1", "32"),
    ("32B", "1", "32"),
    ("32AB", "1", "32"),
    ("41+122A", "4", "41+122"),
    ("49", "WT 01", "49"),
    ("49WT", "1", "49"),
    ("97+121", "4", "97+121"),
]
LABELS = [f"{slate}/{take}" for slate, take, _ in ON_SHEETS]


def test_label_is_parted_in_the_wrong_place() -> None:
    assert [split_take(label) for label in LABELS] == [(slate, take) for slate, take, _ in ON_SHEETS]
    assert [scene_of(slate) for slate, _, _ in ON_SHEETS] == [scene for _, _, scene in ON_SHEETS]


def test_slates_are_out_of_order() -> None:
    slates = list(dict.fromkeys(slate for slate, _, _ in ON_SHEETS))
    assert sorted(random.Random(3).sample(slates, len(slates)), key=sort_key) == slates


def test_label_is_changed_on_its_way(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    create_log(tmp_path, title="Harbour Lights", rate="25")
    (tmp_path / "config.toml").write_text('[production]\ntitle = "Harbour Lights"\nrate = "25"\n')

    def log(*words: str) -> str:
        assert main(["-p", str(tmp_path), "log", *words]) == 0
        return capsys.readouterr().out

    for label in LABELS:
        assert log("add", label) == f"{label} is in the log.\n"
    listed = json.loads(log("list", "--json"))["takes"]
    assert [(one["slate"], one["take"], one["scene"]) for one in reversed(listed)] == ON_SHEETS
    table = log("list").splitlines()[1:]
    assert [label in line for label, line in zip(reversed(LABELS), table, strict=True)] == [True] * len(LABELS)
    assert max(map(len, table)) <= 80
    for label, one in zip(LABELS, reversed(listed), strict=True):
        assert log("show", label).startswith(f"{label}  scene {one['scene']}, ")
    moved = [label for label in LABELS if not label.startswith("24A/")]
    assert log("tag", ",".join(moved), "seen").count(": seen.") == len(moved)


def test_label_is_another_after_a_merge(tmp_path: Path) -> None:
    with apart(tmp_path, 2) as (maya, ben):
        for slate, take, _ in ON_SHEETS:
            maya.log.add_take(slate=slate, take=take, stamp=maya.stamp())
        here = ben.log._writer
        take_in(here, edits_after(maya.log._writer, vector(here)), ben.clock.wall_ns())
        found = ben.log.takes(TakeFilter(limit=None))
        assert sorted((one.slate, one.take, one.scene) for one in found) == sorted(ON_SHEETS)
        assert [ben.log.find_take(label).label for label in LABELS] == LABELS
