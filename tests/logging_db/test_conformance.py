"""The conformance suite on a file by each SQLite library, and in memory."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.logging_db.conformance import LogbookConformance
from tests.logging_db.support import OnSet, file_log, memory_log, use_library
from tests.needs import require


class TestFileByPysqlite3(LogbookConformance):
    @pytest.fixture
    def on_set(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[OnSet]:
        require(_has_pysqlite3(), "pysqlite3 has no wheel for this Python")
        use_library(monkeypatch, "pysqlite3")
        with file_log(tmp_path) as made:
            yield made


@pytest.mark.real  # `make test` has the newer library, `make test-real` the one that comes with Python
class TestFileByStandardLibrary(LogbookConformance):
    @pytest.fixture
    def on_set(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[OnSet]:
        use_library(monkeypatch, "stdlib")
        with file_log(tmp_path) as made:
            yield made


@pytest.mark.real  # what people have is a file, by the same library and statements; in memory are logs of other tests
class TestInMemory(LogbookConformance):
    @pytest.fixture
    def on_set(self, tmp_path: Path) -> Iterator[OnSet]:
        with memory_log(tmp_path) as made:
            yield made


def _has_pysqlite3() -> bool:
    try:
        import pysqlite3  # noqa: F401
    except ImportError:
        return False
    return True
