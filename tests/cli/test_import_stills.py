"""`onset import stills` as a person or a program meets it: a phone's folder, a wrong clock, and what is no still."""

from __future__ import annotations

import errno
import json
import os
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from logging_db.logbook import LOG_NAME, create_log, open_log
from onset.cli.import_stills import offset_of
from onset.cli.main import main
from onset.clock import ManualClock
from onset.errors import UsageError
from tests.onset.reconcile.shooting import DATE, MIDNIGHT, NS, Shooting
from tests.onset.stills.pictures import jpeg, png, put

Run = Callable[..., tuple[int, str, str]]
NINE = 9 * 3600


@pytest.fixture
def production(tmp_path: Path) -> Path:
    """Ten takes of 42C, 40 s each, one every five minutes from 9:00 on 2026-05-29."""
    folder = tmp_path / "Harbour"
    folder.mkdir()
    create_log(folder, title="Harbour Lights", rate="25")
    (folder / "config.toml").write_text('[production]\ntitle = "Harbour Lights"\nrate = "25"\n')
    clock = ManualClock(wall_ns=MIDNIGHT, monotonic_ns=NS)
    log = open_log(folder / LOG_NAME, user="Maya", clock=clock)
    day = Shooting(log, clock)
    log.open_day("Main", 1, DATE)
    for n in range(10):
        day.shoot("42C", NINE + n * 300)
    log.close()
    return folder


@pytest.fixture
def onset(production: Path, capsys: pytest.CaptureFixture[str]) -> Run:
    def run(*words: str | Path) -> tuple[int, str, str]:
        code = main(["-p", str(production), *map(str, words)])
        return code, *capsys.readouterr()

    return run


def document(run: Run, *words: str | Path, code: int = 0) -> dict[str, Any]:
    got, out, err = run(*words, "--json")
    assert (got, err) == (code, "")
    found = json.loads(out)
    assert isinstance(found, dict)
    return found


def at(seconds: float, shade: int = 0, **options: Any) -> bytes:
    """A still taken so many seconds after midnight, by the camera's clock; `shade` makes it another picture."""
    moment = datetime.fromtimestamp(MIDNIGHT / NS + seconds, UTC)
    return jpeg(f"{moment:%Y:%m:%d %H:%M:%S}", shade=shade, **options)


def kept(production: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in (production / "media/stills").iterdir()}


def test_phones_folder_comes_in_once(onset: Run, production: Path, tmp_path: Path) -> None:
    card = tmp_path / "DCIM"
    first = put(card / "100", "IMG_1.JPG", at(NINE + 20, orientation=6)).read_bytes()
    put(card / "101", "IMG_1.JPG", at(NINE + 300 + 45, 1))
    put(card, "notes.txt", b"scarf")
    found = document(onset, "import", "stills", card)
    assert (found["new"], found["known"], found["others"], found["problems"]) == (2, 0, 1, [])
    assert [(one["take"], one["state"]) for one in found["stills"]] == [("42C/1", "proposed"), ("42C/2", "proposed")]
    assert found["stills"][0]["evidence"] == "taken 2026-05-29 09:00:20 during 42C/1"
    assert kept(production)["IMG_1.JPG"] == first  # byte for byte: turned as the phone wrote it
    assert len(kept(production)) == 2
    shown = document(onset, "log", "show", "42C/1")["take"]["stills"]
    assert [(one["path"], one["taken_at"]) for one in shown] == [("media/stills/IMG_1.JPG", "2026-05-29T09:00:20.000Z")]
    before = document(onset, "log", "history", "--limit", "9999")
    again = document(onset, "import", "stills", card)
    assert (again["new"], again["known"], again["stills"]) == (0, 2, [])
    assert document(onset, "log", "history", "--limit", "9999") == before
    assert len(kept(production)) == 2


def test_look_writes_nothing(onset: Run, production: Path, tmp_path: Path) -> None:
    put(tmp_path / "DCIM", "IMG_1.JPG", at(NINE + 20))
    found = document(onset, "import", "stills", tmp_path / "DCIM", "--dry-run")
    assert (found["new"], found["stills"][0]["take"], found["stills"][0]["id"]) == (1, "42C/1", None)
    assert not (production / "media").exists()
    assert document(onset, "log", "stills") == {"stills": []}
    assert "would come in" in onset("import", "stills", tmp_path / "DCIM", "--dry-run")[1]


