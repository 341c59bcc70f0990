"""A set for the story of a reconciled day: a clock to put forward, a shell, two cameras and a mixer.

The logging machine is 20 s behind camera A and the mixer, which share a clock; camera B is 37 s ahead of those. Three
folders stand for three disks, because no test may mount any; a file that the card gives no more is one whose reads fail
with the error of a bad sector.
"""

from __future__ import annotations

import errno
import json
import os
import shutil
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from devices.simulated.card import make_card
from onset.cli.main import main
from onset.clock import SystemClock
from onset.offload import job, many
from onset.offload.verdict import judge_card
from tests.stories.originals import Slated, film, frames_of, mono_set

DATE = "2026-03-05"
MORNING_NS = int(datetime.fromisoformat(f"{DATE}T08:30:00+00:00").timestamp()) * 1_000_000_000
A_AHEAD, B_AHEAD, MIX_AHEAD = 20 * 24, 57 * 24, 20 * 24  # frames that each clock shows more than the log's

Json = dict[str, Any]  # JSON as a program would read it


@dataclass(frozen=True, slots=True)
class Shot:
    """A take as it was logged."""

    label: str
    start: int
    frames: int
    circled: bool
    mos: bool


@dataclass
class Day:
    """The production, the hands on it, and what the devices keep of it."""

    tmp_path: Path
    patch: pytest.MonkeyPatch
    capsys: pytest.CaptureFixture[str]
    shots: dict[str, Shot] = field(default_factory=dict)
    shift_ns: int = 0
    bad: set[str] = field(default_factory=set)
    complaint: str = ""  # what the last command with --json said beside its answer

    def __post_init__(self) -> None:
        self.production = self.tmp_path / "Harbour"
        self._begin = SystemClock().monotonic_ns()
        real = SystemClock().monotonic_ns
        self.patch.setattr(SystemClock, "monotonic_ns", lambda _: real() + self.shift_ns)
        self.patch.setattr(SystemClock, "wall_ns", lambda _: MORNING_NS + real() - self._begin + self.shift_ns)
        self._three_disks()
        self._bad_sectors()

    # -- the shell ----------------------------------------------------------------------------------------------------

    def onset(self, *words: str, code: int = 0) -> str:
        """Type a command; what it printed."""
        ended = main(["-p", str(self.production), *words])
        out, err = self.capsys.readouterr()
        assert ended == code, (words, ended, out, err)
        return out + err if code else out

    def json(self, *words: str, code: int = 0) -> Json:
        """Type a command with --json; what it answered."""
        ended = main(["-p", str(self.production), *words, "--json"])
        out, err = self.capsys.readouterr()
        assert ended == code, (words, ended, out, err)
        document = json.loads(out)
        assert isinstance(document, dict)
        self.complaint = err
        return document

    def later(self, seconds: float) -> None:
        """Time goes by."""
        self.shift_ns += round(seconds * 1_000_000_000)

    # -- the floor ----------------------------------------------------------------------------------------------------

    def shoot(self, label: str, seconds: float, *, cameras: str = "AB", mos: bool = False, **fields: str) -> Shot:
        """Roll, cut, and say what is to be said of the take."""
        slate, number = label.split("/")
        switches = [word for each in "AB" for word in ("--camera", f"{each}={'on' if each in cameras else 'off'}")]
        self.onset("log", "next", slate, "--take", number, "--mos" if mos else "--no-mos", *switches)
        self.onset("log", "roll")
        self.later(seconds)
        take = self.json("log", "cut")["take"]
        assert f"{take['slate']}/{take['take']}" == label
        if fields:
            self.onset("log", "set", label, *(f"{name}={value}" for name, value in fields.items()))
        circled = fields.get("status") == "circled"
        shot = Shot(label, frames_of(take["tc_in"]), take["duration_frames"], circled, mos)
        self.shots[label] = shot
        self.later(190 + 41 * (len(self.shots) % 4))
        return shot

    def clips(self, camera: str, labels: Sequence[str | int]) -> list[Path]:
        """What a camera has on its card: a clip a take; a number is a bumped button, so many seconds into the day."""
        ahead = A_AHEAD if camera == "A" else B_AHEAD
        made = []
        for number, label in enumerate(labels, 1):
            path = self.tmp_path / "cameras" / camera / f"{number}.mov"
            if isinstance(label, int):
                start, frames = frames_of("08:30:00:00") + label * 24 + ahead, 72
            else:
                shot = self.shots[label]
                start, frames = shot.start + ahead + number * 7 % 11 - 5, shot.frames + 40 - 3 * number
            if not path.exists():
                film(path, start, frames)
                wall_ns = MORNING_NS + (start - frames_of("08:30:00:00") + frames) * 41_708_333
                os.utime(path, ns=(wall_ns, wall_ns))
            made.append(path)
        return made

    def card(self, roll: str, clips: Sequence[Path]) -> Path:
        """The card as it comes out of the camera."""
        folder = self.tmp_path / "readers" / roll
        shutil.rmtree(folder, ignore_errors=True)
        made = make_card(folder, clips, seed=7, roll=roll, date=DATE[2:].replace("-", ""))
        for path in made.files:
            if path.suffix != ".mov":
                os.utime(path, ns=(MORNING_NS, MORNING_NS))
        return folder

    def sound_folder(self, labels: Sequence[str], *, not_circled: Collection[str]) -> Path:
        """The mixer's folder of the day: mono sets, begun five seconds before the roll."""
        folder = self.tmp_path / "readers" / "26Y03M05"
        for number, label in enumerate(labels, 1):
            shot = self.shots[label]
            slate, take = label.split("/")
            slated = Slated(
                scene=slate, take=take, roll="S001", circled=shot.circled and label not in not_circled, date=DATE
            )
            start, name = self.sound_start(label, number), f"{slate}-T{int(take):03}"
            mono_set(folder, name, slated, start, shot.frames + 200, ("boom", "lav"))
        return folder

    def sound_start(self, label: str, number: int) -> int:
        """Of a take's set, the label of its first sample on the mixer's clock, as frames since midnight."""
        return self.shots[label].start + MIX_AHEAD - 120 - 2 * number

    def offload(self, card: Path, *, code: int = 0) -> Json:
        """Copy a card to both disks."""
        told = self.json("offload", str(card), "--to", "shuttle,raid", "--progress", "none", code=code)
        assert told["clips"] is not None, self.complaint
        return told

    def _three_disks(self) -> None:
        def judged(card: Any, targets: Sequence[Any], *more: Any, **options: Any) -> Any:
            apart = [
                replace(target, disks=frozenset({f"sd{number}"}), device=9000 + number, on_card=False)
                for number, target in enumerate(targets)
            ]
            return judge_card(replace(card, disks=frozenset({"card"})), apart, *more, **options)

        self.patch.setattr(job, "judge_card", judged)

    def _bad_sectors(self) -> None:
        self.patch.setattr(many, "_NUMBERS", {})
        for name in ("preadv", "readv", "read"):
            self.patch.setattr(os, name, self._failing(getattr(os, name)))

    def _failing(self, real: Any) -> Any:
        def read(fd: int, *more: Any) -> Any:
            if self.bad:
                path = os.readlink(f"/proc/self/fd/{fd}")
                if "/readers/" in path and path.endswith(".mov") and any(bad in path for bad in self.bad):
                    raise OSError(errno.EIO, os.strerror(errno.EIO))
            return real(fd, *more)

        return read

    # -- what the commands say ----------------------------------------------------------------------------------------

    def take(self, label: str) -> Json:
        """`onset log show`."""
        return dict(self.json("log", "show", label)["take"])

    def linked(self, label: str) -> dict[str, list[tuple[str, str]]]:
        """Clips and sound files of a take by device: short name and state."""
        take = self.take(label)
        found: dict[str, list[tuple[str, str]]] = {}
        for angle in take["angles"]:
            found[angle["camera"]] = [(short(clip["name"]), clip["link"]) for clip in angle["clips"]]
        for sound in take["sound"]:
            found["sound"] = [(file["name"], file["link"]) for file in sound["files"]]
        return found

    def board(self) -> Json:
        """`onset reconcile`."""
        return self.json("reconcile", "--day", "1")

    def wrap(self) -> str:
        """`onset report wrap` as text, on one line."""
        return " ".join(self.onset("report", "wrap", "--day", "1", "--format", "txt", "-o", "-").split())


def short(name: str) -> str:
    """`A014C003` of `A014C003_260305_R2KD.mov`."""
    return name.partition("_")[0]


def differences(board: Mapping[str, Any], standing: str) -> list[Json]:
    """All differences of a board that stand so."""
    found = [each for take in board["takes"] for each in take["differences"]]
    found += [stray["difference"] for stray in board["strays"]]
    found += board.get("others", [])
    return [each for each in found if each["standing"] == standing]
