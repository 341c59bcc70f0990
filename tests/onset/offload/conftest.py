"""What most tests of the offload begin with."""

from __future__ import annotations

from pathlib import Path

import pytest

from onset.offload import many
from tests.onset.offload.cards import make_card, make_targets


@pytest.fixture
def card(tmp_path: Path) -> Path:
    return make_card(tmp_path / "A001")


@pytest.fixture
def targets(tmp_path: Path) -> list[Path]:
    return make_targets(tmp_path)


@pytest.fixture
def one_by_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """The kernel takes no list of reads: each is a call of its own, which a test can have fail."""
    monkeypatch.setattr(many, "_NUMBERS", {})


@pytest.fixture
def state(tmp_path: Path) -> Path:
    return tmp_path / "state"