def test_camera_an_hour_off_is_found_out(onset: Run, tmp_path: Path) -> None:
    for n in range(10):
        put(tmp_path / "DCIM", f"IMG_{n}.JPG", at(NINE + 3600 + n * 300 + 10 + 3 * n, n))
    found = document(onset, "import", "stills", tmp_path / "DCIM")
    assert found["corrections"] == [{"camera": "Canon EOS R6", "seconds": -3600, "fit": 10, "of": 10, "without": 0}]
    assert [one["take"] for one in found["stills"]] == [f"42C/{n + 1}" for n in range(10)]
    assert "its clock corrected by -1:00:00" in found["stills"][0]["evidence"]
    assert found["stills"][0]["taken_at"] == "2026-05-29T09:00:10.000Z"


def test_offset_said_later_moves_what_nobody_has_decided(onset: Run, tmp_path: Path) -> None:
    for n in range(2):
        put(tmp_path / "DCIM", f"IMG_{n}.JPG", at(NINE + 400 + 300 * n, n))
    assert [one["take"] for one in document(onset, "import", "stills", tmp_path / "DCIM")["stills"]] == [
        "42C/2",
        "42C/3",
    ]
    assert onset("log", "still", "IMG_1", "42C/3")[0] == 0
    found = document(onset, "import", "stills", tmp_path / "DCIM", "--offset=-6:00")
    assert (found["new"], found["known"]) == (0, 2)
    assert [(one["path"], one["take"]) for one in found["stills"]] == [("media/stills/IMG_0.JPG", "42C/1")]
    assert document(onset, "log", "still", "IMG_1")["still"]["state"] == "confirmed"


def test_copy_that_somebody_threw_away_comes_back(onset: Run, production: Path, tmp_path: Path) -> None:
    put(tmp_path / "DCIM", "IMG_1.JPG", at(NINE + 20))
    onset("import", "stills", tmp_path / "DCIM")
    (production / "media/stills/IMG_1.JPG").unlink()
    assert document(onset, "import", "stills", tmp_path / "DCIM")["known"] == 1
    assert set(kept(production)) == {"IMG_1.JPG"}


def test_whatever_is_no_still_is_named_and_the_others_come_in(onset: Run, production: Path, tmp_path: Path) -> None:
    card = tmp_path / "DCIM"
    good = put(card, "good.jpg", at(NINE + 20))
    put(card, "cut.jpg", at(NINE + 21)[:300])
    put(card, "text.jpg", b"42C/3\n")
    put(card, "empty.png", b"")
    put(card, "phone.heic", b"\0\0\0\x18ftypheic" + b"\0" * 90)
    put(card, "title\x1b]0;PWNED\x07.jpg", b"x")
    os.mkfifo(card / "pipe.jpg")
    (card / "link.jpg").symlink_to(good)
    (card / "twin.jpg").write_bytes(good.read_bytes())
    with open(os.path.join(os.fsencode(card), b"IMG_\xff\xfe.jpg"), "wb") as file:
        file.write(at(NINE + 22, 7))
    code, out, err = onset("import", "stills", card)
    assert (code, err) == (1, "")
    assert "\x1b" not in out
    assert out.startswith("2 stills came in")
    assert out.count("Not in: ") == 7
    found = document(onset, "import", "stills", card, code=1)
    assert {one["path"]: one["what"] for one in found["problems"]} == {
        "cut.jpg": "it is cut off or damaged; copy it from the camera again.",
        "text.jpg": "it is no JPEG and no PNG, whatever its name says.",
        "empty.png": "it is empty.",
        "phone.heic": "HEIC cannot be read here; set the phone to JPEG, or export it as JPEG.",
        "title\x1b]0;PWNED\x07.jpg": "it is no JPEG and no PNG, whatever its name says.",
        "pipe.jpg": "it is no plain file.",
        "link.jpg": "it is a symbolic link; copy the file itself.",
    }
    assert set(kept(production)) == {"good.jpg", "IMG.jpg"}


