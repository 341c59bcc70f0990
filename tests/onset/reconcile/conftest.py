"""A fresh shooting day for each test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.onset.reconcile.shooting import Shooting, new_shooting


@pytest.fixture
def shooting(tmp_path: Path) -> Iterator[Shooting]:
    made = new_shooting(tmp_path)
    yield made
    made.log.close()
