"""docs/adapters.md keeps its word: its adapter is short, type-checked as it stands, and passes the suite."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import cast

import cv2
import numpy as np
import pytest

from devices.adapter import DeviceKind
from devices.conformance import CHECKS, Case
from onset.clock import SystemClock
from tests.devices.sources import surroundings

_DOC = Path(__file__).parents[2] / "docs" / "adapters.md"


def _example() -> str:
    found = re.search(r"```python\n(.*?)```", _DOC.read_text(), re.DOTALL)
    assert found is not None
    return found[1]


@pytest.fixture(scope="module")
def slides(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("slides")
    for number in range(3):
        cv2.imwrite(str(folder / f"{number}.png"), np.full((96, 160, 3), 80 * number, np.uint8))
    return folder


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
def test_the_example_conforms(check: Callable[[Case], None], slides: Path) -> None:
    names: dict[str, object] = {"__name__": "slides"}
    exec(compile(_example(), str(_DOC), "exec"), names)
    around = surroundings(clock=SystemClock())
    kind = cast(DeviceKind, names["Slides"])
    check(Case(kind, {"folder": str(slides)}, around, missing={"folder": "/nowhere"}))


def test_the_example_is_long_or_loosely_typed(tmp_path: Path) -> None:
    assert len(_example().splitlines()) < 60
    path = tmp_path / "slides.py"
    path.write_text(_example() + "\n\nfrom devices.adapter import DeviceKind\n\nkind: DeviceKind = Slides\n")
    mypy = [sys.executable, "-m", "mypy", "--strict", f"--cache-dir={tmp_path}", str(path)]
    done = subprocess.run(mypy, capture_output=True, text=True, check=False, cwd=_DOC.parents[1])
    assert done.returncode == 0, done.stdout