def test_file_without_permission_is_named(onset: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put(tmp_path / "DCIM", "good.jpg", at(NINE + 20))
    put(tmp_path / "DCIM", "closed.jpg", at(NINE + 21)).chmod(0)
    opened = os.open

    def as_anybody(path: str, flags: int, mode: int = 0o777, *, dir_fd: int | None = None) -> int:
        """Root may read everything, others may not."""
        if os.fspath(path).endswith("closed.jpg"):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), path)
        return opened(path, flags, mode, dir_fd=dir_fd)

    monkeypatch.setattr(os, "open", as_anybody)
    found = document(onset, "import", "stills", tmp_path / "DCIM", code=1)
    assert (found["new"], found["problems"][0]["path"]) == (1, "closed.jpg")
    assert "Permission denied" in found["problems"][0]["what"]


def test_impossible_date_does_not_keep_the_others_out(onset: Run, tmp_path: Path) -> None:
    put(tmp_path / "DCIM", "a.jpg", jpeg("9999:12:31 23:59:59"))
    late = put(tmp_path / "DCIM", "b.jpg", jpeg(shade=999))
    os.utime(late, (13_000_000_000, 13_000_000_000))  # the year 2381, more nanoseconds than the log counts
    put(tmp_path / "DCIM", "c.jpg", at(NINE + 20, 7))
    found = document(onset, "import", "stills", tmp_path / "DCIM", "--offset", "20000 d 0")
    assert (found["new"], found["problems"]) == (3, [])


def test_disk_that_is_full_keeps_what_came_in(
    onset: Run, production: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from onset.stills import folder

    for n in range(4):
        put(tmp_path / "DCIM", f"IMG_{n}.JPG", at(NINE + 300 * n + 5, n))
    written: list[int] = []

    def until_full(descriptor: int, data: memoryview) -> None:
        written.append(descriptor)
        if len(written) > 2:
            raise OSError(28, os.strerror(28))
        os.write(descriptor, data)

    monkeypatch.setattr(folder, "write_all", until_full)
    found = document(onset, "import", "stills", tmp_path / "DCIM", code=1)
    assert (found["new"], [one["path"] for one in found["problems"]]) == (2, ["IMG_2.JPG", "1 more"])
    assert set(kept(production)) == {"IMG_0.JPG", "IMG_1.JPG"}
    assert len(document(onset, "log", "stills")["stills"]) == 2
    monkeypatch.undo()


def test_day_and_unit_that_a_person_says(onset: Run, tmp_path: Path) -> None:
    put(tmp_path / "DCIM", "IMG_1.JPG", png())  # only the file's own time, which is today's
    (still,) = document(onset, "import", "stills", tmp_path / "DCIM", "--day", "1", "--unit", "Main")["stills"]
    assert (still["day"], still["unit"], still["take"], still["taken_by"]) == (1, "Main", None, "file")
    assert document(onset, "log", "stills", "--day", "1")["stills"][0]["path"] == "media/stills/IMG_1.JPG"


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["nowhere"], 2, "nothing at"),
        (["empty"], 1, "no still in"),
        (["DCIM", "--unit", "Third"], 2, 'no unit "Third"'),
        (["DCIM", "--day", "9"], 1, "opened day 9"),
        (["DCIM", "--day", "9", "--unit", "Main"], 1, "Unit Main has opened day 9"),
        (["DCIM", "--offset", "soon"], 2, "not a length of time"),
        (["DCIM", "--offset", ""], 2, "not a length of time"),
        (["DCIM", "--offset", "9" * 40], 2, "not a length of time"),
    ],
)
def test_what_makes_no_sense_is_refused_in_one_sentence(
    onset: Run, production: Path, tmp_path: Path, words: list[str], code: int, said: str
) -> None:
    put(tmp_path / "DCIM", "IMG_1.JPG", at(NINE))
    (tmp_path / "empty").mkdir()
    got, out, err = onset("import", "stills", tmp_path / words[0], *words[1:])
    assert (got, out, err.count("\n")) == (code, "", 1)
    assert said in err
    assert not (production / "media").exists()


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("37", 37), ("+37", 37), ("-37", -37), ("1:30", 90), ("-1:00:00", -3600), ("2557 d 1:12:01", 220_929_121)],
)
def test_offset_is_read_as_a_clock_reads(text: str, seconds: int) -> None:
    assert offset_of(text) == seconds * NS


@pytest.mark.parametrize("text", ["", "1:2:3:4", "1.5", "--5", "٣", "1h", "20001 d 0", "999999999"])
def test_offset_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(UsageError):
        offset_of(text)
