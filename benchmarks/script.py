"""A script of 120 pages into a log: the bar is 2 s for the whole command, beside the bare parse by fountain-py.

Run by `make bench`. The script is made of a seeded list of words, in scenes as long as scenes are: a first version into
an empty log, a second one with a tenth of its scenes cut, moved or rewritten, and the second once more, which changes
nothing. Processor seconds stand beside the elapsed ones, which also count what else the machine does.
"""

from __future__ import annotations

import os
import random
import statistics
import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory
from xml.sax.saxutils import escape

from fountain.parser import FountainParser

from onset.script.fountain import read_fountain
from onset.script.pages import lay_out

PAGES = 120
RUNS = 3
BAR_S = 2.0
_WORDS = (
    *(
        "the",
        "quay",
        "lamp",
        "turns",
        "slowly",
        "over",
        "water",
        "she",
        "counts",
        "money",
        "twice",
        "nobody",
        "is",
        "there",
    ),
    *(
        "tonight",
        "rain",
        "on",
        "glass",
        "he",
        "signs",
        "paper",
        "door",
        "opens",
        "a",
        "boat",
        "comes",
        "in",
        "under",
        "fog",
    ),
    *("gulls", "collar", "stove", "kitchen", "harbour", "light", "listens", "waits", "runs", "stops", "looks", "up"),
)
_NAMES = ("MARA", "TOM", "THE HARBOUR MASTER", "EDITH", "A BOY")
_PLACES = ("HARBOUR", "KITCHEN", "MARA'S CAR", "LIGHTHOUSE", "POLICE STATION", "QUAY", "BOAT - DECK", "HALL")


def sentence(chance: random.Random, words: int) -> str:
    return " ".join(chance.choice(_WORDS) for _ in range(words)).capitalize() + "."


def a_scene(chance: random.Random) -> str:
    """Two thirds of a page, as the average scene is."""
    where, when = chance.choice(_PLACES), chance.choice(("DAY", "NIGHT", "CONTINUOUS"))
    parts = [f"{chance.choice(('INT.', 'EXT.', 'INT./EXT.'))} {where} - {when}"]
    for _ in range(chance.randint(1, 9)):
        if chance.random() < 0.45:
            parts.append(sentence(chance, chance.randint(5, 45)))
        else:
            parts.append(f"{chance.choice(_NAMES)}\n{sentence(chance, chance.randint(2, 30))}")
    return "\n\n".join(parts)


def a_script(pages: int = PAGES) -> list[str]:
    """Scenes until the pages are full."""
    chance = random.Random(270)
    scenes: list[str] = []
    while True:
        scenes += [a_scene(chance) for _ in range(10)]
        laid_out = lay_out(read_fountain("\n\n".join(scenes), "benchmark").scenes)
        if laid_out[-1].places[-1].last_page >= pages:
            return scenes


def revised(scenes: list[str]) -> list[str]:
    """A tenth cut, moved, or rewritten."""
    chance = random.Random(271)
    found: list[str] = []
    for scene in scenes:
        draw = chance.random()
        if draw < 0.03:
            continue
        found.insert(max(0, len(found) - 5) if draw < 0.06 else len(found), scene)
        if draw > 0.96:
            found[-1] = f"{scene}\n\n{sentence(chance, 20)}"
    return found


def as_fdx(scenes: list[str]) -> str:
    kinds = {True: "Scene Heading", False: "Action"}
    paragraphs = []
    for number, scene in enumerate(scenes, 1):
        for place, part in enumerate(scene.split("\n\n")):
            cue, _, line = part.partition("\n")
            attributes = f' Number="{number}"' if not place else ""
            inside = '<SceneProperties Length="5/8" Page="1" Title=""/>' if not place else ""
            kind = "Character" if line else kinds[not place]
            paragraphs.append(
                f'<Paragraph{attributes} Type="{kind}">{inside}<Text RevisionID="0">{escape(cue)}</Text></Paragraph>'
            )
            if line:
                paragraphs.append(f'<Paragraph Type="Dialogue"><Text>{escape(line)}</Text></Paragraph>')
    return (
        '<?xml version="1.0" encoding="UTF-8" standalone="no" ?>\n'
        '<FinalDraft DocumentType="Script" Version="5"><Content>' + "\n".join(paragraphs) + "</Content></FinalDraft>"
    )


Seconds = tuple[float, float]  # elapsed, of the processor


def seconds(command: list[str]) -> Seconds:
    begun, before = time.perf_counter(), os.times()
    subprocess.run(command, check=True, capture_output=True)
    after = os.times()
    used = after.children_user + after.children_system - before.children_user - before.children_system
    return time.perf_counter() - begun, used


def middle(runs: list[Seconds]) -> Seconds:
    return statistics.median(one[0] for one in runs), statistics.median(one[1] for one in runs)


def bare_parse(text: str) -> float:
    begun = time.perf_counter()
    FountainParser().parse(text)
    return time.perf_counter() - begun


def main() -> None:
    scenes = a_script()
    white, blue = "\n\n".join(scenes), "\n\n".join(revised(scenes))
    bare = statistics.median(bare_parse(white) for _ in range(RUNS))
    onset = [sys.executable, "-m", "onset"]
    with TemporaryDirectory() as folder:
        top = Path(folder)
        (top / "white.fountain").write_text(white)
        (top / "blue.fountain").write_text(blue)
        (top / "white.fdx").write_text(as_fdx(scenes))
        times = {"start (import --help)": [seconds([*onset, "import", "--help"]) for _ in range(RUNS)]}
        for run in range(RUNS):
            for kind, versions in (("fountain", ("white", "blue", "blue")), ("fdx", ("white",))):
                production = str(top / f"{kind}{run}")
                seconds([*onset, "new", production, "--title", "T", "--rate", "24", "--slating", "us"])
                for number, version in enumerate(versions):
                    name = f"{kind}: {('first version', 'second version', 'the same again')[number]}"
                    took = seconds([*onset, "-p", production, "import", "script", str(top / f"{version}.{kind}")])
                    times.setdefault(name, []).append(took)
    print(f"{PAGES} pages, {len(scenes)} scenes; median of {RUNS}; bare parse by fountain-py {bare:.3f} s")
    print(f"{'':<28} {'s':>6} {'cpu s':>6} {'x bare':>7} {'/ bar':>6}")
    for name, runs in times.items():
        elapsed, used = middle(runs)
        print(f"{name:<28} {elapsed:6.2f} {used:6.2f} {elapsed / bare:7.1f} {elapsed / BAR_S:6.2f}")


if __name__ == "__main__":
    main()
