"""A production that a test works on with `onset log`, as a person types it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from onset.cli.main import main

Run = Callable[..., tuple[int, str, str]]


def new_production(folder: Path, capsys: pytest.CaptureFixture[str]) -> Run:
    """`run("unit", "Second")` in a fresh production at 25 frames: exit code, output, complaint."""
    assert main(["new", str(folder), "--title", "Harbour Lights", "--rate", "25"]) == 0
    capsys.readouterr()
    return at(folder, capsys)


def at(folder: Path, capsys: pytest.CaptureFixture[str]) -> Run:
    """The same in a production that is there."""

    def run(*words: str) -> tuple[int, str, str]:
        code = main(["-p", str(folder), "log", *words])
        out, err = capsys.readouterr()
        return code, out, err

    return run


def document(run: Run, *words: str) -> dict[str, Any]:
    """The JSON a command prints; nothing but one document."""
    code, out, err = run(*words, "--json")
    assert (code, err) == (0, "")
    found = json.loads(out)
    assert isinstance(found, dict)
    return found
