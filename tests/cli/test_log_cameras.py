"""`onset log` on what cameras and recorders hold: set, copied from what was shot before, and voted on."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest

from logging_db.logbook import create_log, open_log
from onset.cli.main import main
from onset.clock import SystemClock
from onset.domain.take import Stamp
from onset.logbook.terms import Next
from tests.cli.test_log import Run, document


@pytest.fixture
def log(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Run:
    """`log("copy", "42C/2")` in a production with two takes of 42C and one of 38A on cameras A and B."""
    path = create_log(tmp_path, title="Harbour Lights", rate="25")
    (tmp_path / "config.toml").write_text(
        '[production]\ntitle = "Harbour Lights"\nrate = "25"\nvoters = ["director", "agency"]\n'
    )

    def run(*words: str) -> tuple[int, str, str]:
        code = main(["-p", str(tmp_path), "log", *words])
        out, err = capsys.readouterr()
        return code, out, err

    clock = SystemClock()
    with closing(open_log(path)) as opened:
        for slate in ("42C", "42C", "38A"):
            now = Stamp(wall_ns=clock.wall_ns(), mono_ns=clock.monotonic_ns())
            opened.cut(opened.roll(now, change=Next(slate=slate, cameras={"A": True, "B": True})).id, now)
    return run


def test_camera_and_recorder_are_told_apart(log: Run) -> None:
    take = document(log, "set", "42C/1", "B.stop=T2.8", "B.lens=35mm", 'MIX.tracks=boom, "lav" 1', "MIX.circled=yes")
    angle = take["take"]["angles"][1]
    assert (angle["camera"], angle["stop"], angle["lens"], angle["iso"]) == ("B", "T2.8", "35mm", None)
    assert take["take"]["sound"] == [
        {"device": "MIX", "roll": None, "tracks": ["boom", '"lav" 1'], "circled": True, "note": None, "files": []}
        | {"link": None}
    ]
    later = document(log, "set", "42C/1", "MIX.note=plane", "B.note=flare")["take"]  # MIX is known by now
    assert (later["sound"][0]["note"], later["angles"][1]["note"]) == ("plane", "flare")
    shown = log("show", "42C/1")[1].splitlines()
    assert "    lens 35mm, stop T2.8" in shown
    assert '    boom, "lav" 1' in shown
    assert "  sound MIX, roll ?, circled" in shown


def test_everything_said_of_a_camera_fits_the_screen(log: Run) -> None:
    names = (
        "lens",
        "stop",
        "filters",
        "nd",
        "iso",
        "white_balance",
        "tint",
        "shutter",
        "fps",
        "focus",
        "height",
        "tilt",
    )
    log("set", "42C/1", *(f"A.{name}={name} as it was typed" for name in names))
    shown = log("show", "42C/1")[1].splitlines()
    assert max(map(len, shown)) <= 80
    assert all(any(f"{name} as it was" in " ".join(shown) for name in names) for name in names)


def test_camera_data_is_copied(log: Run) -> None:
    log("set", "42C/1", "A.lens=35mm", "A.stop=T2.8", "B.lens=85mm")
    assert log("copy", "42C/2") == (0, "42C/2: A 35mm, T2.8; B 85mm.\n", "")
    assert log("undo") == (0, "camera data of 42C/2 as before.\n", "")
    assert log("copy", "42C/2", "--from", "42C/1", "--camera", "B") == (0, "42C/2: B 85mm.\n", "")
    assert log("copy", "38A/1", "--from", "42C")[1] == "38A/1: A 35mm, T2.8; B 85mm.\n"
    found = document(log, "copy", "setup:38A", "--from", "setup:42C")["setup"]
    assert [(one["camera"], one["lens"]) for one in found["cameras"]] == [("A", "35mm"), ("B", "85mm")]
    assert len(document(log, "copy", "42C/*", "--from", "38A/1")["takes"]) == 2


def test_past_setup_is_found_by_its_words(log: Run) -> None:
    log("setup", "38A", "description=wide from the pier", "A.lens=18mm")
    log("setup", "12", "description=the pier at night", "A.lens=25mm")
    assert log("copy", "42C/1", "--from", "wide pier")[1] == "42C/1: A 18mm.\n"
    code, out, err = log("copy", "42C/1", "--from", "pier")
    assert (code, out) == (1, "")
    assert err == "onset: 2 setups have these words; name one: 12 the pier at night; 38A wide from the pier\n"


def test_vote_of_a_known_voter_with_its_reason(log: Run) -> None:
    code, out, _ = log("rate", "42C/1-2", "director=circled", "the look", "at the door")
    assert (code, out) == (0, '42C/1: director says "circled".\n42C/2: director says "circled".\n')
    take = document(log, "show", "42C/1")["take"]
    assert (take["ratings"], take["rating_reasons"]) == ({"director": "circled"}, {"director": "the look at the door"})
    assert "  director: circled (the look at the door)" in log("show", "42C/1")[1].splitlines()
    assert log("rate", "42C/1", "director=")[1] == "42C/1: director says nothing.\n"
    assert document(log, "show", "42C/1")["take"]["rating_reasons"] == {}


@pytest.mark.parametrize(
    ("words", "code", "complaint"),
    [
        (("rate", "42C/1", "directer=4"), 2, 'There is no voter "directer"; did you mean "director"?'),
        (("rate", "42C/1", "x\x1b=4"), 2, "there are director, agency in config.toml."),
        (("rate", "42C/1", "circled"), 2, "is not VOTER=VALUE"),
        (("rate", "42C/1", "director=", "why"), 2, "has no reason"),
        (("rate", "42C/9", "director=4"), 1, "no take 42C/9"),
        (("copy", "42C/1"), 1, "42C/1 is the first of its slate; say from where with --from."),
        (("copy", "42C/1", "--from", "38A"), 1, "Nobody said anything of the cameras of slate 38A."),
        (("copy", "42C/1", "--from", "nowhere"), 1, "There is no setup nowhere, and none with such words."),
        (("copy", "42C/1", "--from", ""), 1, "first of its slate"),
        (("copy", "setup:42C"), 2, "Say from where to copy"),
        (("set", "42C/1", "C.stop=4"), 1, 'has no camera "C"'),
        (("set", "42C/1", "A.tracks=[1]"), 1, "names with commas"),
        (("set", "42C/1", "A.aperture=4"), 1, "has no field"),
    ],
)
def test_what_makes_no_sense_changes_nothing(log: Run, words: tuple[str, ...], code: int, complaint: str) -> None:
    before = document(log, "history")
    found, out, err = log(*words)
    assert (found, out) == (code, "")
    assert complaint in err
    assert err.count("\n") == 1
    assert "\x1b" not in err
    assert document(log, "history") == before
